"""A tile as the fields of a form, and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from backend_services.dashboards.sizes import within_rows
from backend_services.dashboards.spec import (
    MAX_COLUMNS,
    MAX_ROWS,
    MIN_COLUMNS,
    MIN_ROWS,
    ChartKind,
    MetricSource,
    SqlSource,
    TextSource,
    Tile,
)
from backend_services.datasets.catalogue import (
    Catalogue,
    Derivation,
    Derived,
    Filter,
    Grain,
    GroupBy,
    MetricQuery,
    Operator,
    RelativePeriod,
    Scalar,
    Sort,
    SqlQuery,
)
from state.dashboards.place import PERIODS

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTHS = tuple(range(MIN_COLUMNS, MAX_COLUMNS + 1))
HEIGHTS = tuple(range(MIN_ROWS, MAX_ROWS + 1))
LIMITS = (5, 10, 20, 50, 100, 1000)
GRAINS = tuple(grain.value for grain in Grain)
CHARTS = ("area", "bar", "heatmap", "histogram", "line", "map", "number", "pie", "pivot", "scatter", "table")
"""Kinds that a chip of the builder offers."""
ORDERS = ("", "most", "least", "label")
OWN_PERIOD = "own"
COORDINATES = 2
FIRST_SQL = "SELECT * FROM data LIMIT 20"
DERIVATIONS = ("", *(one.value for one in Derivation if one is not Derivation.PART))
"""What may be chosen; a part is kept where there is one, for its conditions are not in the form."""
BINS = (10, 20, 30, 50)
UNSPLIT = frozenset(
    {ChartKind.HISTOGRAM, ChartKind.MAP, ChartKind.NUMBER, ChartKind.PIE, ChartKind.TABLE, ChartKind.SCATTER}
)


def form_of(tile: Tile) -> dict[str, str]:
    """Return the fields that describe ``tile``."""
    form = {
        "title": tile.title,
        "description": tile.description,
        "chart": tile.chart.value,
        "width": str(tile.width),
        "height": str(tile.height or ""),
        "kind": tile.source.kind,
        "dataset": str(tile.dataset_id or ""),
        "stacked": "yes" if tile.stacked else "",
        "compare": "yes" if tile.compare else "",
        "bins": str(tile.bins),
        "text": "",
        "sql": "",
        "measure": "",
        "second": "",
        "dimension": "",
        "grain": "",
        "split": "",
        "period": "",
        "order": "",
        "derive": "",
        "latitude": "",
        "longitude": "",
        "limit": "100",
    }
    match tile.source:
        case TextSource(text=words):
            form["text"] = words
        case SqlSource(query=query):
            form |= {"sql": query.sql, "limit": str(query.limit)}
        case MetricSource(query=query):
            form |= {"limit": str(query.limit)} | _metric_fields(query)
            if tile.chart is ChartKind.MAP:
                form |= _map_fields(query)
            elif tile.chart is ChartKind.PIVOT and tile.series:
                form |= _pivot_fields(query, tile.series)
    return form


def _map_fields(query: MetricQuery) -> dict[str, str]:
    """Return the coordinates and the name of a map whose groups are latitude, longitude, name."""
    names = [one.field for one in query.dimensions]
    if len(names) < COORDINATES:
        return {"dimension": names[0] if names else "", "split": ""}
    return {"latitude": names[0], "longitude": names[1], "dimension": names[2] if names[2:] else "", "split": ""}


def _pivot_fields(query: MetricQuery, across: str) -> dict[str, str]:
    down = next((one for one in query.dimensions if one.field != across), None)
    timed = next((one.grain for one in query.dimensions if one.grain), None)
    return {"dimension": down.field if down else "", "split": across, "grain": timed.value if timed else ""}


def _metric_fields(query: MetricQuery) -> dict[str, str]:
    measures = [*query.measures, "", ""]
    first = query.dimensions[0] if query.dimensions else None
    split = query.dimensions[1] if len(query.dimensions) > 1 else None
    return {
        "measure": measures[0],
        "second": measures[1],
        "dimension": first.field if first else "",
        "grain": first.grain.value if first and first.grain else "",
        "split": split.field if split else "",
        "derive": query.derived[0].kind.value if query.derived else "",
        "period": next((name for name, period in PERIODS.items() if period == query.period), OWN_PERIOD)
        if query.period
        else "",
        "order": _order_of(query),
    }


def _order_of(query: MetricQuery) -> str:
    if not query.sort:
        return ""
    first = query.sort[0]
    if first.field in {*query.measures, *(one.name for one in query.derived)}:
        return "most" if first.descending else "least"
    return "label"


def tile_of(form: Mapping[str, str], known: Tile, catalogue: Catalogue) -> Tile:
    """Return ``known`` changed to what the form says.

    Raises:
        ValidationError: A field breaks a rule of the specification.
        ValueError: A number or an identifier is none.
    """
    chart = ChartKind(form["chart"])
    source: MetricSource | SqlSource | TextSource
    if chart is ChartKind.TEXT:
        source = TextSource(text=form["text"])
    elif form["kind"] == "sql":
        source = _sql_source(form)
    else:
        source = _metric_source(form, known, catalogue, chart)
    split = form["split"] if form["kind"] == "metric" and form["dimension"] else ""
    return Tile(
        id=known.id,
        title=form["title"].strip(),
        chart=chart,
        source=source,
        description=form["description"],
        width=int(form["width"]),
        height=within_rows(int(form["height"]), chart) if form["height"] else None,
        series=split if split and chart not in UNSPLIT else None,
        stacked=form["stacked"] == "yes",
        horizontal=known.horizontal,
        compare=form["compare"] == "yes",
        bins=int(form["bins"]),
    )


def _sql_source(form: Mapping[str, str]) -> SqlSource:
    return SqlSource(
        query=SqlQuery(dataset_id=UUID(form["dataset"]), sql=form["sql"] or FIRST_SQL, limit=int(form["limit"]))
    )


def _metric_source(form: Mapping[str, str], known: Tile, catalogue: Catalogue, chart: ChartKind) -> MetricSource:
    before = known.source.query if isinstance(known.source, MetricSource) else None
    dataset_id = UUID(form["dataset"])
    same = before if before is not None and before.dataset_id == dataset_id else None
    measures = tuple(dict.fromkeys(one for one in (form["measure"], form["second"]) if one))
    groups = () if chart is ChartKind.NUMBER else _groups(form, catalogue, chart)
    part = same.part if same and form["derive"] == Derivation.PART else ()
    derive = "" if form["derive"] == Derivation.PART and not part else form["derive"]
    back = next((one.back for one in same.derived if one.kind == derive), 1) if same else 1
    derived = (Derived(kind=Derivation(derive), of=measures[0], back=back),) if derive and measures else ()
    figures = (*measures, *(one.name for one in derived))
    return MetricSource(
        query=MetricQuery(
            dataset_id=dataset_id,
            measures=measures,
            dimensions=groups,
            filters=same.filters if same else (),
            having=tuple(one for one in same.having if one.field in figures) if same else (),
            derived=derived,
            part=part,
            period=_period(form["period"], same),
            time_field=same.time_field if same else None,
            sort=_sort(form["order"], figures[-1:] if derived else measures, groups),
            limit=int(form["limit"]),
        )
    )


def _period(name: str, before: MetricQuery | None) -> RelativePeriod | None:
    """Return the chosen period; one that the form cannot name is kept by a choice of its own."""
    if name == OWN_PERIOD:
        return before.period if before else None
    return PERIODS.get(name)


def _groups(form: Mapping[str, str], catalogue: Catalogue, chart: ChartKind) -> tuple[GroupBy, ...]:
    wanted: tuple[str, ...] = (form["dimension"], form["split"])
    if chart is ChartKind.MAP:
        wanted = (form["latitude"], form["longitude"], form["dimension"])
    elif chart is ChartKind.HISTOGRAM:
        wanted = (form["dimension"],)
    names = dict.fromkeys(one for one in wanted if one)
    groups = []
    for name in names:
        dimension = catalogue.dimension(name)
        timed = dimension is not None and dimension.type.is_time
        groups.append(GroupBy(field=name, grain=Grain(form["grain"] or Grain.MONTH) if timed else None))
    return tuple(groups)


def _sort(order: str, measures: tuple[str, ...], groups: Sequence[GroupBy]) -> tuple[Sort, ...]:
    if order == "label" and groups:
        return (Sort(field=groups[0].field),)
    if order in {"most", "least"} and measures and groups:
        return (Sort(field=measures[0], descending=order == "most"),)
    return ()


def with_filter(tile: Tile, field: str, operator: str, value: str) -> Tile:
    """Return the tile narrowed by one condition; several values are separated by semicolons."""
    if not isinstance(tile.source, MetricSource):
        return tile
    chosen = Operator(operator)
    values: tuple[Scalar, ...] = tuple(part.strip() for part in value.split(";") if part.strip())
    if chosen in {Operator.IS_NULL, Operator.NOT_NULL}:
        values = ()
    elif len(values) > 1 and chosen in {Operator.EQ, Operator.NE}:
        chosen = Operator.IN if chosen is Operator.EQ else Operator.NOT_IN
    query = tile.source.query
    added = (*query.filters, Filter(field=field, operator=chosen, values=values))
    return _with_filters(tile, query, added)


def without_filter(tile: Tile, place: int) -> Tile:
    """Return the tile without the condition at ``place``."""
    if not isinstance(tile.source, MetricSource):
        return tile
    query = tile.source.query
    return _with_filters(tile, query, tuple(one for index, one in enumerate(query.filters) if index != place))


def _with_filters(tile: Tile, query: MetricQuery, filters: tuple[Filter, ...]) -> Tile:
    changed = query.model_copy(update={"filters": filters})
    return tile.model_copy(update={"source": MetricSource(query=changed)})


def new_tile(tile_id: str, title: str, dataset_id: UUID, catalogue: Catalogue) -> Tile:
    """Return a first figure of a dataset: its main number over time, or by its first dimension."""
    measure = catalogue.default_measure or (catalogue.measures[0].id if catalogue.measures else "")
    shown = [one.id for one in catalogue.dimensions if not one.hidden]
    over_time = catalogue.default_time
    group = over_time or (shown[0] if shown else None)
    groups = () if group is None else (GroupBy(field=group, grain=Grain.MONTH if over_time else None),)
    chart = ChartKind.TABLE if not measure else ChartKind.LINE if over_time else ChartKind.BAR
    query = MetricQuery(dataset_id=dataset_id, measures=(measure,) if measure else (), dimensions=groups, limit=100)
    return Tile(id=tile_id, title=title, chart=chart, source=MetricSource(query=query), width=6)
