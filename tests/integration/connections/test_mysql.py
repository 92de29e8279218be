"""MariaDB as a connection. MySQL itself speaks the same protocol; no MySQL server was to be had for these tests."""

from __future__ import annotations

from uuid import UUID

import pytest

from backend_services.datasets import service as datasets
from backend_services.datasets.catalogue import GroupBy, MetricQuery
from backend_services.datasets.connections import service
from backend_services.datasets.connections.errors import ServerError
from backend_services.datasets.connections.opening import opened
from backend_services.datasets.connections.ports import ConnectionKind, Tls
from backend_services.datasets.query import service as engine
from backend_services.datasets.schemas import DatasetState
from backend_services.kernel.actor import Actor
from backend_services.kernel.pagination import PageRequest
from tests.factories.connections import PASSWORD, connect, copied, wanted
from tests.factories.identity import make_actor
from tests.factories.mariadb import MariaDb

pytestmark = pytest.mark.usefixtures("database")
M = ConnectionKind.MYSQL
ODD = "odd `name`; DROP TABLE x -- \\"


async def test_a_table_becomes_a_dataset_that_can_be_asked(maria: MariaDb) -> None:
    maria.run(
        "CREATE OR REPLACE TABLE shop.orders (id INT PRIMARY KEY, city VARCHAR(40), amount DECIMAL(10,2), paid BOOL);"
        "INSERT INTO shop.orders VALUES (1,'Škofja Loka',10.50,1),(2,'Ptuj 🐟',20,0),(3,'Škofja Loka',0.07,NULL);"
    )
    actor = await make_actor()
    made = await connect(actor, wanted(M, port=maria.port, database="shop", username="reader"))
    check = await service.check_connection(actor, made.id)
    assert (check.ok, check.can_write) == (True, False), check.error
    assert "MariaDB" in check.server
    dataset = await copied(actor, made.id, "orders", schema="shop")
    assert (dataset.state, dataset.rows) == (DatasetState.READY, 3), dataset.error
    answer = await engine.run_metric(
        actor, MetricQuery(dataset_id=dataset.id, measures=("amount",), dimensions=(GroupBy(field="city"),))
    )
    assert {row[0]: row[1] for row in answer.rows} == {"Škofja Loka": 10.57, "Ptuj 🐟": 20}


async def test_odd_types_and_dates_of_zeros_are_read(maria: MariaDb) -> None:
    maria.run(
        "SET sql_mode=''; CREATE OR REPLACE TABLE shop.odd (a DATE, b DATETIME, c TIMESTAMP NULL, d BIGINT UNSIGNED,"
        " e ENUM('x','y'), f SET('p','q'), g BIT(1), h BIT(9), i JSON, j TIME, k YEAR, l BLOB, m POINT,"
        " n DECIMAL(60,2), o DOUBLE, p VARBINARY(4));"
        "SET time_zone='+02:00'; INSERT INTO shop.odd VALUES ('0000-00-00','0000-00-00','2024-07-01 01:30:00',"
        "18446744073709551615,'y','p,q',b'1',b'100000001','{\"a\":1}','-25:00:00',2024,x'00ff',POINT(1,2),"
        "12345678901234567890123456789012345678901234567890.12,1e300,x'6162');"
        "INSERT INTO shop.odd (a,b,d) VALUES ('2024-02-29','1000-01-01 00:00:00',0);"
    )
    actor = await make_actor()
    made = await connect(actor, wanted(M, port=maria.port, database="shop", username="reader"))
    dataset = await copied(actor, made.id, "odd", schema="shop")
    assert dataset.state is DatasetState.READY, dataset.error
    page = await datasets.read_rows(actor, dataset.id, PageRequest())
    first = dict(zip([one.name for one in page.columns], page.rows[0], strict=True))
    assert (first["a"], first["b"]) == (None, None)
    assert first["d"] == "18446744073709551615"
    assert (first["e"], first["f"], first["g"]) == ("y", "p,q", True)
    assert first["c"] == "2024-06-30T23:30:00", "copies hold instants in UTC, as uploads do"
    assert (first["l"], first["k"]) in {("00FF", 2024), ("00ff", 2024)}
    assert first["m"] == "POINT(1 2)"


async def test_names_with_quotes_are_names_and_nothing_else(maria: MariaDb) -> None:
    quoted = "`" + ODD.replace("`", "``") + "`"
    maria.run(f"CREATE OR REPLACE TABLE shop.{quoted} ({quoted} INT, `%s` INT); INSERT INTO shop.{quoted} VALUES (7,8)")  # noqa: S608 - names of our own
    actor = await make_actor()
    made = await connect(actor, wanted(M, port=maria.port, database="shop", username="reader"))
    dataset = await copied(actor, made.id, ODD, schema="shop")
    assert dataset.state is DatasetState.READY, dataset.error
    assert (await datasets.read_rows(actor, dataset.id, PageRequest())).rows == ((7, 8),)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"password": "not-that-one-8841"}, "connection_login"),
        ({"database": "nowhere"}, "connection_database"),
        ({"port": 1}, "connection_refused"),
        ({"tls": Tls.VERIFY}, "connection_tls"),
    ],
)
async def test_a_test_says_exactly_what_is_wrong(
    maria: MariaDb, change: dict[str, object], code: str, caplog: pytest.LogCaptureFixture
) -> None:
    actor = await make_actor()
    filled = {"port": maria.port, "database": "shop", "username": "reader"} | change
    made = await connect(actor, wanted(M, **filled))  # type: ignore[arg-type] # one field is another
    check = await service.check_connection(actor, made.id)
    assert check.error is not None
    assert check.error.code == code
    for password in (PASSWORD, "not-that-one-8841"):
        assert password not in caplog.text + check.model_dump_json()


async def test_a_login_that_can_write_is_told_and_still_writes_nothing(maria: MariaDb) -> None:
    maria.run(
        "CREATE OR REPLACE TABLE shop.kept (n INT); INSERT INTO shop.kept VALUES (1);"
        "DROP FUNCTION IF EXISTS shop.wipe; CREATE FUNCTION shop.wipe() RETURNS INT MODIFIES SQL DATA"
        " RETURN (SELECT 1); DROP FUNCTION shop.wipe; \nDELIMITER //\n"
        "CREATE FUNCTION shop.wipe() RETURNS INT MODIFIES SQL DATA BEGIN DELETE FROM shop.kept; RETURN 1; END//\n"
        "DELIMITER ;\nCREATE OR REPLACE VIEW shop.wiping AS SELECT shop.wipe() AS n;"
    )
    actor = await make_actor()
    made = await connect(actor, wanted(M, port=maria.port, database="shop", username="writer"))
    assert (await service.check_connection(actor, made.id)).can_write
    dataset = await copied(actor, made.id, "wiping", schema="shop")
    assert dataset.state is DatasetState.FAILED
    maria.run("SELECT IF(COUNT(*) = 1, 1, (SELECT 1 UNION SELECT 2)) FROM shop.kept")


async def _read(actor: Actor, connection_id: UUID, table: str, *, timeout_s: float) -> None:
    async with opened(actor, connection_id, timeout_s=timeout_s) as reader:
        columns = await reader.columns("shop", table)
        async for _ in reader.rows("shop", table, columns, size=1):
            pass


async def test_a_slow_server_is_cancelled_at_its_own_end(maria: MariaDb) -> None:
    maria.run("CREATE OR REPLACE VIEW shop.slow AS SELECT SLEEP(600) AS n")
    actor = await make_actor()
    made = await connect(actor, wanted(M, port=maria.port, database="shop", username="reader"))
    with pytest.raises(ServerError) as refused:
        await _read(actor, made.id, "slow", timeout_s=0.3)
    assert refused.value.code == "connection_timeout"
