"""A first dashboard for any table, by rule from its catalogue. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from backend_services.dashboards import formats, periods
from backend_services.dashboards.grid import MAX_DOWN
from backend_services.dashboards.places import country_at
from backend_services.dashboards.spec import ChartKind, DashboardSpec, MetricSource, TextSource, Tile
from backend_services.datasets.catalogue import (
    EACH,
    Aggregation,
    Catalogue,
    Dimension,
    FieldType,
    Grain,
    GroupBy,
    Measure,
    MetricQuery,
    Sort,
)
from backend_services.datasets.derived import inside
from backend_services.datasets.query.periods import floor, shift
from backend_services.kernel.i18n import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from backend_services.datasets.catalogue import RelativePeriod

NUMBERS = 4
BAR_VALUES = range(2, 201)
SERIES_VALUES = range(2, 7)
FEW_VALUES = 12
HEAT_VALUES = range(FEW_VALUES + 1, MAX_DOWN + 1)
LEAST_SPREAD = 30
"""Of fewer rows the table itself says more than a histogram."""
LEAST_COUNTRIES = 3
KNOWN_COUNTRIES = 0.9
"""A column is of countries where so large a part of its values is; departments called IT and HR are not."""
TABLE_ROWS = 25
_GRAINS = ((2, Grain.HOUR), (62, Grain.DAY), (2200, Grain.MONTH))
_WIDTHS = list(Grain)
_ROWS = (("course", "bars-1"), ("map", "spread"), ("heat",), ("split", "bars-2"), ("pivot",), ("table",), ("note",))
"""Which tiles share a row of the page; one that is alone in its row fills it."""


@dataclass(frozen=True, slots=True)
class Table:
    """What is known of a table: its catalogue and the first and last moment of its default time."""

    dataset_id: UUID
    title: str
    catalogue: Catalogue
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """The time that figures cover; ``is_year`` where it is twelve whole months and the data hold the twelve before."""

    period: RelativePeriod
    start: datetime
    end: datetime
    is_year: bool = False


@dataclass(frozen=True, slots=True)
class Groups:
    """The dimensions worth grouping by, by what they are good for; none is in two of ``place``, ``heat`` and ``few``.

    Attributes:
        few: Those whose values fit in bars, a table's columns or a legend.
        split: The one whose values can be told apart as lines.
    """

    every: tuple[Dimension, ...]
    few: tuple[Dimension, ...]
    place: Dimension | None
    heat: Dimension | None
    split: Dimension | None


def starter(table: Table, language: str) -> DashboardSpec | None:
    """Return a dashboard over ``table``, or ``None`` where it has nothing to measure."""
    measures = _measures(table.catalogue)
    if not measures:
        return None
    draft = _Draft(table, language, measures, _groups(table.catalogue), _stretch(table))
    return DashboardSpec(
        title=text("dashboards.starter.title", language, dataset=table.title)[:120],
        tiles=(*draft.numbers(), *_in_rows(list(draft.figures()))),
        default_dataset_id=table.dataset_id,
    )


def _measures(catalogue: Catalogue) -> list[Measure]:
    """Return the visible measures, the default one first."""
    visible = [one for one in catalogue.measures if not one.hidden]
    return sorted(visible, key=lambda one: one.id != catalogue.default_measure)


def _groups(catalogue: Catalogue) -> Groups:
    kinds = {FieldType.TEXT, FieldType.BOOLEAN}
    fit = [one for one in catalogue.dimensions if not one.hidden and one.type in kinds and one.distinct in BAR_VALUES]
    fit.sort(key=lambda one: (one.type is FieldType.BOOLEAN, one.distinct > FEW_VALUES, -one.distinct))
    countries = [one for one in fit if is_of_countries(one)]
    place = max(countries, key=_is_said_in_full, default=None)
    fit = [one for one in fit if one is place or one not in countries]
    others = [one for one in fit if one is not place]
    heat = max((one for one in others if one.distinct in HEAT_VALUES), key=lambda one: one.distinct, default=None)
    few = tuple(one for one in others if one.type is FieldType.TEXT and one.distinct <= FEW_VALUES)
    split = next((one for one in [*few, *others] if one.distinct in SERIES_VALUES), None)
    return Groups(every=tuple(fit), few=few, place=place, heat=heat, split=split)


def is_of_countries(dimension: Dimension) -> bool:
    """Return whether nearly all known values of ``dimension`` name countries."""
    known = [country_at(value) for value in dimension.values]
    found = sum(one is not None for one in known)
    return found >= LEAST_COUNTRIES and found >= KNOWN_COUNTRIES * len(known)


def _is_said_in_full(dimension: Dimension) -> int:
    """Return how long the values are: names of countries are read sooner than their codes."""
    return sum(len(value) for value in dimension.values) // max(1, len(dimension.values))


def _finest(table: Table) -> Grain:
    """Return the finest grain that the data tell apart, days where they tell hours."""
    time = table.catalogue.dimension(table.catalogue.default_time or "")
    return max(Grain.DAY, (time and time.grain) or Grain.DAY, key=_WIDTHS.index)


def _grain(table: Table) -> Grain:
    if table.first is None or table.last is None:
        return Grain.MONTH
    days = (table.last - table.first) / timedelta(days=1)
    fit = next((grain for most, grain in _GRAINS if days <= most), Grain.YEAR)
    return fit if fit is Grain.HOUR else max(fit, _finest(table), key=_WIDTHS.index)


def _stretch(table: Table) -> Stretch | None:
    """Return the last twelve whole months of the data, or its later half where it has not twelve more before them.

    Data by the year have their last year.
    """
    if table.catalogue.default_time is None or table.first is None or table.last is None:
        return None
    finest = _finest(table)
    after = shift(floor(table.last, finest), finest, 1)
    if finest is Grain.YEAR:
        start = shift(after, Grain.YEAR, -1)
        return Stretch(periods.between(start, after, Grain.YEAR), start, after)
    end = floor(after, Grain.MONTH)
    start = shift(end, Grain.YEAR, -1)
    if floor(table.first, Grain.DAY) <= shift(start, Grain.YEAR, -1):
        return Stretch(periods.between(start, end, Grain.MONTH), start, end, is_year=True)
    start = after - timedelta(days=max(1, (after - table.first).days // 2))
    return Stretch(periods.between(start, after, Grain.DAY), start, after)


@dataclass(frozen=True, slots=True)
class _Draft:
    """Draws up the tiles over one table; each answers ``None`` where the table has nothing to show in it."""

    table: Table
    language: str
    measures: list[Measure]
    groups: Groups
    stretch: Stretch | None

    def numbers(self) -> Iterator[Tile]:
        shown = self.measures[:NUMBERS]
        for index, one in enumerate(shown):
            title = one.label.in_language(self.language)[:120]
            source = self._query([one])
            yield Tile(
                id=f"number-{index + 1}", title=title, chart=ChartKind.NUMBER, source=source, width=12 // len(shown)
            )

    def figures(self) -> Iterator[Tile]:
        made = (
            self._course(), *self._bars(), self._map(), self._spread(), self._heat(), self._split(), self._pivot(),
            self._table(), self._note(),
        )  # fmt: skip
        return (one for one in made if one is not None)

    def _course(self) -> Tile | None:
        if self.stretch is None:
            return None
        grain = Grain.MONTH if self.stretch.is_year else _grain(self.table)
        source = self._query([self.measures[0]], self._along(grain), whole=not self.stretch.is_year, limit=10_000)
        title, compare = self._over(grain), self.stretch.is_year
        return Tile(id="course", title=title, chart=ChartKind.LINE, source=source, width=8, compare=compare)

    def _bars(self) -> Iterator[Tile]:
        taken = (self.groups.place, self.groups.heat)
        fit = [one for one in self.groups.every if one not in taken] or self.groups.every
        for index, one in enumerate(fit[:2]):
            title, source = self._by(one), self._query([self.measures[0]], GroupBy(field=one.id))
            width = 6 if index else 4
            yield Tile(id=f"bars-{index + 1}", title=title, chart=ChartKind.BAR, source=source, width=width)

    def _map(self) -> Tile | None:
        place = self.groups.place
        if place is None:
            return None
        source = self._query([self.measures[0]], GroupBy(field=place.id))
        return Tile(id="map", title=self._by(place), chart=ChartKind.MAP, source=source)

    def _spread(self) -> Tile | None:
        folded = {Aggregation.AVG, Aggregation.SUM}
        if not any(one.distinct >= LEAST_SPREAD for one in self.table.catalogue.dimensions):
            return None
        rows = next((one for one in self.measures if one.column is None and one.aggregation is Aggregation.COUNT), None)
        single = next((one for one in self.measures if one.column is not None and one.aggregation in folded), None)
        if rows is None or single is None:
            return None
        source = self._query([rows], GroupBy(field=f"{single.id}{EACH}"))
        return Tile(id="spread", title=self._by(single, rows), chart=ChartKind.HISTOGRAM, source=source)

    def _heat(self) -> Tile | None:
        group, stretch = self.groups.heat, self.stretch
        if group is None or stretch is None:
            return None
        grain = Grain.MONTH if stretch.is_year else _grain(self.table)
        by = (GroupBy(field=group.id), self._along(grain))
        source = self._query([self.measures[0]], *by, whole=not stretch.is_year, limit=10_000)
        title = self._over(grain, group)
        return Tile(id="heat", title=title, chart=ChartKind.HEATMAP, source=source, width=12)

    def _split(self) -> Tile | None:
        group = self.groups.split
        if group is None or self.stretch is None:
            return None
        grain = _grain(self.table)
        by = (self._along(grain), GroupBy(field=group.id))
        source = self._query([self.measures[0]], *by, whole=True, limit=10_000)
        title = self._over(grain, group)
        return Tile(id="split", title=title, chart=ChartKind.LINE, source=source, series=group.id)

    def _pivoted(self) -> tuple[Dimension, ...]:
        """Return what lies down and across the pivot table: the shorter one across."""
        return self.groups.few[:2] if len(self.groups.few) > 1 else ()

    def _pivot(self) -> Tile | None:
        if not self._pivoted():
            return None
        down, across = self._pivoted()
        source = self._query([self.measures[0]], GroupBy(field=down.id), GroupBy(field=across.id))
        title = text(
            "dashboards.starter.by_both",
            self.language,
            measure=self.measures[0].label.in_language(self.language),
            down=_inside(down, self.language),
            across=_inside(across, self.language),
        )[:120]
        return Tile(id="pivot", title=title, chart=ChartKind.PIVOT, source=source, series=across.id)

    def _table(self) -> Tile | None:
        group = next(iter(self.groups.every), None)
        if group is None:
            return None
        title = text("dashboards.starter.table", self.language, dimension=_inside(group, self.language))[:120]
        sort = (Sort(field=self.measures[0].id, descending=True),)
        source = self._query(self.measures[:6], GroupBy(field=group.id), sort=sort, limit=TABLE_ROWS)
        return Tile(id="table", title=title, chart=ChartKind.TABLE, source=source, width=12)

    def _note(self) -> Tile:
        said = [text("dashboards.starter.note.next", self.language)]
        if self.stretch is not None:
            key = "dashboards.starter.note.year" if self.stretch.is_year else "dashboards.starter.note.period"
            days = (self.stretch.start, periods.last_moment(self.stretch.end))
            first, last = (formats.day(one, self.language) for one in days)
            said.insert(0, text(key, self.language, first=first, last=last))
        source = TextSource(text="\n\n".join(said))
        title = text("dashboards.starter.note", self.language)
        return Tile(id="note", title=title, chart=ChartKind.TEXT, source=source, width=12)

    def _query(self, measures: Sequence[Measure], *by: GroupBy, whole: bool = False, **more: object) -> MetricSource:
        """Return the question for ``measures``; ``whole`` is over all time."""
        names = tuple(one.id for one in measures)
        period = None if whole or self.stretch is None else self.stretch.period
        asked = {"dataset_id": self.table.dataset_id, "measures": names, "dimensions": by, "period": period, **more}
        return MetricSource(query=MetricQuery.model_validate(asked))

    def _along(self, grain: Grain) -> GroupBy:
        return GroupBy(field=self.table.catalogue.default_time or "", grain=grain)

    def _over(self, grain: Grain, group: Dimension | None = None) -> str:
        label = self.measures[0].label.in_language(self.language)
        said = text(f"dashboards.starter.by_{grain.value}", self.language, measure=label)
        if group is not None:
            name = _inside(group, self.language)
            said = text("dashboards.starter.over_and_by", self.language, over=said, dimension=name)
        return said[:120]

    def _by(self, field: Dimension | Measure, measure: Measure | None = None) -> str:
        label = (measure or self.measures[0]).label.in_language(self.language)
        name = _inside(field, self.language)
        return text("dashboards.starter.by", self.language, measure=label, dimension=name)[:120]


def _inside(field: Dimension | Measure, language: str) -> str:
    return inside(field.label.in_language(language))


def _in_rows(tiles: Sequence[Tile]) -> Iterator[Tile]:
    """Yield the tiles in reading order so that rows of the grid are full."""
    known = {one.id: one for one in tiles}
    for row in _ROWS:
        present = [known[name] for name in row if name in known]
        yield from present if len(present) > 1 else [one.model_copy(update={"width": 12}) for one in present]
