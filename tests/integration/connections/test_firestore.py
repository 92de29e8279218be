"""Firestore as a connection: over its protocol, to a server of the tests'."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from importlib.util import find_spec

import pytest
import pytest_asyncio

if find_spec("grpc") is None:
    pytest.skip("the extra firestore is not installed", allow_module_level=True)

from google.cloud.firestore import GeoPoint

from backend_services.datasets.catalogue import FieldType, GroupBy, MetricQuery
from backend_services.datasets.connections import service
from backend_services.datasets.connections.errors import ServerRightsError
from backend_services.datasets.connections.ports import ConnectionKind, Tls
from backend_services.datasets.connections.schemas import ConnectionInput
from backend_services.datasets.query import service as engine
from backend_services.datasets.schemas import DatasetState
from backend_services.kernel.pagination import PageRequest
from tests.factories.connections import connect, copied, wanted
from tests.factories.firestore import Account, FirestoreServer, running
from tests.factories.identity import make_actor

pytestmark = pytest.mark.usefixtures("database")
ACCOUNT, OTHER = Account(), Account()


@pytest_asyncio.fixture(loop_scope="session")
async def firestore() -> AsyncIterator[FirestoreServer]:
    """Return a running server with a shop in it."""
    server = FirestoreServer(account=ACCOUNT)
    server.collections = {
        "orders": {
            f"o{number:05}": {
                "city": "Bled" if number % 2 else "Ptuj",
                "amount": number + 0.5,
                "at": datetime(2026, 1, 1 + number % 28, 10, tzinfo=UTC),
                "place": GeoPoint(46.3, 14.1),
                "customer": {"name": f"C{number}"},
                "odd `name": [1, {"a": None}],
            }
            for number in range(1, 4501)
        },
        "people": {"ana": {"n": 1}, "bor": {"n": None, "late": b"\x00\xff"}},
        "zoo": {},
    }
    async with running(server):
        yield server


def _form(server: FirestoreServer, *, account: str = ACCOUNT.json, database: str = "shop") -> ConnectionInput:
    return wanted(ConnectionKind.FIRESTORE, port=server.port, database=database, username="", password=account)


async def test_a_collection_becomes_a_dataset_that_can_be_asked(firestore: FirestoreServer) -> None:
    actor = await make_actor()
    made = await connect(actor, _form(firestore))
    check = await service.check_connection(actor, made.id)
    assert (check.ok, check.server) == (True, "Firestore"), check.error
    tables = await service.list_tables(actor, made.id, PageRequest())
    assert [one.name for one in tables.items] == ["orders", "people", "zoo"]
    columns = await service.list_columns(actor, made.id, schema_name="", table_name="orders")
    assert {one.name: one.type for one in columns} == {
        "_id": FieldType.TEXT,
        "city": FieldType.TEXT,
        "amount": FieldType.DECIMAL,
        "at": FieldType.DATETIME,
        "place.latitude": FieldType.DECIMAL,
        "place.longitude": FieldType.DECIMAL,
        "customer.name": FieldType.TEXT,
        "odd `name": FieldType.TEXT,
    }
    dataset = await copied(actor, made.id, "orders")
    assert (dataset.state, dataset.rows, dataset.columns) == (DatasetState.READY, 4500, 8), dataset.error
    answer = await engine.run_metric(
        actor, MetricQuery(dataset_id=dataset.id, measures=("amount",), dimensions=(GroupBy(field="city"),))
    )
    odd = sum(range(1, 4501, 2)) + 2250 * 0.5
    assert {row[0]: float(str(row[1])) for row in answer.rows} == {"Bled": odd, "Ptuj": odd + 2250}


async def test_only_what_was_chosen_is_sent(firestore: FirestoreServer) -> None:
    actor = await make_actor()
    made = await connect(actor, _form(firestore))
    dataset = await copied(actor, made.id, "orders", columns=("_id", "customer.name"))
    assert (dataset.state, dataset.rows, dataset.columns) == (DatasetState.READY, 4500, 2), dataset.error
    assert [one.field_path for one in firestore.queries[-1].select.fields] == ["`customer`"]
    names = await copied(actor, made.id, "people", columns=("_id",))
    assert (names.rows, names.columns) == (2, 1)


async def test_what_is_wrong_is_told(firestore: FirestoreServer, silent_port: int) -> None:
    actor = await make_actor()
    firestore.forbidden = {"orders"}
    for form, code in (
        (_form(firestore, account=OTHER.json), "connection_login"),
        (_form(firestore, account="{}"), "connection_login"),
        (_form(firestore, account="no json"), "connection_login"),
        (_form(firestore, database="nowhere"), "connection_database"),
        (_form(firestore, database="shop/other"), "connection_database"),
        (_form(firestore).model_copy(update={"port": 1}), "connection_refused"),
        (_form(firestore).model_copy(update={"port": silent_port}), "connection_timeout"),
        (_form(firestore).model_copy(update={"tls": Tls.REQUIRE}), "connection_tls"),
    ):
        check = await service.try_connection(actor, form)
        assert check.error is not None
        assert check.error.code == code, check.error
        assert "PRIVATE KEY" not in check.model_dump_json()
    made = await connect(actor, _form(firestore))
    with pytest.raises(ServerRightsError):
        await service.list_columns(actor, made.id, schema_name="", table_name="orders")


async def test_the_certificate_is_checked_against_the_name_that_was_given() -> None:
    actor = await make_actor()
    server = FirestoreServer(account=ACCOUNT, collections={"orders": {"a": {"n": 1}}})
    async with running(server, tls_name="localhost") as pem:
        form = _form(server).model_copy(update={"tls": Tls.VERIFY, "host": "localhost", "ca_certificate": pem})
        check = await service.try_connection(actor, form)
        assert check.ok, check.error
        for wrong in ({"host": "127.0.0.1"}, {"ca_certificate": ""}):
            check = await service.try_connection(actor, form.model_copy(update=wrong))
            assert check.error is not None
            assert check.error.code == "connection_tls"
