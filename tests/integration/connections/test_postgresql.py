"""PostgreSQL as a connection: a database of its own on the real server."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from backend_services.datasets import service as datasets
from backend_services.datasets.catalogue import Grain, GroupBy, MetricQuery
from backend_services.datasets.connections import service
from backend_services.datasets.connections.errors import (
    ConnectionChangedError,
    ConnectionNameMismatchError,
    ConnectionNameTakenError,
    ConnectionNotFoundError,
    RemoteTableNotFoundError,
    ServerError,
)
from backend_services.datasets.connections.opening import opened
from backend_services.datasets.connections.ports import ConnectionKind, Tls
from backend_services.datasets.connections.schemas import ConnectionState, CopyTable, DeleteConnection
from backend_services.datasets.connections.settings import get_connection_settings
from backend_services.datasets.query import service as engine
from backend_services.datasets.schemas import DatasetKind, DatasetState
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import monotonic_s
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import PermissionDeniedError
from backend_services.kernel.jobs.runner import run_waiting
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.secrets import service as secrets
from backend_services.kernel.secrets.errors import SecretNotFoundError
from tests.factories.connections import PASSWORD, Shop, connect, copied, table_in, wanted
from tests.factories.identity import make_actor, make_tenant

pytestmark = pytest.mark.usefixtures("database")
ODD = 'odd "name"; DROP TABLE x --'
P = ConnectionKind.POSTGRESQL


async def _read(
    actor: Actor, connection_id: UUID, table: str, *, timeout_s: float, meanwhile: Shop | None = None
) -> None:
    """Read a table to its end; ``meanwhile`` has the server end every session of the reader after each piece."""
    ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1"
    async with opened(actor, connection_id, timeout_s=timeout_s) as reader:
        columns = await reader.columns("public", table)
        async for _ in reader.rows("public", table, columns, size=10):
            if meanwhile is not None:
                await meanwhile.owner.execute(ending, meanwhile.reader)


async def test_a_table_becomes_a_dataset_that_can_be_asked(shop: Shop) -> None:
    actor = await make_actor()
    table = await table_in(
        shop,
        "id int, city text, amount numeric(12,2), at timestamptz, day date, paid bool",
        "(1,'Bled',10.50,'2024-01-31 23:30+00','2024-01-31',true),(2,'Ptuj',20,'2024-02-01 10:00+00',NULL,false),"
        "(3,'Bled',0.07,NULL,'2024-02-02',NULL)",
    )
    made = await connect(actor, wanted(P, port=shop.port, database=shop.database, username=shop.reader))
    dataset = await copied(actor, made.id, table, schema="public")
    assert (dataset.state, dataset.kind, dataset.rows, dataset.version) == (
        DatasetState.READY, DatasetKind.CONNECTION, 3, 1,
    )  # fmt: skip
    async with transaction(actor) as session:
        schema = await datasets.get_schema(actor, session, dataset.id)
    assert {one.name: one.stored_as for one in schema.columns}["amount"] == "DECIMAL(12,2)"
    answer = await engine.run_metric(
        actor, MetricQuery(dataset_id=dataset.id, measures=("amount",), dimensions=(GroupBy(field="city"),))
    )
    assert {str(row[0]): Decimal(str(row[1])) for row in answer.rows} == {
        "Bled": Decimal("10.57"),
        "Ptuj": Decimal(20),
    }
    months = await engine.run_metric(
        actor,
        MetricQuery(dataset_id=dataset.id, measures=("amount",), dimensions=(GroupBy(field="at", grain=Grain.MONTH),)),
    )
    assert [row[0] for row in months.rows if row[0]] == ["2024-01-01", "2024-02-01"], "in UTC, as uploads are"


async def test_a_copy_is_made_anew_as_a_further_version(shop: Shop) -> None:
    actor = await make_actor()
    table = await table_in(shop, "n int", "(1),(2)")
    made = await connect(actor, wanted(P, port=shop.port, database=shop.database, username=shop.reader))
    dataset = await copied(actor, made.id, table, schema="public")
    await shop.owner.execute(f"INSERT INTO {table} VALUES (3)")  # noqa: S608 - names of our own
    async with transaction(actor) as session:
        await service.copy_again(actor, session, dataset.id)
    await run_waiting()
    await run_waiting()
    async with transaction(actor) as session:
        again = await datasets.get_dataset(actor, session, dataset.id)
        copies = await service.list_copies(actor, session, made.id, PageRequest())
    assert (again.version, again.rows) == (2, 3)
    assert [(one.dataset_id, one.table_name) for one in copies.items] == [(dataset.id, table)]


async def test_what_python_has_no_value_for_becomes_empty_and_nothing_breaks(shop: Shop) -> None:
    actor = await make_actor()
    table = await table_in(
        shop,
        "a timestamp, b date, c numeric, d float8, e json, f int[], g bit(3), h money, i point, j interval, k inet, "
        "l bytea, m numeric(50,2), n bigint, o int4range",
        "('infinity','-infinity','NaN','Infinity','{\"x\":1}','{1,2}',B'101','12.50','(1,2)','1 day','10.0.0.1',"
        "'\\x00ff',12345678901234567890123.45,9223372036854775807,'[1,5)'),"
        "('0044-03-15 BC','2024-02-29',1e30,1.5,'[]','{}',B'000','0','(0,0)','0','::1','',0,-9223372036854775808,NULL)",
    )
    made = await connect(actor, wanted(P, port=shop.port, database=shop.database, username=shop.reader))
    dataset = await copied(actor, made.id, table, schema="public")
    assert dataset.error is None
    page = await datasets.read_rows(actor, dataset.id, PageRequest())
    first = dict(zip([one.name for one in page.columns], page.rows[0], strict=True))
    assert page.total == 2
    assert (first["a"], first["b"], first["c"], first["d"]) == (None, None, None, None)
    assert first["n"] == "9223372036854775807"
    assert first["g"] in {"101", 101}


async def test_names_with_quotes_are_names_and_nothing_else(shop: Shop) -> None:
    actor = await make_actor()
    quoted = '"' + ODD.replace('"', '""') + '"'
    await shop.owner.execute(
        f'CREATE TABLE {quoted} ({quoted} int, "A" int, a int); GRANT SELECT ON {quoted} TO {shop.reader}'
    )
    await shop.owner.execute(f"INSERT INTO {quoted} VALUES (7, 8, 9)")  # noqa: S608 - names of our own
    made = await connect(actor, wanted(P, port=shop.port, database=shop.database, username=shop.reader))
    columns = await service.list_columns(actor, made.id, schema_name="public", table_name=ODD)
    assert [one.name for one in columns] == [ODD, "A", "a"]
    dataset = await copied(actor, made.id, ODD, schema="public")
    page = await datasets.read_rows(actor, dataset.id, PageRequest())
    assert page.rows == ((7, 8, 9),)
    await shop.owner.execute(f"DROP TABLE {quoted}")


async def test_tables_that_the_login_may_not_read_are_not_there(shop: Shop) -> None:
    actor = await make_actor()
    secret = f"closed_{uuid4().hex[:8]}"
    await shop.owner.execute(f"CREATE TABLE {secret} (n int)")
    shown = await table_in(shop, "n int")
    made = await connect(actor, wanted(P, port=shop.port, database=shop.database, username=shop.reader))
    page = await service.list_tables(actor, made.id, PageRequest(limit=200))
    names = {one.name for one in page.items}
    assert shown in names
    assert secret not in names
    with pytest.raises(RemoteTableNotFoundError):
        await service.list_columns(actor, made.id, schema_name="public", table_name=secret)
    dataset = await copied(actor, made.id, secret, schema="public")
    assert dataset.state is DatasetState.FAILED
    assert dataset.error is not None
    assert dataset.error.code == "remote_table_not_found"


async def test_a_test_tells_a_login_that_can_write_from_one_that_cannot(shop: Shop) -> None:
    actor = await make_actor()
    table = await table_in(shop, "n int")
    await shop.owner.execute(f"GRANT INSERT ON {table} TO {shop.writer}")
    found = {}
    for login in (shop.reader, shop.writer):
        form = wanted(P, port=shop.port, database=shop.database, username=login, name=login)
        made = await connect(actor, form)
        check = await service.check_connection(actor, made.id)
        assert check.ok, check.error
        assert check.server.startswith("PostgreSQL")
        found[login] = check.can_write
    assert found == {shop.reader: False, shop.writer: True}


async def test_nothing_can_be_written_even_by_a_login_that_may(shop: Shop) -> None:
    actor = await make_actor()
    table = await table_in(shop, "n int", "(1)")
    await shop.owner.execute(
        f"GRANT ALL ON {table} TO {shop.writer};"  # noqa: S608 - names of our own
        f"CREATE FUNCTION wipe_{table}() RETURNS int LANGUAGE plpgsql VOLATILE SECURITY INVOKER AS "
        f"'BEGIN DELETE FROM {table}; RETURN 1; END';"
        f"CREATE VIEW v_{table} AS SELECT wipe_{table}() AS n; GRANT SELECT ON v_{table} TO {shop.writer}"
    )
    made = await connect(actor, wanted(P, port=shop.port, database=shop.database, username=shop.writer))
    dataset = await copied(actor, made.id, f"v_{table}", schema="public")
    assert dataset.state is DatasetState.FAILED
    assert dataset.error is not None
    assert "read-only" in str(dataset.error.params)
    assert await shop.owner.fetchval(f"SELECT count(*) FROM {table}") == 1  # noqa: S608 - names of our own


async def test_a_slow_server_is_cancelled_at_its_own_end(shop: Shop) -> None:
    actor = await make_actor()
    view = f"slow_{uuid4().hex[:8]}"
    await shop.owner.execute(
        f"CREATE VIEW {view} AS SELECT pg_sleep(600)::text AS n; GRANT SELECT ON {view} TO {shop.reader}"
    )
    made = await connect(actor, wanted(P, port=shop.port, database=shop.database, username=shop.reader))
    with pytest.raises(ServerError) as refused:
        await _read(actor, made.id, view, timeout_s=0.3)
    assert refused.value.code == "connection_timeout"
    running = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%' || $1 || '%'"
    assert await shop.owner.fetchval(f"{running} AND pid <> pg_backend_pid()", view) == 0


async def test_a_connection_lost_while_rows_are_read_is_told_so(shop: Shop) -> None:
    actor = await make_actor()
    table = await table_in(shop, "n int")
    await shop.owner.execute(f"INSERT INTO {table} SELECT generate_series(1, 50000)")
    made = await connect(actor, wanted(P, port=shop.port, database=shop.database, username=shop.reader))
    with pytest.raises(ServerError) as refused:
        await _read(actor, made.id, table, timeout_s=30, meanwhile=shop)
    assert refused.value.code == "connection_lost"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"password": "not-that-one-8841"}, "connection_login"),
        ({"username": "nobody_here"}, "connection_login"),
        ({"database": "nowhere"}, "connection_database"),
        ({"host": "no-such-host.invalid"}, "connection_dns"),
        ({"port": 1}, "connection_refused"),
        ({"tls": Tls.VERIFY}, "connection_tls"),
        ({"tls": Tls.REQUIRE}, "connection_tls"),
    ],
)
async def test_a_test_says_exactly_what_is_wrong(
    shop: Shop, change: dict[str, object], code: str, caplog: pytest.LogCaptureFixture
) -> None:
    actor = await make_actor()
    filled = {"port": shop.port, "database": shop.database, "username": shop.reader} | change
    made = await connect(actor, wanted(P, **filled))  # type: ignore[arg-type] # one field is another
    check = await service.check_connection(actor, made.id)
    assert check.error is not None
    assert (check.ok, check.error.code) == (False, code)
    async with transaction(actor) as session:
        kept = await service.get_connection(actor, session, made.id)
    assert kept.state is ConnectionState.FAILED
    for password in (PASSWORD, "not-that-one-8841"):
        assert password not in caplog.text + check.model_dump_json() + kept.model_dump_json()


async def test_a_server_that_says_nothing_costs_seconds(silent_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMNI_DATASETS_CONNECTIONS_CONNECT_TIMEOUT_S", "0.5")
    get_connection_settings.cache_clear()
    actor = await make_actor()
    for kind in (ConnectionKind.POSTGRESQL, ConnectionKind.MYSQL):
        made = await connect(actor, wanted(kind, port=silent_port, database="x", username="x", name=kind.value))
        began_s = monotonic_s()
        check = await service.check_connection(actor, made.id)
        assert check.error is not None
        assert check.error.code == "connection_timeout"
        assert monotonic_s() - began_s < 10


async def test_this_machine_cannot_be_reached_unless_a_setting_says_so(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMNI_DATASETS_CONNECTIONS_NETWORKS", "")
    get_connection_settings.cache_clear()
    actor = await make_actor()
    for host in ("127.0.0.1", "localhost", "::ffff:127.0.0.1", "169.254.169.254", "0.0.0.0"):  # noqa: S104 - refused
        form = wanted(P, port=shop.port, database=shop.database, username=shop.reader, host=host, name=host)
        check = await service.check_connection(actor, (await connect(actor, form)).id)
        assert check.error is not None
        assert check.error.code == "connection_network", host


async def test_another_tenant_finds_nothing(shop: Shop) -> None:
    actor, stranger = await make_actor(), await make_actor()
    made = await connect(actor, wanted(P, port=shop.port, database=shop.database, username=shop.reader))
    for call in (
        service.check_connection(stranger, made.id),
        service.list_tables(stranger, made.id, PageRequest()),
        service.list_columns(stranger, made.id, schema_name="public", table_name="x"),
    ):
        with pytest.raises(ConnectionNotFoundError):
            await call
    async with transaction(stranger) as session:
        assert (await service.list_connections(stranger, session, PageRequest())).total == 0
        with pytest.raises(ConnectionNotFoundError):
            await service.copy_table(stranger, session, made.id, CopyTable(table_name="x"))
        with pytest.raises(ConnectionNotFoundError):
            await service.delete_connection(stranger, session, made.id, DeleteConnection(name=made.name))


async def test_a_viewer_may_not_even_look(shop: Shop) -> None:
    tenant = await make_tenant()
    owner = await make_actor(tenant=tenant)
    made = await connect(owner, wanted(P, port=shop.port, database=shop.database, username=shop.reader))
    viewer = await make_actor(role="viewer", tenant=tenant)
    async with transaction(viewer) as session:
        with pytest.raises(PermissionDeniedError):
            await service.get_connection(viewer, session, made.id)


async def test_a_changed_address_needs_the_password_anew(shop: Shop) -> None:
    actor = await make_actor()
    made = await connect(actor, wanted(P, port=shop.port, database=shop.database, username=shop.reader))
    same = wanted(P, port=shop.port, database=shop.database, username=shop.reader, password=None, name="Renamed")
    async with transaction(actor) as session:
        kept = await service.update_connection(actor, session, made.id, same, expected_version=1)
    assert (await service.check_connection(actor, made.id)).ok
    moved = same.model_copy(update={"host": "localhost"})
    async with transaction(actor) as session:
        await service.update_connection(actor, session, made.id, moved, expected_version=kept.version)
    check = await service.check_connection(actor, made.id)
    assert check.error is not None
    assert check.error.code == "connection_login", "the password of the old server was not sent to the new one"
    async with transaction(actor) as session:
        with pytest.raises(ConnectionChangedError):
            await service.update_connection(actor, session, made.id, moved, expected_version=1)


async def test_deleting_takes_the_secret_and_leaves_the_copies(shop: Shop) -> None:
    actor = await make_actor()
    table = await table_in(shop, "n int", "(1)")
    form = wanted(P, port=shop.port, database=shop.database, username=shop.reader)
    made = await connect(actor, form)
    with pytest.raises(ConnectionNameTakenError):
        await connect(actor, form)
    dataset = await copied(actor, made.id, table, schema="public")
    async with transaction(actor) as session:
        with pytest.raises(ConnectionNameMismatchError):
            await service.delete_connection(actor, session, made.id, DeleteConnection(name="shop"))
        await service.delete_connection(actor, session, made.id, DeleteConnection(name="Shop"))
    async with transaction(actor) as session:
        with pytest.raises(SecretNotFoundError):
            await secrets.get_secret(actor, session, f"connection/{made.id}")
        assert (await datasets.get_dataset(actor, session, dataset.id)).rows == 1
