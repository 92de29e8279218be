"""Questions that count from today, on data that ended long ago: counted from where the data end, and said so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
import pytest_asyncio

from backend_services.dashboards.builder import service
from backend_services.dashboards.builder.schemas import BuildAnswer, BuildRequest
from backend_services.datasets import rules_service
from backend_services.datasets.catalogue import Filter, Operator
from backend_services.datasets.rules_schemas import RuleInput
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction
from tests.factories.datasets import make_dataset
from tests.factories.identity import make_actor, without

pytestmark = pytest.mark.usefixtures("database")
LAST = date(2013, 12, 20)
DAYS = [LAST - timedelta(days=number) for number in range(800)]


def _amount(day: date) -> int:
    return day.toordinal() % 97


def _table(days: list[date]) -> bytes:
    lines = ["day,region,amount"]
    lines += [f"{day},{'north' if day.year < 2013 else 'south'},{_amount(day)}" for day in days]
    return "\n".join(lines).encode()


def _sum(*months: str) -> int:
    return sum(_amount(day) for day in DAYS if day.isoformat().startswith(months))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ended() -> tuple[Actor, UUID]:
    """Return a table that ends in 2013."""
    actor = await make_actor()
    made = await make_dataset(actor, _table(DAYS), file_name="sales.csv", name="Sales")
    return actor, made.id


async def _ask(ended: tuple[Actor, UUID], question: str) -> BuildAnswer:
    actor, dataset_id = ended
    answer = await service.build(actor, BuildRequest(question=question, dataset_id=dataset_id))
    assert answer.status == "ok", answer
    return answer


def _figure(answer: BuildAnswer) -> object:
    assert answer.dashboard is not None
    return answer.dashboard.tiles[0].rows[0][0]


@pytest.mark.parametrize(
    ("question", "months"),
    [
        ("total amount in December", ("2013-12",)),
        ("total amount since March", tuple(f"2013-{month:02}" for month in range(3, 13))),
        ("total amount last month", ("2013-11",)),
        ("total amount in the last month of the data", ("2013-12",)),
        ("total amount last year", ("2012",)),
        ("total amount in the last year of the data", ("2013",)),
        ("total amount in the last 2 quarters", ("2013-04", "2013-05", "2013-06", "2013-07", "2013-08", "2013-09")),
        ("total amount this year", ("2013",)),
        ("skupni znesek amount lani", ("2012",)),
        ("skupni amount v zadnjem letu v podatkih", ("2013",)),
    ],
)
async def test_time_is_counted_from_where_the_data_end(
    ended: tuple[Actor, UUID], question: str, months: tuple[str, ...]
) -> None:
    answer = await _ask(ended, question)
    assert _figure(answer) == _sum(*months), answer.dashboard
    assert any("2013" in note for note in answer.notes), answer.notes


async def test_dates_that_were_said_stay(ended: tuple[Actor, UUID]) -> None:
    answer = await _ask(ended, "total amount in 2020")
    assert _figure(answer) is None
    assert not any("2013" in note for note in answer.notes)
    assert _figure(await _ask(ended, "total amount in March 2012")) == _sum("2012-03")


async def test_data_that_go_on_are_counted_from_today() -> None:
    actor = await make_actor()
    today = now().date()
    days = [today - timedelta(days=number) for number in range(100)]
    made = await make_dataset(actor, _table(days), file_name="sales.csv", name="Sales")
    answer = await _ask((actor, made.id), "total amount last month")
    month = (today.replace(day=1) - timedelta(days=1)).isoformat()[:7]
    assert _figure(answer) == sum(_amount(day) for day in days if day.isoformat().startswith(month))
    assert answer.dashboard is not None
    period = answer.dashboard.tiles[0].understood.period
    assert period is not None
    assert (period.kind, answer.notes) == ("previous", ())


async def test_rows_that_rules_hide_do_not_say_where_the_data_end(ended: tuple[Actor, UUID]) -> None:
    owner, _ = ended
    made = await make_dataset(owner, _table(DAYS), file_name="sales.csv", name="Ruled")
    north = Filter(field="region", operator=Operator.EQ, values=("north",))
    rule = RuleInput(role="viewer", filters=(north,), hidden_columns=())
    async with transaction(owner) as session:
        await rules_service.create_rule(owner, session, made.id, rule)
    reader = replace(without(owner, "datasets:rule:write"), roles=frozenset({"viewer"}))
    answer = await _ask((reader, made.id), "total amount in December")
    assert _figure(answer) == _sum("2012-12")
    assert any("2012" in note for note in answer.notes)
    assert not any("2013" in note for note in answer.notes)


@pytest.mark.parametrize("end", ["9999-12-31", "9999-06-01"])
async def test_data_until_the_end_of_the_calendar_are_asked_as_they_are(end: str) -> None:
    actor = await make_actor()
    content = f"day,region,amount\n2024-05-01,north,1\n{end},north,2\n"
    made = await make_dataset(actor, content, file_name="sales.csv", name="Sales")
    for question in ("total amount in the last year of the data", "total amount last month", "total amount in May"):
        await _ask((actor, made.id), question)


async def test_a_time_that_is_hidden_is_refused_and_no_error(ended: tuple[Actor, UUID]) -> None:
    owner, _ = ended
    made = await make_dataset(owner, _table(DAYS), file_name="sales.csv", name="Hidden")
    rule = RuleInput(role="viewer", filters=(), hidden_columns=("day",))
    async with transaction(owner) as session:
        await rules_service.create_rule(owner, session, made.id, rule)
    reader = replace(without(owner, "datasets:rule:write"), roles=frozenset({"viewer"}))
    for question in ("total amount last month", "total amount in December"):
        answer = await service.build(reader, BuildRequest(question=question, dataset_id=made.id))
        assert answer.status == "refused", answer
