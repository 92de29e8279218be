"""When an alert fires, recovers and tells: pure rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from backend_services.dashboards.alerts.conditions import Change, Missing, Outcome, Seen, Threshold, Verdict, judge
from backend_services.dashboards.alerts.standing import Notice, Rules, Standing, State, Step, fail, step, worst
from backend_services.dashboards.alerts.windows import Against, earlier, window
from backend_services.dashboards.periods import bounds
from backend_services.datasets.catalogue import Grain, RelativePeriod

AT = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
LOCAL = datetime(2026, 11, 2, 5, 0)  # noqa: DTZ001 - wall-clock time
BREACH, CLEAR, UNKNOWN = Verdict(Outcome.BREACH), Verdict(Outcome.CLEAR), Verdict(Outcome.UNKNOWN, why="no_data")
finite = st.floats(allow_nan=False, allow_infinity=False, width=32)


@pytest.mark.parametrize(
    ("condition", "value", "compared", "outcome"),
    [
        (Threshold(side="above", value=10), 10.0, None, Outcome.CLEAR),
        (Threshold(side="above", value=10), 10.1, None, Outcome.BREACH),
        (Threshold(side="below", value=10), 9.9, None, Outcome.BREACH),
        (Threshold(side="below", value=0), 0.0, None, Outcome.CLEAR),
        (Threshold(side="outside", value=10, lower=5), 4.0, None, Outcome.BREACH),
        (Threshold(side="outside", value=10, lower=5), 5.0, None, Outcome.CLEAR),
        (Threshold(side="outside", value=10, lower=5), 11.0, None, Outcome.BREACH),
        (Change(direction="up", by=20), 121.0, 100.0, Outcome.BREACH),
        (Change(direction="up", by=20), 79.0, 100.0, Outcome.CLEAR),
        (Change(direction="down", by=20), 79.0, 100.0, Outcome.BREACH),
        (Change(direction="either", by=20), 79.0, 100.0, Outcome.BREACH),
        (Change(direction="up", by=20), -79.0, -100.0, Outcome.BREACH),
        (Change(direction="up", by=20, unit="absolute"), 121.0, 100.0, Outcome.BREACH),
        (Change(direction="up", by=20), 5.0, 0.0, Outcome.UNKNOWN),
        (Change(direction="up", by=20), 5.0, None, Outcome.UNKNOWN),
        (Missing(), 0.0, None, Outcome.BREACH),
        (Missing(), 1.0, None, Outcome.CLEAR),
        (Missing(stale_hours=24), 24.5, None, Outcome.BREACH),
        (Threshold(side="above", value=10), None, None, Outcome.UNKNOWN),
    ],
)
def test_conditions(condition: Threshold | Change | Missing, value: float, compared: float, outcome: Outcome) -> None:
    assert judge(condition, Seen(value, compared), firing=False).outcome is outcome


def test_a_margin_must_be_crossed_back() -> None:
    condition = Threshold(side="above", value=100, margin=5)
    assert judge(condition, Seen(97.0), firing=False).outcome is Outcome.CLEAR
    assert judge(condition, Seen(97.0), firing=True).outcome is Outcome.BREACH
    assert judge(condition, Seen(95.0), firing=True).outcome is Outcome.CLEAR
    drop = Change(direction="down", by=20, margin=5)
    assert judge(drop, Seen(83.0, 100.0), firing=True).outcome is Outcome.BREACH
    assert judge(drop, Seen(83.0, 100.0), firing=False).outcome is Outcome.CLEAR


@given(finite, finite, st.floats(0, 1e6, width=32), st.sampled_from(["above", "below"]))
def test_what_fires_fires_on_while_nothing_changes(value: float, limit: float, margin: float, side: str) -> None:
    condition = Threshold.model_validate({"side": side, "value": limit, "margin": margin})
    if judge(condition, Seen(value), firing=False).outcome is Outcome.BREACH:
        assert judge(condition, Seen(value), firing=True).outcome is Outcome.BREACH


@pytest.mark.parametrize(
    "wrong",
    [
        {"side": "outside", "value": 5},
        {"side": "above", "value": 5, "lower": 1},
        {"side": "outside", "value": 5, "lower": 5},
        {"side": "outside", "value": 5, "lower": 1, "margin": 2},
        {"side": "above", "value": float("nan")},
    ],
)
def test_thresholds_that_make_no_sense_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Threshold.model_validate(wrong)


def _run(verdicts: list[Verdict], rules: Rules, **more: bool) -> list[Step]:
    steps: list[Step] = []
    standing = Standing()
    for number, verdict in enumerate(verdicts):
        steps.append(step(standing, verdict, rules, at=AT + timedelta(hours=number), **more))
        standing = steps[-1].standing
    return steps


def test_it_is_pending_until_enough_breaches_and_is_told_once() -> None:
    steps = _run([BREACH, BREACH, BREACH, BREACH, CLEAR, BREACH], Rules(for_evaluations=3))
    states = [one.standing.state for one in steps]
    assert states == [State.PENDING, State.PENDING, State.FIRING, State.FIRING, State.OK, State.PENDING]
    assert [one.notice for one in steps] == [None, None, Notice.FIRED, None, Notice.RECOVERED, None]
    assert steps[3].standing.since == AT + timedelta(hours=2)


def test_it_recovers_after_enough_quiet_ones() -> None:
    steps = _run([BREACH, CLEAR, BREACH, CLEAR, CLEAR], Rules(recover_after=2))
    assert [one.notice for one in steps] == [Notice.FIRED, None, None, None, Notice.RECOVERED]


@pytest.mark.parametrize(
    ("policy", "state"), [("no_data", State.NO_DATA), ("ok", State.OK), ("firing", State.FIRING), ("keep", State.OK)]
)
def test_no_figure_means_what_the_owner_says(policy: str, state: State) -> None:
    assert _run([UNKNOWN], Rules.model_validate({"no_data": policy}))[0].standing.state is state


def test_reminders_come_every_so_often_until_somebody_acknowledges() -> None:
    steps = _run([BREACH] * 6, Rules(reminder_hours=2))
    assert [one.notice for one in steps] == [Notice.FIRED, None, Notice.REMINDER, None, Notice.REMINDER, None]
    quiet = step(steps[2].standing, BREACH, Rules(reminder_hours=2), at=AT + timedelta(days=1), acknowledged=True)
    assert quiet.notice is None


def test_silence_keeps_back_and_what_still_fires_is_said_afterwards() -> None:
    silenced = _run([BREACH, BREACH], Rules(), silenced=True)
    assert [one.notice for one in silenced] == [None, None]
    assert silenced[-1].standing.state is State.FIRING
    later = step(silenced[-1].standing, BREACH, Rules(), at=AT + timedelta(days=1))
    assert (later.changed, later.notice) == (False, Notice.FIRED)
    over = step(silenced[-1].standing, CLEAR, Rules(), at=AT + timedelta(days=1))
    assert (over.changed, over.notice) == (True, None)


def test_an_evaluation_that_fails_is_told_and_so_is_its_end() -> None:
    failed = fail(Standing(), Rules(), at=AT)
    assert (failed.standing.state, failed.notice) == (State.ERROR, Notice.ERROR)
    assert fail(failed.standing, Rules(), at=AT).notice is None
    assert step(failed.standing, CLEAR, Rules(), at=AT).notice is Notice.RECOVERED


@given(st.lists(st.sampled_from([BREACH, CLEAR, UNKNOWN]), max_size=30), st.integers(1, 4), st.integers(1, 4))
def test_nothing_is_told_twice_in_a_row(verdicts: list[Verdict], enough: int, quiet: int) -> None:
    told = [one.notice for one in _run(verdicts, Rules(for_evaluations=enough, recover_after=quiet)) if one.notice]
    assert all(first is not second for first, second in pairwise(told))
    assert Notice.REMINDER not in told


def test_the_worst_group_speaks_for_the_alert() -> None:
    assert worst([State.OK, State.PENDING, State.FIRING, State.NO_DATA]) is State.FIRING
    assert worst([]) is State.OK


def test_a_running_period_is_cut_at_the_moment_and_compared_with_the_same_part() -> None:
    this_month = RelativePeriod(kind="this", grain=Grain.MONTH)
    start, end = bounds(window(this_month, LOCAL), LOCAL)
    assert (start, end) == (LOCAL.replace(day=1, hour=0), LOCAL + timedelta(minutes=1))
    before = earlier(this_month, LOCAL, "year")
    assert before is not None
    assert bounds(before, LOCAL)[0] == LOCAL.replace(year=2025, day=1, hour=0)


def test_the_week_before_keeps_its_weekday_and_a_leap_day_has_a_year_before() -> None:
    yesterday = RelativePeriod(kind="last", grain=Grain.DAY)
    week = earlier(yesterday, LOCAL, "week")
    assert week is not None
    assert week.start == "2026-10-25"
    leap = datetime(2028, 3, 1)  # noqa: DTZ001 - wall-clock time
    year = earlier(yesterday, leap, "year")
    assert year is not None
    assert (year.start, year.end) == ("2027-02-28", "2027-03-01")
    assert earlier(RelativePeriod(kind="between", start="2026-01-01"), LOCAL, "week") is None


@pytest.mark.parametrize("against", ["previous", "week", "year"])
@pytest.mark.parametrize(("start", "end"), [("0001-01-01", "0001-02-01"), ("0001-01-01", "9999-12-31")])
def test_nothing_lies_before_the_calendar_begins(start: str, end: str, against: Against) -> None:
    assert earlier(RelativePeriod(kind="between", start=start, end=end), LOCAL, against) is None
