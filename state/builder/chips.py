"""What was understood as chips that can be changed, each with its own list. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from backend_services.dashboards.builder import changes, wording
from backend_services.dashboards.spec import ChartKind, MetricSource, Tile
from backend_services.dashboards.surroundings import filter_text
from backend_services.datasets.catalogue import Catalogue, Dimension, FieldType, Filter, Grain, Measure, MetricQuery
from backend_services.kernel.i18n import text
from state.dashboards.place import PERIODS
from state.dashboards.tile_form import CHARTS, GRAINS, LIMITS

CHANGEABLE = frozenset({"dataset", "measure", "dimension", "grain", "filter", "period", "sort", "limit", "chart"})
NONE = {"value": "", "label": "\N{EN DASH}"}
KEPT = "kept"
_MOST_VALUES = 60


def chips_of(tile: Tile, catalogue: Catalogue, language: str, *, datasets: Sequence[dict[str, str]] = ()) -> list[Any]:
    """Return a chip for each thing that can be changed: its name, its value, and what else it may be."""
    if not isinstance(tile.source, MetricSource):
        return []
    query = tile.source.query
    found = list(_of_data(query, datasets, language))
    found += _of_fields(query, catalogue, language)
    found += [_filter_chip(place, one, catalogue, language) for place, one in enumerate(query.filters)]
    found += _of_shape(tile, query, catalogue, language)
    return found


def _of_data(query: MetricQuery, datasets: Sequence[dict[str, str]], language: str) -> Iterator[dict[str, Any]]:
    options = [one for one in datasets if one["value"]]
    if len(options) > 1:
        yield _chip("dataset", str(query.dataset_id), options, language)


def _of_fields(query: MetricQuery, catalogue: Catalogue, language: str) -> Iterator[dict[str, Any]]:
    for place, name in enumerate(query.measures):
        names = {one.id: one for one in catalogue.measures if not one.hidden}
        used = catalogue.measure(name)
        if used is not None:
            names.setdefault(name, used)
        yield _chip(_slot("measure", place), name, _options(tuple(names.values()), language), language)
    dimensions = _options([one for one in catalogue.dimensions if not one.hidden], language)
    groups = max(1, len(query.dimensions)) if query.measures else len(query.dimensions)
    for place in range(groups):
        group = query.dimensions[place] if place < len(query.dimensions) else None
        yield _chip(_slot("dimension", place), group.field if group else "", [NONE, *dimensions], language)
        if group is not None and group.grain is not None:
            grains = [{"value": one, "label": text(f"builder.grain.{one}", language)} for one in GRAINS]
            yield _chip(_slot("grain", place), group.grain.value, grains, language)


def _filter_chip(place: int, one: Filter, catalogue: Catalogue, language: str) -> dict[str, Any]:
    shown = filter_text(one, catalogue, language)
    dimension = catalogue.dimension(one.field)
    options = [{"value": "", "label": text("builder.change.no_filter", language)}, {"value": KEPT, "label": shown}]
    if dimension is not None and one.operator in changes.PICKED:
        options += [
            {"value": f"={value}", "label": _value_label(dimension, value, language)}
            for value in _values(dimension)[:_MOST_VALUES]
            if [value] != [_raw(each) for each in one.values]
        ]
    return _chip(_slot("filter", place), KEPT, options, language)


def _values(dimension: Dimension) -> tuple[str, ...]:
    return ("true", "false") if dimension.type is FieldType.BOOLEAN else dimension.values


def _raw(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _value_label(dimension: Dimension, value: str, language: str) -> str:
    if dimension.type is FieldType.BOOLEAN:
        return text(f"query.value.{'yes' if value == 'true' else 'no'}", language)
    return value


def _of_shape(tile: Tile, query: MetricQuery, catalogue: Catalogue, language: str) -> Iterator[dict[str, Any]]:
    if (query.time_field or catalogue.default_time) is not None:
        named = next((name for name, period in PERIODS.items() if period == query.period), "")
        options = [{"value": "", "label": text("edit.whole_time", language)}]
        if query.period is not None and not named:
            options.append({"value": KEPT, "label": wording.period_text(query.period, language)})
        options += [{"value": one, "label": text(f"dashboards.period.{one}", language)} for one in PERIODS]
        yield _chip("period", named or (KEPT if query.period is not None else ""), options, language)
    if query.measures and query.dimensions:
        orders = [{"value": one, "label": text(f"edit.order.{one}", language)} for one in ("most", "least", "label")]
        yield _chip("sort", _order_of(query), orders, language)
    limits = [{"value": str(one), "label": str(one)} for one in sorted({*LIMITS, query.limit})]
    yield _chip("limit", str(query.limit), limits, language)
    kinds = [{"value": one, "label": text(f"dashboards.chart.{one}", language)} for one in CHARTS]
    yield _chip("chart", tile.chart.value, kinds, language)


def _order_of(query: MetricQuery) -> str:
    if not query.sort or query.sort[0].field not in query.measures:
        return "label"
    return "most" if query.sort[0].descending else "least"


def _options(fields: Sequence[Measure | Dimension], language: str) -> list[dict[str, str]]:
    return [{"value": one.id, "label": one.label.in_language(language)} for one in fields]


def _slot(name: str, place: int) -> str:
    return name if place == 0 else f"{name}-{place + 1}"


def _chip(slot: str, value: str, options: list[dict[str, str]], language: str) -> dict[str, Any]:
    shown = next((one["label"] for one in options if one["value"] == value), value)
    name = text(f"builder.change.{slot.partition('-')[0]}", language)
    return {"slot": slot, "name": name, "value": shown, "options": options}


def changed_tile(tile: Tile, catalogue: Catalogue, *, slot: str, value: str, language: str) -> Tile:
    """Return the tile with one thing changed and the rest kept; chart and grouping follow each other.

    Raises:
        ValidationError: The value breaks a rule of the specification.
        ValueError: The value is none of those offered.
    """
    if not isinstance(tile.source, MetricSource) or value == KEPT:
        return tile
    name, _, number = slot.partition("-")
    query = _changed_query(tile.source.query, catalogue, name, int(number or 1) - 1, value)
    chart = ChartKind(value) if name == "chart" else tile.chart
    return changes.changed(tile, query, catalogue, chart=chart, language=language)


def _changed_query(query: MetricQuery, catalogue: Catalogue, name: str, place: int, value: str) -> MetricQuery:  # noqa: PLR0911 - a table of cases
    match name:
        case "measure":
            return changes.with_measure(query, place, value)
        case "dimension":
            return changes.with_dimension(query, catalogue, place, value)
        case "grain":
            return changes.with_grain(query, place, Grain(value))
        case "filter":
            return changes.with_filter(query, catalogue, place, value.removeprefix("=") if value else None)
        case "period":
            return changes.with_period(query, PERIODS[value] if value else None)
        case "sort":
            return changes.with_order(query, value)
        case "limit":
            return changes.with_limit(query, int(value))
        case "chart":
            return changes.with_chart(query, catalogue, ChartKind(value))
        case _:
            raise ValueError(name)
