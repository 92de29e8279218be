"""What goes in and out of jobs."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field, JsonValue

from backend_services.kernel.schemas import Strict


class Queue(StrEnum):
    """Where a job waits; workers may serve only some."""

    DEFAULT = "default"
    HEAVY = "heavy"
    IO = "io"


class JobState(StrEnum):
    """Where a job is in its life. ``DEAD`` is the dead letter: every attempt failed."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DEAD = "dead"


ENDED = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED, JobState.DEAD})
FAILED = frozenset({JobState.FAILED, JobState.DEAD})
REPEATABLE = frozenset({JobState.FAILED, JobState.CANCELLED, JobState.DEAD})


class JobProblem(Strict):
    """Why the last attempt failed; ``code`` has a text ``errors.<code>`` in every language."""

    code: str
    message: str
    params: dict[str, JsonValue] = Field(default_factory=dict)


class JobView(Strict):
    """A job as people and clients see it."""

    id: UUID
    name: str
    title: str
    queue: Queue
    state: JobState
    progress: float = Field(ge=0.0, le=1.0)
    message: str
    counters: dict[str, int | float]
    attempts: int
    max_attempts: int
    error: JobProblem | None
    result: dict[str, JsonValue] | None
    subject_id: UUID | None
    user_id: UUID | None
    cancel_requested: bool
    next_attempt_at: datetime | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def ended(self) -> bool:
        """Return whether nothing more will happen to it by itself."""
        return self.state in ENDED


class JobLogView(Strict):
    """One line of a job's log."""

    id: UUID
    level: str
    text: str
    attempt: int
    created_at: datetime


class JobFilter(Strict):
    """Which jobs a list holds.

    Attributes:
        routine: Also what the platform does by itself, such as looking at an alert. What failed is listed in any case.
    """

    state: JobState | None = None
    name: str = Field(default="", max_length=120)
    subject_id: UUID | None = None
    routine: bool = True
