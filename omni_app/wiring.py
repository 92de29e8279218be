"""Settings → adapters: what each process sets up before it serves. Used by the web process and by workers."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import backend_services
import backend_services.tables
from backend_services.audit import service as audit
from backend_services.dashboards.builder import service as builder
from backend_services.identity import service as identity
from backend_services.kernel import metrics, usage
from backend_services.kernel.actor import Actor
from backend_services.kernel.jobs.actors import set_actor_loader
from backend_services.kernel.journal import set_journal
from backend_services.kernel.logging import configure_logging
from backend_services.llm import service as llm
from backend_services.metering.service import store_calls
from backend_services.operations.probes import Finding, register_probe
from omni_app.environment import check_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

REGISTERING_MODULES = ("tasks", "listeners")


def configure() -> None:
    """Set up logging, register jobs, listeners and probes, and say who looks up rights. May be called again.

    Raises:
        DomainError: A setting cannot be used.
    """
    check_settings()
    configure_logging()
    register_domains()
    set_actor_loader(_present_actor)
    set_journal(audit.record)
    register_probe("ollama", _ask_ollama)


def register_domains() -> tuple[str, ...]:
    """Import every domain's ``tasks`` and ``listeners``, whose decorators register them; return the modules' names."""
    root = Path(backend_services.__file__).parent
    names = [
        ".".join((backend_services.__name__, *path.relative_to(root).with_suffix("").parts))
        for module in REGISTERING_MODULES
        for path in sorted(root.rglob(f"{module}.py"))
    ]
    for name in names:
        importlib.import_module(name)
    return tuple(names)


async def _present_actor(tenant_id: UUID, user_id: UUID) -> Actor | None:
    return await identity.load_actor(tenant_id, user_id)


async def _ask_ollama() -> Finding:
    answer = await llm.health()
    return Finding(answer.state, answer.detail)


@asynccontextmanager
async def web_duties() -> AsyncIterator[None]:
    """Keep what a web process does beside answering, until it ends: calls, metrics, the builder's words."""
    duties = [
        asyncio.create_task(usage.run(store_calls), name="usage"),
        asyncio.create_task(metrics.run(), name="metrics"),
        asyncio.create_task(builder.warm_up(), name="warm-up"),
    ]
    try:
        yield
    finally:
        for duty in duties:
            duty.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*duties, return_exceptions=True)
