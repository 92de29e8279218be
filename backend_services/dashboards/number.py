"""A single figure: its value, its change against an earlier period, its spark line. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from backend_services.dashboards import formats, periods
from backend_services.dashboards.arrangement import Reading
from backend_services.dashboards.columns import amount, dimension_columns, measure_columns
from backend_services.dashboards.finding import FLAT
from backend_services.dashboards.schemas import Delta, NumberView
from backend_services.datasets.catalogue import QueryResult, RelativePeriod, UnitKind
from backend_services.kernel.i18n import text

if TYPE_CHECKING:
    from backend_services.datasets.catalogue import ResultColumn


def value_of(result: QueryResult, parts: frozenset[str] = frozenset()) -> float | None:
    """Return the single amount of an answer, or ``None`` where it has none; one of ``parts`` before the others."""
    if not measure_columns(result) or not result.rows:
        return None
    shown = _shown(result, parts)
    at = next(index for index, column in enumerate(result.columns) if column.name == shown.name)
    return amount(result.rows[0][at])


def _shown(result: QueryResult, parts: frozenset[str]) -> ResultColumn:
    columns = measure_columns(result)
    return next((one for one in columns if one.name in parts), columns[0])


def number_view(
    result: QueryResult,
    reading: Reading,
    *,
    parts: frozenset[str] = frozenset(),
    previous: QueryResult | None = None,
    period: RelativePeriod | None = None,
    course: QueryResult | None = None,
) -> NumberView:
    """Return what a number tile shows; ``previous`` and ``course`` are the answers for comparison and spark line.

    One of ``parts`` is shown instead of what it is a part of.
    """
    column, value = _shown(result, parts), value_of(result, parts)
    spark = () if course is None else _spark(course, reading, parts)
    delta = None
    if previous is not None and period is not None and value is not None:
        delta = _delta(value, value_of(previous, parts), column, period, reading)
    return NumberView(
        value=value,
        text=formats.MISSING if value is None else formats.exact(value, column.unit, reading.language),
        short=formats.short(value, column.unit, reading.language),
        delta=delta,
        spark=tuple(point for _, point in spark),
        spark_labels=tuple(label for label, _ in spark),
    )


def _delta(
    value: float, earlier: float | None, column: ResultColumn, period: RelativePeriod, reading: Reading
) -> Delta | None:
    if earlier is None or is_empty(earlier, column):
        return None
    language, difference = reading.language, value - earlier
    change = difference / abs(earlier) if earlier else None
    points = column.unit is not None and column.unit.kind is UnitKind.PERCENT
    still = abs(difference) < FLAT / 10 if points else (change is not None and abs(change) < FLAT) or difference == 0
    direction: Literal["up", "down", "flat"] = "flat" if still else "up" if difference > 0 else "down"
    if points:
        said = text("dashboards.points", language, change=formats.number(round(difference * 100, 1), language))
        said = f"+{said}" if difference > 0 else said
    elif change is not None:
        said = formats.percent(change, language, signed=True)
    else:
        said = f"{'+' if difference > 0 else ''}{formats.full(difference, column.unit, language)}"
    return Delta(
        change=change,
        difference=difference,
        direction=direction,
        tone=_tone(direction, better=reading.better.get(column.name)),
        text=said,
        previous_text=formats.full(earlier, column.unit, language),
        against=against(period, language),
    )


def is_empty(earlier: float, column: ResultColumn) -> bool:
    """Return whether an earlier amount is what a count of no rows gives: there is nothing to compare with."""
    return earlier == 0 and column.unit is not None and column.unit.kind is UnitKind.COUNT


def _tone(direction: Literal["up", "down", "flat"], *, better: bool | None) -> Literal["good", "bad", "neutral"]:
    if better is None or direction == "flat":
        return "neutral"
    return "good" if (direction == "up") is better else "bad"


def against(period: RelativePeriod, language: str) -> str:
    """Return in words what ``period`` is compared with."""
    if period.kind == "trailing":
        return text("dashboards.against.period", language)
    if periods.is_running_period(period):
        return text(f"dashboards.against.running.{period.grain.value}", language)
    if period.kind == "previous" or (period.kind == "last" and period.n == 1):
        return text(f"dashboards.against.one.{period.grain.value}", language)
    return text("dashboards.against.period", language)


def _spark(course: QueryResult, reading: Reading, parts: frozenset[str]) -> list[tuple[str, float | None]]:
    """Return up to twelve points in order of time; a bucket without rows is a gap."""
    along, measure = dimension_columns(course)[0], _shown(course, parts)
    names = [column.name for column in course.columns]
    found = {}
    for row in course.rows:
        at = formats.moment(row[names.index(along.name)])
        if at is not None:
            found[at] = amount(row[names.index(measure.name)])
    if len(found) < 2 or along.grain is None:  # noqa: PLR2004 - one point makes no line
        return []
    times = list(periods.buckets(min(found), max(found), along.grain, most=10_000))[-periods.SPARK_POINTS :]
    return [(formats.bucket(at, along.grain, reading.language), found.get(at)) for at in times]
