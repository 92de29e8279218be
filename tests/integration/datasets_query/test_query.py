"""Questions through the service: rights, rules, cache, limits and files."""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from backend_services.datasets import rules_service
from backend_services.datasets import service as datasets
from backend_services.datasets.catalogue import Filter, Grain, GroupBy, MetricQuery, Operator, Sort, SqlQuery
from backend_services.datasets.errors import DatasetNotFoundError
from backend_services.datasets.models import DatasetVersion
from backend_services.datasets.query import cache, metrics, service
from backend_services.datasets.query.compile import compile_metric
from backend_services.datasets.query.errors import (
    NoRowsForRoleError,
    SourceUnreadableError,
    SqlFailedError,
    SqlFunctionRefusedError,
    UnknownFieldError,
)
from backend_services.datasets.query.execution import close_pool, view_of
from backend_services.datasets.query.schemas import ExportFormat
from backend_services.datasets.query.settings import get_query_settings
from backend_services.datasets.rules_errors import RuleExistsError, RuleNotFoundError
from backend_services.datasets.rules_schemas import RuleInput
from backend_services.kernel.db import get_database, transaction
from backend_services.kernel.errors import PermissionDeniedError
from backend_services.kernel.files import get_files
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.redis import get_redis
from tests.factories.identity import make_actor, make_tenant
from tests.integration.datasets_query.stored import read_export, store_orders, store_version
from tests.unit.datasets_query.surroundings import orders

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from backend_services.kernel.actor import Actor

pytestmark = pytest.mark.usefixtures("database")
ROWS = orders()
NORTH = RuleInput(
    role="viewer",
    filters=(Filter(field="region", operator=Operator.EQ, values=("north",)),),
    hidden_columns=("cost",),
)


@pytest.fixture(autouse=True)
def closed_pool() -> Iterator[None]:
    yield
    close_pool()


@pytest.fixture
async def owner() -> Actor:
    return await make_actor(role="owner")


def with_role(actor: Actor, *roles: str, full: Actor | None = None) -> Actor:
    permissions = frozenset(one for one in (full or actor).permissions if not one.value.startswith("datasets:rule"))
    return replace(actor, roles=frozenset(roles), permissions=permissions)


def by_region(dataset_id: UUID, **more: Any) -> MetricQuery:
    return MetricQuery(
        dataset_id=dataset_id, measures=("orders", "revenue"), dimensions=(GroupBy(field="region"),), **more
    )


async def put_rule(owner: Actor, dataset_id: UUID, rule: RuleInput = NORTH) -> UUID:
    async with transaction(owner) as session:
        return (await rules_service.create_rule(owner, session, dataset_id, rule)).id


async def test_metric_and_sql_agree_and_say_where_they_come_from(owner: Actor) -> None:
    dataset_id = await store_orders(owner)
    metric = await service.run_metric(owner, by_region(dataset_id, sort=(Sort(field="revenue", descending=True),)))
    sql = "select region, count(*) n, sum(amount) s from data group by 1 order by 3 desc"
    free = await service.run_sql(owner, SqlQuery(dataset_id=dataset_id, sql=sql))
    assert metric.rows == free.rows
    assert sum(int(row[1] or 0) for row in metric.rows) == len(ROWS)
    assert (metric.freshness.dataset_version, metric.freshness.source_rows, metric.freshness.live) == (1, 400, False)
    assert [column.name for column in metric.columns] == ["region", "orders", "revenue"]
    assert not metric.truncated


async def test_second_time_from_the_cache_and_a_new_version_never(owner: Actor) -> None:
    dataset_id = await store_orders(owner)
    first = await service.run_metric(owner, by_region(dataset_id))
    again = await service.run_metric(owner, by_region(dataset_id))
    assert (first.cached, again.cached) == (False, True)
    assert first.rows == again.rows
    await store_version(owner, dataset_id, number=2, count=40)
    newer = await service.run_metric(owner, by_region(dataset_id))
    assert not newer.cached
    assert sum(int(row[1] or 0) for row in newer.rows) == 40


@pytest.fixture
def nothing_at_hand(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every answer come from Valkey."""
    monkeypatch.setenv("OMNI_DATASETS_QUERY_NEAR_S", "0")
    get_query_settings.cache_clear()
    close_pool()
    yield
    close_pool()
    get_query_settings.cache_clear()


@pytest.mark.usefixtures("nothing_at_hand")
async def test_what_valkey_keeps_is_the_answer_itself(owner: Actor) -> None:
    dataset_id = await store_orders(owner)
    first = await service.run_metric(owner, by_region(dataset_id))
    again = await service.run_metric(owner, by_region(dataset_id))
    assert (first.cached, again.cached) == (False, True)
    assert again.rows == first.rows
    assert again.columns == first.columns


async def test_an_answer_at_hand_needs_no_valkey(owner: Actor) -> None:
    dataset_id = await store_orders(owner)
    query = by_region(dataset_id)
    first = await service.run_metric(owner, query)
    view = await view_of(owner, dataset_id)
    await get_redis().delete(cache.key_of(view, compile_metric(query, view)))
    again = await service.run_metric(owner, query)
    assert (again.rows, again.cached) == (first.rows, True)


@pytest.mark.usefixtures("nothing_at_hand")
async def test_a_corrupt_or_missing_cache_only_costs_time(owner: Actor) -> None:
    dataset_id = await store_orders(owner)
    query = by_region(dataset_id)
    first = await service.run_metric(owner, query)
    view = await view_of(owner, dataset_id)
    where = cache.key_of(view, compile_metric(query, view))
    assert await get_redis().get(where)
    for rubbish in ("rubbish", "", "c$~", "[]"):
        await get_redis().set(where, rubbish)
        found = await service.run_metric(owner, query)
        assert (found.rows, found.cached) == (first.rows, False)


async def test_errors_are_never_kept(owner: Actor) -> None:
    dataset_id = await store_orders(owner)
    query = SqlQuery(dataset_id=dataset_id, sql="select cast(region as integer) from data")
    for _ in range(2):
        with pytest.raises(SqlFailedError):
            await service.run_sql(owner, query)


async def test_another_tenant_finds_nothing(owner: Actor) -> None:
    dataset_id = await store_orders(owner)
    stranger = await make_actor(role="owner")
    for call in (
        service.run_metric(stranger, by_region(dataset_id)),
        service.run_sql(stranger, SqlQuery(dataset_id=dataset_id, sql="select * from data")),
        service.dry_run(stranger, by_region(dataset_id)),
        service.field_values(stranger, dataset_id, field="region"),
        service.rows_behind(stranger, by_region(dataset_id), cell={}),
        read_export(stranger, by_region(dataset_id), export_format=ExportFormat.CSV),
    ):
        with pytest.raises(DatasetNotFoundError):
            await call


async def test_rights(owner: Actor) -> None:
    dataset_id = await store_orders(owner)
    nobody = replace(owner, permissions=frozenset())
    with pytest.raises(PermissionDeniedError):
        await service.run_metric(nobody, by_region(dataset_id))
    reader = replace(owner, permissions=frozenset(one for one in owner.permissions if one != "datasets:sql:run"))
    for call in (
        service.run_sql(reader, SqlQuery(dataset_id=dataset_id, sql="select 1 from data")),
        service.dry_run(reader, SqlQuery(dataset_id=dataset_id, sql="select 1 from data")),
        read_export(reader, SqlQuery(dataset_id=dataset_id, sql="select 1"), export_format=ExportFormat.CSV),
    ):
        with pytest.raises(PermissionDeniedError):
            await call


async def test_rules_hold_on_every_path(owner: Actor) -> None:
    dataset_id = await store_orders(owner)
    whole = await service.run_metric(owner, by_region(dataset_id))
    await put_rule(owner, dataset_id)
    viewer = with_role(owner, "viewer")
    north = [row for row in ROWS if row[1] == "north"]

    metric = await service.run_metric(viewer, by_region(dataset_id))
    assert [row[:2] for row in metric.rows] == [("north", len(north))]
    assert (metric.cached, metric.rules_applied) == (False, ("viewer",))
    free = await service.run_sql(viewer, SqlQuery(dataset_id=dataset_id, sql="select distinct region from data"))
    assert free.rows == (("north",),)
    listed = await service.run_metric(viewer, MetricQuery(dataset_id=dataset_id))
    assert "cost" not in [column.name for column in listed.columns]
    assert len(listed.rows) == len(north)
    behind = await service.rows_behind(viewer, by_region(dataset_id), cell={"region": "south"})
    assert behind.rows == ()
    values = await service.field_values(viewer, dataset_id, field="region")
    assert [one.value for one in values] == ["north"]
    text = await read_export(viewer, MetricQuery(dataset_id=dataset_id), export_format=ExportFormat.CSV, whole=True)
    exported = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
    assert {row["region"] for row in exported} == {"north"}
    assert len(exported) == len(north)
    with pytest.raises(UnknownFieldError):
        await service.run_metric(viewer, MetricQuery(dataset_id=dataset_id, measures=("costs",)))
    assert (await service.dry_run(viewer, SqlQuery(dataset_id=dataset_id, sql="select cost from data"))).ok is False

    assert metric.freshness.source_rows is None, "how many rows are hidden is not told"
    assert whole.freshness.source_rows == len(ROWS)
    guessed = await service.dry_run(viewer, SqlQuery(dataset_id=dataset_id, sql="select region from data"))
    assert (guessed.ok, guessed.estimated_rows) == (True, None)
    for asked in ("select id from data where id = 1", "select avg(id) from data"):
        assert (await service.dry_run(owner, SqlQuery(dataset_id=dataset_id, sql=asked))).estimated_rows is not None
    async with transaction(viewer) as session:
        listed_page = await datasets.list_datasets(viewer, session, PageRequest())
        assert [one.rows for one in listed_page.items if one.id == dataset_id] == [None]
        assert (await datasets.get_dataset(viewer, session, dataset_id)).rows is None
        assert (await datasets.get_dataset(owner, session, dataset_id)).rows == len(ROWS)
    assert (await datasets.read_rows(viewer, dataset_id, PageRequest(limit=10))).total == 11

    with pytest.raises(NoRowsForRoleError):
        await service.run_metric(with_role(owner, "analyst"), by_region(dataset_id))
    again = await service.run_metric(owner, by_region(dataset_id))
    assert again.rows == whole.rows


async def test_rules_are_kept_audited_and_taken_back(owner: Actor) -> None:
    dataset_id = await store_orders(owner)
    rule_id = await put_rule(owner, dataset_id)
    with pytest.raises(RuleExistsError):
        await put_rule(owner, dataset_id)
    async with transaction(owner) as session:
        changed = await rules_service.update_rule(
            owner, session, dataset_id, rule_id, RuleInput(role="viewer", hidden_columns=("region",))
        )
    assert changed.rule.hidden_columns == ("region",)
    stranger = await make_actor(role="owner")
    with pytest.raises(DatasetNotFoundError):
        async with transaction(stranger) as session:
            await rules_service.list_rules(stranger, session, dataset_id, PageRequest())
    async with transaction(owner) as session:
        assert (await rules_service.list_rules(owner, session, dataset_id, PageRequest())).total == 1
        await rules_service.delete_rule(owner, session, dataset_id, rule_id)
    with pytest.raises(RuleNotFoundError):
        async with transaction(owner) as session:
            await rules_service.delete_rule(owner, session, dataset_id, rule_id)
    assert (await service.run_metric(with_role(owner, "viewer"), by_region(dataset_id))).rules_applied == ()


async def test_rules_by_the_actors_own_address() -> None:
    tenant = await make_tenant()
    owner = await make_actor(role="owner", tenant=tenant)
    dataset_id = await store_orders(owner)
    person = await make_actor(role="viewer", email="person1@example.org", tenant=tenant)
    own = RuleInput(role="viewer", filters=(Filter(field="owner", operator=Operator.EQ, values=("{user.email}",)),))
    await put_rule(owner, dataset_id, own)
    found = await service.run_metric(person, MetricQuery(dataset_id=dataset_id, measures=("orders",)))
    assert found.rows == ((80,),)
    key = replace(person, user_id=None)
    with pytest.raises(NoRowsForRoleError):
        await service.run_metric(key, MetricQuery(dataset_id=dataset_id, measures=("orders",)))


async def test_dry_run_says_what_and_where(owner: Actor) -> None:
    dataset_id = await store_orders(owner)
    fine = await service.dry_run(owner, by_region(dataset_id))
    assert (fine.ok, fine.problems) == (True, ())
    assert fine.estimated_rows is not None
    sql = "select getenv('HOME') from data"
    refused = await service.dry_run(owner, SqlQuery(dataset_id=dataset_id, sql=sql))
    assert (refused.ok, refused.problems[0].code) == (False, SqlFunctionRefusedError.code)
    assert (refused.problems[0].part, refused.problems[0].position) == ("getenv", 7)
    unknown = await service.dry_run(owner, SqlQuery(dataset_id=dataset_id, sql="select nothing from data"))
    assert (unknown.ok, unknown.problems[0].code) == (False, SqlFailedError.code)


async def test_values_of_a_field(owner: Actor) -> None:
    dataset_id = await store_orders(owner)
    found = await service.field_values(owner, dataset_id, field="region", search="OR")
    assert [(one.value, one.rows) for one in found] == [("north", 100)]
    numbers = await service.field_values(owner, dataset_id, field="cost", search="3")
    assert [one.value for one in numbers] == [3]
    with pytest.raises(UnknownFieldError):
        await service.field_values(owner, dataset_id, field="owner")


async def test_rows_behind_a_month(owner: Actor) -> None:
    dataset_id = await store_orders(owner)
    query = MetricQuery(
        dataset_id=dataset_id, measures=("orders",), dimensions=(GroupBy(field="day", grain=Grain.MONTH),)
    )
    answer = await service.run_metric(owner, query)
    month, count = answer.rows[1]
    behind = await service.rows_behind(owner, query, cell={"day": month}, limit=1000)
    assert len(behind.rows) == count


async def test_truncation_is_told(owner: Actor) -> None:
    dataset_id = await store_orders(owner)
    answer = await service.run_metric(owner, MetricQuery(dataset_id=dataset_id, limit=10))
    assert (len(answer.rows), answer.truncated) == (10, True)
    text = await read_export(owner, MetricQuery(dataset_id=dataset_id, limit=10), export_format=ExportFormat.CSV)
    lines = text.decode("utf-8-sig").splitlines()
    assert len(lines) == 12
    assert "10" in lines[-1]


async def test_a_rule_that_a_new_version_no_longer_fits_shows_nothing(owner: Actor) -> None:
    dataset_id = await store_orders(owner)
    await put_rule(owner, dataset_id)
    viewer = with_role(owner, "viewer")
    assert (await service.run_metric(viewer, by_region(dataset_id))).rows
    await store_version(owner, dataset_id, number=2, count=10)
    async with transaction(owner) as session:
        found = await session.execute(select(DatasetVersion).where(col(DatasetVersion.dataset_id) == dataset_id))
        for version in found.scalars():
            if version.number == 2:
                version.fields = [
                    {**one, "type": "integer", "stored_as": "INTEGER"} if one["name"] == "region" else one
                    for one in version.fields
                ]
                session.add(version)
    listing = MetricQuery(dataset_id=dataset_id, dimensions=(GroupBy(field="id"),))
    assert (await service.run_metric(viewer, listing)).rows == ()
    assert len((await service.run_metric(owner, listing)).rows) == 10


@contextmanager
def counted() -> Iterator[list[str]]:
    """Collect the statements that PostgreSQL is sent."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        sent.append(statement)

    engine = get_database().engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_lists_take_as_many_statements_for_many_datasets_as_for_one(owner: Actor) -> None:
    counts = []
    for more in (1, 6):
        for _ in range(more):
            await put_rule(owner, await store_orders(owner, count=10))
        with counted() as sent:
            async with transaction(owner) as session:
                found = await metrics.list_metrics(owner, session, PageRequest(limit=200, search="revenue"))
                listed = await datasets.list_datasets(owner, session, PageRequest())
        assert found.total == sum(one.name == "Orders" for one in listed.items)
        counts.append(len(sent))
    assert counts[0] == counts[1]


async def test_missing_or_damaged_files_are_told(owner: Actor) -> None:
    dataset_id = await store_orders(owner)
    key = await store_version(owner, dataset_id, number=2, count=10)
    path = await get_files().local_path(key)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceUnreadableError):
        await service.run_metric(owner, by_region(dataset_id))
    await get_files().delete(key)
    with pytest.raises(SourceUnreadableError):
        await service.run_metric(owner, by_region(dataset_id))
