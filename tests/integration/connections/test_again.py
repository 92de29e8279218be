"""Copying again: what is new only, by itself, with its history, and what is told when it fails."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from backend_services.datasets import service as datasets
from backend_services.datasets.connections import queries, service
from backend_services.datasets.connections.errors import (
    CopyNotIncrementalError,
    CursorColumnError,
    DatasetNotCopiedError,
)
from backend_services.datasets.connections.planning import MOST_FAILURES, plan_copies
from backend_services.datasets.connections.ports import ConnectionKind
from backend_services.datasets.connections.schedule import EveryHours
from backend_services.datasets.connections.schemas import CopyMode, CopyRunView, CopySettings
from backend_services.datasets.errors import DatasetNotFoundError
from backend_services.datasets.schemas import DatasetView
from backend_services.identity import service as identity
from backend_services.identity.schemas import MemberUpdate
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction
from backend_services.kernel.jobs.runner import run_waiting
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.schedule import Daily, ScheduleInvalidError
from tests.factories import mariadb
from tests.factories.connections import Shop, connect, connect_file, copied, table_in, wanted
from tests.factories.datasets import pieces
from tests.factories.identity import make_actor, make_tenant

pytestmark = pytest.mark.usefixtures("database")
P = ConnectionKind.POSTGRESQL
DAY_S = 86_400


async def _set(actor: Actor, dataset_id: UUID, settings: CopySettings) -> None:
    async with transaction(actor) as session:
        await service.set_copy_settings(actor, session, dataset_id, settings)


def _newer(column: str, *, overlap: int = 0) -> CopySettings:
    return CopySettings(mode=CopyMode.INCREMENTAL, cursor_column=column, overlap=overlap)


async def _again(actor: Actor, dataset_id: UUID) -> CopyRunView:
    """Copy once more, and return what the history says of it."""
    async with transaction(actor) as session:
        await service.copy_again(actor, session, dataset_id)
    return await _ended(actor, dataset_id)


async def _ended(actor: Actor, dataset_id: UUID) -> CopyRunView:
    await run_waiting()
    await run_waiting()
    return (await _history(actor, dataset_id))[0]


async def _history(actor: Actor, dataset_id: UUID) -> tuple[CopyRunView, ...]:
    async with transaction(actor) as session:
        return (await service.list_copy_runs(actor, session, dataset_id, PageRequest())).items


async def _rows(actor: Actor, dataset_id: UUID) -> list[tuple[object, ...]]:
    page = await datasets.read_rows(actor, dataset_id, PageRequest(limit=200))
    return sorted(page.rows, key=repr)


async def _copied(shop: Shop, columns: str, rows: str) -> tuple[Actor, str, DatasetView]:
    table = await table_in(shop, columns, rows)
    actor = await make_actor()
    made = await connect(actor, wanted(P, port=shop.port, database=shop.database, username=shop.reader))
    return actor, table, await copied(actor, made.id, table, schema="public")


async def _make_due(actor: Actor, dataset_id: UUID) -> None:
    """Let time pass until the copy is due."""
    async with transaction(actor) as session:
        row = await queries.find_copy(actor, session, dataset_id, lock=True)
        assert row is not None
        assert row.next_at is not None
        row.next_at = now()


def _told(run: CopyRunView) -> tuple[str, str, str, int, int]:
    return run.state, run.mode.value, run.reason, run.read_rows, run.rows


async def test_only_what_is_new_is_read_and_the_table_is_whole(shop: Shop) -> None:
    actor, table, dataset = await _copied(shop, "id int, city text", "(1, 'Bled'), (2, 'Ptuj'), (NULL, 'none')")
    await _set(actor, dataset.id, _newer("id"))
    assert _told(await _again(actor, dataset.id)) == ("succeeded", "full", "first", 3, 3)
    await shop.owner.execute(f"INSERT INTO {table} VALUES (3, 'Koper'), (4, 'Celje')")  # noqa: S608 - names of our own
    run = await _again(actor, dataset.id)
    assert _told(run) == ("succeeded", "incremental", "", 4, 5), (
        "2 again, for equal values, then 3, 4 and the empty one"
    )
    assert run.number == 3
    assert run.finished_at is not None
    expected = [(1, "Bled"), (2, "Ptuj"), (3, "Koper"), (4, "Celje"), (None, "none")]
    assert await _rows(actor, dataset.id) == sorted(expected, key=repr)
    assert _told(await _again(actor, dataset.id)) == ("succeeded", "incremental", "", 2, 5)


async def test_rows_that_come_late_or_are_corrected_within_the_overlap_are_right(shop: Shop) -> None:
    actor, table, dataset = await _copied(
        shop,
        "at timestamptz, n int",
        "('2026-01-01 10:00+00', 1), ('2026-01-05 10:00+00', 2), ('2026-01-09 10:00+00', 3), ('infinity', 4), "
        "('-infinity', 5)",
    )
    await _set(actor, dataset.id, _newer("at", overlap=5 * DAY_S))
    await _again(actor, dataset.id)
    for statement in (
        f"INSERT INTO {table} VALUES ('2026-01-06 10:00+00', 6), ('2026-01-10 10:00+00', 7)",  # noqa: S608 - our own
        f"UPDATE {table} SET n = 20 WHERE n = 2",  # noqa: S608 - names of our own
        f"DELETE FROM {table} WHERE n = 3",  # noqa: S608 - names of our own
        f"INSERT INTO {table} VALUES ('2026-01-02 10:00+00', 99)",  # noqa: S608 - names of our own
    ):
        await shop.owner.execute(statement)
    run = await _again(actor, dataset.id)
    assert run.mode is CopyMode.INCREMENTAL
    numbers = sorted(int(str(row[1])) for row in await _rows(actor, dataset.id))
    assert numbers == [1, 4, 5, 6, 7, 20], "99 lies further back than the overlap: a full copy finds it"
    await _set(actor, dataset.id, CopySettings())
    await _again(actor, dataset.id)
    assert 99 in {int(str(row[1])) for row in await _rows(actor, dataset.id)}


async def test_everything_is_read_when_columns_change_or_the_version_is_another(shop: Shop) -> None:
    actor, table, dataset = await _copied(shop, "id int, amount numeric(10,2)", "(1, 1.50), (2, 2.50)")
    await _set(actor, dataset.id, _newer("id"))
    await _again(actor, dataset.id)
    await shop.owner.execute(f"ALTER TABLE {table} ADD COLUMN city text DEFAULT 'Bled'")
    assert _told(await _again(actor, dataset.id)) == ("succeeded", "full", "columns_changed", 2, 2)
    await shop.owner.execute(f"ALTER TABLE {table} ALTER COLUMN amount TYPE numeric(10,3)")
    assert (await _again(actor, dataset.id)).reason == "columns_changed"
    staged = await datasets.stage_upload(actor, "other.csv", pieces(b"id,amount,city\n7,7.5,Ptuj\n"))
    async with transaction(actor) as session:
        await datasets.start_version(actor, session, dataset.id, staged)
    await run_waiting()
    assert _told(await _again(actor, dataset.id)) == ("succeeded", "full", "version_replaced", 2, 2)
    await shop.owner.execute(f"ALTER TABLE {table} DROP COLUMN id")
    gone = await _again(actor, dataset.id)
    assert gone.error is not None
    assert (gone.state, gone.error.code) == ("failed", "cursor_column")


async def test_mysql_reads_only_what_is_new_too(maria: mariadb.MariaDb) -> None:
    maria.run(
        "CREATE TABLE shop.`new%s` (`a%t` timestamp NULL, d date, n int);"
        "INSERT INTO shop.`new%s` VALUES ('2025-01-01 10:00:00', '2025-01-01', 0);"
        "INSERT INTO shop.`new%s` VALUES ('2026-01-01 10:00:00', '2026-01-01', 1), (NULL, NULL, 2);"
    )
    actor = await make_actor()
    made = await connect(actor, wanted(ConnectionKind.MYSQL, port=maria.port, database="shop", username="reader"))
    dataset = await copied(actor, made.id, "new%s", schema="shop")
    for column in ("a%t", "d"):
        await _set(actor, dataset.id, _newer(column))
        assert (await _again(actor, dataset.id)).mode is CopyMode.FULL
        maria.run("INSERT INTO shop.`new%s` VALUES ('2026-02-01 10:00:00', '2026-02-01', 3);")
        run = await _again(actor, dataset.id)
        assert (run.mode, run.reason) == (CopyMode.INCREMENTAL, ""), run.error
        assert run.read_rows < run.rows
    assert sorted(int(str(row[2])) for row in await _rows(actor, dataset.id)) == [0, 1, 2, 3, 3]


async def test_what_cannot_be_set_is_refused(shop: Shop) -> None:
    actor, _, dataset = await _copied(shop, "id int, city text", "(1, 'Bled')")
    stranger = await make_actor()
    with pytest.raises(DatasetNotFoundError):
        await _set(stranger, dataset.id, CopySettings())
    with pytest.raises(ScheduleInvalidError):
        await _set(actor, dataset.id, CopySettings(schedule=Daily(), time_zone="Europe/Nowhere"))
    await _set(actor, dataset.id, _newer("city"))
    refused = await _again(actor, dataset.id)
    assert refused.error is not None
    assert refused.error.code == "cursor_column"
    staged = await datasets.stage_upload(actor, "plain.csv", pieces(b"id\n1\n"))
    async with transaction(actor) as session:
        plain = await datasets.start_upload(actor, session, staged)
    with pytest.raises(DatasetNotCopiedError):
        await _set(actor, plain.dataset_id, CopySettings())


async def test_files_and_columns_that_are_not_copied_are_refused(shop: Shop, sqlite_file: bytes) -> None:
    actor = await make_actor()
    made = await connect_file(actor, sqlite_file)
    dataset = await copied(actor, made.id, "orders")
    with pytest.raises(CopyNotIncrementalError):
        await _set(actor, dataset.id, _newer("id"))
    table = await table_in(shop, "id int, city text", "(1, 'Bled')")
    server = await connect(actor, wanted(P, port=shop.port, database=shop.database, username=shop.reader))
    part = await copied(actor, server.id, table, schema="public", columns=("city",))
    with pytest.raises(CursorColumnError):
        await _set(actor, part.id, _newer("id"))


async def test_a_copy_that_is_due_starts_once_and_is_due_again_later(shop: Shop) -> None:
    actor, table, dataset = await _copied(shop, "id int", "(1)")
    await _set(actor, dataset.id, CopySettings(schedule=EveryHours(hours=6)))
    await plan_copies()
    assert len(await _history(actor, dataset.id)) == 1, "it is not due yet"
    await shop.owner.execute(f"INSERT INTO {table} VALUES (2)")  # noqa: S608 - names of our own
    await _make_due(actor, dataset.id)
    began = now()
    await asyncio.gather(plan_copies(), plan_copies())
    await plan_copies()
    run = await _ended(actor, dataset.id)
    assert (run.scheduled, run.rows, len(await _history(actor, dataset.id))) == (True, 2, 2)
    async with transaction(actor) as session:
        copy = await service.get_copy(actor, session, dataset.id)
    assert copy is not None
    assert copy.next_at is not None
    assert timedelta(0) <= copy.next_at - began - timedelta(hours=6) < timedelta(minutes=1)
    assert not copy.stopped


async def test_a_schedule_ends_with_the_rights_of_who_set_it(shop: Shop) -> None:
    tenant = await make_tenant()
    owner = await make_actor(tenant=tenant)
    setter = await make_actor(tenant=tenant, role="admin")
    table = await table_in(shop, "id int", "(1)")
    made = await connect(owner, wanted(P, port=shop.port, database=shop.database, username=shop.reader))
    dataset = await copied(owner, made.id, table, schema="public")
    await _set(setter, dataset.id, CopySettings(schedule=EveryHours(hours=1)))
    async with transaction(owner) as session:
        members = (await identity.list_members(owner, session, PageRequest())).items
        member = next(one for one in members if one.user_id == setter.user_id)
        await identity.update_member(owner, session, member.id, MemberUpdate(roles=("viewer",)))
    await _make_due(owner, dataset.id)
    await plan_copies()
    assert len(await _history(owner, dataset.id)) == 1
    async with transaction(owner) as session:
        told = await service.failing_copies(owner, session, since=now(), limit=5)
    assert [(one.dataset_id, one.stopped) for one in told] == [(dataset.id, True)]


async def test_failures_are_told_and_after_some_the_schedule_stops(shop: Shop) -> None:
    actor, table, dataset = await _copied(shop, "id int", "(1)")
    await _set(actor, dataset.id, CopySettings(schedule=EveryHours(hours=1)))
    await shop.owner.execute(f"DROP TABLE {table}")
    began = now()
    for _ in range(MOST_FAILURES):
        await _make_due(actor, dataset.id)
        await plan_copies()
        await run_waiting()
    await _make_due(actor, dataset.id)
    await plan_copies()
    await run_waiting()
    failed = [one for one in await _history(actor, dataset.id) if one.state == "failed"]
    assert len(failed) == MOST_FAILURES
    assert {one.error.code for one in failed if one.error} == {"remote_table_not_found"}
    async with transaction(actor) as session:
        told = await service.failing_copies(actor, session, since=began, limit=5)
        still = await datasets.get_dataset(actor, session, dataset.id)
    assert [(one.dataset_id, one.stopped) for one in told] == [(dataset.id, True)]
    assert (still.state.value, still.version, still.rows) == ("ready", 1, 1)
    stranger = await make_actor()
    async with transaction(stranger) as session:
        assert await service.failing_copies(stranger, session, since=began, limit=5) == ()
