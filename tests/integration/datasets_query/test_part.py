"""The part of a group that meets conditions is the one that one counts by hand, on both engines, under rules too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from backend_services.datasets.catalogue import (
    Derivation,
    Derived,
    FieldType,
    Filter,
    MetricQuery,
    Operator,
    RelativePeriod,
    Sort,
    UnitKind,
)
from backend_services.datasets.query import service
from backend_services.datasets.query.compile import compile_metric
from backend_services.datasets.query.errors import (
    FieldTypeError,
    NoPartError,
    NotAdditiveError,
    UnknownFieldError,
)
from backend_services.datasets.query.execution import close_pool
from backend_services.datasets.rules import RowRule, RowScope, RuleCondition
from tests.factories.identity import make_actor
from tests.integration.datasets_query.stored import store_orders
from tests.integration.datasets_query.test_derived import MONTH, REGION, Engines, ask, month, seen
from tests.unit.datasets_query.surroundings import orders, view

if TYPE_CHECKING:
    from backend_services.kernel.actor import Actor

pytestmark = pytest.mark.usefixtures("database")

LARGE = Filter(field="amount", operator=Operator.GT, values=(45,))
NORTH = Filter(field="region", operator=Operator.EQ, values=("north",))
NORTHERN = RowRule(role="viewer", conditions=(RuleCondition(column="region", operator=Operator.EQ, values=("north",)),))


@pytest.fixture
def engines(owner: Actor) -> Engines:
    return Engines(owner)


@pytest.fixture
async def owner() -> Actor:
    return await make_actor(role="owner")


async def test_the_part_of_all_rows_and_of_each_group(engines: Engines) -> None:
    query = ask("orders", derived=("orders__part",), by=(), part=(LARGE,))
    assert await engines.run(query) == [(11, round(4 / 11, 9))]  # 60, 150, 300 and 50
    query = ask("orders", derived=("orders__part",), by=(REGION,), part=(LARGE,))
    assert await engines.run(query) == [("north", 6, round(4 / 6, 9)), ("south", 4, 0.0), (None, 1, 0.0)]


async def test_a_sum_a_count_of_values_and_a_level_have_parts(engines: Engines) -> None:
    query = ask("revenue", derived=("revenue__part",), by=(REGION,), part=(LARGE,))
    assert await engines.run(query) == [
        ("north", 600.0, round(560 / 600, 9)),
        (None, 10.0, 0.0),
        ("south", -300.0, 0.0),
    ]
    query = ask("regions", derived=("regions__part",), by=(), part=(LARGE,))
    assert await engines.run(query) == [(2, 0.5)]
    query = ask("stock", derived=("stock__part",), by=(MONTH,), part=(NORTH,))
    found = {row[0]: row[1:] for row in await engines.run(query)}
    assert found[month(2)] == (5, 0.0)  # 28 February, the last day, is of no region
    assert found[month(6)] == (3, 1.0)


async def test_over_nothing_there_is_no_part(engines: Engines) -> None:
    south = Filter(field="region", operator=Operator.EQ, values=("south",))
    query = ask("revenue", derived=("revenue__part",), filters=(south,), part=(NORTH,))
    assert await engines.run(query) == [
        (month(1), -200.0, 0.0),
        (month(2), -100.0, 0.0),
        (month(3), 0.0, None),
        (month(4), None, None),
    ]


async def test_conditions_and_periods_narrow_the_whole_and_its_part(engines: Engines) -> None:
    period = RelativePeriod(kind="between", start="2026-02-01", end="2026-07-01")
    query = ask("orders", derived=("orders__part",), by=(), filters=(NORTH,), period=period, part=(LARGE,))
    assert await engines.run(query) == [(4, 0.75)]
    several = (NORTH, LARGE)
    query = ask("orders", derived=("orders__part",), by=(), part=several)
    assert await engines.run(query) == [(11, round(4 / 11, 9))]


async def test_rules_narrow_the_whole_and_its_part(engines: Engines) -> None:
    scope = RowScope(alternatives=(NORTHERN,))
    query = ask("orders", derived=("orders__part",), by=(), part=(LARGE,))
    assert await engines.run(query, scope=scope) == [(6, round(4 / 6, 9))]
    unseen = ask("orders", derived=("orders__part",), by=(), part=(NORTH.model_copy(update={"values": ("south",)}),))
    assert await engines.run(unseen, scope=scope) == [(6, 0.0)]
    hidden = RowScope(alternatives=(NORTHERN.model_copy(update={"hidden_columns": ("amount",)}),))
    with pytest.raises(UnknownFieldError):
        await engines.run(query, scope=hidden)


async def test_a_part_orders_chooses_and_stands_beside_the_other_columns(engines: Engines) -> None:
    most = Sort(field="orders__part", descending=True)
    query = ask("orders", derived=("orders__share", "orders__part"), by=(REGION,), part=(LARGE,), sort=(most,), limit=1)
    assert await engines.run(query) == [("north", 6, round(6 / 11, 9), round(4 / 6, 9))]
    some = Filter(field="orders__part", operator=Operator.GT, values=(0.4,))
    query = ask("orders", derived=("orders__part", "orders__previous"), part=(LARGE,), having=(some,))
    assert await engines.run(query) == [
        (month(4), 2, 0.5, 1),
        (month(6), 1, 1.0, 1),
    ]


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        (ask("orders", derived=("orders__part",)), NoPartError),
        (ask("typical", derived=("typical__part",), part=(LARGE,)), NotAdditiveError),
        (ask("cost_share", derived=("cost_share__part",), part=(LARGE,)), NotAdditiveError),
        (ask("orders", derived=("revenue__part",), part=(LARGE,)), UnknownFieldError),
        (ask("orders", derived=("orders__part",), part=(Filter(field="revenue", operator=Operator.GT, values=(1,)),)),
         UnknownFieldError),
        (ask("orders", derived=("orders__part",), part=(Filter(field="owner", operator=Operator.NOT_NULL),)),
         UnknownFieldError),
        (ask("orders", derived=("orders__part",), part=(Filter(field="amount", operator=Operator.CONTAINS,
                                                               values=("1",)),)), FieldTypeError),
    ],
)  # fmt: skip
def test_what_has_no_part_is_refused(query: MetricQuery, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        compile_metric(query, seen(live=False))


def test_the_column_says_what_it_is_a_part_of_in_both_languages() -> None:
    query = ask("orders", derived=("orders__part",), part=(LARGE, NORTH))
    column = compile_metric(query, view()).columns[-1]
    assert column.label == "Share of orders: amount over 45, region is north"
    assert (column.type, column.role) == (FieldType.DECIMAL, "measure")
    assert column.unit is not None
    assert column.unit.kind is UnitKind.PERCENT
    assert (
        compile_metric(query, view(language="sl")).columns[-1].label.startswith("Delež (naročila): amount (sl) nad 45")
    )
    money = ask("revenue", derived=("revenue__part",), part=(LARGE,))
    assert compile_metric(money, view()).columns[-1].label == "Share of revenue: amount over 45"
    many = ask("revenue", derived=("revenue__part",), part=(LARGE,) * 12)
    assert compile_metric(many, view()).columns[-1].label.endswith("…")


async def test_the_rows_behind_a_part_are_those_that_meet_its_conditions(owner: Actor) -> None:
    try:
        dataset_id = await store_orders(owner)
        query = ask("orders", derived=("orders__part",), by=(REGION,), part=(LARGE,)).model_copy(
            update={"dataset_id": dataset_id}
        )
        answer = await service.run_metric(owner, query)
        north = next(row for row in answer.rows if row[0] == "north")
        behind = await service.rows_behind(owner, query, cell={"region": "north"}, limit=100)
        meeting = [row for row in orders() if row[1] == "north" and row[3] > 45]
        assert len(behind.rows) == len(meeting)
        assert north[2] == pytest.approx(len(meeting) / int(north[1] or 0))
        plain = query.model_copy(update={"derived": ()})
        every = await service.rows_behind(owner, plain, cell={"region": "north"}, limit=100)
        assert len(every.rows) == north[1]
        wrong = query.model_copy(update={"derived": (Derived(kind=Derivation.PART, of="orders"),), "part": ()})
        refused = await service.dry_run(owner, wrong)
        assert [one.code for one in refused.problems] == ["query.no_part"]
    finally:
        close_pool()
