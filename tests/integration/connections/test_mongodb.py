"""MongoDB as a connection: over its wire protocol, to a server of the tests' (no mongod is to be had for them)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
from bson import Decimal128, ObjectId
from bson.datetime_ms import DatetimeMS

from backend_services.datasets import service as datasets
from backend_services.datasets.catalogue import FieldType, GroupBy, MetricQuery
from backend_services.datasets.connections import service
from backend_services.datasets.connections.errors import CopyNotIncrementalError, ServerRightsError, ServerTimeoutError
from backend_services.datasets.connections.ports import ConnectionKind, Tls
from backend_services.datasets.connections.schemas import ConnectionInput, CopyMode, CopySettings
from backend_services.datasets.query import service as engine
from backend_services.datasets.schemas import DatasetState
from backend_services.kernel.db import transaction
from backend_services.kernel.pagination import PageRequest
from tests.factories.certificates import server_context
from tests.factories.connections import PASSWORD, connect, copied, wanted
from tests.factories.identity import make_actor
from tests.factories.mongodb import MongoServer, running

pytestmark = pytest.mark.usefixtures("database")
READING = {
    "aggregate", "buildInfo", "connectionStatus", "count", "endSessions", "getMore", "hello", "ismaster",
    "killCursors", "listCollections", "ping", "saslContinue", "saslStart",
}  # fmt: skip


@pytest_asyncio.fixture(loop_scope="session")
async def mongo() -> AsyncIterator[MongoServer]:
    """Return a running server with a shop in it, and two users."""
    server = MongoServer(users={"reader@shop": PASSWORD, "writer@admin": PASSWORD}, writers={"writer@admin"})
    shop = server.store["shop"]
    shop["orders"].insert_many(
        {
            "_id": ObjectId(),
            "city": "Bled" if number % 2 else "Ptuj",
            "amount": Decimal128(f"{number}.50"),
            "at": datetime(2026, 1, 1 + number % 28, 10, tzinfo=UTC),
            "paid": number % 3 == 0,
            "customer": {"name": f"C{number}", "address": {"zip": 4260}},
            "lines": [{"sku": "a", "n": number}],
            **({"late": 1} if number > 4000 else {}),
        }
        for number in range(1, 5001)
    )
    shop["v_big"].insert_one({"n": 1})
    server.raw["odd %name"] = [{"$odd": 1, "x": None}, {"x": DatetimeMS(-(10**17)), "n": 2}, {"n": 2.5}]
    shop["system.views"].insert_one({"n": 1})
    async with running(server):
        yield server


def _form(mongo: MongoServer, *, username: str = "reader", password: str | None = PASSWORD) -> ConnectionInput:
    return wanted(ConnectionKind.MONGODB, port=mongo.port, database="shop", username=username, password=password)


async def test_a_collection_becomes_a_dataset_that_can_be_asked(mongo: MongoServer) -> None:
    actor = await make_actor()
    made = await connect(actor, _form(mongo))
    check = await service.check_connection(actor, made.id)
    assert (check.ok, check.server, check.can_write) == (True, "MongoDB 7.0.99", False), check.error
    tables = await service.list_tables(actor, made.id, PageRequest())
    assert [(one.name, one.is_view, one.rows) for one in tables.items] == [
        ("odd %name", False, 3),
        ("orders", False, 5000),
        ("v_big", True, None),
    ]
    columns = await service.list_columns(actor, made.id, schema_name="", table_name="orders")
    assert {one.name: one.type for one in columns} == {
        "_id": FieldType.TEXT,
        "city": FieldType.TEXT,
        "amount": FieldType.DECIMAL,
        "at": FieldType.DATETIME,
        "paid": FieldType.BOOLEAN,
        "customer.name": FieldType.TEXT,
        "customer.address.zip": FieldType.INTEGER,
        "lines": FieldType.TEXT,
        "late": FieldType.INTEGER,
    }
    dataset = await copied(actor, made.id, "orders")
    assert (dataset.state, dataset.rows, dataset.columns) == (DatasetState.READY, 5000, 9), dataset.error
    answer = await engine.run_metric(
        actor, MetricQuery(dataset_id=dataset.id, measures=("amount",), dimensions=(GroupBy(field="city"),))
    )
    half = sum(range(1, 5001, 2)) + 2500 * 0.5
    assert {row[0]: float(str(row[1])) for row in answer.rows} == {"Bled": half, "Ptuj": half + 2500}
    rows = await datasets.read_rows(actor, dataset.id, PageRequest(limit=1))
    assert {"C1", 4260, '[{"sku":"a","n":1}]'} <= set(rows.rows[0])
    assert set(mongo.commands) <= READING


async def test_only_what_was_chosen_is_sent(mongo: MongoServer) -> None:
    actor = await make_actor()
    made = await connect(actor, _form(mongo))
    dataset = await copied(actor, made.id, "orders", columns=("customer.name", "city"))
    assert (dataset.state, dataset.columns, dataset.rows) == (DatasetState.READY, 2, 5000)
    assert mongo.pipelines[-1] == [{"$project": {"city": 1, "customer": 1, "_id": 0}}]
    async with transaction(actor) as session:
        with pytest.raises(CopyNotIncrementalError):
            await service.set_copy_settings(
                actor, session, dataset.id, CopySettings(mode=CopyMode.INCREMENTAL, cursor_column="at")
            )


async def test_odd_names_mixed_values_and_times_beyond_time(mongo: MongoServer) -> None:
    actor = await make_actor()
    made = await connect(actor, _form(mongo))
    dataset = await copied(actor, made.id, "odd %name")
    assert (dataset.state, dataset.rows) == (DatasetState.READY, 3), dataset.error
    rows = await datasets.read_rows(actor, dataset.id, PageRequest())
    named = [dict(zip([one.name for one in rows.columns], row, strict=True)) for row in rows.rows]
    assert [one["x"] for one in named] == [None, None, None]
    assert [float(str(one["n"])) for one in named if one["n"] is not None] == [2.0, 2.5]


async def test_what_is_wrong_is_told(mongo: MongoServer, silent_port: int) -> None:
    actor = await make_actor()
    mongo.forbidden, mongo.slow = {"orders"}, {"v_big"}
    for form, code in (
        (_form(mongo, password="wrong"), "connection_login"),
        (_form(mongo, username="nobody"), "connection_login"),
        (_form(mongo, username="", password=None), "connection_rights"),
        (_form(mongo).model_copy(update={"port": 1}), "connection_refused"),
        (_form(mongo).model_copy(update={"port": silent_port}), "connection_timeout"),
        (_form(mongo).model_copy(update={"tls": Tls.REQUIRE}), "connection_tls"),
    ):
        check = await service.try_connection(actor, form)
        assert check.error is not None
        assert check.error.code == code, check.error
        assert PASSWORD not in check.model_dump_json()
    made = await connect(actor, _form(mongo))
    with pytest.raises(ServerRightsError):
        await service.list_columns(actor, made.id, schema_name="", table_name="orders")
    with pytest.raises(ServerTimeoutError):
        await service.list_columns(actor, made.id, schema_name="", table_name="v_big")


async def test_a_user_of_another_database_and_one_who_may_write(mongo: MongoServer) -> None:
    actor = await make_actor()
    check = await service.try_connection(actor, _form(mongo, username="writer@admin"))
    assert (check.ok, check.can_write) == (True, True), check.error
    open_to_all = MongoServer()
    async with running(open_to_all):
        check = await service.try_connection(actor, _form(open_to_all, username="", password=None))
    assert (check.ok, check.can_write) == (True, True)


async def test_the_certificate_is_checked_against_the_name_that_was_given(tmp_path: Path) -> None:
    actor = await make_actor()
    context, pem = server_context(tmp_path, "localhost")
    server = MongoServer(users={"reader@shop": PASSWORD})
    async with running(server, tls=context):
        form = _form(server).model_copy(update={"tls": Tls.VERIFY, "host": "localhost", "ca_certificate": pem})
        assert (await service.try_connection(actor, form)).ok
        for wrong in ({"host": "127.0.0.1"}, {"ca_certificate": ""}):
            check = await service.try_connection(actor, form.model_copy(update=wrong))
            assert check.error is not None
            assert check.error.code == "connection_tls"
        unchecked = form.model_copy(update={"tls": Tls.REQUIRE, "host": "127.0.0.1", "ca_certificate": ""})
        assert (await service.try_connection(actor, unchecked)).ok
