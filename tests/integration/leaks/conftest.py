"""The team of these tests; closes what they open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from backend_services.kernel.redis import close_redis
from tests.factories.identity import make_actor, make_tenant
from tests.integration.leaks.paths import close
from tests.integration.leaks.world import Team

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest_asyncio.fixture(scope="session", loop_scope="session", autouse=True)
async def closed_redis(cellar: object) -> AsyncIterator[None]:
    """Close the client of Valkey while the server still runs."""
    assert cellar is not None
    yield
    await close_redis()


@pytest.fixture(scope="module")
async def team(database: object) -> AsyncIterator[Team]:
    """Store a tenant with an owner and a member."""
    assert database
    tenant = await make_tenant()
    yield Team(owner=await make_actor(tenant=tenant), member=await make_actor(tenant=tenant, role="analyst"))
    close()
