"""A client of the REST door, without a network between."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from backend_services.kernel.db import Database
from backend_services.kernel.ids import new_id
from state.api.app import create_api


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def api(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client that keeps no cookies and sends no credential."""
    assert database
    transport = httpx.ASGITransport(create_api(), client=("198.51.100.1", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://omni.test") as client:
        yield client


def _fresh_address() -> str:
    """Return an address that no other test comes from: wrong passwords count by address, too."""
    return f"2001:db8:{new_id().hex[-4:]}:{new_id().hex[-8:-4]}::1"


@pytest_asyncio.fixture(loop_scope="session")
async def home(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client at an address of its own."""
    assert database
    transport = httpx.ASGITransport(create_api(), client=(_fresh_address(), 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://omni.test") as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client at another address."""
    assert database
    transport = httpx.ASGITransport(create_api(), client=(_fresh_address(), 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://omni.test") as client:
        yield client


@pytest.fixture(autouse=True)
def no_cookies(api: httpx.AsyncClient) -> None:
    """Forget the cookies of the test before."""
    api.cookies.clear()
