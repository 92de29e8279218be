"""Does a specification fit the data it speaks of? Pure: the catalogues come in, problems go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process

from backend_services.dashboards.problems import Problem
from backend_services.dashboards.shapes import derived_problems, shape_problems
from backend_services.dashboards.spec import ChartKind, DashboardSpec, MetricSource, Tile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from uuid import UUID

    from backend_services.datasets.catalogue import Catalogue, Dimension, Filter, MetricQuery

MAX_PIE_PARTS = 6
MAX_GROUPS = 2
SCATTER_MEASURES = 2
NEAREST = 3
NEAREST_SCORE = 50


def problems_of(spec: DashboardSpec, catalogues: Mapping[UUID, Catalogue]) -> tuple[Problem, ...]:
    """Return everything in ``spec`` that does not fit; tiles over datasets without a catalogue here are passed over."""
    found: list[Problem] = []
    for index, tile in enumerate(spec.tiles):
        catalogue = None if tile.dataset_id is None else catalogues.get(tile.dataset_id)
        if catalogue is not None and isinstance(tile.source, MetricSource):
            path = f"tiles[{index}]"
            found.extend(_field_problems(f"{path}.source.query", tile.source.query, catalogue))
            found.extend(_chart_problems(path, tile, tile.source.query, catalogue))
    found.extend(_dashboard_filter_problems(spec, catalogues))
    return tuple(found)


def nearest(name: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return the names that look most like ``name``, best first."""
    matches = process.extract(name, known, scorer=fuzz.WRatio, limit=NEAREST, score_cutoff=NEAREST_SCORE)
    return tuple(match[0] for match in matches)


def _measures(catalogue: Catalogue) -> tuple[str, ...]:
    return tuple(one.id for one in catalogue.measures if not one.hidden)


def _dimensions(catalogue: Catalogue) -> tuple[str, ...]:
    return tuple(one.id for one in catalogue.dimensions if not one.hidden)


def _unknown(path: str, kind: str, name: str, known: Sequence[str]) -> Problem:
    return Problem(path=path, code=f"unknown_{kind}", params={"name": name}, suggestions=nearest(name, known))


def _field_problems(path: str, query: MetricQuery, catalogue: Catalogue) -> Iterator[Problem]:
    measures, dimensions = _measures(catalogue), _dimensions(catalogue)
    for index, name in enumerate(query.measures):
        measure = catalogue.measure(name)
        if measure is None or measure.hidden:
            yield _unknown(f"{path}.measures[{index}]", "measure", name, measures)
    for index, group in enumerate(query.dimensions):
        dimension = catalogue.dimension(group.field)
        if dimension is None or dimension.hidden:
            yield _unknown(f"{path}.dimensions[{index}].field", "dimension", group.field, dimensions)
        elif group.grain is not None and not dimension.type.is_time:
            yield Problem(
                path=f"{path}.dimensions[{index}].grain", code="grain_without_time", params={"name": group.field}
            )
    yield from derived_problems(path, query, catalogue)
    tested = (*(one.field for one in query.filters), *(one.field for one in query.sort))
    rows = [one for one in tested if _is_of_rows(one, catalogue)]
    yield from _filter_problems(f"{path}.filters", query.filters, "dimension", (*dimensions, *rows))
    parted = (*dimensions, *(one.field for one in query.part if _is_of_rows(one.field, catalogue)))
    yield from _filter_problems(f"{path}.part", query.part, "dimension", parted)
    figures = (*query.measures, *(one.name for one in query.derived))
    yield from _filter_problems(f"{path}.having", query.having, "measure", figures)
    asked = (*figures, *(group.field for group in query.dimensions))
    for index, sort in enumerate(query.sort):
        if sort.field not in (asked if query.measures else (*asked, *dimensions, *rows)):
            yield _unknown(f"{path}.sort[{index}].field", "sort", sort.field, asked)
    yield from _time_problems(path, query, catalogue)


def _is_of_rows(name: str, catalogue: Catalogue) -> bool:
    """Return whether a name is the number in each row that a measure folds."""
    dimension = catalogue.dimension(name)
    return dimension is not None and not dimension.hidden


def _filter_problems(path: str, filters: Sequence[Filter], kind: str, known: Sequence[str]) -> Iterator[Problem]:
    for index, one in enumerate(filters):
        if one.field not in known:
            yield _unknown(f"{path}[{index}].field", kind, one.field, known)


def _time_problems(path: str, query: MetricQuery, catalogue: Catalogue) -> Iterator[Problem]:
    times = tuple(one.id for one in catalogue.dimensions if one.type.is_time and not one.hidden)
    if query.time_field is not None and query.time_field not in times:
        yield _unknown(f"{path}.time_field", "time", query.time_field, times)
    elif query.period is not None and query.time_field is None and catalogue.default_time is None:
        yield Problem(path=f"{path}.period", code="period_without_time")


def _chart_problems(path: str, tile: Tile, query: MetricQuery, catalogue: Catalogue) -> Iterator[Problem]:
    found = [catalogue.dimension(group.field) for group in query.dimensions]
    dimensions = [one for one in found if one is not None]
    if len(dimensions) < len(found):
        return
    chart = f"{path}.chart"
    if tile.chart is ChartKind.TABLE:
        return
    if not query.measures:
        yield Problem(path=chart, code="chart_without_measure", suggestions=("table",))
        return
    grouped = [group.field for group in query.dimensions]
    if tile.series is not None and tile.series not in grouped:
        yield _unknown(f"{path}.series", "series", tile.series, grouped)
    yield from _shape_problems(chart, tile, query, dimensions)


def _shape_problems(chart: str, tile: Tile, query: MetricQuery, dimensions: Sequence[Dimension]) -> Iterator[Problem]:
    measures, groups = len(query.measures), len(dimensions)
    match tile.chart:
        case ChartKind.LINE | ChartKind.AREA:
            yield from _line_problems(chart, tile, query, dimensions)
        case ChartKind.PIE:
            yield from _pie_problems(chart, query, dimensions)
        case ChartKind.HEATMAP | ChartKind.HISTOGRAM | ChartKind.MAP | ChartKind.PIVOT:
            yield from shape_problems(chart, tile, query, dimensions)
        case ChartKind.NUMBER if groups or measures != 1:
            yield Problem(path=chart, code="number_shape", suggestions=("table", "bar"))
        case ChartKind.BAR if not 1 <= groups <= MAX_GROUPS:
            yield Problem(path=chart, code="bar_shape", suggestions=("table",) if groups else ("number",))
        case ChartKind.SCATTER if measures != SCATTER_MEASURES or not 1 <= groups <= MAX_GROUPS:
            yield Problem(path=chart, code="scatter_shape", suggestions=("bar", "table"))
        case _:
            return


def _line_problems(chart: str, tile: Tile, query: MetricQuery, dimensions: Sequence[Dimension]) -> Iterator[Problem]:
    across = [one for one in dimensions if one.id != tile.series] or list(dimensions)
    if not any(one.type.is_time or one.type.is_number for one in across):
        yield Problem(path=chart, code="line_needs_order", params={"chart": tile.chart.value}, suggestions=("bar",))
    elif len(dimensions) > MAX_GROUPS or (len(dimensions) == MAX_GROUPS and len(query.measures) > 1):
        yield Problem(path=chart, code="line_shape", suggestions=("table",))


def _pie_problems(chart: str, query: MetricQuery, dimensions: Sequence[Dimension]) -> Iterator[Problem]:
    if len(dimensions) != 1 or len(query.measures) != 1:
        yield Problem(path=chart, code="pie_shape", suggestions=("bar", "table"))
        return
    parts = min(dimensions[0].distinct, query.limit)
    narrowed = any(one.field == dimensions[0].id and len(one.values) <= MAX_PIE_PARTS for one in query.filters)
    if parts > MAX_PIE_PARTS and not narrowed:
        params = {"parts": str(parts), "most": str(MAX_PIE_PARTS)}
        yield Problem(path=chart, code="pie_parts", params=params, suggestions=("bar",))


def _dashboard_filter_problems(spec: DashboardSpec, catalogues: Mapping[UUID, Catalogue]) -> Iterator[Problem]:
    if not catalogues:
        return
    known = tuple(dict.fromkeys(name for one in catalogues.values() for name in _dimensions(one)))
    yield from _filter_problems("filters", spec.filters, "dimension", known)
