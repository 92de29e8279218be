"""The platform's own tables through the query engine: always live, only the tenant's own rows, never written."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from backend_services.audit import service as audit
from backend_services.datasets import platform
from backend_services.datasets.catalogue import Grain, GroupBy, MetricQuery, SqlQuery
from backend_services.datasets.query import service
from backend_services.datasets.query.errors import (
    QueryError,
    QueryTimeoutError,
    ResultTooLargeError,
    SqlFailedError,
    SqlRefusedError,
)
from backend_services.datasets.query.postgres import bounded, fetch
from backend_services.datasets.query.schemas import ExportFormat
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import DomainError, TooLargeError
from tests.factories.identity import make_actor
from tests.unit.datasets_query import hostile

if TYPE_CHECKING:
    from backend_services.kernel.actor import Actor

pytestmark = pytest.mark.usefixtures("database")
AUDIT = next(one for one in platform.TABLES.values() if "audit" in one.relation)


async def write_events(actor: Actor, *, count: int) -> None:
    async with transaction(actor) as session:
        for index in range(count):
            await audit.record(actor, session, action=f"test.thing.{index % 2}")


async def test_live_figures_count_the_tenants_own_rows_only() -> None:
    mine, other = await make_actor(role="owner"), await make_actor(role="owner")
    await write_events(mine, count=5)
    await write_events(other, count=7)
    sql = SqlQuery(dataset_id=AUDIT.id, sql="select count(*) as n from data where action like 'test.thing.%'")
    assert (await service.run_sql(mine, sql)).rows == ((5,),)
    await write_events(mine, count=1)
    again = await service.run_sql(mine, sql)
    assert again.rows == ((6,),)
    assert (again.cached, again.freshness.live, again.freshness.dataset_version) == (False, True, 0)


async def test_questions_in_catalogue_terms_run_on_platform_tables() -> None:
    actor = replace(await make_actor(role="owner"), time_zone="Europe/Ljubljana")
    await write_events(actor, count=4)
    time = AUDIT.catalogue.default_time
    counts = next(one.id for one in AUDIT.catalogue.measures if one.aggregation == "count" and one.column is None)
    assert time is not None
    query = MetricQuery(dataset_id=AUDIT.id, measures=(counts,), dimensions=(GroupBy(field=time, grain=Grain.DAY),))
    answer = await service.run_metric(actor, query)
    assert sum(int(row[1] or 0) for row in answer.rows) >= 4
    behind = await service.rows_behind(actor, query, cell={time: answer.rows[0][0]})
    assert len(behind.rows) == answer.rows[0][1]
    plan = await service.dry_run(actor, query)
    assert plan.ok
    assert plan.estimated_rows is not None


async def test_every_platform_table_can_be_listed_and_counted() -> None:
    actor = await make_actor(role="owner", operator=True)
    for table in platform.TABLES.values():
        listed = await service.run_metric(actor, MetricQuery(dataset_id=table.id, limit=5))
        assert {column.type for column in listed.columns}
        for measure in table.catalogue.measures:
            await service.run_metric(actor, MetricQuery(dataset_id=table.id, measures=(measure.id,)))


@pytest.mark.parametrize(
    "sql",
    [
        "select pg_sleep(5) from data",
        "select * from users",
        "select set_config('omni.system', 'on', true) from data",
        'with "Users" as (select 1) select * from users',
        "update data set action = 'x'",
    ],
)
async def test_hostile_sql_on_live_tables(sql: str) -> None:
    actor = await make_actor(role="owner")
    with pytest.raises(SqlRefusedError):
        await service.run_sql(actor, SqlQuery(dataset_id=AUDIT.id, sql=sql))


async def test_without_the_guard_the_transaction_cannot_write_or_wait() -> None:
    actor = await make_actor(role="owner")
    with pytest.raises(QueryTimeoutError):
        await fetch(actor, "select pg_sleep(30)", timeout_s=0.2, most=1, max_bytes=100)
    with pytest.raises(Exception, match="read-only"):
        await fetch(actor, "create table public.x (a int)", timeout_s=5, most=1, max_bytes=100)


async def test_bad_sql_on_live_tables_is_told() -> None:
    actor = await make_actor(role="owner")
    with pytest.raises(SqlFailedError):
        await service.run_sql(actor, SqlQuery(dataset_id=AUDIT.id, sql="select nothing from data"))


@pytest.mark.parametrize(
    "sql",
    [
        "select now() + interval '200000 years'",
        "select timestamp '294276-01-01'",
        "select string_agg(a.action || b.action, '') from data a, data b, data c, data d, data e, data f",
        *hostile.GROWING,
    ],
    ids=lambda sql: sql[:40],
)
async def test_answers_beyond_measure_are_refused(sql: str) -> None:
    actor = await make_actor(role="owner")
    await write_events(actor, count=12)
    with pytest.raises((QueryError, TooLargeError)):
        await service.run_sql(actor, SqlQuery(dataset_id=AUDIT.id, sql=sql))


async def test_a_number_of_many_digits_is_written_out() -> None:
    actor = await make_actor(role="owner")
    found = await service.run_sql(actor, SqlQuery(dataset_id=AUDIT.id, sql="select power(10::decimal, 100000)"))
    assert found.rows == (("1" + "0" * 100_000,),)


async def test_a_row_is_never_longer_than_a_process_can_hold() -> None:
    actor = await make_actor(role="owner")
    long = bounded("select repeat('x', 600000) as a, repeat('y', 600000) as b")
    with pytest.raises(SqlFailedError, match="a row is longer"):
        await fetch(actor, long, timeout_s=5, most=1, max_bytes=10_000_000)
    with pytest.raises(ResultTooLargeError):
        await fetch(actor, "select repeat('x', 600000)", timeout_s=5, most=1, max_bytes=100)


async def test_live_tables_need_their_own_permission() -> None:
    actor = await make_actor(role="owner")
    reader = replace(actor, permissions=frozenset(one for one in actor.permissions if "platform" not in one.value))
    with pytest.raises(DomainError):
        await service.run_sql(reader, SqlQuery(dataset_id=AUDIT.id, sql="select 1 from data"))


async def test_live_exports() -> None:
    actor = await make_actor(role="owner")
    await write_events(actor, count=3)
    query = MetricQuery(dataset_id=AUDIT.id, limit=2)
    pieces = await service.export(actor, query, export_format=ExportFormat.CSV)
    text = b"".join([piece async for piece in pieces]).decode("utf-8-sig")
    assert len(text.splitlines()) == 4
