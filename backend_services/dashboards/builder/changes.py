"""One thing of a figure changed by a person, the rest kept: measure, grouping, filter, order. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import charts, following, wording
from backend_services.dashboards.builder.draft import Draft
from backend_services.dashboards.builder.plan import PlannedTile
from backend_services.dashboards.spec import ChartKind, MetricSource, Tile
from backend_services.datasets.catalogue import (
    FieldType,
    Filter,
    Grain,
    GroupBy,
    MetricQuery,
    Operator,
    RelativePeriod,
    Scalar,
    Sort,
)

if TYPE_CHECKING:
    from backend_services.datasets.catalogue import Catalogue, Dimension

PICKED: Final = frozenset({Operator.EQ, Operator.IN, Operator.NE, Operator.NOT_IN})
_MANY: Final = 1000


def with_measure(query: MetricQuery, place: int, field_id: str) -> MetricQuery:
    """Return the question with another measure at ``place``; order and conditions on the old one follow or go."""
    old = query.measures[place]
    names = tuple(dict.fromkeys((*query.measures[:place], field_id, *query.measures[place + 1 :])))
    query = following.parts_of(query, old, field_id)
    sort = tuple(one.model_copy(update={"field": field_id}) if one.field == old else one for one in query.sort)
    having = tuple(one for one in query.having if one.field != old)
    follow = following.kept(query, measures=names, groups=query.dimensions)
    gone = {one.name for one in query.derived} - {one.name for one in follow}
    sort = tuple(one for one in sort if one.field not in gone)
    return query.model_copy(update={"measures": names, "sort": sort, "having": having, "derived": follow})


def with_dimension(query: MetricQuery, catalogue: Catalogue, place: int, field_id: str) -> MetricQuery:
    """Return the question grouped otherwise at ``place``; an empty ``field_id`` takes the group away."""
    before = query.dimensions[place] if place < len(query.dimensions) else None
    dimension = catalogue.dimension(field_id)
    added: tuple[GroupBy, ...] = ()
    if dimension is not None and all(one.field != field_id or one is before for one in query.dimensions):
        known = before.grain if before is not None else None
        grain = (known or dimension.grain or Grain.MONTH) if dimension.type.is_time else None
        added = (GroupBy(field=field_id, grain=_shown_grain(grain)),)
    groups = (*query.dimensions[:place], *added, *query.dimensions[place + 1 :])
    return _with_groups(query, groups)


def _shown_grain(grain: Grain | None) -> Grain | None:
    return Grain.MONTH if grain in {Grain.HOUR, Grain.DAY} else grain


def _with_groups(query: MetricQuery, groups: tuple[GroupBy, ...]) -> MetricQuery:
    fields = {one.field for one in groups}
    follow = following.kept(query, measures=query.measures, groups=groups)
    figures = {*query.measures, *(one.name for one in follow)}
    sort = tuple(one for one in query.sort if one.field in fields or (groups and one.field in figures))
    having = query.having if groups else ()
    return query.model_copy(update={"dimensions": groups, "sort": sort, "having": having, "derived": follow})


def with_grain(query: MetricQuery, place: int, grain: Grain) -> MetricQuery:
    """Return the question with another step in time at ``place``; what was so many steps before is the one before."""
    groups = tuple(
        one.model_copy(update={"grain": grain}) if index == place else one for index, one in enumerate(query.dimensions)
    )
    derived = tuple(one.model_copy(update={"back": 1}) for one in query.derived)
    return query.model_copy(update={"dimensions": groups, "derived": derived})


def with_filter(query: MetricQuery, catalogue: Catalogue, place: int, value: str | None) -> MetricQuery:
    """Return the question with another value in a filter; ``None`` takes the filter away."""
    before = query.filters[place]
    dimension = catalogue.dimension(before.field)
    kept: tuple[Filter, ...] = ()
    if value is not None and dimension is not None:
        wanted = before.operator in {Operator.EQ, Operator.IN}
        operator = Operator.EQ if wanted else Operator.NE
        kept = (Filter(field=before.field, operator=operator, values=(_typed(dimension, value),)),)
    return query.model_copy(update={"filters": (*query.filters[:place], *kept, *query.filters[place + 1 :])})


def _typed(dimension: Dimension, value: str) -> Scalar:
    match dimension.type:
        case FieldType.BOOLEAN:
            return value == "true"
        case FieldType.INTEGER:
            return int(value)
        case FieldType.DECIMAL:
            return float(value)
        case FieldType.TEXT | FieldType.DATE | FieldType.DATETIME:
            return value


def with_period(query: MetricQuery, period: RelativePeriod | None) -> MetricQuery:
    """Return the question over another stretch of time."""
    return query.model_copy(update={"period": period})


def with_order(query: MetricQuery, order: str) -> MetricQuery:
    """Return the question in another order: ``most``, ``least`` or ``label``."""
    field = query.dimensions[0].field if order == "label" else query.measures[0]
    return query.model_copy(update={"sort": (Sort(field=field, descending=order == "most"),)})


def with_limit(query: MetricQuery, limit: int) -> MetricQuery:
    """Return the question with another number of rows."""
    return query.model_copy(update={"limit": limit})


def with_chart(query: MetricQuery, catalogue: Catalogue, chart: ChartKind) -> MetricQuery:
    """Return the question as a chart needs it: one number has no groups, a chart has one."""
    if chart is ChartKind.NUMBER:
        return _with_groups(query.model_copy(update={"measures": query.measures[:1]}), ())
    if query.dimensions or chart is ChartKind.TABLE or not query.measures:
        return query
    first = catalogue.default_time or next((one.id for one in catalogue.dimensions if not one.hidden), "")
    return with_dimension(query, catalogue, 0, first)


def changed(tile: Tile, query: MetricQuery, catalogue: Catalogue, *, chart: ChartKind, language: str) -> Tile:
    """Return the tile that asks ``query``, in ``chart`` where it fits, else in the chart that does; named anew."""
    included = {one.field: list(one.values) for one in query.filters if one.operator in {Operator.EQ, Operator.IN}}
    wish = None if chart is ChartKind.NUMBER and query.dimensions else chart
    by_figure = bool(query.sort) and query.sort[0].field in query.measures and query.limit < _MANY
    draft = Draft(chart=wish, included=included, superlative=by_figure, limit=query.limit)
    fitting = charts.choose(query, draft, catalogue)
    series = charts.series_of(query, fitting)
    title = wording.tile_title(PlannedTile(query, fitting, series, draft), catalogue, language)
    return tile.model_copy(
        update={
            "title": title,
            "chart": fitting,
            "source": MetricSource(query=query),
            "series": series,
            "stacked": tile.stacked and series is not None,
        }
    )
