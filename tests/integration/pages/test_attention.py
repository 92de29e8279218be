"""What home says needs attention, read from real rows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from backend_services.audit import service as audit
from backend_services.dashboards.alerts import service as alerts
from backend_services.dashboards.alerts.schemas import Acknowledgement
from backend_services.datasets.models import Dataset
from backend_services.identity import service as identity
from backend_services.identity.schemas import ApiKeyCreate
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import frozen, now
from backend_services.kernel.db import Database, transaction
from backend_services.kernel.jobs.models import Job
from backend_services.kernel.jobs.schemas import JobState
from state.home import attention
from tests.factories.dashboards import store_orders
from tests.factories.identity import make_actor, without
from tests.integration.alerts.making import look, make, request


@pytest.fixture
async def owner(database: Database) -> Actor:
    assert database
    return await make_actor(role="owner")


async def _said(actor: Actor) -> list[str]:
    async with transaction(actor) as session:
        return [one["text"] for one in await attention.from_database(actor, session)]


async def _failed(actor: Actor, title: str, *, days_ago: int) -> None:
    async with transaction(actor) as session:
        at = now() - timedelta(days=days_ago)
        session.add(
            Job(
                tenant_id=actor.tenant_id,
                name="any.job",
                title=title,
                state=JobState.FAILED.value,
                created_at=at,
                finished_at=at,
            )
        )


async def _key(actor: Actor, name: str, *, ends_in_days: int) -> None:
    ends = now() + timedelta(days=ends_in_days)
    with frozen(ends - timedelta(days=30)):
        async with transaction(actor) as session:
            await identity.create_api_key(actor, session, ApiKeyCreate(name=name, expires_at=ends))


async def test_where_nothing_is_wrong_nothing_is_said(owner: Actor) -> None:
    await _failed(owner, "Long ago", days_ago=8)
    await _key(owner, "far", ends_in_days=20)
    await _key(owner, "gone", ends_in_days=-9)
    assert await _said(owner) == []


async def test_what_failed_or_ends_is_said_the_gravest_first(owner: Actor) -> None:
    await _key(owner, "soon", ends_in_days=3)
    await _key(owner, "ended", ends_in_days=-2)
    await _failed(owner, "Older", days_ago=3)
    await _failed(owner, "Newer", days_ago=1)
    async with transaction(owner) as session:
        session.add(Dataset(tenant_id=owner.tenant_id, name="Broken", kind="upload", state="failed"))
        await audit.record(owner, session, action="identity.token.reuse")
    said = await _said(owner)
    assert said[:3] == [
        "1 sign-in token was used twice in the last seven days",
        "Broken could not be loaded",
        "2 jobs failed in the last seven days",
    ]
    assert [one.split(" on ")[0] for one in said[3:]] == ["The key ended ended", "The key soon ends"]


async def test_nobody_is_told_what_they_may_not_know(owner: Actor) -> None:
    await _failed(owner, "Newer", days_ago=1)
    await _key(owner, "ended", ends_in_days=-2)
    assert await _said(without(owner, "kernel:job:read", "identity:api_key:read")) == []
    assert await _said(await make_actor(role="owner")) == []


async def test_a_part_of_the_system_that_fails_is_told_to_operators(owner: Actor) -> None:
    told = {one["id"] for one in await attention.from_system(owner)}
    assert "part-worker" in told  # none runs beside this test
    assert "part-postgresql" not in told
    assert await attention.from_system(without(owner, "operations:health:read")) == []


async def test_a_firing_alert_is_said_until_somebody_looks_after_it(owner: Actor, tmp_path: Path) -> None:
    one = await make(owner, request(await store_orders(owner, tmp_path)))
    assert await look(one) == "firing"
    assert await _said(owner) == ["Revenue: firing"]
    async with transaction(owner) as session:
        await alerts.acknowledge(owner, session, one.id, Acknowledgement())
    assert await _said(owner) == []
