"""Whether an edited catalogue holds together and fits the stored columns. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from backend_services.datasets.catalogue import Aggregation, Catalogue, FieldType, Measure
from backend_services.datasets.schemas import ColumnView

_NUMERIC = frozenset({Aggregation.AVG, Aggregation.MEDIAN, Aggregation.SUM})


def _measure_problem(one: Measure, catalogue: Catalogue, types: Mapping[str, FieldType]) -> str | None:  # noqa: PLR0911 - a table of cases
    if one.aggregation is Aggregation.RATIO:
        for part in (one.numerator, one.denominator):
            target = catalogue.measure(part) if part else None
            if target is None or target.aggregation is Aggregation.RATIO:
                return "A ratio needs two other measures that are no ratios."
        return None if one.column is None else "A ratio has no column."
    if one.numerator or one.denominator:
        return "Only a ratio has a numerator and a denominator."
    if one.column is None:
        return None if one.aggregation is Aggregation.COUNT else "Name the column that is folded."
    if one.column not in types:
        return f"There is no column {one.column!r}."
    if one.aggregation in _NUMERIC and not types[one.column].is_number:
        return f"Values of {one.column!r} are no numbers; count them, or count distinct ones."
    return None


def problems(catalogue: Catalogue, columns: tuple[ColumnView, ...]) -> dict[str, str]:
    """Return what is wrong: path of the field → what to do about it; empty when nothing is."""
    types = {column.name: column.type for column in columns}
    found: dict[str, str] = {}
    ids = Counter([one.id for one in catalogue.measures] + [one.id for one in catalogue.dimensions])
    for place, measure in enumerate(catalogue.measures):
        problem = _measure_problem(measure, catalogue, types)
        if problem is None and ids[measure.id] > 1:
            problem = "This id is used twice."
        if problem:
            found[f"measures.{place}"] = problem
    for place, dimension in enumerate(catalogue.dimensions):
        if ids[dimension.id] > 1:
            found[f"dimensions.{place}.id"] = "This id is used twice."
        elif dimension.column not in types:
            found[f"dimensions.{place}.column"] = f"There is no column {dimension.column!r}."
        elif dimension.type is not types[dimension.column]:
            found[f"dimensions.{place}.type"] = f"The column holds {types[dimension.column].value} values."
    time = catalogue.dimension(catalogue.default_time) if catalogue.default_time else None
    if catalogue.default_time and (time is None or not time.type.is_time):
        found["default_time"] = "Name a dimension of dates or times."
    if catalogue.default_measure and catalogue.measure(catalogue.default_measure) is None:
        found["default_measure"] = "Name one of the measures."
    return found
