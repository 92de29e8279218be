"""Closes what these tests open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest_asyncio

from backend_services.kernel.redis import close_redis

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest_asyncio.fixture(scope="session", loop_scope="session", autouse=True)
async def closed_redis(cellar: object) -> AsyncIterator[None]:
    """Close the client of Valkey while the server still runs."""
    assert cellar is not None
    yield
    await close_redis()
