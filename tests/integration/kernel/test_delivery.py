"""What jobs do beside their handlers: rights looked up anew, mail delivered, changes entered in the trail."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from backend_services.kernel import journal
from backend_services.kernel.actor import Actor, ActorKind
from backend_services.kernel.db import transaction
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.jobs.actors import present, set_actor_loader, snapshot_of
from backend_services.kernel.jobs.runner import run_waiting
from backend_services.kernel.jobs.schemas import JobState
from backend_services.kernel.mail import service as mail
from backend_services.kernel.mail.errors import MailInvalidError
from backend_services.kernel.permissions import Permission
from backend_services.kernel.settings import get_settings
from tests.integration.kernel.conftest import Bench


@pytest.fixture
def _restored() -> Iterator[None]:
    yield
    set_actor_loader(None)
    journal.set_journal(None)


@pytest.mark.usefixtures("_restored")
async def test_who_lost_the_right_to_act_gets_nothing_done(bench: Bench) -> None:
    async def gone(_tenant: UUID, _user: UUID) -> Actor | None:
        return None

    job_id = await bench.ask()
    set_actor_loader(gone)
    assert await run_waiting() >= 1
    job = await bench.see(job_id)
    assert job.state is JobState.FAILED
    assert job.error is not None
    assert job.error.code == "permission_denied"
    assert bench.marks("start") == 0


@pytest.mark.usefixtures("_restored")
async def test_rights_are_those_held_now_and_a_keys_scopes_stay_narrow(bench: Bench) -> None:
    now_held = frozenset({Permission.KERNEL_JOB_READ, Permission.DATASETS_DATASET_READ})

    async def load(_tenant: UUID, _user: UUID) -> Actor | None:
        return replace(bench.actor, permissions=now_held, roles=frozenset({"viewer"}))

    set_actor_loader(load)
    person = await present(snapshot_of(bench.actor))
    assert person.permissions == now_held
    assert person.roles == {"viewer"}
    key = replace(bench.actor, kind=ActorKind.API_KEY, permissions=frozenset({Permission.KERNEL_JOB_READ}))
    assert (await present(snapshot_of(key))).permissions == {Permission.KERNEL_JOB_READ}


async def test_a_message_is_sent_by_the_worker_after_the_commit(bench: Bench) -> None:
    params = {"product": "Omni", "link": "https://omni.example.org/one-time"}
    async with transaction(bench.actor) as session:
        job = await mail.send(bench.actor, session, template="test", to="ana@example.org", language="sl", params=params)
        with pytest.raises(MailInvalidError):
            await mail.send(bench.actor, session, template="test", to="x@y\nBcc: z@y", language="sl", params=params)
    assert "one-time" not in job.model_dump_json()
    bench.start_worker()
    sent = await bench.ended(job.id)
    assert sent.state is JobState.SUCCEEDED
    assert sent.result is not None
    path = get_settings().data_dir / "mail" / Path(str(sent.result["answer"])).name
    assert "ana@example.org" in await asyncio.to_thread(path.read_text)


@pytest.mark.usefixtures("_restored")
async def test_cancel_and_retry_are_entered_in_the_trail(bench: Bench) -> None:
    entries: list[tuple[str, UUID | None]] = []

    async def write(_actor: object, _session: object, **entry: object) -> None:
        entries.append((str(entry["action"]), UUID(str(entry["subject_id"]))))

    journal.set_journal(write)
    job_id = await bench.ask()
    async with transaction(bench.actor) as session:
        await jobs.cancel_job(bench.actor, session, job_id)
        await jobs.retry_job(bench.actor, session, job_id)
    assert entries == [("kernel.job.cancel", job_id), ("kernel.job.retry", job_id)]
