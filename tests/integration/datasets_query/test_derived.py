"""Change, growth, running total and share are those that one computes by hand, on both engines."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from sqlalchemy import text

from backend_services.datasets.catalogue import (
    Aggregation,
    Derivation,
    Derived,
    FieldType,
    Filter,
    Grain,
    GroupBy,
    Measure,
    MetricQuery,
    Operator,
    RelativePeriod,
    Sort,
    Text,
    UnitKind,
)
from backend_services.datasets.query import service
from backend_services.datasets.query.compile import compile_metric
from backend_services.datasets.query.errors import (
    FieldTypeError,
    NotAdditiveError,
    NoTimeToFollowError,
    UnknownFieldError,
)
from backend_services.datasets.query.execution import close_pool
from backend_services.datasets.query.schemas import ExportFormat
from backend_services.datasets.query.view import View
from backend_services.datasets.rules import RowRule, RowScope, RuleCondition
from backend_services.kernel.db import transaction
from tests.factories.identity import make_actor
from tests.integration.datasets_query.stored import read_export, store_orders
from tests.unit.datasets_query.surroundings import CATALOGUE, DATASET_ID, TENANT_ID, orders, view

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_services.kernel.actor import Actor

pytestmark = pytest.mark.usefixtures("database")

ROWS = (
    ("north", date(2026, 1, 5), "60", 7),
    ("north", date(2026, 1, 20), "40", 9),
    ("north", date(2026, 2, 1), "150", 12),
    ("north", date(2026, 4, 30), "300", 6),
    ("north", date(2026, 5, 1), "0", 6),
    ("north", date(2026, 6, 15), "50", 3),
    ("south", date(2026, 1, 31), "-200", 1),
    ("south", date(2026, 2, 10), "-100", 2),
    ("south", date(2026, 3, 10), "0", 3),
    ("south", date(2026, 4, 10), None, 4),
    (None, date(2026, 2, 28), "10", 5),
)
MONTH = GroupBy(field="day", grain=Grain.MONTH)
REGION = GroupBy(field="region")
STOCK = Measure(id="stock", column="cost", aggregation=Aggregation.LAST, label=Text(en="Stock"), over="day")
KINDS = {one.value: one for one in Derivation}


def ask(*measures: str, derived: tuple[str, ...], by: tuple[GroupBy, ...] = (MONTH,), **more: Any) -> MetricQuery:
    """Return a question; ``derived`` are names of columns such as ``revenue__growth``."""
    wanted = [name.rsplit("__", 1) for name in derived]
    columns = tuple(Derived(of=of, kind=KINDS[kind]) for of, kind in wanted)
    return MetricQuery(dataset_id=DATASET_ID, measures=measures, derived=columns, dimensions=by, **more)


def seen(*, live: bool, scope: RowScope | None = None) -> View:
    base = view(live=live, scope=scope)
    catalogue = CATALOGUE.model_copy(update={"measures": (*CATALOGUE.measures, STOCK)})
    return replace(base, source=replace(base.source, catalogue=catalogue))


class Engines:
    """Runs a question on DuckDB and on PostgreSQL and holds them to the same answer."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor

    async def run(self, query: MetricQuery, *, scope: RowScope | None = None) -> list[tuple[Any, ...]]:
        """Return the rows, the extra one of the limit left out."""
        duck = self._duck(compile_metric(query, seen(live=False, scope=scope)).sql)
        live = await self._postgres(compile_metric(query, seen(live=True, scope=scope)).sql)
        assert [tuple(map(plain, row)) for row in duck] == [tuple(map(plain, row)) for row in live]
        return [tuple(map(plain, row)) for row in duck[: query.limit]]

    def _duck(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect() as connection:
            connection.execute(
                "CREATE TABLE data (id INTEGER, region VARCHAR, day DATE, amount DECIMAL(12,2), cost INTEGER)"
            )
            connection.executemany("INSERT INTO data VALUES (1, ?, ?, ?, ?)", ROWS)
            return connection.execute(sql).fetchall()

    async def _postgres(self, sql: str) -> list[tuple[Any, ...]]:
        async with transaction(self.actor) as session:
            connection = await session.connection()
            await connection.execute(
                text(
                    "CREATE TEMP TABLE live_orders"
                    " (tenant_id uuid, id integer, region text, day date, amount numeric(12,2), cost integer)"
                    " ON COMMIT DROP"
                )
            )
            insert = text("INSERT INTO live_orders VALUES (:tenant, 1, :region, :day, :amount, :cost)")
            for region, day, amount, cost in ROWS:
                number = None if amount is None else Decimal(amount)
                values = {"tenant": TENANT_ID, "region": region, "day": day, "amount": number, "cost": cost}
                await connection.execute(insert, values)
            found = await connection.execute(text(sql.replace(":", "\\:")))
            return [tuple(row) for row in found]


def plain(value: Any) -> Any:
    return round(float(value), 9) if isinstance(value, Decimal | float) else value


@pytest.fixture
async def engines() -> Engines:
    return Engines(await make_actor(role="owner"))


def month(number: int) -> date:
    return date(2026, number, 1)


async def test_a_change_is_against_the_month_before_and_nothing_after_a_gap(engines: Engines) -> None:
    north = Filter(field="region", operator=Operator.EQ, values=("north",))
    query = ask(
        "revenue",
        derived=("revenue__previous", "revenue__change", "revenue__growth", "revenue__running_total"),
        filters=(north,),
    )
    assert await engines.run(query) == [
        (month(1), 100.0, None, None, None, 100.0),
        (month(2), 150.0, 100.0, 50.0, 0.5, 250.0),
        (month(4), 300.0, None, None, None, 550.0),
        (month(5), 0.0, 300.0, -300.0, -1.0, 550.0),
        (month(6), 50.0, 0.0, 50.0, None, 600.0),
    ]


def far(back: int, *kinds: Derivation) -> tuple[Derived, ...]:
    return tuple(Derived(of="revenue", kind=one, back=back) for one in kinds)


async def test_a_change_looks_as_many_months_back_as_asked_whatever_is_missing_between(engines: Engines) -> None:
    north = Filter(field="region", operator=Operator.EQ, values=("north",))
    columns = far(3, Derivation.PREVIOUS, Derivation.CHANGE, Derivation.GROWTH)
    query = ask("revenue", derived=(), filters=(north,)).model_copy(update={"derived": columns})
    assert await engines.run(query) == [
        (month(1), 100.0, None, None, None),
        (month(2), 150.0, None, None, None),
        (month(4), 300.0, 100.0, 200.0, 2.0),
        (month(5), 0.0, 150.0, -150.0, -1.0),
        (month(6), 50.0, None, None, None),
    ]


async def test_a_period_begins_as_far_before_as_its_first_month_looks_back(engines: Engines) -> None:
    april = RelativePeriod(kind="between", start="2026-04-01", end="2026-05-01")
    query = ask("revenue", derived=(), by=(MONTH, REGION), period=april, sort=(Sort(field="region"),))
    query = query.model_copy(update={"derived": far(2, Derivation.PREVIOUS, Derivation.CHANGE)})
    assert await engines.run(query) == [
        (month(4), "north", 300.0, 150.0, 150.0),
        (month(4), "south", None, -100.0, None),
    ]
    query = query.model_copy(update={"derived": far(3, Derivation.PREVIOUS, Derivation.CHANGE)})
    assert await engines.run(query) == [
        (month(4), "north", 300.0, 100.0, 200.0),
        (month(4), "south", None, -200.0, None),
    ]


async def test_growth_from_below_zero_points_where_the_figure_went(engines: Engines) -> None:
    south = Filter(field="region", operator=Operator.EQ, values=("south",))
    query = ask("revenue", derived=("revenue__growth", "revenue__running_total"), filters=(south,))
    assert await engines.run(query) == [
        (month(1), -200.0, None, -200.0),
        (month(2), -100.0, 0.5, -300.0),
        (month(3), 0.0, 1.0, -300.0),
        (month(4), None, None, -300.0),
    ]


async def test_each_region_follows_its_own_course_and_the_unnamed_one_too(engines: Engines) -> None:
    query = ask(
        "revenue",
        derived=("revenue__change", "revenue__running_total", "revenue__share"),
        by=(MONTH, REGION),
        sort=(Sort(field="region"), Sort(field="day")),
    )
    found = {(row[0].month, row[1]): row[2:] for row in await engines.run(query)}
    assert found[2, "north"] == (150.0, 50.0, 250.0, 2.5)  # of 150 - 100 + 10
    assert found[2, "south"] == (-100.0, 100.0, -300.0, round(-100 / 60, 9))
    assert found[2, None] == (10.0, None, 10.0, round(10 / 60, 9))
    assert found[3, "south"] == (0.0, 100.0, -300.0, None)  # a part of nothing
    assert found[4, "north"] == (300.0, None, 550.0, 1.0)
    assert len(found) == 10


async def test_a_share_is_of_everything_not_of_what_the_limit_or_a_condition_leaves(engines: Engines) -> None:
    rows = ask("orders", derived=("orders__share",), by=(REGION,), limit=1)
    assert await engines.run(rows) == [("north", 6, round(6 / 11, 9))]
    small = Filter(field="orders__share", operator=Operator.LT, values=(0.5,))
    query = ask("orders", derived=("orders__share",), by=(REGION,), having=(small,))
    assert await engines.run(query) == [("south", 4, round(4 / 11, 9)), (None, 1, round(1 / 11, 9))]
    assert await engines.run(ask("orders", derived=("orders__share",), by=())) == [(11, 1.0)]


async def test_a_condition_hides_a_month_but_not_from_the_one_after_it(engines: Engines) -> None:
    much = Filter(field="orders", operator=Operator.GT, values=(1,))
    query = ask("revenue", derived=("revenue__previous",), having=(much,))
    assert await engines.run(query) == [
        (month(1), -100.0, None),
        (month(2), 60.0, -100.0),
        (month(4), 300.0, 0.0),
    ]


async def test_without_a_time_a_running_total_goes_along_the_order_even_through_ties(engines: Engines) -> None:
    biggest = Sort(field="orders__share", descending=True)
    query = ask("orders", "regions", derived=("orders__share", "orders__running_total"), by=(REGION,), sort=(biggest,))
    assert [row[4] for row in await engines.run(query)] == [6, 10, 11]
    tied = ask("regions", derived=("regions__change",), sort=(Sort(field="regions"),))
    assert [row[1] for row in await engines.run(tied)] == [1, 1, 1, 2, 2, 2]
    upwards = ask("orders", derived=("orders__running_total",), by=(REGION,), sort=(Sort(field="region"),), offset=1)
    assert await engines.run(upwards) == [("south", 4, 10), (None, 1, 11)]


async def test_the_first_month_of_a_period_is_compared_with_the_one_before_it(engines: Engines) -> None:
    period = RelativePeriod(kind="between", start="2026-02-01", end="2026-04-01")
    query = ask("orders", derived=("orders__previous", "orders__running_total", "orders__share"), period=period)
    assert await engines.run(query) == [(month(2), 3, 3, 3, 1.0), (month(3), 1, 3, 4, 1.0)]
    inside = RelativePeriod(kind="between", start="2026-02-05", end="2026-04-01")
    query = ask("orders", derived=("orders__previous",), period=inside)
    assert await engines.run(query) == [(month(2), 2, None), (month(3), 1, 2)]


async def test_quarters_weeks_and_years_step_as_the_calendar_does(engines: Engines) -> None:
    query = ask("orders", derived=("orders__change",), by=(GroupBy(field="day", grain=Grain.QUARTER),))
    assert await engines.run(query) == [(month(1), 7, None), (month(4), 4, -3)]
    query = ask("orders", derived=("orders__change",), by=(GroupBy(field="day", grain=Grain.WEEK),))
    weeks = {row[0]: row[2] for row in await engines.run(query)}
    followed = {week for week, change in weeks.items() if change is not None}
    assert followed == {week for week in weeks if week - timedelta(weeks=1) in weeks}
    assert weeks[date(2026, 2, 9)] is None  # 10 February follows a week of nothing
    query = ask("orders", derived=("orders__change",), by=(GroupBy(field="day", grain=Grain.YEAR),))
    assert await engines.run(query) == [(month(1), 11, None)]


async def test_levels_and_ratios_are_compared_and_levels_have_a_share_but_no_running_total(engines: Engines) -> None:
    query = ask("stock", derived=("stock__change",), by=(MONTH,))
    assert await engines.run(query) == [
        (month(1), 1, None),  # 31 January alone is the last day
        (month(2), 5, 4),
        (month(3), 3, -2),
        (month(4), 6, 3),
        (month(5), 6, 0),
        (month(6), 3, -3),
    ]
    shares = ask("stock", derived=("stock__share",), by=(REGION,))
    assert await engines.run(shares) == [
        (None, 5, round(5 / 12, 9)),
        ("south", 4, round(4 / 12, 9)),
        ("north", 3, 0.25),
    ]
    ratio = ask("cost_share", derived=("cost_share__change",), by=(MONTH,))
    found = {row[0].month: row[1:] for row in await engines.run(ratio)}
    assert math.isclose(found[2][1], 19 / 60 - 17 / -100, abs_tol=1e-8)
    with pytest.raises(NotAdditiveError):
        await engines.run(ask("stock", derived=("stock__running_total",)))


async def test_figures_follow_only_from_the_rows_that_the_role_sees(engines: Engines) -> None:
    mine = RowRule(role="viewer", conditions=(RuleCondition(column="region", operator=Operator.EQ, values=("north",)),))
    scope = RowScope(alternatives=(mine,))
    query = ask("orders", derived=("orders__share", "orders__change"), by=(MONTH, REGION))
    found = await engines.run(query, scope=scope)
    assert [row[1:] for row in found[:2]] == [("north", 2, 1.0, None), ("north", 1, 1.0, -1)]
    hidden = RowScope(alternatives=(mine.model_copy(update={"hidden_columns": ("amount",)}),))
    with pytest.raises(UnknownFieldError):
        await engines.run(ask("revenue", derived=("revenue__share",), by=(REGION,)), scope=hidden)


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        (ask("revenue", derived=("revenue__growth",), by=(REGION,)), NoTimeToFollowError),
        (ask("revenue", derived=("revenue__growth",), by=(GroupBy(field="at"),)), NoTimeToFollowError),
        (ask("revenue", derived=("orders__growth",)), UnknownFieldError),
        (ask(derived=("orders__growth",), by=()), UnknownFieldError),
        (ask("typical", derived=("typical__share",), by=(REGION,)), NotAdditiveError),
        (ask("cost_share", derived=("cost_share__running_total",)), NotAdditiveError),
        (ask("regions", derived=("regions__share",), by=(REGION,)), NotAdditiveError),
        (ask("last_day", derived=("last_day__change",)), FieldTypeError),
        (ask("orders", derived=("orders__share",), sort=(Sort(field="orders__growth"),)), UnknownFieldError),
    ],
)
def test_what_means_nothing_is_refused(query: MetricQuery, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        compile_metric(query, seen(live=False))


def test_columns_say_what_they_are_in_both_languages() -> None:
    query = ask("revenue", derived=("revenue__growth", "revenue__previous", "revenue__growth"))
    english = compile_metric(query, view()).columns
    assert [one.name for one in english] == ["day", "revenue", "revenue__growth", "revenue__previous"]
    assert [one.label for one in english][2:] == ["Growth of revenue", "Revenue, period before"]
    assert [one.unit.kind for one in english if one.unit][1:] == [UnitKind.PERCENT, UnitKind.NUMBER]
    assert all(one.role == "measure" and one.type is FieldType.DECIMAL for one in english[1:])
    slovenian = compile_metric(ask("orders", derived=("orders__share",)), view(language="sl")).columns
    assert slovenian[-1].label == "Delež: naročila"


@pytest.fixture
def closed_pool() -> Iterator[None]:
    yield
    close_pool()


@pytest.mark.usefixtures("closed_pool")
async def test_the_service_answers_caches_plans_exports_and_opens_the_rows_of_such_a_question() -> None:
    owner = await make_actor(role="owner")
    dataset_id = await store_orders(owner)
    query = ask("orders", "revenue", derived=("orders__share", "orders__change"), by=(MONTH,)).model_copy(
        update={"dataset_id": dataset_id}
    )
    answer = await service.run_metric(owner, query)
    assert (await service.run_metric(owner, query)).cached
    bare = await service.run_metric(owner, query.model_copy(update={"derived": ()}))
    assert not bare.cached
    assert [row[:3] for row in answer.rows] == list(bare.rows)
    october = sum(1 for row in orders() if row[5] < date(2025, 11, 1))
    assert answer.rows[0][1:] == (october, answer.rows[0][2], 1.0, None)
    assert answer.rows[1][4] == 30 - october
    assert (await service.dry_run(owner, query)).ok
    behind = await service.rows_behind(owner, query, cell={"day": answer.rows[0][0]}, limit=100)
    assert len(behind.rows) == october
    refused = await service.dry_run(owner, query.model_copy(update={"dimensions": (REGION,)}))
    assert [one.code for one in refused.problems] == ["query.no_time_to_follow"]
    table = await read_export(owner, query, export_format=ExportFormat.CSV)
    assert table.decode("utf-8-sig").splitlines()[0] == "day,orders,revenue,orders__share,orders__change"
