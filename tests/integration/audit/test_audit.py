"""The audit log: one unbroken chain for each tenant, which nobody changes and no writer forks."""

from __future__ import annotations

import asyncio
import csv
import io
import json

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend_services.audit import service as audit
from backend_services.audit.schemas import AuditFilter
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import Database, system_transaction, transaction
from backend_services.kernel.errors import InvalidInputError, PermissionDeniedError
from backend_services.kernel.pagination import PageRequest
from tests.factories.identity import make_actor


@pytest.fixture(autouse=True)
def _real_database(database: Database) -> None:
    assert database


async def write(actor: Actor, action: str = "things.thing.change", label: str = "a thing") -> None:
    async with transaction(actor) as session:
        await audit.record(
            actor, session, action=action, subject_type="thing", subject_label=label, details={"čas": [1, 2.5, None]}
        )


async def _write_and_fail(actor: Actor) -> None:
    async with transaction(actor) as session:
        await audit.record(actor, session, action="things.thing.fail")
        raise ZeroDivisionError


async def verified(actor: Actor) -> tuple[bool, int, str]:
    async with transaction(actor) as session:
        report = await audit.verify(actor, session)
    return report.ok, report.checked, report.reason


async def test_the_chain_holds_from_the_first_write() -> None:
    actor = await make_actor()
    assert await verified(actor) == (True, 0, "")
    for _ in range(3):
        await write(actor)
    assert await verified(actor) == (True, 3, "")


async def test_concurrent_writers_do_not_fork_the_chain() -> None:
    actor = await make_actor()
    await asyncio.gather(*(write(actor, label=f"thing {number}") for number in range(20)))
    assert await verified(actor) == (True, 20, "")


async def test_what_is_rolled_back_leaves_no_gap() -> None:
    actor = await make_actor()
    await write(actor)
    with pytest.raises(ZeroDivisionError):
        await _write_and_fail(actor)
    await write(actor)
    assert await verified(actor) == (True, 2, "")


@pytest.mark.parametrize("statement", ["UPDATE audit_events SET action = 'x'", "DELETE FROM audit_events"])
async def test_the_database_refuses_to_change_events(statement: str) -> None:
    actor = await make_actor()
    await write(actor)
    with pytest.raises(DBAPIError):
        async with transaction(actor) as session:
            await session.execute(text(statement))
    assert await verified(actor) == (True, 1, "")


async def test_a_forged_event_is_found() -> None:
    actor = await make_actor()
    await write(actor)
    async with transaction(actor) as session:
        await session.execute(
            text(
                "INSERT INTO audit_events SELECT gen_random_uuid(), created_at, tenant_id, sequence + 1, actor_kind, "
                "actor_label, user_id, api_key_id, session_id, 'things.forged', subject_type, subject_id, "
                "subject_label, details, request_id, ip, hash, hash FROM audit_events"
            )
        )
    assert await verified(actor) == (False, 2, "changed")


async def test_a_chain_cut_short_is_found() -> None:
    actor = await make_actor()
    await write(actor)
    async with transaction(actor) as session:
        await session.execute(text("UPDATE audit_heads SET sequence = sequence + 1"))
    assert await verified(actor) == (False, 1, "cut_short")


async def test_who_writes_does_not_wait_for_who_verifies() -> None:
    actor = await make_actor()
    await write(actor)
    async with transaction(actor) as session:
        report = await audit.verify(actor, session)
        await asyncio.wait_for(write(actor), 20)  # it would wait for this transaction if the end were locked
    assert (report.ok, report.checked) == (True, 1)
    assert await verified(actor) == (True, 2, "")


async def test_nobody_sees_another_tenants_events() -> None:
    mine, theirs = await make_actor(), await make_actor()
    await write(theirs, action="things.secret")
    async with transaction(mine) as session:
        assert (await audit.list_events(mine, session, PageRequest())).total == 0
        assert (await session.execute(text("SELECT count(*) FROM audit_events"))).scalar_one() == 0


async def test_the_list_is_filtered_searched_and_sorted() -> None:
    actor = await make_actor()
    for action in ("things.thing.add", "things.thing.remove", "other.thing.add"):
        await write(actor, action=action)
    async with transaction(actor) as session:
        below = await audit.list_events(actor, session, PageRequest(), AuditFilter(action="things."))
        found = await audit.list_events(actor, session, PageRequest(search="REMOVE", sort="action"))
        with pytest.raises(InvalidInputError):
            await audit.list_events(actor, session, PageRequest(sort="hash"))
    assert [event.action for event in below.items] == ["things.thing.remove", "things.thing.add"]
    assert [event.action for event in found.items] == ["things.thing.remove"]


async def test_the_export_is_whole_and_runs_no_formula() -> None:
    actor = await make_actor()
    await write(actor, label="=HYPERLINK(1)")
    async with transaction(actor) as session:
        lines = [line async for line in audit.export_csv(actor, session)]
    rows = list(csv.DictReader(io.StringIO("".join(lines))))
    assert [row["subject_label"] for row in rows] == ["'=HYPERLINK(1)"]
    assert [json.loads(row["details"]) for row in rows] == [{"čas": [1, 2.5, None]}]


async def test_reading_needs_the_right() -> None:
    viewer = await make_actor(role="viewer")
    async with transaction(viewer) as session:
        with pytest.raises(PermissionDeniedError):
            await audit.list_events(viewer, session, PageRequest())


async def test_events_go_into_the_partition_of_their_month() -> None:
    actor = await make_actor()
    await write(actor)
    async with system_transaction() as session:
        partition = (
            await session.execute(
                text("SELECT tableoid::regclass::text FROM audit_events WHERE tenant_id = :tenant"),
                {"tenant": actor.tenant_id},
            )
        ).scalar_one()
    assert partition.startswith("audit_events_p")
