"""The only place that reads the time.

Everything that needs "now" calls :func:`now`, so a test can move the clock with :func:`frozen`
and no two answers of one request disagree about the day.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_frozen_at: ContextVar[datetime | None] = ContextVar("frozen_at", default=None)


def now() -> datetime:
    """Return the current instant, timezone-aware, in UTC."""
    return _frozen_at.get() or datetime.now(UTC)  # noqa: TID251 - here, and nowhere else


def monotonic_s() -> float:
    """Return seconds on a clock that never goes back; only differences mean anything."""
    return time.perf_counter()


def elapsed_ms(since_s: float) -> float:
    """Return the milliseconds gone since ``since_s``, a value of :func:`monotonic_s`."""
    return (monotonic_s() - since_s) * 1000.0


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Make :func:`now` answer ``at`` in this context.

    Raises:
        ValueError: ``at`` carries no time zone.
    """
    if at.tzinfo is None:
        msg = "the clock only takes aware datetimes"
        raise ValueError(msg)
    token = _frozen_at.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _frozen_at.reset(token)
