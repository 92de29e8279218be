"""What the data says, in a sentence by rule: trend, extremes, share of the leader, link. Pure; English and Slovenian.

Sentences are built so that names stand in the nominative (after a colon or in brackets), because a rule cannot
decline a customer's words.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, assert_never

from backend_services.dashboards import formats, leading
from backend_services.dashboards.arrangement import OTHER_KEY, Arrangement, Axis, Reading, arrange, size_of
from backend_services.dashboards.columns import amount, dimension_columns, measure_columns
from backend_services.dashboards.grid import lay_out
from backend_services.dashboards.places import locate
from backend_services.dashboards.spec import ChartKind, Tile
from backend_services.datasets.catalogue import Grain, QueryResult
from backend_services.datasets.query.periods import shift
from backend_services.kernel.i18n import format_number, plural, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.dashboards.grid import Grid
    from backend_services.dashboards.leading import Standing
    from backend_services.dashboards.schemas import NumberView
    from backend_services.datasets.catalogue import Unit

FLAT = 0.005
YEAR_OF = {Grain.MONTH: 12, Grain.QUARTER: 4, Grain.YEAR: 1}
MODERATE_LINK, STRONG_LINK = 0.4, 0.7
LEAST_PAIRS = 10
PAIR = 2


def finding(
    tile: Tile, result: QueryResult, arranged: Arrangement | None, reading: Reading, number: NumberView | None = None
) -> str:
    """Return the sentence under a tile's title; empty where nothing can be said."""
    language = reading.language
    match tile.chart:
        case ChartKind.NUMBER:
            said = _of_number(number, language)
        case ChartKind.PIVOT | ChartKind.TABLE:
            said = _of_table(result, language)
        case ChartKind.TEXT:
            said = ""
        case ChartKind.HEATMAP:
            said = of_grid(lay_out(tile, result, reading), language)
        case ChartKind.MAP:
            said = of_places(tile, result, reading)
        case ChartKind.SCATTER:
            said = _of_pairs(result, language)
        case ChartKind.AREA | ChartKind.BAR | ChartKind.HISTOGRAM | ChartKind.LINE | ChartKind.PIE:
            said = "" if arranged is None else _of_arrangement(result, arranged, language)
        case _:
            assert_never(tile.chart)
    return said


def _of_arrangement(result: QueryResult, arranged: Arrangement, language: str) -> str:
    if arranged.axis is Axis.BINS:
        return _of_bins(arranged, language)
    if arranged.axis is Axis.CATEGORY:
        return _of_categories(result, arranged, language)
    return _of_series(arranged, language) if len(arranged.series) > 1 else _of_course(arranged, language)


def accessible(tile: Tile, arranged: Arrangement | None, said: str, reading: Reading) -> str:
    """Return the sentence for ``role=img``: what it is, what it says, and where it ends."""
    language = reading.language
    kind = text(f"dashboards.chart.{tile.chart.value}", language)
    parts = [f"{kind}: {tile.title.rstrip('.')}."]
    if said:
        parts.append(said)
    if arranged is not None and arranged.axis is Axis.TIME and len(arranged.series) == 1:
        last = _last(arranged.series[0].values)
        if last is not None:
            parts.append(
                _say("last", language, label=_label(arranged, last, language), value=_text(arranged, last, language))
            )
    return " ".join(parts)


def _say(key: str, language: str, **params: object) -> str:
    said = text(f"dashboards.finding.{key}", language, **params)
    return said[:1].upper() + said[1:]


def _last(values: Sequence[float | None]) -> int | None:
    return max((index for index, value in enumerate(values) if value is not None), default=None)


def _of_table(result: QueryResult, language: str) -> str:
    return plural(
        "dashboards.finding.rows_at_least" if result.truncated else "dashboards.finding.rows",
        len(result.rows),
        language,
    )


def _of_number(number: NumberView | None, language: str) -> str:
    if number is None or number.delta is None:
        return ""
    delta = number.delta
    return _say(
        f"number_{delta.direction}", language, change=delta.text.lstrip("+-\N{MINUS SIGN}"), against=delta.against
    )


def _of_pairs(result: QueryResult, language: str) -> str:
    measures = measure_columns(result)
    if len(measures) < PAIR:
        return ""
    at = {column.name: index for index, column in enumerate(result.columns)}
    pairs = [
        (x, y)
        for row in result.rows
        if (x := amount(row[at[measures[0].name]])) is not None and (y := amount(row[at[measures[1].name]])) is not None
    ]
    if len(pairs) < LEAST_PAIRS:
        return plural("dashboards.finding.few_points", len(pairs), language)
    r = correlation(pairs)
    if r is None:
        return _say("link_none", language, n=format_number(len(pairs), language))
    strength = "strong" if abs(r) >= STRONG_LINK else "moderate" if abs(r) >= MODERATE_LINK else "weak"
    way = "up" if r > 0 else "down"
    key = "link_weak" if strength == "weak" else f"link_{strength}_{way}"
    return _say(key, language, r=format_number(r, language, decimals=2), n=format_number(len(pairs), language))


def correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Return Pearson's r, or ``None`` where one side does not vary."""
    n = len(pairs)
    mean_x, mean_y = math.fsum(x for x, _ in pairs) / n, math.fsum(y for _, y in pairs) / n
    spread_x = math.fsum((x - mean_x) ** 2 for x, _ in pairs)
    spread_y = math.fsum((y - mean_y) ** 2 for _, y in pairs)
    if spread_x <= 0 or spread_y <= 0:
        return None
    together = math.fsum((x - mean_x) * (y - mean_y) for x, y in pairs)
    return max(-1.0, min(1.0, together / math.sqrt(spread_x) / math.sqrt(spread_y)))


def _of_categories(result: QueryResult, arranged: Arrangement, language: str) -> str:
    totals = _totals(arranged)
    pairs = [(value, arranged.labels[at]) for at, value in totals.items() if arranged.keys[at] != OTHER_KEY]
    if not pairs:
        return ""
    top = leading.highest(pairs)
    unit = arranged.series[0].unit
    if len(totals) == 1:
        return _say("only", language, name=top.names[0], value=formats.short(top.value, unit, language))
    whole = math.fsum(totals.values())
    if arranged.additive and not result.truncated and whole > 0 and min(totals.values()) >= 0:
        return _of_shares(top, leading.next_to(top, pairs), whole, language)
    if arranged.left_out or result.truncated:
        return _of_highest(top, unit, language)
    return _of_ends(pairs, unit, language)


def _of_shares(top: Standing, second: Standing | None, whole: float, language: str) -> str:
    share = formats.percent(top.value / whole, language)
    if top.is_tie:
        return _say("leaders", language, names=top.named(language), share=top.each(share, language))
    if second is None:
        return _say("leader", language, name=top.names[0], share=share)
    second_share = second.each(formats.percent(second.value / whole, language), language)
    return _say(
        "leader_second",
        language,
        name=top.names[0],
        share=share,
        second=second.named(language),
        second_share=second_share,
    )


def _of_highest(top: Standing, unit: Unit | None, language: str) -> str:
    value = top.each(formats.short(top.value, unit, language), language)
    return _say("highest", language, name=top.named(language), value=value)


def _of_ends(pairs: Sequence[tuple[float, str]], unit: Unit | None, language: str) -> str:
    """Return the highest and the lowest, or that all are equal."""
    top, bottom = leading.highest(pairs), leading.lowest(pairs)
    if leading.is_same(top.value, bottom.value):
        if not top.is_tie:
            return _of_highest(top, unit, language)
        return _say("all_equal", language, value=formats.short(top.value, unit, language))
    return _say(
        "extremes",
        language,
        high=top.named(language),
        high_value=top.each(formats.short(top.value, unit, language), language),
        low=bottom.named(language),
        low_value=bottom.each(formats.short(bottom.value, unit, language), language),
    )


def of_grid(grid: Grid | None, language: str) -> str:
    """Return the highest and the lowest cell."""
    if grid is None or not grid.values:
        return ""
    named = [
        (value, f"{name} · {label}")
        for name, row in zip(grid.down.labels, grid.cells, strict=True)
        for label, value in zip(grid.across.labels, row, strict=True)
        if value is not None
    ]
    return _of_ends(named, grid.measure.unit, language)


def of_places(tile: Tile, result: QueryResult, reading: Reading) -> str:
    """Return the place with the most."""
    located = locate(tile, result, reading)
    known = [(one.value, one.name) for one in located.places if one.value is not None] if located is not None else []
    if located is None or not known:
        return ""
    return _of_highest(leading.highest(known), located.measure.unit, reading.language)


def of_pivot(tile: Tile, down: QueryResult, reading: Reading) -> str:
    """Return what the totals of the rows say where each row is one group and one figure; else how many rows."""
    groups = dimension_columns(down)
    if len(groups) != 1 or len(measure_columns(down)) != 1:
        return _of_table(down, reading.language)
    arranged = arrange(tile.model_copy(update={"chart": ChartKind.BAR, "series": None}), down, reading)
    return "" if arranged is None else _of_arrangement(down, arranged, reading.language)


def _of_bins(arranged: Arrangement, language: str) -> str:
    """Return the most frequent bin, with its part of the whole where the counts add up."""
    values = arranged.series[0].values
    pairs = [(value, arranged.labels[index]) for index, value in enumerate(values) if value is not None]
    if not pairs:
        return ""
    top, unit = leading.highest(pairs), arranged.series[0].unit
    whole = math.fsum(value for value, _ in pairs)
    if not arranged.additive or whole <= 0:
        return _of_highest(top, unit, language)
    share = top.each(formats.percent(top.value / whole, language), language)
    value = formats.short(top.value, unit, language)
    return _say("most_in_bin", language, share=share, name=top.named(language), value=value)


def _totals(arranged: Arrangement) -> dict[int, float]:
    shown = arranged.series if arranged.additive and arranged.split else arranged.series[:1]
    totals: dict[int, float] = {}
    for index in range(len(arranged.keys)):
        present = [value for one in shown if (value := one.values[index]) is not None]
        if present:
            totals[index] = math.fsum(present)
    return totals


def _of_series(arranged: Arrangement, language: str) -> str:
    named = [one for one in arranged.series if one.slot]
    if (
        arranged.additive
        and arranged.split
        and all(value is None or value >= 0 for one in named for value in one.values)
    ):
        whole = math.fsum(size_of(one) for one in arranged.series)
        if whole > 0:
            top = leading.highest([(size_of(one), one.name) for one in named])
            return _of_shares(top, None, whole, language)
    index = max((last for one in named if (last := _last(one.values)) is not None), default=None)
    if index is None:
        return ""
    top = leading.highest([(value, one.name) for one in named if (value := one.values[index]) is not None])
    said = top.each(formats.short(top.value, named[0].unit, language), language)
    label = _label(arranged, index, language)
    return _say("top_tied" if top.is_tie else "top_at", language, label=label, name=top.named(language), value=said)


def _label(arranged: Arrangement, index: int, language: str) -> str:
    if not arranged.times:
        return arranged.labels[index]
    return formats.bucket(arranged.times[index], arranged.grain, language, long=arranged.grain is Grain.MONTH)


def _of_course(arranged: Arrangement, language: str) -> str:
    values = arranged.series[0].values[: arranged.complete]
    present = [index for index, value in enumerate(values) if value is not None]
    if not present:
        return _say("only_running", language)
    last = present[-1]
    if len(present) == 1:
        return _say(
            "one_bucket", language, label=_label(arranged, last, language), value=_text(arranged, last, language)
        )
    return f"{_trend(arranged, values, present, language)} {_extremes(arranged, values, present, language)}".strip()


def _text(arranged: Arrangement, index: int, language: str) -> str:
    return formats.short(arranged.series[0].values[index], arranged.series[0].unit, language)


def _year_before(arranged: Arrangement, index: int) -> int | None:
    """Return where the bucket a year before lies; a series may lie at other steps than its grain."""
    if arranged.grain not in YEAR_OF:
        return None
    wanted = shift(arranged.times[index], arranged.grain, -YEAR_OF[arranged.grain])
    return arranged.times.index(wanted) if wanted in arranged.times else None


def _trend(arranged: Arrangement, values: Sequence[float | None], present: Sequence[int], language: str) -> str:
    last = present[-1]
    earlier = _year_before(arranged, last)
    yearly = earlier is not None and earlier in present
    base = earlier if earlier is not None and yearly else present[0]
    before, after = values[base], values[last]
    if before is None or after is None:
        return ""
    names = {
        "label": _label(arranged, last, language),
        "first": _label(arranged, base, language),
        "value": _text(arranged, last, language),
        "before": _text(arranged, base, language),
    }
    if before <= 0 or arranged.relative:
        return _say("from_to", language, **names)
    change = after / before - 1
    way = "flat" if abs(change) < FLAT else "up" if change > 0 else "down"
    return _say(
        f"{'year' if yearly else 'span'}_{way}", language, change=formats.percent(abs(change), language), **names
    )


def _extremes(arranged: Arrangement, values: Sequence[float | None], present: Sequence[int], language: str) -> str:
    pairs = [(value, _label(arranged, at, language)) for at in present if (value := values[at]) is not None]
    if leading.is_same(leading.highest(pairs).value, leading.lowest(pairs).value):
        return ""
    return _of_ends(pairs, arranged.series[0].unit, language)
