"""The parts that a health check asks. Operations has its own; ``omni_app.wiring`` adds those of other domains."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from redis.exceptions import RedisError
from sqlalchemy import text

from backend_services.kernel.clock import elapsed_ms, monotonic_s
from backend_services.kernel.db import UNREACHABLE, system_transaction
from backend_services.kernel.errors import DomainError
from backend_services.kernel.redis import get_redis, key
from backend_services.kernel.settings import get_settings
from backend_services.operations.queries import live_workers
from backend_services.operations.schemas import PartHealth, PartState
from backend_services.operations.settings import get_operations_settings

FAILURES: tuple[type[Exception], ...] = (*UNREACHABLE, RedisError, DomainError)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe saw."""

    state: PartState = "ok"
    detail: str = ""


Ask = Callable[[], Awaitable[Finding]]


@dataclass(frozen=True, slots=True)
class Probe:
    """How to ask one part, and whether the platform needs it."""

    name: str
    ask: Ask
    needed: bool
    ready: bool = False

    async def check(self, timeout_s: float) -> PartHealth:
        """Ask the part; silence and every failure make it ``failing``."""
        started_s = monotonic_s()
        try:
            async with asyncio.timeout(timeout_s):
                finding = await self.ask()
        except TimeoutError:
            finding = Finding("failing", f"no answer within {timeout_s:g} s")
        except FAILURES as error:
            finding = Finding("failing", type(error).__name__)
        return PartHealth(
            name=self.name,
            state=finding.state,
            needed=self.needed,
            latency_ms=round(elapsed_ms(started_s), 2),
            detail=finding.detail,
        )


async def _ask_postgresql() -> Finding:
    async with system_transaction() as session:
        await session.scalar(text("SELECT 1"))
    return Finding()


async def _ask_valkey() -> Finding:
    await get_redis().get(key("health"))
    return Finding()


async def _ask_worker() -> Finding:
    workers = await live_workers()
    if not workers:
        return Finding("failing", "no worker has reported in the last seconds; jobs wait")
    return Finding(detail=f"{len(workers)} reporting")


async def _ask_disk() -> Finding:
    usage = await asyncio.to_thread(shutil.disk_usage, get_settings().data_dir)
    least = get_operations_settings().health_free_bytes
    if usage.free < least:
        return Finding("failing", "less room is left on the data folder's disk than the limit set for it")
    return Finding()


_probes: dict[str, Probe] = {
    probe.name: probe
    for probe in (
        Probe("postgresql", _ask_postgresql, needed=True, ready=True),
        Probe("valkey", _ask_valkey, needed=True, ready=True),
        Probe("worker", _ask_worker, needed=True),
        Probe("disk", _ask_disk, needed=True),
    )
}


def register_probe(name: str, ask: Ask, *, needed: bool = False) -> None:
    """Add a part to every health check."""
    _probes[name] = Probe(name, ask, needed=needed)


def probes(*, ready_only: bool = False) -> tuple[Probe, ...]:
    """Return the probes; with ``ready_only`` those without which this process can answer nothing."""
    return tuple(probe for probe in _probes.values() if probe.ready or not ready_only)
