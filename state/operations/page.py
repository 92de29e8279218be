"""System health as the operator sees it."""

from __future__ import annotations

from typing import assert_never

import reflex as rx

from backend_services.kernel.actor import Actor
from backend_services.kernel.i18n import format_number, format_percent, plural, text
from backend_services.kernel.permissions import Permission
from backend_services.operations import service as operations
from backend_services.operations.schemas import PartHealth, QueueStatus, SystemStatus
from state.feedback import refusals_as_flash
from state.policy import requires
from state.session import actor_of
from state.wording import DASH, ago, code_text, size, when

TOLD = frozenset({"disk", "ollama", "postgresql", "valkey", "worker"})
MINUTES_OF_HOUR, HOURS_OF_DAY, HOURS_SHOWN = 60, 24, 48


class HealthState(rx.State):
    """What the health page shows."""

    loaded: bool = False
    status: str = ""
    checked: str = ""
    parts: list[dict[str, str]] = []
    queues: list[dict[str, str]] = []
    workers: list[dict[str, str]] = []
    versions: list[dict[str, str]] = []
    facts: dict[str, str] = {}

    @rx.event
    @requires(Permission.OPERATIONS_HEALTH_READ)
    async def load(self) -> None:
        """Ask every part now."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            self._show(await operations.system_status(actor), actor)

    def _show(self, status: SystemStatus, actor: Actor) -> None:
        language = actor.language
        self.status = status.health.status
        self.checked = when(status.health.checked_at, actor)
        self.parts = [part_row(part, language, workers=len(status.workers)) for part in status.health.parts]
        self.queues = [queue_row(one, language) for one in status.queues]
        self.workers = [
            {
                "id": one.name,
                "name": one.name,
                "seen": ago(one.at, actor),
                "queues": ", ".join(one.queues),
                "running": f"{one.running}/{one.concurrency}",
            }
            for one in status.workers
        ]
        self.versions = [{"name": name, "value": value} for name, value in status.versions.items()]
        free = status.disk.free_bytes / status.disk.total_bytes if status.disk.total_bytes else 0.0
        self.facts = {
            "uptime": duration(status.uptime_s, language),
            "disk": f"{size(status.disk.free_bytes, language)} ({format_percent(free, language, decimals=0)})",
            "database": size(status.database_bytes, language),
            "redis": DASH if status.redis_bytes is None else size(status.redis_bytes, language),
            "events": format_number(status.events_waiting, language),
        }
        self.loaded = True


def part_row(part: PartHealth, language: str, *, workers: int) -> dict[str, str]:
    """Return a part of the system as a row of the table."""
    took = text("tile.took_ms", language, ms=format_number(part.latency_ms, language, decimals=1))
    return {
        "id": part.name,
        "name": code_text("health.part", part.name, language),
        "state": part.state,
        "latency": DASH if part.state == "absent" else took,
        "needed": text("ui.yes" if part.needed else "ui.no", language),
        "detail": part_detail(part, language, workers=workers),
    }


def part_detail(part: PartHealth, language: str, *, workers: int) -> str:
    """Return what is to say of a part; what the probe itself said is English and stands where nothing else is known."""
    match part.state:
        case "ok":
            return plural("health.reporting", workers, language) if part.name == "worker" else part.detail
        case "absent":
            return text("health.not_used.ollama", language) if part.name == "ollama" else part.detail
        case "failing":
            return code_text("health.fails", part.name, language) if part.name in TOLD else part.detail
        case _:
            assert_never(part.state)


def queue_row(one: QueueStatus, language: str) -> dict[str, str]:
    """Return a queue as a row of the table."""
    return {
        "id": one.queue,
        "queue": one.queue,
        "queued": format_number(one.queued, language),
        "running": format_number(one.running, language),
        "dead": format_number(one.dead, language),
    }


def duration(seconds: float, language: str) -> str:
    """Return how long something runs: minutes in the first hour, hours in the first two days, then days."""
    minutes = int(seconds // 60)
    if minutes < MINUTES_OF_HOUR:
        return text("health.minutes", language, n=format_number(minutes, language))
    hours = minutes // MINUTES_OF_HOUR
    if hours < HOURS_SHOWN:
        return text("health.hours", language, n=format_number(hours, language))
    return text("health.days", language, n=format_number(hours // HOURS_OF_DAY, language))
