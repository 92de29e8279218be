"""Real workers, started and killed by tests."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import delete
from sqlmodel import col

from backend_services import tables
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import monotonic_s
from backend_services.kernel.db import Database, system_transaction, transaction
from backend_services.kernel.embedded.cellar import Cellar
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.jobs.models import Job
from backend_services.kernel.jobs.schemas import JobState, JobView
from backend_services.kernel.mail import tasks as mail_tasks
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.redis import close_redis
from tests.factories.identity import make_actor
from tests.worker_process.handlers import Steps

ROOT = Path(__file__).resolve().parents[3]
assert tables.metadata is not None
assert mail_tasks.send_mail is not None  # registered, as the composition root does


async def eventually(check: Callable[[], Awaitable[bool]], *, within_s: float = 60.0) -> None:
    """Ask until the answer is yes; fail at the deadline."""
    deadline_s = monotonic_s() + within_s
    while not await check():
        assert monotonic_s() < deadline_s, "it did not happen in time"
        await asyncio.sleep(0.03)


@dataclass(slots=True)
class Bench:
    """What tests of jobs work with."""

    actor: Actor
    folder: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start_worker(self, **settings: str) -> subprocess.Popen[bytes]:
        """Start a worker process with short times."""
        environment = {
            **os.environ,  # noqa: TID251 - a child gets what this process has
            "OMNI_WORKER_LEASE_S": "3",
            "OMNI_WORKER_BEAT_S": "0.5",
            "OMNI_WORKER_SWEEP_S": "0.3",
            "OMNI_DATABASE_IDLE_TRANSACTION_S": "3",
            **{f"OMNI_{name.upper()}": value for name, value in settings.items()},
        }
        process = subprocess.Popen([sys.executable, "-m", "tests.worker_process"], cwd=ROOT, env=environment)
        self.started.append(process)
        return process

    async def ask(self, name: str = "tests.steered", **steps: object) -> UUID:
        """Ask for a steered job."""
        async with transaction(self.actor) as session:
            payload = Steps.model_validate({"folder": str(self.folder), **steps})
            job = await jobs.enqueue(self.actor, session, name=name, payload=payload, title="a job")
        return job.id

    async def see(self, job_id: UUID) -> JobView:
        """Return the job as it is now."""
        async with transaction(self.actor) as session:
            return await jobs.get_job(self.actor, session, job_id)

    async def until(self, job_id: UUID, check: Callable[[JobView], bool], *, within_s: float = 30.0) -> JobView:
        """Wait until the job looks right; return it."""

        async def holds() -> bool:
            return check(await self.see(job_id))

        await eventually(holds, within_s=within_s)
        return await self.see(job_id)

    async def ended(self, job_id: UUID, *, within_s: float = 30.0) -> JobView:
        """Wait until the job has ended; return it."""
        return await self.until(job_id, lambda job: job.ended, within_s=within_s)

    def marks(self, kind: str) -> int:
        """Return how many marks of this kind the handlers left."""
        return len(list(self.folder.glob(f"{kind}-*")))

    async def until_marked(self, kind: str, count: int = 1) -> None:
        """Wait until handlers left so many marks."""

        async def holds() -> bool:
            return self.marks(kind) >= count

        await eventually(holds)

    async def until_handed_back(self, job_id: UUID) -> None:
        """Wait until the broker had the job and no worker room for it."""

        async def holds() -> bool:
            async with system_transaction() as session:
                row = await session.get_one(Job, job_id)
                return row.state == JobState.QUEUED.value and row.dispatched_at is None

        await eventually(holds)

    async def log(self, job_id: UUID) -> list[str]:
        """Return the lines of the job's log."""
        async with transaction(self.actor) as session:
            page = await jobs.read_log(self.actor, session, job_id, PageRequest(limit=200))
        return [line.text for line in page.items]


async def forget_unfinished() -> None:
    """Delete what earlier tests left waiting or running; it would take this test's workers."""
    async with system_transaction() as session:
        await session.execute(delete(Job).where(col(Job.state).in_([JobState.QUEUED.value, JobState.RUNNING.value])))


@pytest.fixture
async def bench(database: Database, cellar: Cellar, tmp_path: Path) -> AsyncIterator[Bench]:
    """Return a bench with an actor of its own; its workers are killed at the end."""
    assert database.engine is not None
    assert cellar.redis_url
    await forget_unfinished()
    made = Bench(actor=await make_actor(), folder=tmp_path)
    yield made
    for process in made.started:
        process.kill()
        process.wait(10)
    await close_redis()
