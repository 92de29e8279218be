"""What operations answers."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from backend_services.kernel.schemas import Strict

PartState = Literal["ok", "failing", "absent"]


class PartHealth(Strict):
    """One part that was asked just now.

    Attributes:
        state: ``absent`` is a part that this install does not use.
        needed: The platform does not work without it.
        detail: One short English sentence, safe for everybody.
    """

    name: str
    state: PartState
    needed: bool
    latency_ms: float
    detail: str = ""


class HealthReport(Strict):
    """All parts together: ``ok``, ``degraded`` (a part that is not needed fails) or ``down``."""

    status: Literal["ok", "degraded", "down"]
    checked_at: datetime
    version: str
    parts: tuple[PartHealth, ...]


class QueueStatus(Strict):
    """Jobs of one queue, over all tenants."""

    queue: str
    queued: int
    running: int
    dead: int
    with_broker: int | None = Field(description="Ids handed to the broker and not taken yet; empty when it is away.")


class WorkerStatus(Strict):
    """A worker process that reported within the last seconds."""

    name: str
    at: datetime
    uptime_s: float
    queues: tuple[str, ...]
    concurrency: int
    running: int


class DiskStatus(Strict):
    """The disk that holds the data folder."""

    total_bytes: int
    free_bytes: int


class SystemStatus(Strict):
    """What the health page of the console shows."""

    health: HealthReport
    uptime_s: float
    versions: dict[str, str]
    disk: DiskStatus
    database_bytes: int
    redis_bytes: int | None
    queues: tuple[QueueStatus, ...]
    workers: tuple[WorkerStatus, ...]
    events_waiting: int
    events_parked: int
