"""Levels (stock, population) add up over everything but time, and what a role may not see is in none of them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from backend_services.datasets.catalogue import (
    Aggregation,
    Filter,
    Grain,
    GroupBy,
    Measure,
    MetricQuery,
    Operator,
    Text,
)
from backend_services.datasets.query.compile import compile_metric
from backend_services.datasets.query.drill import rows_of
from backend_services.datasets.query.errors import FieldTypeError, UnknownFieldError
from backend_services.datasets.query.view import View
from backend_services.datasets.rules import RowRule, RowScope, RuleCondition
from tests.unit.datasets_query.surroundings import CATALOGUE, DATASET_ID, orders, view

if TYPE_CHECKING:
    from tests.unit.datasets_query.conftest import OrdersDatabase

ROWS = orders()
REGION, COST, DAY, AT = 1, 4, 5, 6
LEVEL = Measure(id="stock", column="cost", aggregation=Aggregation.LAST, label=Text(en="Stock"), over="at")
PART = Measure(
    id="stock_share",
    aggregation=Aggregation.RATIO,
    numerator="stock",
    denominator="costs",
    label=Text(en="Part in stock"),
)
TEXTS = Measure(id="bad", column="region", aggregation=Aggregation.LAST, label=Text(en="Bad"))


def seen(scope: RowScope | None = None, *, live: bool = False) -> View:
    """Return the table with readings every hour and a level of which a day is the period."""
    base = view(scope=scope, live=live)
    dimensions = tuple(
        one.model_copy(update={"grain": Grain.DAY}) if one.id == "at" else one for one in CATALOGUE.dimensions
    )
    catalogue = CATALOGUE.model_copy(
        update={"measures": (*CATALOGUE.measures, LEVEL, PART, TEXTS), "dimensions": dimensions}
    )
    return replace(base, source=replace(base.source, catalogue=catalogue))


def ask(*measures: str, by: tuple[GroupBy, ...] = (), **more: Any) -> MetricQuery:
    return MetricQuery(dataset_id=DATASET_ID, measures=measures, dimensions=by, **more)


def last_days(rows: list[tuple[Any, ...]]) -> int:
    """Return the costs of the last day of ``rows``, added up by hand."""
    last = max(row[AT].date() for row in rows)
    return sum(row[COST] for row in rows if row[AT].date() == last)


async def test_a_level_is_that_of_the_last_period_added_up_over_the_rest(orders_database: OrdersDatabase) -> None:
    found = await orders_database.run(compile_metric(ask("stock", "costs", "orders"), seen()).sql)
    assert found == [(last_days(ROWS), sum(row[COST] for row in ROWS), len(ROWS))]


async def test_each_group_has_its_own_last_period(orders_database: OrdersDatabase) -> None:
    earlier = Filter(field="id", operator=Operator.LT, values=(390,))
    query = ask("stock", by=(GroupBy(field="region"),), filters=(earlier,))
    found = await orders_database.run(compile_metric(query, seen()).sql)
    rows = [row for row in ROWS if row[0] < 390]
    assert dict(found) == {name: last_days([row for row in rows if row[REGION] == name]) for name, _ in found}
    assert len(found) == 4


async def test_along_time_each_bucket_has_its_own_last_period(orders_database: OrdersDatabase) -> None:
    months: dict[date, list[tuple[Any, ...]]] = defaultdict(list)
    for row in ROWS:
        months[row[AT].date().replace(day=1)].append(row)
    query = ask("stock", by=(GroupBy(field="at", grain=Grain.WEEK),))
    by_week = await orders_database.run(compile_metric(query, seen()).sql)
    query = ask("stock", by=(GroupBy(field="at", grain=Grain.MONTH),))
    by_month = await orders_database.run(compile_metric(query, seen()).sql)
    assert by_month == [(month, last_days(rows)) for month, rows in sorted(months.items())]
    assert len(by_week) > len(by_month)


async def test_every_period_keeps_its_own_value(orders_database: OrdersDatabase) -> None:
    query = ask("cost__last", by=(GroupBy(field="day", grain=Grain.DAY),))
    found = await orders_database.run(compile_metric(query, seen()).sql)
    assert found == [(row[DAY], row[COST]) for row in ROWS]


async def behind(
    database: OrdersDatabase, query: MetricQuery, cell: dict[str, Any], scope: RowScope | None = None
) -> list[dict[str, Any]]:
    """Return the rows behind a cell of the answer, by column."""
    place = seen(scope)
    rows = rows_of(query, cell=cell, catalogue=place.source.catalogue, zone=place.zone)
    compiled = compile_metric(rows, place)
    names = [column.name for column in compiled.columns]
    return [dict(zip(names, row, strict=True)) for row in await database.run(compiled.sql)]


async def test_the_rows_behind_a_level_are_those_that_it_adds_up(orders_database: OrdersDatabase) -> None:
    for query in (ask("stock"), ask("stock", by=(GroupBy(field="region"),))):
        for group in await orders_database.run(compile_metric(query, seen()).sql):
            *names, level = group
            rows = await behind(orders_database, query, {"region": names[0]} if names else {})
            assert sum(row["cost"] for row in rows) == level
            assert len({row["at"].date() for row in rows}) == 1


async def test_the_rows_behind_the_levels_of_all_buckets_are_of_the_last_period_of_each(
    orders_database: OrdersDatabase,
) -> None:
    query = ask("stock", by=(GroupBy(field="at", grain=Grain.MONTH),), limit=1000)
    months = dict(await orders_database.run(compile_metric(query, seen()).sql))
    rows = await behind(orders_database, query, {})
    assert sum(row["cost"] for row in rows) == sum(months.values())
    first = min(months)
    in_first = await behind(orders_database, query, {"at": first.isoformat()})
    assert sum(row["cost"] for row in in_first) == months[first]
    assert {row["at"].date().replace(day=1) for row in in_first} == {first}


async def test_what_stands_beside_a_level_keeps_all_rows_behind_it(orders_database: OrdersDatabase) -> None:
    assert len(await behind(orders_database, ask("stock", "costs", limit=1000), {})) == len(ROWS)
    assert len(await behind(orders_database, ask("stock_share", limit=1000), {})) == len(ROWS)


async def test_the_rows_behind_a_level_are_only_those_that_the_role_sees(orders_database: OrdersDatabase) -> None:
    scope = RowScope(alternatives=(rule("north", "id", Operator.LT, 50),))
    rows = await behind(orders_database, ask("stock"), {}, scope)
    assert {row["id"] for row in rows} <= set(range(50))
    assert sum(row["cost"] for row in rows) == last_days([row for row in ROWS if row[0] < 50])


def rule(role: str, field: str, operator: Operator, value: str | int, *, hidden: tuple[str, ...] = ()) -> RowRule:
    condition = RuleCondition(column=field, operator=operator, values=(value,))
    return RowRule(role=role, conditions=(condition,), hidden_columns=hidden)


async def test_the_last_period_is_the_last_of_the_rows_that_the_role_sees(orders_database: OrdersDatabase) -> None:
    scope = RowScope(alternatives=(rule("north", "id", Operator.LT, 50),))
    found = await orders_database.run(compile_metric(ask("stock", "stock_share"), seen(scope)).sql)
    rows = [row for row in ROWS if row[0] < 50]
    level, share = last_days(rows), last_days(rows) / sum(row[COST] for row in rows)
    assert found == [(level, pytest.approx(share))]


async def test_a_period_without_a_value_is_not_the_last_one(orders_database: OrdersDatabase) -> None:
    scope = RowScope(
        alternatives=(
            rule("early", "id", Operator.LT, 50),
            rule("late", "id", Operator.GTE, 50, hidden=("cost",)),
        )
    )
    found = await orders_database.run(compile_metric(ask("stock", "orders"), seen(scope)).sql)
    assert found == [(last_days([row for row in ROWS if row[0] < 50]), len(ROWS))]


async def test_groups_can_be_ordered_and_tested_by_a_level(orders_database: OrdersDatabase) -> None:
    levels = {one: last_days([row for row in ROWS if row[REGION] == one]) for one in {row[REGION] for row in ROWS}}
    least = sorted(levels.values())[1]
    more = Filter(field="stock", operator=Operator.GT, values=(least,))
    query = ask("orders", by=(GroupBy(field="region"),), having=(more,))
    found = await orders_database.run(compile_metric(query, seen()).sql)
    assert {name for name, _ in found} == {name for name, level in levels.items() if level > least}


@pytest.mark.parametrize("closed", ["cost", "at"])
def test_without_its_column_or_its_time_there_is_no_level(closed: str) -> None:
    scope = RowScope(alternatives=(rule("viewer", "region", Operator.EQ, "north", hidden=(closed,)),))
    with pytest.raises(UnknownFieldError) as refused:
        compile_metric(ask("stock"), seen(scope))
    assert "stock" not in str(refused.value.params.get("nearest"))


def test_texts_have_no_level() -> None:
    with pytest.raises(FieldTypeError):
        compile_metric(ask("bad"), seen())


def test_without_a_time_no_level_follows_from_a_number() -> None:
    assert CATALOGUE.measure("cost__last") is not None
    assert CATALOGUE.model_copy(update={"default_time": None}).measure("cost__last") is None


def test_live_tables_ask_only_for_the_tenants_rows() -> None:
    sql = compile_metric(ask("stock"), seen(live=True)).sql
    assert "tenant_id" in sql
    assert "OVER ()" in sql
