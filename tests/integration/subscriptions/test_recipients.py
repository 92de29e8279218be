"""Whom a form may name as a recipient: people of one's own team, by those who may share; oneself always."""

from __future__ import annotations

import pytest

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.library_errors import ColleagueNotFoundError
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import Database, transaction
from backend_services.kernel.errors import PermissionDeniedError
from tests.factories.identity import make_actor, make_tenant


@pytest.fixture
async def team(database: Database) -> tuple[Actor, Actor]:
    """Return an owner and a viewer of one team."""
    assert database
    tenant = await make_tenant()
    return await make_actor(tenant=tenant, role="owner"), await make_actor(tenant=tenant, role="viewer")


async def test_a_colleague_is_found_by_address_and_named_by_id(team: tuple[Actor, Actor]) -> None:
    ana, bor = team
    async with transaction(ana) as session:
        found = await dashboards.find_recipient(ana, session, email=f" {bor.label.upper()} ")
        assert bor.user_id is not None
        named = await dashboards.name_recipients(ana, session, [bor.user_id])
    assert found.user_id == bor.user_id
    assert named == {bor.user_id: found}


async def test_other_teams_do_not_exist(team: tuple[Actor, Actor]) -> None:
    ana, stranger = team[0], await make_actor(role="owner")
    assert stranger.user_id is not None
    async with transaction(ana) as session:
        with pytest.raises(ColleagueNotFoundError):
            await dashboards.find_recipient(ana, session, email=stranger.label)
        assert await dashboards.name_recipients(ana, session, [stranger.user_id]) == {}


async def test_who_may_not_share_finds_himself_alone(team: tuple[Actor, Actor]) -> None:
    ana, bor = team
    async with transaction(bor) as session:
        assert (await dashboards.find_recipient(bor, session, email=bor.label)).user_id == bor.user_id
        for address in (ana.label, "nobody@example.org"):
            with pytest.raises(PermissionDeniedError):
                await dashboards.find_recipient(bor, session, email=address)
