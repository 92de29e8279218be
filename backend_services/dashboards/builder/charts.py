"""Which chart fits a query; a wish is only a hint. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import following
from backend_services.dashboards.places import country_at
from backend_services.dashboards.shapes import MOST_PIVOTED
from backend_services.dashboards.spec import ChartKind
from backend_services.dashboards.validation import MAX_PIE_PARTS
from backend_services.datasets.catalogue import FieldType

if TYPE_CHECKING:
    from backend_services.dashboards.builder.draft import Draft
    from backend_services.datasets.catalogue import Catalogue, Dimension, GroupBy, MetricQuery

MOST_SERIES: Final = 12
_TWO: Final = 2


def choose(query: MetricQuery, draft: Draft, catalogue: Catalogue) -> ChartKind:
    """Return the wished chart where it fits, else the one that fits the shape of the answer."""
    if draft.chart is not None:
        if fits(draft.chart, query, draft, catalogue):
            return draft.chart
        draft.note("chart_unfit", chart=draft.chart.value)
    if draft.share and fits(ChartKind.PIE, query, draft, catalogue):
        return ChartKind.PIE
    natural = _natural(query, catalogue)
    return natural if following.fits(natural, query) else ChartKind.TABLE


def series_of(query: MetricQuery, chart: ChartKind) -> str | None:
    """Return the dimension that splits the figure into series."""
    if len(query.dimensions) == _TWO and chart in {ChartKind.LINE, ChartKind.AREA, ChartKind.BAR}:
        return query.dimensions[1].field
    if chart is ChartKind.PIVOT:
        timed = next((one.field for one in query.dimensions if one.grain is not None), None)
        return timed or query.dimensions[-1].field
    return None


def fits(chart: ChartKind, query: MetricQuery, draft: Draft, catalogue: Catalogue) -> bool:
    """Return whether ``chart`` can show the answer honestly."""
    return following.fits(chart, query) and _fits_shape(chart, query, draft, catalogue)


def _fits_shape(chart: ChartKind, query: MetricQuery, draft: Draft, catalogue: Catalogue) -> bool:
    groups, count = query.dimensions, len(query.measures)
    match chart:
        case ChartKind.NUMBER:
            return not groups and count == 1
        case ChartKind.PIE:
            parts = min(_distinct(catalogue, groups[0]), query.limit) if len(groups) == 1 else 0
            included = draft.included.get(groups[0].field) if groups else None
            return len(groups) == 1 and count == 1 and (parts <= MAX_PIE_PARTS or bool(included))
        case ChartKind.LINE | ChartKind.AREA:
            ordered = bool(groups) and _is_ordered(catalogue, groups[0])
            return ordered and (len(groups) == 1 or (len(groups) == _TWO and count == 1))
        case ChartKind.BAR:
            return 1 <= len(groups) <= _TWO and count > 0 and (len(groups) == 1 or count == 1)
        case _:
            return _fits_space(chart, query, catalogue)


def _fits_space(chart: ChartKind, query: MetricQuery, catalogue: Catalogue) -> bool:
    """Return whether the answer has points, sides, bins or countries to be laid out by."""
    groups, count = query.dimensions, len(query.measures)
    dimension = catalogue.dimension(groups[0].field) if len(groups) == 1 and count == 1 else None
    return {
        ChartKind.TABLE: True,
        ChartKind.SCATTER: count == _TWO and 1 <= len(groups) <= _TWO,
        ChartKind.PIVOT: _TWO <= len(groups) <= MOST_PIVOTED and count > 0,
        ChartKind.HEATMAP: len(groups) == _TWO and count == 1,
        ChartKind.HISTOGRAM: dimension is not None and dimension.type.is_number,
        ChartKind.MAP: dimension is not None and names_countries(dimension),
    }.get(chart, False)


def names_countries(dimension: Dimension) -> bool:
    """Return whether most of a dimension's values are countries by name or code."""
    known = [country_at(str(one)) is not None for one in dimension.values]
    return dimension.type is FieldType.TEXT and sum(known) * _TWO > len(known)


def _distinct(catalogue: Catalogue, group: GroupBy) -> int:
    dimension = catalogue.dimension(group.field)
    return (dimension.distinct or len(dimension.values)) if dimension else 0


def _is_ordered(catalogue: Catalogue, group: GroupBy) -> bool:
    dimension = catalogue.dimension(group.field)
    return dimension is not None and (dimension.type.is_time or dimension.type.is_number)


def _natural(query: MetricQuery, catalogue: Catalogue) -> ChartKind:
    groups, count = query.dimensions, len(query.measures)
    if not query.measures or len(groups) > _TWO or query.limit == 1:
        return ChartKind.TABLE
    if not groups:
        return ChartKind.NUMBER if count == 1 else ChartKind.TABLE
    if len(groups) == 1:
        return ChartKind.LINE if _is_ordered(catalogue, groups[0]) and not _reordered(query) else ChartKind.BAR
    crowded = _distinct(catalogue, groups[1]) > MOST_SERIES and query.limit > MOST_SERIES
    if count > 1 or crowded:
        return ChartKind.TABLE
    return ChartKind.LINE if _is_ordered(catalogue, groups[0]) else ChartKind.BAR


def _reordered(query: MetricQuery) -> bool:
    """Return whether the order is by the measure, so that a line would jump about."""
    return bool(query.sort) and query.sort[0].field in query.measures
