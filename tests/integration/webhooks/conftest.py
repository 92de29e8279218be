"""A team, a server that takes its webhooks, and settings that let messages go to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from backend_services.kernel.actor import Actor
from backend_services.kernel.db import Database
from backend_services.kernel.jobs.actors import set_actor_loader
from backend_services.kernel.webhooks import tasks as webhook_tasks
from backend_services.kernel.webhooks.settings import get_webhook_settings
from state.api.app import create_api
from tests.factories.identity import make_actor
from tests.integration.webhooks.receiver import Receiver

assert webhook_tasks.deliver_webhook is not None  # registered, as the composition root does


@pytest.fixture
async def ana(database: Database) -> Actor:
    assert database
    set_actor_loader(None)
    return await make_actor(role="owner")


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    monkeypatch.setenv("OMNI_WEBHOOKS_NETWORKS", "127.0.0.1/32,::1/128")
    monkeypatch.setenv("OMNI_WEBHOOKS_ALLOW_HTTP", "true")
    get_webhook_settings.cache_clear()
    one = Receiver()
    one.start()
    yield one
    one.stop()
    monkeypatch.undo()
    get_webhook_settings.cache_clear()


@pytest.fixture
async def api(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    assert database
    transport = httpx.ASGITransport(create_api())
    async with httpx.AsyncClient(transport=transport, base_url="http://omni.test") as client:
        yield client
