"""What makes an alert fire, and the verdict on what was seen. Pure: no I/O.

A margin is hysteresis: what fires at 100 with a margin of 5 is quiet again at 95, so a figure that hovers around its
threshold does not send a message at every step.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Literal, Self, assert_never

from pydantic import Field, model_validator

from backend_services.kernel.schemas import Strict

Number = Annotated[float, Field(allow_inf_nan=False)]
Margin = Annotated[float, Field(ge=0, allow_inf_nan=False, description="How far back it must come to be quiet again.")]


class Threshold(Strict):
    """The figure lies above or below ``value``, or outside of ``lower`` to ``value``. The bounds are still inside."""

    kind: Literal["threshold"] = "threshold"
    side: Literal["above", "below", "outside"] = "above"
    value: Number
    lower: Number | None = Field(default=None, description="Lower bound; only for ``outside``.")
    margin: Margin = 0.0

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.side == "outside") is not (self.lower is not None):
            msg = "“outside” takes two bounds, the others take one"
            raise ValueError(msg)
        if self.lower is not None and self.lower + 2 * self.margin >= self.value:
            msg = "the lower bound lies below the upper one, with room for the margin between them"
            raise ValueError(msg)
        return self


class Change(Strict):
    """The figure changed by more than ``by`` against an earlier period, in percent or in its own unit."""

    kind: Literal["change"] = "change"
    direction: Literal["up", "down", "either"] = "either"
    by: float = Field(gt=0, allow_inf_nan=False)
    unit: Literal["percent", "absolute"] = "percent"
    against: Literal["previous", "week", "year"] = "previous"
    margin: Margin = 0.0

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.margin >= self.by:
            msg = "the margin is smaller than the change"
            raise ValueError(msg)
        return self


class Missing(Strict):
    """There are no rows in the period or, with ``stale_hours``, the dataset got no new data for so long."""

    kind: Literal["missing"] = "missing"
    stale_hours: int | None = Field(default=None, ge=1, le=8784)


Condition = Annotated[Threshold | Change | Missing, Field(discriminator="kind")]


class Outcome(StrEnum):
    """Whether what was seen breaks the condition. ``UNKNOWN``: there is no figure to judge."""

    BREACH = "breach"
    CLEAR = "clear"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Seen:
    """What an evaluation saw of one group.

    Attributes:
        value: The figure; of ``Missing`` the number of rows, or the hours since the data came.
        compared: The figure of the earlier period, for ``Change``.
    """

    value: float | None
    compared: float | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a condition.

    Attributes:
        measured: What was held against the threshold: the figure itself, or its change.
        threshold: The bound that was or would be crossed.
        why: Code of the reason of ``UNKNOWN``.
    """

    outcome: Outcome
    measured: float | None = None
    threshold: float | None = None
    why: str = ""


def judge(condition: Condition, seen: Seen, *, firing: bool) -> Verdict:
    """Return whether ``seen`` breaks ``condition``; while it fires, the margin must be crossed back."""
    if seen.value is None:
        return Verdict(Outcome.UNKNOWN, why="no_data")
    match condition:
        case Threshold():
            return _against_bounds(condition, seen.value, margin=condition.margin if firing else 0.0)
        case Change():
            return _change(condition, seen.value, seen.compared, margin=condition.margin if firing else 0.0)
        case Missing(stale_hours=None):
            return Verdict(_breach(seen.value <= 0), measured=seen.value, threshold=0.0)
        case Missing(stale_hours=hours):
            limit = float(hours or 0)
            return Verdict(_breach(seen.value > limit), measured=seen.value, threshold=limit)
        case _:
            assert_never(condition)


def _breach(broken: bool) -> Outcome:  # noqa: FBT001 - the one thing it says
    return Outcome.BREACH if broken else Outcome.CLEAR


def _against_bounds(condition: Threshold, value: float, *, margin: float) -> Verdict:
    is_over = condition.side != "below" and value > condition.value - margin
    floor = condition.value if condition.side == "below" else condition.lower
    is_under = floor is not None and value < floor + margin
    nearer = condition.value if floor is None or is_over or not is_under else floor
    return Verdict(_breach(is_over or is_under), measured=value, threshold=nearer)


def _change(condition: Change, value: float, compared: float | None, *, margin: float) -> Verdict:
    if compared is None:
        return Verdict(Outcome.UNKNOWN, why="no_earlier_data")
    difference = value - compared
    if condition.unit == "percent":
        if compared == 0:
            return Verdict(Outcome.UNKNOWN, why="earlier_is_zero")
        difference = difference / abs(compared) * 100
    limit = condition.by - margin
    is_up = condition.direction != "down" and difference > limit
    is_down = condition.direction != "up" and difference < -limit
    falls = condition.direction == "down" or (condition.direction == "either" and difference < 0)
    return Verdict(_breach(is_up or is_down), measured=difference, threshold=-condition.by if falls else condition.by)
