"""How an alert stands from one evaluation to the next, and when people are told. Pure: no I/O.

What people were last told is kept beside the state. A message is due when the two differ and nothing keeps it back;
so an alert that fires and recovers while it is silenced says nothing, and one that still fires when the silence ends
says so then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from backend_services.dashboards.alerts.conditions import Outcome
from backend_services.kernel.schemas import Strict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backend_services.dashboards.alerts.conditions import Verdict


class State(StrEnum):
    """How an alert, or one group of it, stands. ``SILENCED`` is shown in place of what it is silenced about."""

    ERROR = "error"
    FIRING = "firing"
    NO_DATA = "no_data"
    OK = "ok"
    PENDING = "pending"
    SILENCED = "silenced"


class Notice(StrEnum):
    """What people are told."""

    ERROR = "error"
    FIRED = "fired"
    NO_DATA = "no_data"
    RECOVERED = "recovered"
    REMINDER = "reminder"


WORST_FIRST = (State.ERROR, State.FIRING, State.NO_DATA, State.PENDING, State.OK)
_TOLD = {
    State.ERROR: Notice.ERROR,
    State.FIRING: Notice.FIRED,
    State.NO_DATA: Notice.NO_DATA,
    State.OK: Notice.RECOVERED,
}


class Rules(Strict):
    """How evaluations become states.

    Attributes:
        for_evaluations: Breaches in a row before it fires; until then it is pending.
        recover_after: Evaluations in a row without a breach before it is quiet again.
        no_data: What no figure means: a state of its own, all is well, a breach, or nothing new.
        reminder_hours: Say again that it fires, every so many hours, until somebody acknowledges it.
    """

    for_evaluations: int = Field(default=1, ge=1, le=100)
    recover_after: int = Field(default=1, ge=1, le=100)
    no_data: Literal["no_data", "ok", "firing", "keep"] = "no_data"
    reminder_hours: int | None = Field(default=None, ge=1, le=720)


@dataclass(frozen=True, slots=True)
class Standing:
    """How one group stands.

    Attributes:
        streak: Breaches in a row.
        calm: Evaluations in a row without a breach.
        since: When the state began.
        told: The state that people were last told.
        told_at: When they were.
    """

    state: State = State.OK
    streak: int = 0
    calm: int = 0
    since: datetime | None = None
    told: State = State.OK
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """From one evaluation to the next."""

    standing: Standing
    changed: bool
    notice: Notice | None


def step(
    before: Standing,
    verdict: Verdict,
    rules: Rules,
    *,
    at: datetime,
    silenced: bool = False,
    acknowledged: bool = False,
) -> Step:
    """Return how it stands after ``verdict``, and what people must be told now."""
    outcome = verdict.outcome
    if outcome is Outcome.UNKNOWN:
        match rules.no_data:
            case "keep":
                return _settled(before, before, rules, at=at, silenced=silenced, acknowledged=acknowledged)
            case "no_data":
                after = replace(before, state=State.NO_DATA, streak=0, calm=0)
                return _settled(before, after, rules, at=at, silenced=silenced, acknowledged=acknowledged)
            case "ok" | "firing":
                outcome = Outcome.CLEAR if rules.no_data == "ok" else Outcome.BREACH
    after = _breached(before, rules) if outcome is Outcome.BREACH else _cleared(before, rules)
    return _settled(before, after, rules, at=at, silenced=silenced, acknowledged=acknowledged)


def fail(before: Standing, rules: Rules, *, at: datetime, silenced: bool = False) -> Step:
    """Return how it stands after an evaluation that could not be made."""
    after = replace(before, state=State.ERROR, streak=0, calm=0)
    return _settled(before, after, rules, at=at, silenced=silenced, acknowledged=False)


def _breached(before: Standing, rules: Rules) -> Standing:
    streak = before.streak + 1
    fires = before.state is State.FIRING or streak >= rules.for_evaluations
    return replace(before, state=State.FIRING if fires else State.PENDING, streak=streak, calm=0)


def _cleared(before: Standing, rules: Rules) -> Standing:
    calm = before.calm + 1
    fires_on = before.state is State.FIRING and calm < rules.recover_after
    return replace(before, state=State.FIRING if fires_on else State.OK, streak=0, calm=calm)


def _settled(
    before: Standing, after: Standing, rules: Rules, *, at: datetime, silenced: bool, acknowledged: bool
) -> Step:
    changed = after.state is not before.state
    if changed or before.since is None:
        after = replace(after, since=at)
    notice = None if silenced else _due(after, rules, at=at, acknowledged=acknowledged and not changed)
    if notice is not None:
        after = replace(after, told=after.state, told_at=at)
    return Step(standing=after, changed=changed, notice=notice)


def _due(standing: Standing, rules: Rules, *, at: datetime, acknowledged: bool) -> Notice | None:
    if standing.state is not standing.told:
        return _TOLD.get(standing.state)
    if standing.state is not State.FIRING or acknowledged or rules.reminder_hours is None or standing.told_at is None:
        return None
    return Notice.REMINDER if at >= standing.told_at + timedelta(hours=rules.reminder_hours) else None


def worst(states: Iterable[State]) -> State:
    """Return the state that an alert has whose groups have ``states``."""
    return min(states, key=WORST_FIRST.index, default=State.OK)


def shown(state: State, *, silenced: bool) -> State:
    """Return the state as people see it."""
    return State.SILENCED if silenced and state is not State.OK else state
