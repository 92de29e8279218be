"""Use cases of operations: health, status of the system, metrics computed when they are read."""

from __future__ import annotations

import asyncio
import platform
import shutil
from importlib.metadata import version
from typing import TYPE_CHECKING

import structlog
from prometheus_client.metrics_core import GaugeMetricFamily
from redis.exceptions import RedisError

from backend_services.kernel import metrics
from backend_services.kernel.clock import monotonic_s, now
from backend_services.kernel.db import UNREACHABLE, system_transaction
from backend_services.kernel.events.queries import count_pending
from backend_services.kernel.flights import Flights
from backend_services.kernel.jobs.queries import counts_by_state
from backend_services.kernel.jobs.schemas import JobState, Queue
from backend_services.kernel.permissions import Permission
from backend_services.kernel.product import VERSION
from backend_services.kernel.redis import get_redis
from backend_services.kernel.settings import get_settings
from backend_services.operations.errors import OperatorOnlyError
from backend_services.operations.probes import probes
from backend_services.operations.queries import database_facts, live_workers, redis_facts
from backend_services.operations.schemas import (
    DiskStatus,
    HealthReport,
    PartHealth,
    QueueStatus,
    SystemStatus,
)
from backend_services.operations.settings import get_operations_settings

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from backend_services.kernel.actor import Actor

BROKER_KEY = "omni:celery:"
LIBRARIES = ("reflex", "fastapi", "sqlalchemy", "celery", "duckdb", "sqlglot")

log = structlog.get_logger(__name__)
_started_s = monotonic_s()
_last: dict[bool, tuple[float, HealthReport]] = {}
_checks: Flights[HealthReport] = Flights()


async def health(*, ready_only: bool = False) -> HealthReport:
    """Ask every part at the same time; an answer is good for a second, so that nobody can wear the parts down.

    With ``ready_only``, ask only those without which this process can answer nothing.
    """
    kept = _last.get(ready_only)
    if kept is not None and monotonic_s() - kept[0] < get_operations_settings().health_cache_s:
        return kept[1]
    return await _checks.join("ready" if ready_only else "all", lambda: _check(ready_only=ready_only))


async def _check(*, ready_only: bool) -> HealthReport:
    timeout_s = get_operations_settings().health_timeout_s
    asked = probes(ready_only=ready_only)
    parts = tuple(await asyncio.gather(*(probe.check(timeout_s) for probe in asked)))
    report = HealthReport(status=_status_of(parts), checked_at=now(), version=VERSION, parts=parts)
    _last[ready_only] = (monotonic_s(), report)
    return report


def _status_of(parts: tuple[PartHealth, ...]) -> str:
    failing = [part for part in parts if part.state == "failing"]
    if any(part.needed for part in failing):
        return "down"
    return "degraded" if failing else "ok"


async def system_status(actor: Actor) -> SystemStatus:
    """Return what the operator's health page shows.

    Raises:
        OperatorOnlyError: The actor's tenant does not run this install.
    """
    actor.require(Permission.OPERATIONS_HEALTH_READ)
    if not actor.is_operator:
        raise OperatorOnlyError
    async with system_transaction() as session:
        postgresql, database_bytes = await database_facts(session)
        counts = await counts_by_state(session)
        waiting, parked = await count_pending(session)
    usage = await asyncio.to_thread(shutil.disk_usage, get_settings().data_dir)
    versions = {"omni": VERSION, "python": platform.python_version(), "postgresql": postgresql}
    versions |= {name: version(name) for name in LIBRARIES}
    redis_bytes: int | None = None
    depths: dict[Queue, int] = {}
    workers: tuple[object, ...] = ()
    try:
        versions["valkey"], redis_bytes = await redis_facts()
        depths = await _broker_depths()
        workers = await live_workers()
    except RedisError as error:
        log.warning("status without valkey", error=str(error))
    return SystemStatus.model_validate(
        {
            "health": await health(),
            "uptime_s": round(monotonic_s() - _started_s, 1),
            "versions": versions,
            "disk": DiskStatus(total_bytes=usage.total, free_bytes=usage.free),
            "database_bytes": database_bytes,
            "redis_bytes": redis_bytes,
            "queues": tuple(_queue_status(queue, counts, depths) for queue in Queue),
            "workers": workers,
            "events_waiting": waiting,
            "events_parked": parked,
        }
    )


def _queue_status(queue: Queue, counts: dict[tuple[str, str], int], depths: dict[Queue, int]) -> QueueStatus:
    return QueueStatus(
        queue=queue.value,
        queued=counts.get((queue.value, JobState.QUEUED.value), 0),
        running=counts.get((queue.value, JobState.RUNNING.value), 0),
        dead=counts.get((queue.value, JobState.DEAD.value), 0),
        with_broker=depths.get(queue),
    )


async def _broker_depths() -> dict[Queue, int]:
    pipeline = get_redis().pipeline(transaction=False)
    for queue in Queue:
        pipeline.llen(f"{BROKER_KEY}{queue.value}")
    return dict(zip(Queue, await pipeline.execute(), strict=True))


async def metrics_page() -> bytes:
    """Return every process's metrics, and those that are counted in the database when somebody looks."""
    return await metrics.exposition(await _counted())


async def _counted() -> list[Metric]:
    jobs = GaugeMetricFamily("omni_jobs", "Jobs by queue and state, all tenants.", labels=["queue", "state"])
    events = GaugeMetricFamily("omni_events", "Events in the outbox that wait or are parked.", labels=["state"])
    up = GaugeMetricFamily("omni_part_up", "Whether a part answered its health check.", labels=["part"])
    try:
        async with system_transaction() as session:
            counts = await counts_by_state(session)
            waiting, parked = await count_pending(session)
    except UNREACHABLE as error:
        log.warning("metrics without the database", error=type(error).__name__)
    else:
        for queue in Queue:
            for state in JobState:
                jobs.add_metric([queue.value, state.value], counts.get((queue.value, state.value), 0))
        events.add_metric(["waiting"], waiting)
        events.add_metric(["parked"], parked)
    for part in (await health()).parts:
        if part.state != "absent":
            up.add_metric([part.name], 1.0 if part.state == "ok" else 0.0)
    return [jobs, events, up]
