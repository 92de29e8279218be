"""Two stretches of time, or two values, held side by side: "Q2 vs Q1", "letos proti lani". Pure."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder.cues import Cue
from backend_services.dashboards.builder.dates import RANGE, UNITS
from backend_services.dashboards.builder.lexicon import COMPARE
from backend_services.dashboards.builder.normalise import words_of
from backend_services.datasets.catalogue import MOST_BACK, Derivation, Grain, GroupBy, RelativePeriod

if TYPE_CHECKING:
    from backend_services.dashboards.builder.cues import Mark
    from backend_services.dashboards.builder.dates import DateFind
    from backend_services.dashboards.builder.draft import Draft
    from backend_services.dashboards.builder.reading import Parse

COMPARISON: Final = "comparison"
NOTE: Final = "later_comparison"
_GROWTH: Final = "growth"
_CHANGE: Final = words_of(
    "change changed changing sprememba spremembe spremembo spremenil spremenila spremenilo spremenili"
)
_MONTHS: Final = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}
_UNITS: Final = {Grain.YEAR: words_of("year yoy medletno"), Grain.MONTH: words_of("month mom")}


def is_asked(parse: Parse) -> bool:
    """Return whether things are to be held side by side."""
    said = any(mark.value == COMPARISON for mark in parse.having(Cue.LATER))
    return said or any(token.folded in COMPARE for token in parse.tokens)


def part(parse: Parse, draft: Draft, grain: Grain) -> None:
    """Show the stretches of time beside each other, unless the question says in which steps."""
    time = parse.index.catalogue.default_time
    if time is not None and all(one.field != time for one in draft.groups):
        draft.groups.insert(0, GroupBy(field=time, grain=grain))
    draft.unsay(NOTE)


def between_two(parse: Parse, draft: Draft) -> None:
    """Measure the last of two stretches against the first: "change in sales from 2005 to 2009".

    A course in steps that were asked for ("by month", "from year to year") stays one.
    """
    found = next((one for one in parse.dates if parse.tokens[one.first].folded in RANGE), None)
    changed = any(parse.tokens[mark.first].keys & _CHANGE for mark in parse.having(Cue.TREND))
    grew = any(mark.value == _GROWTH and not _in_steps(parse, mark) for mark in parse.having(Cue.LATER))
    stepwise = parse.having(Cue.GRAIN, Cue.CHART) or any(_in_steps(parse, mark) for mark in parse.having(Cue.LATER))
    time = parse.index.catalogue.default_time
    if found is None or len(parse.dates) > 1 or stepwise or not (changed or grew) or time is None:
        return
    months, back = _MONTHS.get(found.width or Grain.DAY, 0), 0
    length = _length(found.period)
    if months and length is not None:
        back = length // months - 1
    if not 1 <= back <= MOST_BACK or found.period.end is None or found.width is None:
        return
    end = date.fromisoformat(found.period.end[:10])
    draft.period = RelativePeriod(kind="between", start=_months_before(end, months).isoformat(), end=end.isoformat())
    draft.groups[:] = [GroupBy(field=time, grain=found.width), *(one for one in draft.groups if one.field != time)]
    draft.back = back
    draft.follows |= {Derivation.PREVIOUS, Derivation.CHANGE, *((Derivation.GROWTH,) if draft.share else ())}
    draft.share = False  # "by what percent did the price rise" is no part of a whole


def _in_steps(parse: Parse, mark: Mark) -> bool:
    """Return whether growth is told in steps: "from year to year"."""
    return any(token.folded in UNITS for token in parse.tokens[mark.first : mark.last])


def _months_before(day: date, months: int) -> date:
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return day.replace(year=years, month=month + 1)


def with_previous(parse: Parse, draft: Draft) -> None:
    """Put the bucket before beside each: "by year compared with the previous year", "month over month" by month."""
    grain = next((one.grain for one in draft.groups if one.grain is not None), None)
    said = [mark for mark in parse.having(Cue.LATER) if mark.value == COMPARISON]
    if grain is None or not said:
        return
    units = _UNITS.get(grain, frozenset())
    beside = next((one for one in parse.dates if any(one.first - mark.last in {0, 1} for mark in said)), None)
    if beside is not None and beside.period.kind == "previous" and beside.period.grain is grain:
        if draft.period is beside.period:
            draft.period, draft.period_asked = None, ""
    elif not any(token.folded in units for mark in said for token in parse.tokens[mark.first : mark.last]):
        return
    draft.follows |= {Derivation.PREVIOUS, Derivation.GROWTH}
    draft.unsay(NOTE)


def with_earlier(parse: Parse, draft: Draft, found: DateFind, words: str) -> bool:
    """Widen the period by a second one of the same kind; return whether that was possible."""
    first, second = draft.period, found.period
    if first is None:
        return False
    grain = found.width
    if {first.kind, second.kind} in ({"this", "previous"}, {"to_date", "previous"}) and first.grain is second.grain:
        draft.period, grain = RelativePeriod(kind="trailing", n=2, grain=first.grain), first.grain
    elif grain is not None and _length(first) is not None and _length(first) == _length(second):
        low, high = sorted((first, second), key=lambda one: one.start or "")
        draft.period = RelativePeriod(kind="between", start=low.start, end=high.end)
        if low.end != high.start:
            draft.note("periods_between")
    else:
        return False
    draft.period_asked = f"{draft.period_asked}, {words}"
    part(parse, draft, grain)
    return True


def _length(period: RelativePeriod) -> int | None:
    """Return how many months a period between two dates has."""
    if period.kind != "between" or period.start is None or period.end is None:
        return None
    (first_year, first_month), (last_year, last_month) = (
        (int(one[:4]), int(one[5:7])) for one in (period.start, period.end)
    )
    return (last_year - first_year) * 12 + last_month - first_month
