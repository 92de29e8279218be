"""How an attempt may end, and what follows from it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from backend_services.kernel.errors import DomainError, ErrorKind
from backend_services.kernel.jobs.errors import JobCancelledError, JobFailedError, JobTimeLimitError

if TYPE_CHECKING:
    from uuid import UUID

MAX_BACKOFF_S = 600.0
JITTER = 0.25
_PASSING = frozenset({ErrorKind.UNAVAILABLE, ErrorKind.RATE_LIMITED})


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The handler came to its end."""

    result: dict[str, Any] | None = None
    label: str = "succeeded"


@dataclass(frozen=True, slots=True)
class Failed:
    """The handler raised.

    Attributes:
        passing: Another attempt may go better.
        retry_after_s: Least pause before it, if the error said one.
    """

    problem: dict[str, Any]
    passing: bool
    retry_after_s: float | None = None
    label: str = "failed"


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Somebody cancelled it and the handler stopped."""

    label: str = "cancelled"


@dataclass(frozen=True, slots=True)
class Released:
    """The worker gave the job back unfinished: it stops, or could not prolong its lease. Costs no attempt."""

    reason: str = field(default="worker stopped")
    label: str = "released"


Outcome = Succeeded | Failed | Cancelled | Released


def problem_of(error: DomainError) -> dict[str, Any]:
    """Return the refusal as it is stored with the job."""
    params = {
        name: value if isinstance(value, int | float | str | bool) else str(value)
        for name, value in error.params.items()
    }
    return {"code": error.code, "message": error.message, "params": params}


def outcome_of_error(error: BaseException) -> Outcome:
    """Return what an exception that left the handler means for the job."""
    match error:
        case JobCancelledError():
            return Cancelled()
        case JobTimeLimitError():
            return Failed(problem=problem_of(error), passing=False)
        case DomainError():
            return Failed(problem=problem_of(error), passing=error.kind in _PASSING, retry_after_s=error.retry_after_s)
        case _:
            return Failed(problem=problem_of(JobFailedError(params={"type": type(error).__name__})), passing=True)


def pause_s(job_id: UUID, attempt: int, *, first_s: float, least_s: float | None = None) -> float:
    """Return how long to wait after failed attempt number ``attempt``: doubled each time, at most ten minutes.

    Up to a quarter more or less, derived from the job's id, keeps jobs that failed together from coming back together.
    """
    doubled = min(MAX_BACKOFF_S, first_s * 2.0 ** min(attempt - 1, 30))
    digest = sha256(f"{job_id}:{attempt}".encode()).digest()
    share = int.from_bytes(digest[:8], "big") / 2**64
    return max(doubled * (1.0 + JITTER * (2.0 * share - 1.0)), least_s or 0.0)
