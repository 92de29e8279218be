"""Workers killed, brokers wiped, databases stopped: nothing is lost and nothing runs twice at once."""

from __future__ import annotations

import asyncio
import signal

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from backend_services.kernel.db import UNREACHABLE, Database, async_url, system_transaction
from backend_services.kernel.embedded import postgres, valkey
from backend_services.kernel.embedded.cellar import Cellar
from backend_services.kernel.ids import new_id
from backend_services.kernel.jobs import queries
from backend_services.kernel.jobs.models import Job
from backend_services.kernel.jobs.schemas import JobState
from backend_services.kernel.redis import close_redis, get_redis
from tests.integration.kernel.conftest import Bench, eventually


async def test_a_killed_workers_job_is_taken_up_by_another(bench: Bench) -> None:
    worker = bench.start_worker()
    job_id = await bench.ask(wait_for="go")
    await bench.until_marked("running")
    worker.kill()
    worker.wait(10)
    (bench.folder / "go").touch()
    bench.start_worker()
    job = await bench.ended(job_id)
    assert job.state is JobState.SUCCEEDED
    assert job.attempts == 2
    assert any("worker was lost" in line for line in await bench.log(job_id))


async def test_a_job_that_kills_every_worker_ends_as_dead_letter(bench: Bench) -> None:
    job_id = await bench.ask(wait_for="never")
    for attempt in range(1, 4):
        worker = bench.start_worker()
        await bench.until_marked("start", attempt)
        worker.kill()
        worker.wait(10)
    bench.start_worker()
    job = await bench.ended(job_id)
    assert job.state is JobState.DEAD
    assert job.error is not None
    assert job.error.code == "job_interrupted"
    assert bench.marks("start") == 3


async def test_a_wiped_broker_loses_no_job(bench: Bench) -> None:
    blocked = bench.start_worker(worker_concurrency="1")
    first = await bench.ask(wait_for="go")
    await bench.until_marked("running")
    waiting = [await bench.ask() for _ in range(5)]
    await get_redis().flushall()
    (bench.folder / "go").touch()
    for job_id in (first, *waiting):
        job = await bench.ended(job_id)
        assert (job.state, job.attempts) == (JobState.SUCCEEDED, 1)
    assert blocked.poll() is None


async def test_a_restarted_broker_is_found_again(bench: Bench, cellar: Cellar) -> None:
    worker = bench.start_worker()
    assert (await bench.ended(await bench.ask())).state is JobState.SUCCEEDED
    await asyncio.to_thread(cellar.valkey.stop)
    try:
        job_id = await bench.ask()
        assert (await bench.see(job_id)).state is JobState.QUEUED
    finally:
        cellar.valkey.start()
        valkey.require_ready(cellar.valkey)
        await close_redis()
    assert (await bench.ended(job_id)).state is JobState.SUCCEEDED
    assert worker.poll() is None


async def test_a_stopped_database_interrupts_but_loses_nothing(bench: Bench, cellar: Cellar) -> None:
    worker = bench.start_worker()
    job_id = await bench.ask(wait_for="go", deaf=True)
    await bench.until_marked("running")
    cellar.postgres.stop()
    try:

        async def given_up() -> bool:
            return bench.marks("running") == 0

        await eventually(given_up)  # its lease cannot be prolonged, so it must not run on
    finally:
        cellar.postgres.start()
        postgres.require_ready(cellar.postgres)
    (bench.folder / "go").touch()
    assert (await bench.ended(job_id)).state is JobState.SUCCEEDED
    assert (await bench.ended(await bench.ask())).state is JobState.SUCCEEDED
    assert worker.poll() is None


@pytest.mark.parametrize("trusted_s", [0.0, 60.0])
async def test_no_connection_from_before_a_restart_is_handed_out(cellar: Cellar, trusted_s: float) -> None:
    database = Database(async_url(cellar.database_url), trusted_s=trusted_s)

    async def asked() -> int:
        async with database.begin(tenant_id="", system=True) as session:
            return int((await session.execute(text("SELECT 1"))).scalar_one())

    try:
        assert await asyncio.gather(*(asked() for _ in range(5))) == [1] * 5
        await asyncio.to_thread(cellar.postgres.stop)
        cellar.postgres.start()
        await asyncio.to_thread(postgres.require_ready, cellar.postgres)
        assert await asyncio.gather(*(asked() for _ in range(5))) == [1] * 5
        assert await asked() == 1
    finally:
        await database.dispose()


async def test_of_two_claims_one_wins(bench: Bench) -> None:
    job_id = await bench.ask()

    async def claim() -> bool:
        async with system_transaction() as session:
            return await queries.claim(session, job_id, new_id(), 10.0) is not None

    won = await asyncio.gather(*(claim() for _ in range(8)))
    assert sum(won) == 1


async def test_two_workers_share_jobs_and_none_runs_twice_at_once(bench: Bench) -> None:
    bench.start_worker(worker_lease_s="10")
    bench.start_worker(worker_lease_s="10")
    asked = [await bench.ask() for _ in range(30)]
    for job_id in asked:
        job = await bench.ended(job_id)
        assert (job.state, job.attempts) == (JobState.SUCCEEDED, 1)
    assert bench.marks("end") >= len(asked)
    assert bench.marks("overlap") == 0


async def test_a_frozen_workers_job_is_taken_over_and_its_late_outcome_is_not_believed(bench: Bench) -> None:
    frozen = bench.start_worker()
    job_id = await bench.ask(wait_for="go")
    await bench.until_marked("running")
    frozen.send_signal(signal.SIGSTOP)
    bench.start_worker()
    await bench.until_marked("start", 2)
    (bench.folder / "go").touch()
    job = await bench.ended(job_id)
    frozen.send_signal(signal.SIGCONT)
    frozen.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(frozen.wait, 10) == 0
    assert job.attempts == 2
    assert await bench.see(job_id) == job


async def test_a_transaction_that_stands_still_gives_up_the_row_it_locked(bench: Bench, cellar: Cellar) -> None:
    job_id = await bench.ask(wait_for="go")
    wanted = select(Job).where(col(Job.id) == job_id)
    still = Database(async_url(cellar.database_url), idle_transaction_s=1)

    async def locked_by_another() -> bool:
        async with system_transaction() as session:
            return await session.scalar(wanted.with_for_update(skip_locked=True)) is not None

    async def stand_still() -> None:
        async with still.begin(tenant_id="", system=True) as session:
            await session.scalar(wanted.with_for_update())
            assert not await locked_by_another()
            await eventually(locked_by_another)
            await session.scalar(wanted)

    with pytest.raises(UNREACHABLE):
        await stand_still()
    await still.dispose()
