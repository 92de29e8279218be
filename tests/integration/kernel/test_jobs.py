"""Jobs on a real worker, PostgreSQL and Valkey."""

from __future__ import annotations

import asyncio
import signal
from dataclasses import replace
from uuid import UUID

import pytest

from backend_services.kernel.actor import Actor, ActorKind
from backend_services.kernel.db import system_transaction, transaction
from backend_services.kernel.errors import PermissionDeniedError
from backend_services.kernel.jobs import queries
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.jobs.broker import Broker
from backend_services.kernel.jobs.errors import JobNotCancellableError, JobNotFoundError, JobNotRetryableError
from backend_services.kernel.jobs.runner import run_waiting
from backend_services.kernel.jobs.schemas import JobFilter, JobState, Queue
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.settings import get_settings
from tests.factories.identity import make_actor, plain_actor
from tests.integration.kernel.conftest import Bench
from tests.worker_process.handlers import Steps


async def test_a_job_runs_in_a_worker_and_reports(bench: Bench) -> None:
    bench.start_worker()
    job = await bench.ended(await bench.ask())
    assert job.state is JobState.SUCCEEDED
    assert job.progress == 1.0
    assert job.message == "done"
    assert job.counters == {"rows": 3}
    assert job.result == {"attempt": 1, "tenant": str(bench.actor.tenant_id)}
    assert await bench.log(job.id) == ["attempt 1", "finished"]


async def test_a_rolled_back_transaction_leaves_no_job(bench: Bench) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the transaction is what is tested
        async with transaction(bench.actor) as session:
            payload = Steps(folder=str(bench.folder))
            await jobs.enqueue(bench.actor, session, name="tests.steered", payload=payload, title="never")
            raise ZeroDivisionError
    async with transaction(bench.actor) as session:
        assert (await jobs.list_jobs(bench.actor, session, PageRequest())).total == 0


async def test_a_refusal_fails_at_once(bench: Bench) -> None:
    bench.start_worker()
    job = await bench.ended(await bench.ask(fail="refusal"))
    assert job.state is JobState.FAILED
    assert job.attempts == 1
    assert job.error is not None
    assert job.error.code == "invalid_input"


async def test_a_passing_failure_is_tried_again_until_it_goes_well(bench: Bench) -> None:
    bench.start_worker()
    job = await bench.ended(await bench.ask(fail="passing", fail_attempts=2))
    assert job.state is JobState.SUCCEEDED
    assert job.attempts == 3


async def test_every_attempt_failed_is_the_dead_letter_and_a_person_repeats_it(bench: Bench) -> None:
    bench.start_worker()
    dead = await bench.ended(await bench.ask(fail="bug", fail_attempts=3, wait_for=""))
    assert dead.state is JobState.DEAD
    assert dead.attempts == 3
    assert dead.error is not None
    assert dead.error.code == "job_failed"
    async with transaction(bench.actor) as session:
        again = await jobs.retry_job(bench.actor, session, dead.id)
    assert again.state is JobState.QUEUED
    assert again.error is None
    assert (await bench.ended(dead.id)).attempts == 3
    assert "put back into the queue" in " ".join(await bench.log(dead.id))


async def test_the_time_limit_stops_a_job_for_good(bench: Bench) -> None:
    bench.start_worker()
    job = await bench.ended(await bench.ask("tests.short_limit", wait_for="never", deaf=True))
    assert job.state is JobState.FAILED
    assert job.error is not None
    assert job.error.code == "job_time_limit"
    assert bench.marks("running") == 0


async def test_a_waiting_job_is_cancelled_at_once(bench: Bench) -> None:
    job_id = await bench.ask()
    async with transaction(bench.actor) as session:
        job = await jobs.cancel_job(bench.actor, session, job_id)
    assert job.state is JobState.CANCELLED
    await run_waiting()
    assert bench.marks("start") == 0
    async with transaction(bench.actor) as session:
        with pytest.raises(JobNotCancellableError):
            await jobs.cancel_job(bench.actor, session, job_id)


async def test_a_running_job_is_cancelled_at_its_next_step_and_can_be_repeated(bench: Bench) -> None:
    bench.start_worker()
    job_id = await bench.ask(wait_for="go")
    await bench.until_marked("running")
    async with transaction(bench.actor) as session:
        asked = await jobs.cancel_job(bench.actor, session, job_id)
    assert asked.cancel_requested
    assert (await bench.ended(job_id)).state is JobState.CANCELLED
    assert bench.marks("end") == 0
    (bench.folder / "go").touch()
    async with transaction(bench.actor) as session:
        await jobs.retry_job(bench.actor, session, job_id)
    assert (await bench.ended(job_id)).state is JobState.SUCCEEDED


async def test_only_what_ended_badly_is_repeated(bench: Bench) -> None:
    job_id = await bench.ask()
    async with transaction(bench.actor) as session:
        with pytest.raises(JobNotRetryableError):
            await jobs.retry_job(bench.actor, session, job_id)
    assert await run_waiting() >= 1
    async with transaction(bench.actor) as session:
        with pytest.raises(JobNotRetryableError):
            await jobs.retry_job(bench.actor, session, job_id)


async def test_a_stopped_worker_gives_its_job_back_at_no_cost(bench: Bench) -> None:
    worker = bench.start_worker()
    job_id = await bench.ask(wait_for="go", deaf=True)
    await bench.until_marked("running")
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(10) == 0
    job = await bench.see(job_id)
    assert job.state is JobState.QUEUED
    assert job.attempts == 0
    (bench.folder / "go").touch()
    bench.start_worker()
    assert (await bench.ended(job_id)).state is JobState.SUCCEEDED


async def test_a_job_without_room_goes_on_as_soon_as_there_is_some(bench: Bench) -> None:
    bench.start_worker(worker_sweep_s="600")  # what was refused for want of room is not looked for by the clock
    first = await bench.ask("tests.heavy", wait_for="go")
    await bench.until_marked("running")
    waiting = [await bench.ask("tests.heavy") for _ in range(3)]
    async with system_transaction() as session:
        handed_out = await queries.take_undelivered(session, [Queue.HEAVY], older_than_s=0, limit=10)
    await asyncio.to_thread(Broker(get_settings().redis_url.get_secret_value()).send, handed_out)
    for job_id in waiting:
        await bench.until_handed_back(job_id)
    (bench.folder / "go").touch()
    for job_id in (first, *waiting):
        assert (await bench.ended(job_id)).state is JobState.SUCCEEDED


async def test_heavy_jobs_take_turns(bench: Bench) -> None:
    bench.start_worker()
    asked = [await bench.ask("tests.heavy", wait_for="go") for _ in range(3)]
    light = await bench.ask()
    assert (await bench.ended(light)).state is JobState.SUCCEEDED
    await bench.until_marked("running")
    assert bench.marks("running") == 1
    (bench.folder / "go").touch()
    for job_id in asked:
        assert (await bench.ended(job_id)).state is JobState.SUCCEEDED


async def test_routine_work_is_left_out_unless_it_failed(bench: Bench) -> None:
    async def asked(actor: Actor, **steps: str) -> UUID:
        async with transaction(bench.actor) as session:
            payload = Steps(folder=str(bench.folder), **steps)
            return (await jobs.enqueue(actor, session, name="tests.steered", payload=payload, title="one")).id

    platform = Actor(kind=ActorKind.SYSTEM, tenant_id=bench.actor.tenant_id, label="alerts")
    program = replace(bench.actor, kind=ActorKind.API_KEY, user_id=None)
    failing = await asked(platform, fail="refusal")
    people = [await asked(bench.actor), await asked(program)]
    routine = [await asked(platform), await asked(platform)]
    bench.start_worker()
    assert (await bench.ended(failing)).state is JobState.FAILED
    async with transaction(bench.actor) as session:
        few = await jobs.list_jobs(bench.actor, session, PageRequest(), JobFilter(routine=False))
        everything = await jobs.list_jobs(bench.actor, session, PageRequest())
    assert [job.id for job in few.items] == [*reversed(people), failing]
    assert few.total == 3
    assert {job.id for job in everything.items} == {failing, *people, *routine}


async def test_jobs_are_counted_in_the_states_asked_for(bench: Bench) -> None:
    failing = [await bench.ask(fail="refusal"), await bench.ask(fail="refusal")]
    bench.start_worker()
    for one in (*failing, await bench.ask()):
        await bench.ended(one)
    async with transaction(bench.actor) as session:
        counts = await jobs.count_jobs(bench.actor, session, JobState.FAILED, JobState.RUNNING)
    assert counts == {JobState.FAILED: 2, JobState.RUNNING: 0}


async def test_another_tenant_sees_nothing(bench: Bench) -> None:
    job_id = await bench.ask()
    stranger = await make_actor()
    async with transaction(stranger) as session:
        assert await jobs.count_jobs(stranger, session, JobState.QUEUED) == {JobState.QUEUED: 0}
        assert (await jobs.list_jobs(stranger, session, PageRequest())).total == 0
        for refused in (
            jobs.get_job(stranger, session, job_id),
            jobs.cancel_job(stranger, session, job_id),
            jobs.retry_job(stranger, session, job_id),
            jobs.read_log(stranger, session, job_id, PageRequest()),
        ):
            with pytest.raises(JobNotFoundError):
                await refused


async def test_rights_are_needed(bench: Bench) -> None:
    job_id = await bench.ask()
    nobody = plain_actor(tenant_id=bench.actor.tenant_id)
    nobody = type(nobody)(kind=nobody.kind, tenant_id=nobody.tenant_id)
    async with transaction(nobody) as session:
        for refused in (
            jobs.list_jobs(nobody, session, PageRequest()),
            jobs.count_jobs(nobody, session, JobState.QUEUED),
            jobs.cancel_job(nobody, session, job_id),
            jobs.retry_job(nobody, session, job_id),
        ):
            with pytest.raises(PermissionDeniedError):
                await refused


async def test_lists_are_filtered_sorted_searched_and_exported(bench: Bench) -> None:
    async def named(title: str) -> UUID:
        async with transaction(bench.actor) as session:
            payload = Steps(folder=str(bench.folder))
            job = await jobs.enqueue(bench.actor, session, name="tests.steered", payload=payload, title=title)
        return job.id

    first, second = await named("=alpha 50%"), await named("beta")
    async with transaction(bench.actor) as session:
        await jobs.cancel_job(bench.actor, session, second)
        newest = await jobs.list_jobs(bench.actor, session, PageRequest())
        by_title = await jobs.list_jobs(bench.actor, session, PageRequest(sort="title"))
        found = await jobs.list_jobs(bench.actor, session, PageRequest(search="50%"))
        cancelled = await jobs.list_jobs(bench.actor, session, PageRequest(), JobFilter(state=JobState.CANCELLED))
        page = await jobs.list_jobs(bench.actor, session, PageRequest(limit=1, offset=1))
    assert [job.id for job in newest.items] == [second, first]
    assert [job.title for job in by_title.items] == ["=alpha 50%", "beta"]
    assert [job.id for job in found.items] == [first]
    assert [job.id for job in cancelled.items] == [second]
    assert (page.total, len(page.items)) == (2, 1)
    text = b"".join([part async for part in jobs.export_jobs(bench.actor, PageRequest(sort="title"))]).decode()
    lines = text.split("\r\n")
    assert lines[0].startswith("id,name,title")
    assert "'=alpha 50%" in lines[1]
    assert len(lines) == 4
