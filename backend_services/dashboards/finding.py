"""What the data says, in a sentence by rule: trend, extremes, share of the leader, link. Pure; English and Slovenian.

Sentences are built so that names stand in the nominative (after a colon or in brackets), because a rule cannot
decline a customer's words.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, assert_never

from backend_services.dashboards import formats
from backend_services.dashboards.arrangement import (
    OTHER_KEY,
    Arrangement,
    Axis,
    Reading,
    amount,
    measure_columns,
    size_of,
)
from backend_services.dashboards.spec import ChartKind, Tile
from backend_services.datasets.catalogue import Grain, QueryResult
from backend_services.datasets.query.periods import shift
from backend_services.kernel.i18n import format_number, plural, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.dashboards.arrangement import Series
    from backend_services.dashboards.schemas import NumberView

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
        case ChartKind.TABLE:
            said = _of_table(result, language)
        case ChartKind.SCATTER:
            said = _of_pairs(result, language)
        case ChartKind.AREA | ChartKind.BAR | ChartKind.LINE | ChartKind.PIE:
            said = "" if arranged is None else _of_arrangement(result, arranged, language)
        case _:
            assert_never(tile.chart)
    return said


def _of_arrangement(result: QueryResult, arranged: Arrangement, language: str) -> str:
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
    ranked = sorted(
        (index for index in totals if arranged.keys[index] != OTHER_KEY), key=totals.__getitem__, reverse=True
    )
    if not ranked:
        return ""
    first = ranked[0]
    unit = arranged.series[0].unit
    value = formats.short(totals[first], unit, language)
    if len(totals) == 1:
        return _say("only", language, name=arranged.labels[first], value=value)
    whole = math.fsum(totals.values())
    shares = arranged.additive and not result.truncated and whole > 0 and min(totals.values()) >= 0
    if shares:
        share = formats.percent(totals[first] / whole, language)
        if len(ranked) == 1:
            return _say("leader", language, name=arranged.labels[first], share=share)
        second = ranked[1]
        return _say(
            "leader_second",
            language,
            name=arranged.labels[first],
            share=share,
            second=arranged.labels[second],
            second_share=formats.percent(totals[second] / whole, language),
        )
    last = ranked[-1]
    lowest = formats.short(totals[last], unit, language)
    if arranged.left_out or result.truncated:
        return _say("highest", language, name=arranged.labels[first], value=value)
    return _say(
        "extremes", language, high=arranged.labels[first], high_value=value, low=arranged.labels[last], low_value=lowest
    )


def _totals(arranged: Arrangement) -> dict[int, float]:
    shown = arranged.series if arranged.additive else arranged.series[:1]
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
        leader = max(named, key=size_of)
        if whole > 0:
            return _say("leader", language, name=leader.name, share=formats.percent(size_of(leader) / whole, language))
    index = max((last for one in named if (last := _last(one.values)) is not None), default=None)
    if index is None:
        return ""
    here: list[tuple[float, Series]] = [(value, one) for one in named if (value := one.values[index]) is not None]
    value, top = max(here, key=lambda pair: pair[0])
    return _say(
        "top_at",
        language,
        label=_label(arranged, index, language),
        name=top.name,
        value=formats.short(value, top.unit, language),
    )


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
    if before <= 0:
        return _say("from_to", language, **names)
    change = after / before - 1
    way = "flat" if abs(change) < FLAT else "up" if change > 0 else "down"
    return _say(
        f"{'year' if yearly else 'span'}_{way}", language, change=formats.percent(abs(change), language), **names
    )


def _extremes(arranged: Arrangement, values: Sequence[float | None], present: Sequence[int], language: str) -> str:
    ranked = sorted(present, key=lambda index: values[index] or 0.0)
    low, high = ranked[0], ranked[-1]
    if values[low] == values[high]:
        return ""
    return _say(
        "extremes",
        language,
        high=_label(arranged, high, language),
        high_value=_text(arranged, high, language),
        low=_label(arranged, low, language),
        low_value=_text(arranged, low, language),
    )
