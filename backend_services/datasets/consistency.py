"""Whether an edited catalogue holds together and fits the stored columns. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from backend_services.datasets.catalogue import Aggregation, Catalogue, FieldType, Measure
from backend_services.datasets.schemas import ColumnView
from backend_services.kernel.i18n import text

_NUMERIC = frozenset({Aggregation.AVG, Aggregation.LAST, Aggregation.MEDIAN, Aggregation.SUM})


def _measure_problem(one: Measure, catalogue: Catalogue, types: Mapping[str, FieldType], language: str) -> str | None:  # noqa: PLR0911 - a table of cases
    if one.aggregation is Aggregation.RATIO:
        for part in (one.numerator, one.denominator):
            target = catalogue.measure(part) if part else None
            if target is None or target.aggregation is Aggregation.RATIO:
                return text("catalogue.problem.ratio_parts", language)
        return None if one.column is None else text("catalogue.problem.ratio_column", language)
    if one.numerator or one.denominator:
        return text("catalogue.problem.only_ratio", language)
    if one.column is None:
        return None if one.aggregation is Aggregation.COUNT else text("catalogue.problem.no_column", language)
    if one.column not in types:
        return text("catalogue.problem.unknown_column", language, column=one.column)
    if one.aggregation in _NUMERIC and not types[one.column].is_number:
        return text("catalogue.problem.no_numbers", language, column=one.column)
    if one.aggregation is Aggregation.LAST:
        return _over_problem(one, catalogue, language)
    return None


def _over_problem(one: Measure, catalogue: Catalogue, language: str) -> str | None:
    """Return what is wrong with the dimension along which a level does not add up."""
    over = catalogue.dimension_over(one)
    if over is None or not (over.type.is_time or over.type.is_number):
        return text("catalogue.problem.no_time", language)
    return None


def problems(catalogue: Catalogue, columns: tuple[ColumnView, ...], language: str) -> dict[str, str]:
    """Return what is wrong: path of the field → what to do about it; empty when nothing is."""
    types = {column.name: column.type for column in columns}
    found: dict[str, str] = {}
    ids = Counter([one.id for one in catalogue.measures] + [one.id for one in catalogue.dimensions])
    for place, measure in enumerate(catalogue.measures):
        problem = _measure_problem(measure, catalogue, types, language)
        if problem is None and ids[measure.id] > 1:
            problem = text("catalogue.problem.twice", language)
        if problem:
            found[f"measures.{place}"] = problem
    for place, dimension in enumerate(catalogue.dimensions):
        if ids[dimension.id] > 1:
            found[f"dimensions.{place}.id"] = text("catalogue.problem.twice", language)
        elif dimension.column not in types:
            found[f"dimensions.{place}.column"] = text(
                "catalogue.problem.unknown_column", language, column=dimension.column
            )
        elif dimension.type is not types[dimension.column]:
            found[f"dimensions.{place}.type"] = text(
                "catalogue.problem.type",
                language,
                type=text(f"datasets.type.{types[dimension.column].value}", language),
            )
    time = catalogue.dimension(catalogue.default_time) if catalogue.default_time else None
    if catalogue.default_time and (time is None or not time.type.is_time):
        found["default_time"] = text("catalogue.problem.default_time", language)
    if catalogue.default_measure and catalogue.measure(catalogue.default_measure) is None:
        found["default_measure"] = text("catalogue.problem.default_measure", language)
    return found
