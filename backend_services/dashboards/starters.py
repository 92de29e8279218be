"""A first dashboard for any table, by rule from its catalogue. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from backend_services.dashboards import periods
from backend_services.dashboards.spec import ChartKind, DashboardSpec, MetricSource, Tile
from backend_services.datasets.catalogue import (
    Catalogue,
    Dimension,
    FieldType,
    Grain,
    GroupBy,
    Measure,
    MetricQuery,
    Sort,
)
from backend_services.datasets.query.periods import shift
from backend_services.kernel.i18n import text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from backend_services.datasets.catalogue import RelativePeriod

NUMBERS = 4
BAR_VALUES = range(2, 201)
SERIES_VALUES = range(2, 7)
TABLE_ROWS = 25
_GRAINS = ((2, Grain.HOUR), (62, Grain.DAY), (2200, Grain.MONTH))


@dataclass(frozen=True, slots=True)
class Table:
    """What is known of a table: its catalogue and the first and last moment of its default time."""

    dataset_id: UUID
    title: str
    catalogue: Catalogue
    first: datetime | None = None
    last: datetime | None = None


def starter(table: Table, language: str) -> DashboardSpec | None:
    """Return a dashboard over ``table``, or ``None`` where it has nothing to measure."""
    measures = _measures(table.catalogue)
    if not measures:
        return None
    groups = _groups(table.catalogue)
    tiles = [*_numbers(table, measures, language), *_charts(table, measures, groups, language)]
    return DashboardSpec(
        title=text("dashboards.starter.title", language, dataset=table.title)[:120],
        tiles=tuple(tiles),
        default_dataset_id=table.dataset_id,
    )


def _measures(catalogue: Catalogue) -> list[Measure]:
    """Return the visible measures, the default one first."""
    visible = [one for one in catalogue.measures if not one.hidden]
    return sorted(visible, key=lambda one: one.id != catalogue.default_measure)


def _groups(catalogue: Catalogue) -> list[Dimension]:
    """Return the dimensions worth grouping by; those with few values first."""
    kinds = {FieldType.TEXT, FieldType.BOOLEAN}
    fit = [one for one in catalogue.dimensions if not one.hidden and one.type in kinds and one.distinct in BAR_VALUES]
    return sorted(fit, key=lambda one: (one.type is FieldType.BOOLEAN, one.distinct > 12, -one.distinct))  # noqa: PLR2004 - what fits in bars


def _has_time(table: Table) -> bool:
    return table.catalogue.default_time is not None and table.first is not None and table.last is not None


def _grain(table: Table) -> Grain:
    if table.first is None or table.last is None:
        return Grain.MONTH
    days = (table.last - table.first) / timedelta(days=1)
    return next((grain for most, grain in _GRAINS if days <= most), Grain.YEAR)


def _last_stretch(table: Table) -> RelativePeriod | None:
    """Return the last year of the data, or its later half where it is shorter, so that there is a stretch before it."""
    if table.first is None or table.last is None:
        return None
    end = table.last.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    start = shift(end.replace(day=1), Grain.YEAR, -1).replace(day=1)
    if start <= table.first:
        start = end - timedelta(days=max(1, (end - table.first).days // 2))
    return periods.between(start, end, Grain.DAY)


def _query(table: Table, measures: Sequence[Measure], *by: GroupBy, **more: object) -> MetricSource:
    asked = MetricQuery.model_validate(
        {"dataset_id": table.dataset_id, "measures": tuple(one.id for one in measures), "dimensions": by, **more}
    )
    return MetricSource(query=asked)


def _numbers(table: Table, measures: Sequence[Measure], language: str) -> list[Tile]:
    period = _last_stretch(table) if _has_time(table) else None
    shown = measures[:NUMBERS]
    width = 12 // len(shown)
    return [
        Tile(
            id=f"number-{index + 1}",
            title=one.label.in_language(language)[:120],
            chart=ChartKind.NUMBER,
            source=_query(table, [one], period=period),
            width=width,
        )
        for index, one in enumerate(shown)
    ]


def _charts(table: Table, measures: Sequence[Measure], groups: Sequence[Dimension], language: str) -> list[Tile]:
    main, tiles = measures[0], []
    label = main.label.in_language(language)
    time, grain = table.catalogue.default_time, _grain(table)
    if time is not None and _has_time(table):
        said = text(f"dashboards.starter.by_{grain.value}", language, measure=label)[:120]
        along = GroupBy(field=time, grain=grain)
        source = _query(table, [main], along, limit=10_000)
        tiles.append(Tile(id="course", title=said, chart=ChartKind.LINE, source=source, width=8 if groups else 12))
        split = next((one for one in groups if one.distinct in SERIES_VALUES), None)
        if split is not None:
            by = _said_by(said, split, language)
            source = _query(table, [main], along, GroupBy(field=split.id), limit=10_000)
            width = 6 if len(groups) > 1 else 12
            tiles.append(Tile(id="split", title=by, chart=ChartKind.LINE, source=source, width=width, series=split.id))
    for index, one in enumerate(groups[:2]):
        tiles.append(
            Tile(
                id=f"bars-{index + 1}",
                title=_said_by(label, one, language),
                chart=ChartKind.BAR,
                source=_query(table, [main], GroupBy(field=one.id)),
                width=4 if index == 0 and tiles else 6,
            )
        )
    if groups:
        tiles.append(_table(table, measures, groups[0], language))
    return _in_reading_order(tiles)


def _said_by(label: str, dimension: Dimension, language: str) -> str:
    name = dimension.label.in_language(language)
    return text("dashboards.starter.by", language, measure=label, dimension=name[:1].lower() + name[1:])[:120]


def _table(table: Table, measures: Sequence[Measure], group: Dimension, language: str) -> Tile:
    name = group.label.in_language(language)
    sort = (Sort(field=measures[0].id, descending=True),)
    return Tile(
        id="table",
        title=text("dashboards.starter.table", language, dimension=name[:1].lower() + name[1:])[:120],
        chart=ChartKind.TABLE,
        source=_query(table, measures[:6], GroupBy(field=group.id), sort=sort, limit=TABLE_ROWS),
        width=12,
    )


def _in_reading_order(tiles: list[Tile]) -> list[Tile]:
    """Return the tiles so that rows of the grid are full: course beside bars, then what splits, then the table."""
    order = ["course", "bars-1", "split", "bars-2", "table"]
    return sorted(tiles, key=lambda tile: order.index(tile.id))
