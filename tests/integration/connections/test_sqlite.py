"""SQLite files as connections."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from backend_services.datasets import service as datasets
from backend_services.datasets.catalogue import GroupBy, MetricQuery
from backend_services.datasets.connections import service
from backend_services.datasets.connections.errors import ServerError, SqliteFileError
from backend_services.datasets.connections.opening import opened
from backend_services.datasets.connections.schemas import DeleteConnection
from backend_services.datasets.query import service as engine
from backend_services.datasets.schemas import DatasetState
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.files import get_files
from backend_services.kernel.pagination import PageRequest
from tests.factories.connections import connect_file, copied
from tests.factories.identity import make_actor

pytestmark = pytest.mark.usefixtures("database")


def _file(folder: Path, *statements: str) -> bytes:
    path = folder / "made.sqlite"
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
    return path.read_bytes()


async def test_a_table_of_a_file_becomes_a_dataset_that_can_be_asked(tmp_path: Path) -> None:
    content = _file(
        tmp_path,
        "CREATE TABLE orders (id INTEGER, city TEXT, amount NUMERIC, day TEXT, raw BLOB)",
        "INSERT INTO orders VALUES (1,'Bled',10.5,'2024-01-31',x'00ff'),(2,'Ptuj',20,'2024-02-01',NULL),"
        "(3,'Bled',0.5,NULL,NULL)",
        "CREATE VIEW big AS SELECT * FROM orders WHERE amount > 10",
    )
    actor = await make_actor()
    made = await connect_file(actor, content)
    assert (made.name, made.host, made.size_bytes) == ("shop", "", len(content))
    assert (await service.check_connection(actor, made.id)).server.startswith("SQLite")
    tables = await service.list_tables(actor, made.id, PageRequest())
    assert [(one.name, one.is_view) for one in tables.items] == [("big", True), ("orders", False)]
    dataset = await copied(actor, made.id, "orders")
    assert (dataset.state, dataset.rows) == (DatasetState.READY, 3), dataset.error
    answer = await engine.run_metric(
        actor, MetricQuery(dataset_id=dataset.id, measures=("amount",), dimensions=(GroupBy(field="city"),))
    )
    assert {row[0]: float(str(row[1])) for row in answer.rows} == {"Bled": 11.0, "Ptuj": 20.0}


async def test_names_with_quotes_are_names_and_nothing_else(tmp_path: Path) -> None:
    content = _file(tmp_path, 'CREATE TABLE "a""b; DROP" ("c""d" INT)', 'INSERT INTO "a""b; DROP" VALUES (5)')
    actor = await make_actor()
    made = await connect_file(actor, content)
    dataset = await copied(actor, made.id, 'a"b; DROP')
    assert (await datasets.read_rows(actor, dataset.id, PageRequest())).rows == ((5,),)


async def test_what_is_no_database_is_refused_and_not_kept() -> None:
    actor = await make_actor()
    for content in (b"id,city\n1,Bled\n", b"SQLite format 2\x00" + bytes(4000)):
        with pytest.raises(SqliteFileError):
            await connect_file(actor, content)
    assert await get_files().list_keys(f"tenants/{actor.tenant_id}") == ()


async def test_a_broken_file_is_told_so(tmp_path: Path) -> None:
    whole = _file(tmp_path, "CREATE TABLE t (n INT)", "INSERT INTO t VALUES (1)")
    actor = await make_actor()
    made = await connect_file(actor, whole[:100] + b"\xff" * (len(whole) - 100))
    check = await service.check_connection(actor, made.id)
    assert check.error is not None
    assert check.error.code in {"sqlite_file", "connection_failed"}


async def _read(actor: Actor, made_id: object, table: str) -> None:
    async with opened(actor, made_id, timeout_s=0.3) as reader:  # type: ignore[arg-type] # an id
        columns = await reader.columns("", table)
        async for _ in reader.rows("", table, columns, size=1):
            pass


async def test_a_view_without_end_is_stopped(tmp_path: Path) -> None:
    endless = "CREATE VIEW e AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT max(i) AS i FROM n"
    actor = await make_actor()
    made = await connect_file(actor, _file(tmp_path, "CREATE TABLE t (n INT)", endless))
    with pytest.raises(ServerError) as refused:
        await _read(actor, made.id, "e")
    assert refused.value.code == "connection_timeout"


async def test_a_view_cannot_reach_another_file(tmp_path: Path) -> None:
    other = tmp_path / "other.sqlite"
    sqlite3.connect(other).close()
    content = _file(tmp_path, "CREATE TABLE t (n INT)")
    actor = await make_actor()
    made = await connect_file(actor, content)
    async with opened(actor, made.id, timeout_s=5) as reader:
        with pytest.raises(ServerError):
            await reader._run(lambda one: one.execute(f"ATTACH '{other}' AS o"))  # type: ignore[attr-defined]


async def test_deleting_takes_the_file(tmp_path: Path) -> None:
    actor = await make_actor()
    made = await connect_file(actor, _file(tmp_path, "CREATE TABLE t (n INT)"))
    async with transaction(actor) as session:
        await service.delete_connection(actor, session, made.id, DeleteConnection(name="shop"))
    assert await get_files().list_keys(f"tenants/{actor.tenant_id}") == ()
