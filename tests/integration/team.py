"""A team of two, and a mail server of its own: fixtures of several areas."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller

from backend_services.identity.models import Tenant
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import Database
from backend_services.kernel.embedded.network import free_port
from backend_services.kernel.jobs.actors import set_actor_loader
from backend_services.kernel.mail.settings import get_mail_settings
from tests.factories.identity import make_actor, make_tenant
from tests.integration.kernel.test_mail import Inbox


@pytest.fixture
async def tenant(database: Database) -> Tenant:
    assert database
    set_actor_loader(None)
    return await make_tenant()


@pytest.fixture
async def ana(tenant: Tenant) -> Actor:
    return await make_actor(tenant=tenant, role="owner", email=f"ana-{tenant.id.hex[-8:]}@example.org")


@pytest.fixture
async def bor(tenant: Tenant) -> Actor:
    return await make_actor(tenant=tenant, role="viewer", email=f"bor-{tenant.id.hex[-8:]}@example.org", language="sl")


@pytest.fixture
def mailbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    kept = Inbox()
    controller = Controller(kept, hostname="127.0.0.1", port=free_port())
    controller.start()
    monkeypatch.setenv("OMNI_MAIL_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("OMNI_MAIL_SMTP_PORT", str(controller.port))
    monkeypatch.setenv("OMNI_MAIL_SMTP_SECURITY", "none")
    get_mail_settings.cache_clear()
    yield kept
    controller.stop()
    get_mail_settings.cache_clear()
