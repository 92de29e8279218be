"""Secrets, repeated requests, counted calls and months of parted tables."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from backend_services.kernel import clock, usage
from backend_services.kernel.db import Database, system_transaction, transaction
from backend_services.kernel.idempotency import service as idempotency
from backend_services.kernel.idempotency.errors import (
    IdempotencyInProgressError,
    IdempotencyKeyInvalidError,
    IdempotencyKeyReusedError,
)
from backend_services.kernel.ids import new_id
from backend_services.kernel.partitions import ensure_partitions, is_partition
from backend_services.kernel.secrets import service as secrets
from backend_services.kernel.secrets.adapters.environment import EnvironmentSource
from backend_services.kernel.secrets.adapters.folder import FolderSource
from backend_services.kernel.secrets.crypto import Keyring, get_keyring, new_root_key
from backend_services.kernel.secrets.errors import SecretNotFoundError
from backend_services.kernel.secrets.models import StoredSecret
from backend_services.kernel.secrets.sources import read_secret
from backend_services.metering.models import ApiCall
from backend_services.metering.service import store_calls
from tests.factories.identity import make_actor

pytestmark = pytest.mark.usefixtures("database")


async def test_a_secret_is_stored_sealed_and_is_its_tenants_only() -> None:
    actor, stranger = await make_actor(), await make_actor()
    async with transaction(actor) as session:
        await secrets.put_secret(actor, session, "warehouse", b"hunter2")
        await secrets.put_secret(actor, session, "warehouse", b"hunter3")
    async with transaction(actor) as session:
        assert await secrets.get_secret(actor, session, "warehouse") == b"hunter3"
        row = await session.scalar(select(StoredSecret))
        assert row is not None
        assert "hunter" not in row.sealed
    async with transaction(stranger) as session:
        assert (await session.scalars(select(StoredSecret))).all() == []
        with pytest.raises(SecretNotFoundError):
            await secrets.get_secret(stranger, session, "warehouse")
    async with transaction(actor) as session:
        await secrets.delete_secret(actor, session, "warehouse")
        with pytest.raises(SecretNotFoundError):
            await secrets.get_secret(actor, session, "warehouse")


async def test_secrets_of_an_old_root_key_are_sealed_anew() -> None:
    actor = await make_actor()
    old, present = new_root_key(), get_keyring()
    purpose = f"secret/{actor.tenant_id}/warehouse"
    async with transaction(actor) as session:
        sealed = Keyring(old).seal(b"x", purpose)
        session.add(
            StoredSecret(tenant_id=actor.tenant_id, name="warehouse", sealed=sealed, key_id=Keyring(old).key_id)
        )
    both = _with_old(present, old)
    async with system_transaction() as session:
        assert await secrets.reseal_all(session, both) >= 1
    async with transaction(actor) as session:
        assert await secrets.get_secret(actor, session, "warehouse") == b"x"


def _with_old(present: Keyring, old: str) -> Keyring:
    import base64  # noqa: PLC0415

    return Keyring(base64.b64encode(present._current).decode(), old=(old,))


async def test_the_platforms_own_secrets_come_from_environment_then_files(tmp_path: Path) -> None:
    (tmp_path / "stripe_key").write_text("from-file\n")
    (tmp_path / "mail_key").write_text("also-file")
    sources = (EnvironmentSource({"OMNI_SECRET_STRIPE_KEY": "from-environment"}), FolderSource(tmp_path))
    assert await read_secret("stripe_key", sources) == "from-environment"
    assert await read_secret("mail_key", sources) == "also-file"
    for name in ("absent", "../stripe_key", "", "A"):
        with pytest.raises(SecretNotFoundError):
            await read_secret(name, sources)


async def test_a_request_is_carried_out_once() -> None:
    actor, stranger = await make_actor(), await make_actor()
    first, other = (idempotency.fingerprint("POST", "/x", body) for body in (b"1", b"2"))
    assert await idempotency.claim(actor, "k-1", first) is None
    with pytest.raises(IdempotencyInProgressError):
        await idempotency.claim(actor, "k-1", first)
    await idempotency.store(actor, "k-1", idempotency.StoredAnswer(status=201, body="{}", headers={"etag": "a"}))
    assert await idempotency.claim(actor, "k-1", first) == idempotency.StoredAnswer(201, "{}", {"etag": "a"})
    with pytest.raises(IdempotencyKeyReusedError):
        await idempotency.claim(actor, "k-1", other)
    assert await idempotency.claim(stranger, "k-1", other) is None
    assert await idempotency.claim(actor, "k-2", first) is None
    await idempotency.release(actor, "k-2")
    assert await idempotency.claim(actor, "k-2", other) is None


@pytest.mark.parametrize("key", ["", "a b", "ä", "x" * 201, "a\n"])
async def test_a_bad_key_is_refused(key: str) -> None:
    with pytest.raises(IdempotencyKeyInvalidError):
        await idempotency.claim(await make_actor(), key, "f")


async def test_keys_are_forgotten_after_a_day() -> None:
    actor = await make_actor()
    await idempotency.claim(actor, "k", "f")
    with clock.frozen(clock.now() + timedelta(hours=25)):
        await idempotency.forget_expired()
        assert await idempotency.claim(actor, "k", "another") is None


async def test_calls_are_counted_for_their_tenant_once() -> None:
    actor, stranger = await make_actor(), await make_actor()
    gone = new_id()
    await usage.flush(store_calls)  # what other tests have recorded
    for tenant_id in (actor.tenant_id, actor.tenant_id, gone):
        usage.record(tenant_id=tenant_id, method="GET", route="/api/v1/x", status=200, latency_ms=2.5)
    batches: list[usage.Call] = []

    async def sink(calls: object) -> None:
        batches.extend(calls)  # type: ignore[call-overload]
        await store_calls(batches)
        await store_calls(batches)

    assert await usage.flush(sink) == 3
    async with transaction(actor) as session:
        assert await session.scalar(select(func.count()).select_from(ApiCall)) == 2
    async with transaction(stranger) as session:
        assert await session.scalar(select(func.count()).select_from(ApiCall)) == 0
    async with system_transaction() as session:
        left = await session.scalar(select(func.count()).where(col(ApiCall.tenant_id) == gone))
    assert left == 0


async def test_months_are_opened_ahead_by_the_applications_own_role(database: Database) -> None:
    assert database.engine is not None
    async with system_transaction() as session:
        await ensure_partitions(session, months=14)
    async with system_transaction() as session:
        assert await ensure_partitions(session, months=14) == 0
        rows = await session.execute(
            text(
                "SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity FROM pg_inherits i "
                "JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent AND p.relkind = 'p' "
                "WHERE c.relkind = 'r'"
            )
        )
        months = rows.all()
    assert len([name for name, _, _ in months if name.startswith("outbox_")]) >= 16
    assert all(is_partition(name) and guarded and forced for name, guarded, forced in months)


async def test_a_month_cannot_be_read_around_its_parent() -> None:
    actor, stranger = await make_actor(), await make_actor()
    usage.record(tenant_id=actor.tenant_id, method="GET", route="/x", status=200, latency_ms=1.0)
    await usage.flush(store_calls)
    month = f"api_calls_p{clock.now():%Y_%m}"
    async with transaction(stranger) as session:
        assert await session.scalar(text(f"SELECT count(*) FROM {month}")) == 0  # noqa: S608 - a name of ours
    with pytest.raises(DBAPIError):
        async with system_transaction() as session:
            await session.execute(text("SELECT omni_ensure_partitions(1000)"))
