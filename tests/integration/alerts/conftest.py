"""A team with orders, its mail server, and the REST door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from backend_services.kernel.actor import Actor
from backend_services.kernel.db import Database
from state.api.app import create_api
from tests.factories.dashboards import store_orders
from tests.integration.team import ana, bor, mailbox, tenant

__all__ = ["ana", "bor", "mailbox", "tenant"]


@pytest.fixture
async def orders(ana: Actor, tmp_path: Path) -> UUID:
    return await store_orders(ana, tmp_path)


@pytest.fixture
async def api(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    assert database
    transport = httpx.ASGITransport(create_api())
    async with httpx.AsyncClient(transport=transport, base_url="http://omni.test") as client:
        yield client
