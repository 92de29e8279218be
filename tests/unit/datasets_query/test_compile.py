"""Questions in catalogue terms become SQL that answers them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
import sqlglot

from backend_services.datasets.catalogue import (
    FieldType,
    Filter,
    Grain,
    GroupBy,
    MetricQuery,
    Operator,
    RelativePeriod,
    Scalar,
    Sort,
)
from backend_services.datasets.query import drill
from backend_services.datasets.query.compile import compile_metric
from backend_services.datasets.query.errors import (
    FieldTypeError,
    FilterCountError,
    FilterValueError,
    MeasureBrokenError,
    NoTimeFieldError,
    RowsHaveNoFiguresError,
    UnknownFieldError,
)
from tests.unit.datasets_query.surroundings import DATASET_ID, orders, view

if TYPE_CHECKING:
    from tests.unit.datasets_query.conftest import OrdersDatabase

ROWS = orders()
LJUBLJANA = "Europe/Ljubljana"


def ask(*measures: str, by: tuple[GroupBy, ...] = (), **more: Any) -> MetricQuery:
    return MetricQuery(dataset_id=DATASET_ID, measures=measures, dimensions=by, **more)


def where(field: str, operator: Operator, *values: Scalar) -> Filter:
    return Filter(field=field, operator=operator, values=values)


async def test_figures_are_those_of_the_rows(orders_database: OrdersDatabase) -> None:
    query = ask("revenue", "costs", "orders", "cost_share", by=(GroupBy(field="region"),))
    found = await orders_database.run(compile_metric(query, view()).sql)
    for region, revenue, costs, count, share in found:
        mine = [row for row in ROWS if row[1] == region]
        assert float(revenue) == sum(row[3] for row in mine)
        assert (costs, count) == (sum(row[4] for row in mine), len(mine))
        assert share == pytest.approx(costs / float(revenue))
    assert len(found) == 4
    assert [row[1] for row in found] == sorted((row[1] for row in found), reverse=True)


async def test_the_median_of_decimals_keeps_the_digit_between_two(orders_database: OrdersDatabase) -> None:
    query = ask("typical", filters=(where("id", Operator.IN, 1, 2),))
    assert await orders_database.run(compile_metric(query, view()).sql) == [(1.875,)]


def test_spaces_at_the_ends_of_a_text_stay_in_filters_and_cells() -> None:
    padded = where("region", Operator.EQ, " north ")
    assert Filter.model_validate_json(padded.model_dump_json()).values == (" north ",)
    assert "' north '" in compile_metric(ask("orders", filters=(padded,)), view()).sql
    listing = drill.rows_of(
        ask("orders", by=(GroupBy(field="region"),)),
        cell={"region": "north "},
        catalogue=view().source.catalogue,
        zone=ZoneInfo("UTC"),
    )
    assert listing.filters[0].values == ("north ",)


async def test_ratio_over_nothing_is_empty(orders_database: OrdersDatabase) -> None:
    query = ask("cost_share", filters=(where("id", Operator.EQ, 0),))
    assert await orders_database.run(compile_metric(query, view()).sql) == [(None,)]


@pytest.mark.parametrize("zone", ["UTC", LJUBLJANA, "America/New_York"])
async def test_instants_fall_into_days_of_the_actor(orders_database: OrdersDatabase, zone: str) -> None:
    expected: dict[date, int] = defaultdict(int)
    for row in ROWS:
        expected[row[6].astimezone(ZoneInfo(zone)).date()] += 1
    query = ask("orders", by=(GroupBy(field="at", grain=Grain.DAY),))
    found = await orders_database.run(compile_metric(query, view(zone=zone)).sql)
    assert found == sorted(expected.items())


async def test_wall_clock_times_stay_where_they_are(orders_database: OrdersDatabase) -> None:
    query = ask("orders", by=(GroupBy(field="wall", grain=Grain.HOUR),), limit=1)
    assert await orders_database.run(compile_metric(query, view(zone=LJUBLJANA)).sql) == [
        (datetime(2025, 10, 1, 0, 0), 1),  # noqa: DTZ001 - a wall-clock time has no zone
        (datetime(2025, 10, 1, 1, 0), 1),  # noqa: DTZ001
    ]


async def test_weeks_begin_on_monday(orders_database: OrdersDatabase) -> None:
    query = ask("orders", by=(GroupBy(field="day", grain=Grain.WEEK),))
    found = await orders_database.run(compile_metric(query, view()).sql)
    assert {day.weekday() for day, _ in found} == {0}


async def test_period_counts_in_the_zone_of_the_actor(orders_database: OrdersDatabase) -> None:
    period = RelativePeriod(kind="between", start="2025-10-03", end="2025-10-05")
    query = ask("orders", period=period, time_field="at")
    expected = [
        row for row in ROWS if date(2025, 10, 3) <= row[6].astimezone(ZoneInfo(LJUBLJANA)).date() < date(2025, 10, 5)
    ]
    assert await orders_database.run(compile_metric(query, view(zone=LJUBLJANA)).sql) == [(len(expected),)]


FILTERS: list[tuple[Filter, Any]] = [
    (where("region", Operator.EQ, "north"), lambda row: row[1] == "north"),
    (where("region", Operator.NE, "north"), lambda row: row[1] != "north"),
    (where("region", Operator.IN, "north", "east"), lambda row: row[1] in {"north", "east"}),
    (where("region", Operator.NOT_IN, "north", "east"), lambda row: row[1] not in {"north", "east"}),
    (where("region", Operator.IS_NULL), lambda row: row[1] is None),
    (where("region", Operator.NOT_NULL), lambda row: row[1] is not None),
    (where("region", Operator.CONTAINS, "OUT"), lambda row: row[1] == "south"),
    (where("region", Operator.CONTAINS, "%"), lambda _: False),
    (where("region", Operator.STARTS_WITH, "No"), lambda row: row[1] == "north"),
    (where("odd", Operator.EQ, "V'7\""), lambda row: row[0] == 7),
    (where("odd", Operator.EQ, "' OR 1=1 --"), lambda _: False),
    (where("id", Operator.GT, "390"), lambda row: row[0] > 390),
    (where("id", Operator.BETWEEN, 3, 5), lambda row: 3 <= row[0] <= 5),
    (where("amount", Operator.LTE, 2.5), lambda row: row[3] <= 2.5),
    (where("amount", Operator.GTE, "1e1"), lambda row: row[3] >= 10),
    (where("cost", Operator.LT, -0.5), lambda _: False),
    (where("paid", Operator.EQ, True), lambda row: row[8]),  # noqa: FBT003 - a filter's value
    (where("paid", Operator.NE, "false"), lambda row: row[8]),
    (where("day", Operator.EQ, "2025-10-02"), lambda row: row[5] == date(2025, 10, 2)),
    (where("day", Operator.GT, "2025-10-02"), lambda row: row[5] > date(2025, 10, 2)),
    (where("day", Operator.LTE, "2025-10-02"), lambda row: row[5] <= date(2025, 10, 2)),
    (where("at", Operator.EQ, "2025-10-02"), lambda row: row[6].date() == date(2025, 10, 2)),
    (where("at", Operator.NE, "2025-10-02"), lambda row: row[6].date() != date(2025, 10, 2)),
    (where("at", Operator.LTE, "2025-10-02"), lambda row: row[6].date() <= date(2025, 10, 2)),
    (where("at", Operator.EQ, "2025-10-02T03:00:00+00:00"), lambda row: row[0] == 27),
    (where("at", Operator.BETWEEN, "2025-10-02", "2025-10-03"), lambda row: row[6].date() == date(2025, 10, 2)),
    (where("wall", Operator.LT, "2025-10-01T02:00:00"), lambda row: row[0] < 2),
]


@pytest.mark.parametrize(("one", "holds"), FILTERS, ids=lambda value: str(value)[:60])
async def test_filters_keep_the_rows_that_match(orders_database: OrdersDatabase, one: Filter, holds: Any) -> None:
    expected = sum(1 for row in ROWS if holds(row))
    assert await orders_database.run(compile_metric(ask("orders", filters=(one,)), view()).sql) == [(expected,)]


async def test_conditions_on_figures_choose_groups(orders_database: OrdersDatabase) -> None:
    by = (GroupBy(field="region"),)
    for query in (
        ask("orders", by=by, having=(where("revenue", Operator.GT, 24_900),)),
        ask("orders", by=by, filters=(where("revenue", Operator.GT, 24_900),)),
    ):
        found = {row[0] for row in await orders_database.run(compile_metric(query, view()).sql)}
        sums: dict[str | None, float] = defaultdict(float)
        for row in ROWS:
            sums[row[1]] += row[3]
        assert found == {region for region, total in sums.items() if total > 24_900}


async def test_order_by_a_figure_that_is_not_shown(orders_database: OrdersDatabase) -> None:
    query = ask("orders", by=(GroupBy(field="cost"),), sort=(Sort(field="revenue", descending=True),), limit=2)
    sums: dict[int, float] = defaultdict(float)
    for row in ROWS:
        sums[row[4]] += row[3]
    best = sorted(sums, key=lambda cost: (-sums[cost], cost))[:3]
    assert [row[0] for row in await orders_database.run(compile_metric(query, view()).sql)] == best


async def test_listing_leaves_out_hidden_columns_and_keeps_the_order(orders_database: OrdersDatabase) -> None:
    compiled = compile_metric(MetricQuery(dataset_id=DATASET_ID, limit=3, offset=5), view())
    assert "owner" not in [column.name for column in compiled.columns]
    assert [row[0] for row in await orders_database.run(compiled.sql)] == [5, 6, 7, 8]


async def test_rows_behind_every_group_add_up(orders_database: OrdersDatabase) -> None:
    by = (GroupBy(field="at", grain=Grain.DAY), GroupBy(field="region"))
    query = ask("orders", by=by, filters=(where("id", Operator.LT, 90),))
    seen = view(zone=LJUBLJANA)
    for day, region, count in await orders_database.run(compile_metric(query, seen).sql):
        cell: dict[str, Scalar | None] = {"at": day.isoformat(), "region": region}
        listing = drill.rows_of(query, cell=cell, catalogue=seen.source.catalogue, zone=seen.zone)
        rows = await orders_database.run(compile_metric(listing, seen).sql)
        assert len(rows) == count
        assert {row[1] for row in rows} == {region}


def test_labels_speak_the_language_of_the_actor() -> None:
    compiled = compile_metric(ask("orders", by=(GroupBy(field="region"),)), view(language="sl"))
    assert [column.label for column in compiled.columns] == ["region (sl)", "Naročila"]
    assert [column.type for column in compiled.columns] == [FieldType.TEXT, FieldType.INTEGER]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        (ask("revenu"), UnknownFieldError),
        (ask("orders", by=(GroupBy(field="owner"),)), UnknownFieldError),
        (ask("orders", filters=(where("owner", Operator.EQ, "x"),)), UnknownFieldError),
        (ask("orders", sort=(Sort(field="region"),)), UnknownFieldError),
        (ask("text_sum"), FieldTypeError),
        (ask("ratio_of_ratios"), MeasureBrokenError),
        (ask("orders", by=(GroupBy(field="region", grain=Grain.DAY),)), FieldTypeError),
        (ask("orders", by=(GroupBy(field="day", grain=Grain.HOUR),)), FieldTypeError),
        (ask("orders", filters=(where("id", Operator.CONTAINS, "1"),)), FieldTypeError),
        (ask("orders", filters=(where("paid", Operator.GT, True),)), FieldTypeError),  # noqa: FBT003
        (ask("orders", having=(where("orders", Operator.CONTAINS, "1"),)), FieldTypeError),
        (ask("orders", filters=(where("id", Operator.EQ, "one"),)), FilterValueError),
        (ask("orders", filters=(where("id", Operator.EQ, float("nan")),)), FilterValueError),
        (ask("orders", filters=(where("day", Operator.EQ, "yesterday"),)), FilterValueError),
        (ask("orders", filters=(where("day", Operator.EQ, 5),)), FilterValueError),
        (ask("orders", filters=(where("region", Operator.EQ, "a\x00b"),)), FilterValueError),
        (ask("orders", filters=(where("id", Operator.EQ),)), FilterCountError),
        (ask("orders", filters=(where("id", Operator.BETWEEN, 1),)), FilterCountError),
        (ask("orders", filters=(where("id", Operator.IN),)), FilterCountError),
        (ask("orders", filters=(where("id", Operator.IS_NULL, 1),)), FilterCountError),
        (ask("orders", period=RelativePeriod(kind="this"), time_field="region"), NoTimeFieldError),
        (ask(sort=(Sort(field="revenue"),)), RowsHaveNoFiguresError),
        (ask(having=(where("revenue", Operator.GT, 1),)), RowsHaveNoFiguresError),
    ],
)
def test_refusals(query: MetricQuery, error: type[Exception]) -> None:
    with pytest.raises(error):
        compile_metric(query, view())


def test_unknown_field_names_the_nearest() -> None:
    with pytest.raises(UnknownFieldError) as refusal:
        compile_metric(ask("revenu"), view())
    assert refusal.value.suggestions[0] == "revenue"


def test_platform_tables_are_filtered_by_tenant_and_speak_postgresql() -> None:
    query = ask(
        "typical",
        "cost_share",
        by=(GroupBy(field="at", grain=Grain.MONTH),),
        filters=(where("region", Operator.CONTAINS, "a:b"),),
    )
    seen = view(live=True, zone=LJUBLJANA)
    sql = compile_metric(query, seen).sql
    assert str(seen.source.tenant_id) in sql
    assert "PERCENTILE_CONT(0.5) WITHIN GROUP" in sql
    assert len(sqlglot.parse(sql, read="postgres")) == 1
