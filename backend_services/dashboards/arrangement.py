"""An answer arranged for drawing: what lies along the axis, which series there are, what was left out. Pure.

Figures, findings and accessible sentences are all made from an :class:`Arrangement`, so they cannot disagree.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Final, assert_never

from backend_services.dashboards import formats, periods
from backend_services.dashboards.columns import amount, dimension_columns, drawn_columns, follows
from backend_services.dashboards.spec import ChartKind, MetricSource, SqlSource, TextSource, Tile
from backend_services.datasets.catalogue import Grain, QueryResult, ResultColumn, Scalar, Unit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MAX_BARS = 12
MAX_SERIES = 8
MAX_BUCKETS = 2000
MAX_POINTS = 2000
MAX_PIE_PARTS = 6
OTHER_KEY = "__other__"
_ORDER_BY: Final = re.compile(r"\border\s+by\b", re.IGNORECASE)


class Axis(StrEnum):
    """What lies along the horizontal (or, for lying bars, the vertical) axis."""

    CATEGORY = "category"
    NUMBER = "number"
    TIME = "time"
    BINS = "bins"


@dataclass(frozen=True, slots=True)
class Reading:
    """How an answer is read.

    Attributes:
        now: Wall-clock time of the reader.
        additive: Names of the measures whose groups add up to the whole (sums and counts).
        better: Measure → whether higher is better; absent is neutral.
        order: Fixed order of a dimension's values by column, so that a value keeps its colour.
    """

    language: str
    now: datetime
    additive: frozenset[str] = frozenset()
    better: Mapping[str, bool] = field(default_factory=dict)
    order: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Series:
    """Values along the axis; ``slot`` is its place in the palette from 1, 0 for the quiet colour of Other."""

    name: str
    values: tuple[float | None, ...]
    unit: Unit | None
    slot: int


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What is drawn.

    Attributes:
        keys: Raw values along the axis, for drill-through; ``OTHER_KEY`` for what was folded.
        labels: The same as people read them; each differs from the others.
        running: Index of the time bucket that is not over yet.
        folded: How many groups went into Other, or were left out where they cannot be added.
        total: Groups before folding.
        left_out: Groups could not be added up, so they are not shown at all.
        kept_order: The groups stand as the question orders them, not by size.
        series_left_out: How many series could not be added up, so they are not shown at all.
        undated: There are rows without a time, or in bins without a number, which have no place along the axis.
        relative: The values compare already, as growth does, so no change of them is told as growth of its own.
        earlier: The course of the period before, bucket by bucket beside the first series.
        split: The series are the values of one dimension, not several measures.
    """

    axis: Axis
    column: ResultColumn
    keys: tuple[Scalar | None, ...]
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    grain: Grain | None = None
    running: int | None = None
    folded: int = 0
    total: int = 0
    left_out: bool = False
    additive: bool = False
    times: tuple[datetime, ...] = ()
    split: bool = False
    kept_order: bool = False
    series_left_out: int = 0
    undated: bool = False
    earlier: Series | None = None
    relative: bool = False

    @property
    def complete(self) -> int:
        """Return how many buckets are over."""
        return len(self.keys) - (self.running is not None)


def arrange(tile: Tile, result: QueryResult, reading: Reading) -> Arrangement | None:
    """Return ``result`` arranged for the tile's chart, or ``None`` where there is nothing to lay along an axis."""
    groups, measures = dimension_columns(result), drawn_columns(tile, result)
    if not groups or not measures:
        return None
    if groups[0].width is not None:
        return _in_bins(groups[0], groups[0].width, result, measures, reading)
    along, split = _roles(tile, groups)
    table = _pivot(result, along, split, measures)
    series = _series(table, split, measures, reading)
    additive = measures[0].name in reading.additive
    relative = any(one.name in follows(tile) for one in measures)
    every = len(series)
    series = _fold_series(series, additive=additive, language=reading.language)
    gone = 0 if additive else every - len(series)
    if along.type.is_time:
        timed = _along_time(along, table.keys, series, reading, additive=additive)
        if timed is None:
            return None
        return replace(timed, split=split is not None, series_left_out=gone, relative=relative)
    axis = Axis.NUMBER if along.type.is_number and tile.chart in {ChartKind.LINE, ChartKind.AREA} else Axis.CATEGORY
    ordered = axis is Axis.CATEGORY and tile.chart is not ChartKind.PIE and _is_ordered(tile, along, split)
    listed = _along_categories(
        axis, along, table.keys, series, reading, additive=additive, is_pie=tile.chart is ChartKind.PIE, ordered=ordered
    )
    return replace(listed, split=split is not None, series_left_out=gone)


def _roles(tile: Tile, groups: Sequence[ResultColumn]) -> tuple[ResultColumn, ResultColumn | None]:
    split = next((one for one in groups if one.name == tile.series), None)
    rest = [one for one in groups if one is not split]
    if not rest:
        return groups[0], None
    along = next((one for one in rest if one.type.is_time), rest[0])
    if split is None:
        split = next((one for one in rest if one is not along), None)
    return along, split


@dataclass(frozen=True, slots=True)
class _Table:
    keys: tuple[Scalar | None, ...]
    cells: Mapping[tuple[Scalar | None, Scalar | None, str], float | None]
    splits: tuple[Scalar | None, ...]


def _pivot(
    result: QueryResult, along: ResultColumn, split: ResultColumn | None, measures: Sequence[ResultColumn]
) -> _Table:
    at = {column.name: index for index, column in enumerate(result.columns)}
    cells: dict[tuple[Scalar | None, Scalar | None, str], float | None] = {}
    for row in result.rows:
        key = row[at[along.name]]
        part = row[at[split.name]] if split else None
        for measure in measures:
            cells[(key, part, measure.name)] = amount(row[at[measure.name]])
    keys = tuple(dict.fromkeys(key for key, _, _ in cells))
    splits = tuple(dict.fromkeys(part for _, part, _ in cells))
    return _Table(keys=keys, cells=cells, splits=splits)


def _series(
    table: _Table, split: ResultColumn | None, measures: Sequence[ResultColumn], reading: Reading
) -> list[Series]:
    if split is None:
        return [
            Series(
                name=measure.label,
                values=tuple(table.cells.get((key, None, measure.name)) for key in table.keys),
                unit=measure.unit,
                slot=index + 1,
            )
            for index, measure in enumerate(measures[:MAX_SERIES])
        ]
    order = {value: index for index, value in enumerate(reading.order.get(split.name, ()))}
    known = all(str(part) in order and order[str(part)] < MAX_SERIES for part in table.splits)
    parts = sorted(table.splits, key=lambda part: (order.get(str(part), len(order)), str(part)))
    measure = measures[0]
    return [
        Series(
            name=formats.cell(part, split, reading.language),
            values=tuple(table.cells.get((key, part, measure.name)) for key in table.keys),
            unit=measure.unit,
            slot=order[str(part)] + 1 if known else index + 1,
        )
        for index, part in enumerate(parts)
    ]


def size_of(series: Series) -> float:
    """Return the sum of the sizes of a series' values."""
    return sum(abs(value) for value in series.values if value is not None)


def other_label(language: str) -> str:
    """Return the name of what was folded."""
    return "Ostalo" if language == "sl" else "Other"


def _fold_series(series: list[Series], *, additive: bool, language: str) -> list[Series]:
    if len(series) <= MAX_SERIES:
        return series
    largest = sorted(series, key=size_of, reverse=True)[: MAX_SERIES - 1]
    kept = [one for one in series if one in largest]
    numbered = [
        Series(name=one.name, values=one.values, unit=one.unit, slot=index + 1) for index, one in enumerate(kept)
    ]
    if not additive:
        return numbered
    rest = [one for one in series if one not in largest]
    summed = tuple(_sum(one.values[index] for one in rest) for index in range(len(series[0].values)))
    return [*numbered, Series(name=other_label(language), values=summed, unit=series[0].unit, slot=0)]


def _sum(values: Iterable[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return sum(present) if present else None


def _along_time(
    along: ResultColumn,
    keys: Sequence[Scalar | None],
    series: Sequence[Series],
    reading: Reading,
    *,
    additive: bool,
) -> Arrangement | None:
    placed = sorted(
        (at, index) for index, key in enumerate(keys) if key is not None and (at := formats.moment(key)) is not None
    )
    if not placed:
        return None
    where = dict(placed)
    times = tuple(where)
    if along.grain is not None:
        times = without_gaps(times, along.grain)
    labels = tuple(formats.bucket(at, along.grain, reading.language) for at in times)
    running = along.grain is not None and periods.is_running(times[-1], along.grain, reading.now)
    return Arrangement(
        axis=Axis.TIME,
        column=along,
        keys=tuple(keys[where[at]] if at in where else at.isoformat() for at in times),
        labels=labels,
        series=tuple(
            Series(
                name=one.name,
                values=tuple(one.values[where[at]] if at in where else None for at in times),
                unit=one.unit,
                slot=one.slot,
            )
            for one in series
        ),
        grain=along.grain,
        running=len(times) - 1 if running else None,
        total=len(keys),
        additive=additive,
        times=times,
        undated=len(placed) < len(keys),
    )


def without_gaps(times: tuple[datetime, ...], grain: Grain) -> tuple[datetime, ...]:
    """Return ``times`` with the buckets that are missing among them, as far apart as the data's own mostly are.

    A census every five years has no gaps; a month without orders is one.
    """
    every = tuple(periods.buckets(times[0], times[-1], grain, most=MAX_BUCKETS))
    place = {at: index for index, at in enumerate(every)}
    known = [place[at] for at in times if at in place]
    steps = [after - before for before, after in pairwise(known)]
    apart = math.gcd(*steps)
    is_regular = len(steps) > 1 and steps.count(apart) * 2 >= len(steps)
    return tuple(sorted({*every[:: apart if is_regular else 1], *times}))


def _in_bins(
    along: ResultColumn, width: float, result: QueryResult, measures: Sequence[ResultColumn], reading: Reading
) -> Arrangement | None:
    """Return bins side by side, the empty ones among them too: there, a count really is 0."""
    table = _pivot(result, along, None, measures)
    places = {round(at / width): key for key in table.keys if (at := amount(key)) is not None}
    if not places:
        return None
    every = range(min(places), min(max(places), min(places) + MAX_BUCKETS) + 1)
    counts = measures[0].name in reading.additive
    edges = [float(f"{place * width:.12g}") for place in (*every, every[-1] + 1)]
    said = formats.edges(edges, along.unit, reading.language)
    values = tuple(
        table.cells.get((places[place], None, measures[0].name)) if place in places else 0.0 if counts else None
        for place in every
    )
    return Arrangement(
        axis=Axis.BINS,
        column=along,
        keys=tuple(edges[:-1]),
        labels=distinct([f"{low}{formats.TO}{high}" for low, high in pairwise(said)]),
        series=(Series(name=measures[0].label, values=values, unit=measures[0].unit, slot=1),),
        total=len(every),
        additive=counts,
        kept_order=True,
        undated=any(amount(key) is None for key in table.keys),
    )


def _along_categories(
    axis: Axis,
    along: ResultColumn,
    keys: Sequence[Scalar | None],
    series: Sequence[Series],
    reading: Reading,
    *,
    additive: bool,
    is_pie: bool,
    ordered: bool,
) -> Arrangement:
    if axis is Axis.NUMBER:
        order = sorted(range(len(keys)), key=lambda index: amount(keys[index]) or 0.0)[:MAX_BUCKETS]
        rest: list[int] = []
    else:
        order = list(range(len(keys)))
        if not ordered:
            order.sort(key=lambda index: _weight(series, index), reverse=True)
        most = MAX_PIE_PARTS if is_pie else MAX_BARS
        cut = most - 1 if is_pie and additive else most
        order, rest = (order, []) if len(order) <= most else (order[:cut], order[cut:])
    names = [formats.cell(keys[index], along, reading.language) for index in order]
    fold = bool(rest) and additive
    shown = tuple(
        Series(
            name=one.name,
            values=(
                *(one.values[index] for index in order),
                *([_sum(one.values[index] for index in rest)] if fold else []),
            ),
            unit=one.unit,
            slot=one.slot,
        )
        for one in series
    )
    return Arrangement(
        axis=axis,
        column=along,
        keys=(*(keys[index] for index in order), *([OTHER_KEY] if fold else [])),
        labels=distinct([*names, *([other_label(reading.language)] if fold else [])]),
        series=shown,
        folded=len(rest),
        total=len(keys),
        left_out=bool(rest) and not fold,
        additive=additive,
        kept_order=ordered,
    )


def _is_ordered(tile: Tile, along: ResultColumn, split: ResultColumn | None) -> bool:
    """Return whether the question says in which order its groups stand: by their name, or by a figure of theirs.

    Groups that are split into series have several figures, so one figure of theirs orders nothing.
    """
    match tile.source:
        case MetricSource(query=query):
            first = query.sort[0].field if query.sort else None
            return first == along.name or (first is not None and split is None)
        case SqlSource(query=query):
            return _ORDER_BY.search(query.sql) is not None
        case TextSource():
            return False
        case _:
            assert_never(tile.source)


def _weight(series: Sequence[Series], index: int) -> float:
    present = [one.values[index] for one in series if one.values[index] is not None]
    return sum(value for value in present if value is not None) if present else float("-inf")


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Return ``names`` with a number behind those that are the same as an earlier one."""
    seen: dict[str, int] = {}
    out: list[str] = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(out)
