"""Alerts from the schedule to the state: real tables and queries, the clock moved."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.alerts import service
from backend_services.dashboards.alerts.errors import AlertConditionError, AlertNotFoundError, TileNotWatchableError
from backend_services.dashboards.alerts.listeners import look_at_new_data
from backend_services.dashboards.alerts.models import Alert, AlertEntry
from backend_services.dashboards.alerts.planning import plan_due
from backend_services.dashboards.alerts.schemas import EVALUATE_JOB, AlertMode, Silence
from backend_services.dashboards.alerts.standing import Notice, State
from backend_services.dashboards.spec import ChartKind
from backend_services.datasets import service as datasets
from backend_services.datasets.schemas import DeleteDataset
from backend_services.identity.models import Membership
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import frozen
from backend_services.kernel.db import system_transaction, transaction
from backend_services.kernel.events.schemas import Event
from backend_services.kernel.ids import new_id
from backend_services.kernel.jobs.models import Job
from tests.factories.dashboards import query, spec, tile
from tests.factories.identity import make_actor
from tests.integration.alerts.making import (
    ABOVE_ALL,
    ABOVE_NOTHING,
    AT,
    again,
    history,
    look,
    make,
    notices,
    request,
    tenant_of,
)

DAY = timedelta(days=1)
LOW = {"kind": "threshold", "side": "above", "value": 277}


async def test_it_fires_and_recovers_with_the_figure_of_the_day(ana: Actor, orders: UUID) -> None:
    one = await make(ana, request(orders, condition=LOW))
    assert await look(one) == "ok"
    assert (await again(ana, one)).value == 275.0
    assert await look(one, AT + DAY) == "firing"
    assert (await again(ana, one)).value == 280.0
    assert await look(one, AT - 4 * DAY) == "late"
    assert await look(one, AT + 5 * DAY) == "no_data"
    entries = [(each.from_state, each.to_state, each.value, each.notice) for each in await history(ana, one)]
    assert entries == [
        (State.OK, State.FIRING, 280.0, Notice.FIRED),
        (State.FIRING, State.NO_DATA, None, Notice.NO_DATA),
    ]
    (fired, _) = await history(ana, one)
    assert (fired.threshold, fired.dataset_version) == (277.0, 1)
    assert fired.took_ms > 0


async def test_two_workers_at_once_and_a_repeated_job_tell_once(ana: Actor, orders: UUID) -> None:
    one = await make(ana, request(orders))
    outcomes = await asyncio.gather(
        *(look(one, AT + timedelta(seconds=number), occurrence=AT) for number in range(4)),
        *(look(one, AT + timedelta(seconds=number), occurrence=AT + timedelta(hours=number)) for number in range(1, 4)),
    )
    assert "firing" in outcomes
    assert outcomes.count("repeated") + outcomes.count("late") >= 3
    assert await look(one, AT + timedelta(minutes=1), occurrence=AT + timedelta(minutes=1)) == "firing"
    assert await look(one, AT + timedelta(minutes=2), occurrence=AT + timedelta(minutes=1)) == "repeated"
    assert [each.notice for each in await history(ana, one)] == [Notice.FIRED]
    assert len(await notices(ana, one)) == 1


async def test_many_planners_ask_once_for_each_occurrence(ana: Actor, orders: UUID) -> None:
    one = await make(ana, request(orders, schedule={"kind": "every", "minutes": 60}))
    assert one.next_at == AT + timedelta(hours=1)
    with frozen(AT + timedelta(hours=5, minutes=1)):
        await asyncio.gather(*(plan_due() for _ in range(4)))
    async with system_transaction() as session:
        asked = await session.scalars(select(Job).where(col(Job.name) == EVALUATE_JOB, col(Job.subject_id) == one.id))
        triggers = sorted(job.payload["trigger"] for job in asked.all())
    assert triggers == ["schedule"]
    assert (await again(ana, one)).next_at == AT + timedelta(hours=6)


async def test_each_group_has_a_state_of_its_own(ana: Actor, orders: UUID) -> None:
    watched = {
        "kind": "metric", "dataset_id": orders, "measure": "revenue", "group": "country",
        "period": {"kind": "last", "n": 7, "grain": "day"},
    }  # fmt: skip
    one = await make(
        ana, request(orders, watched=watched, condition={"kind": "threshold", "side": "above", "value": 600})
    )
    assert await look(one) == "firing"
    async with transaction(ana) as session:
        groups = {each.key: (each.state, each.value) for each in await service.list_groups(ana, session, one.id)}
        whole = await datasets.get_catalogue(ana, session, orders)
    assert whole.dimension("country") is not None
    assert set(groups) == {"Slovenia", "Croatia", "Austria", "Italy"}
    assert {state for state, value in groups.values() if (value or 0) > 600} == {State.FIRING}
    assert {state for state, value in groups.values() if (value or 0) <= 600} == {State.OK}
    async with transaction(ana) as session:
        quiet = Silence(until=AT + 400 * DAY, group="Slovenia")
        await service.silence(ana, session, one.id, quiet)
    assert await look(one, AT + 14 * DAY) == "no_data"
    async with transaction(ana) as session:
        states = {each.key: each.state for each in await service.list_groups(ana, session, one.id)}
    assert states.pop("Slovenia") is State.SILENCED
    assert set(states.values()) == {State.NO_DATA}


async def test_no_group_at_all_is_no_data(ana: Actor, orders: UUID) -> None:
    watched = {
        "kind": "metric", "dataset_id": orders, "measure": "revenue", "group": "country",
        "period": {"kind": "last", "grain": "day"},
    }  # fmt: skip
    one = await make(ana, request(orders, watched=watched))
    assert await look(one, AT + 30 * DAY) == "no_data"
    assert await look(one, AT + 31 * DAY) == "no_data"
    assert len(await notices(ana, one)) == 1


async def test_a_change_is_held_against_the_period_before(ana: Actor, orders: UUID) -> None:
    drop = {"kind": "change", "direction": "up", "by": 1, "unit": "percent", "against": "previous"}
    one = await make(ana, request(orders, condition=drop))
    await look(one)
    view = await again(ana, one)
    assert (view.value, view.compared, view.state) == (275.0, 270.0, State.FIRING)
    year = await make(ana, request(orders, condition={**drop, "against": "year"}))
    await look(year)
    assert (await again(ana, year)).compared == 250.0  # 1 November 2025 is day 670


async def test_missing_rows_and_stale_data_fire(ana: Actor, orders: UUID) -> None:
    rows = await make(ana, request(orders, condition={"kind": "missing"}))
    assert await look(rows) == "ok"
    assert (await again(ana, rows)).value == 5.0
    assert await look(rows, AT + 30 * DAY) == "firing"
    stale = await make(ana, request(orders, condition={"kind": "missing", "stale_hours": 48}))
    created = (await again(ana, stale)).created_at
    assert await look(stale, max(AT, created)) in {"ok", "firing"}
    async with transaction(ana) as session:
        came = (await datasets.get_dataset(ana, session, orders)).data_as_of
    assert came is not None
    later = await make(ana, request(orders, title="Later", condition={"kind": "missing", "stale_hours": 48}))
    assert await look(later, came + timedelta(hours=47)) == "ok"
    assert await look(later, came + timedelta(hours=49)) == "firing"


async def test_a_tiles_number_is_watched_with_its_dashboards_period(ana: Actor, orders: UUID) -> None:
    number = tile(ChartKind.NUMBER, query("revenue", dataset_id=orders), tile_id="revenue")
    bars = tile(ChartKind.BAR, query("revenue", by=["country"], dataset_id=orders), tile_id="bars")
    made = spec(number, bars, period={"kind": "last", "grain": "day"})
    async with transaction(ana) as session:
        board = await dashboards.create_dashboard(ana, session, made)
    watched = {"kind": "tile", "dashboard_id": board.id, "tile_id": "revenue"}
    one = await make(ana, request(orders, watched=watched))
    await look(one)
    assert (await again(ana, one)).value == 275.0
    with pytest.raises(TileNotWatchableError):
        await make(ana, request(orders, watched={**watched, "tile_id": "bars"}))


async def test_new_data_are_looked_at_once_for_each_version(ana: Actor, orders: UUID) -> None:
    one = await make(ana, request(orders))
    await make(ana, request(orders, title="Not me", on_new_data=False))
    event = Event(
        id=new_id(), name="datasets.version_ready", tenant_id=ana.tenant_id, subject_id=orders, user_id=None, data={},
        created_at=AT,
    )  # fmt: skip
    await look_at_new_data(event)
    async with system_transaction() as session:
        asked = (await session.scalars(select(Job).where(col(Job.name) == EVALUATE_JOB))).all()
    mine = [job for job in asked if job.payload["trigger"] == "data" and job.tenant_id == ana.tenant_id]
    assert [job.payload["alert_id"] for job in mine] == [str(one.id)]


async def test_an_owner_who_left_and_data_that_are_gone_are_said(ana: Actor, tenant_owner: Actor, orders: UUID) -> None:
    one = await make(tenant_owner, request(orders))
    assert await look(one) == "firing"
    async with system_transaction() as session:
        await session.execute(
            update(Membership).where(col(Membership.user_id) == tenant_owner.user_id).values(status="deactivated")
        )
    assert await look(one, AT + DAY) == "error"
    assert (await again(ana, one)).reason == "owner_left"
    other = await make(ana, request(orders))
    async with transaction(ana) as session:
        await datasets.delete_dataset(ana, session, orders, DeleteDataset(name="Orders"))
    assert await look(other) == "error"
    assert (await again(ana, other)).reason == "dataset_not_found"


@pytest.fixture
async def tenant_owner(tenant: object) -> Actor:
    return await make_actor(tenant=tenant, role="analyst")  # type: ignore[arg-type]


async def test_edits_begin_anew_and_a_paused_one_is_left_alone(ana: Actor, orders: UUID) -> None:
    one = await make(ana, request(orders))
    await look(one)
    async with transaction(ana) as session:
        changed = request(orders, condition=ABOVE_ALL)
        view = await service.update_alert(ana, session, one.id, changed, expected_version=1)
    assert (view.state, view.value, view.version) == (State.OK, None, 2)
    assert await look(one, AT + DAY) == "ok"
    async with transaction(ana) as session:
        assert (await service.pause(ana, session, one.id)).mode is AlertMode.PAUSED
    assert await look(one, AT + 2 * DAY) == "gone"
    kinds = [each.kind for each in await history(ana, one)]
    assert kinds == ["state", "edited", "paused"]


async def test_what_cannot_be_asked_is_refused_when_it_is_made(ana: Actor, orders: UUID) -> None:
    with pytest.raises(AlertConditionError) as refused:
        await make(ana, request(orders, measure="nothing_such"))
    assert "watched" in refused.value.fields
    stranger = await make_actor()
    one = await make(ana, request(orders))
    with pytest.raises(AlertNotFoundError):
        await again(stranger, one)


async def test_the_history_cannot_be_changed(ana: Actor, orders: UUID) -> None:
    one = await make(ana, request(orders))
    await look(one)
    with pytest.raises(DBAPIError, match="never changed"):
        async with system_transaction() as session:
            await session.execute(update(AlertEntry).where(col(AlertEntry.alert_id) == one.id).values(note="nothing"))
    async with transaction(ana) as session:
        await service.delete_alert(ana, session, one.id)
    async with system_transaction() as session:
        left = await session.scalars(select(Alert).where(col(Alert.id) == one.id))
        assert left.all() == []


async def test_the_past_is_evaluated_day_by_day(ana: Actor, orders: UUID) -> None:
    with frozen(AT):
        found = await service.preview(ana, request(orders, condition=LOW))
    assert (found.days, found.evaluations, found.sees) == (90, 91, True)
    expected = []
    for number in range(91):
        day = 1035 - 90 + number
        expected.append(float(sum((day + 1040 * k) % 100 for k in range(5))))
    assert [one.value for one in found.points] == expected
    crossings = sum(
        value > 277 and (number == 0 or expected[number - 1] <= 277) for number, value in enumerate(expected)
    )
    assert found.fired == crossings > 0
    assert await tenant_of(await make(ana, request(orders, condition=ABOVE_NOTHING))) == ana.tenant_id
