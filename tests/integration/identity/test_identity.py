"""Keys, members, customers, the first start and the demonstration, on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, text

from backend_services.identity import service
from backend_services.identity.cache import CACHE
from backend_services.identity.errors import (
    ApiKeyNotFoundError,
    EmailTakenError,
    LastOwnerError,
    RoleTooHighError,
    ScopeTooWideError,
    SetupTokenInvalidError,
    SignInFailedError,
)
from backend_services.identity.schemas import (
    ApiKeyCreate,
    ApiKeyRotate,
    LoginRequest,
    MemberCreate,
    MemberUpdate,
    SetupRequest,
    TenantCreate,
    TenantStatusUpdate,
)
from backend_services.identity.service import Caller
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import frozen, now
from backend_services.kernel.db import Database, system_transaction, transaction
from backend_services.kernel.errors import PermissionDeniedError, UnauthenticatedError
from backend_services.kernel.ids import new_id
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from backend_services.kernel.settings import get_settings
from tests.factories.identity import PASSWORD, make_actor, make_tenant

HERE = Caller(ip="192.0.2.1")


@pytest.fixture(autouse=True)
def _real_database(database: Database) -> None:
    assert database


async def new_key(actor: Actor, *scopes: Permission) -> tuple[str, Actor]:
    async with transaction(actor) as session:
        created = await service.create_api_key(actor, session, ApiKeyCreate(name="key", scopes=scopes or None))
    return created.key, await service.authenticate_api_key(created.key)


async def test_a_key_does_what_it_may_and_no_more() -> None:
    actor = await make_actor(role="developer")
    _, caller = await new_key(actor, Permission.DASHBOARDS_DASHBOARD_READ)
    assert caller.permissions == {Permission.DASHBOARDS_DASHBOARD_READ}
    assert (caller.tenant_id, caller.user_id) == (actor.tenant_id, actor.user_id)
    wide = ApiKeyCreate(name="wide", scopes=(Permission.IDENTITY_MEMBER_WRITE,))
    async with transaction(actor) as session:
        with pytest.raises(ScopeTooWideError):
            await service.create_api_key(actor, session, wide)


async def test_a_key_loses_what_its_maker_loses() -> None:
    tenant = await make_tenant()
    owner, tenant_actor = await make_actor(tenant=tenant), await make_actor(role="developer", tenant=tenant)
    key, caller = await new_key(tenant_actor)
    assert caller.can(Permission.IDENTITY_API_KEY_WRITE)
    await _update(owner, tenant_actor, MemberUpdate(roles=("viewer",)))
    assert not (await service.authenticate_api_key(key)).can(Permission.IDENTITY_API_KEY_WRITE)
    await _update(owner, tenant_actor, MemberUpdate(status="deactivated"))
    with pytest.raises(UnauthenticatedError):
        await service.authenticate_api_key(key)


async def test_a_key_ends_when_revoked_expired_or_rotated() -> None:
    actor = await make_actor()
    key, caller = await new_key(actor)
    assert caller.api_key_id is not None
    async with transaction(actor) as session:
        rotated = await service.rotate_api_key(actor, session, caller.api_key_id, ApiKeyRotate(overlap_s=60))
    assert (await service.authenticate_api_key(key)).tenant_id == actor.tenant_id
    CACHE.forget(caller.api_key_id)
    with frozen(now() + timedelta(seconds=61)), pytest.raises(UnauthenticatedError):
        await service.authenticate_api_key(key)
    async with transaction(actor) as session:
        await service.revoke_api_key(actor, session, rotated.api_key.id)
    with pytest.raises(UnauthenticatedError):
        await service.authenticate_api_key(rotated.key)


async def test_events_at_the_same_time_check_a_credential_once(database: Database) -> None:
    actor = await make_actor()
    key, caller = await new_key(actor)
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        statements.append(str(arguments[2]))

    async def asked(number: int) -> list[Actor]:
        return await asyncio.gather(*(service.authenticate_api_key(key) for _ in range(number)))

    assert database.engine is not None
    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    try:
        CACHE.forget(actor.tenant_id)
        await asked(1)
        alone = len(statements)
        CACHE.forget(actor.tenant_id)
        found = await asked(50)
    finally:
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)
    assert len(statements) == 2 * alone
    assert {one.api_key_id for one in found} == {caller.api_key_id}


async def test_no_text_of_a_key_is_stored() -> None:
    actor = await make_actor()
    key, _ = await new_key(actor)
    async with transaction(actor) as session:
        rows = (await session.execute(text("SELECT api_keys::text FROM api_keys"))).scalars().all()
    assert rows
    assert not any(key in row for row in rows)


async def test_another_tenants_key_is_not_there() -> None:
    mine, theirs = await make_actor(), await make_actor()
    _, caller = await new_key(theirs)
    assert caller.api_key_id is not None
    async with transaction(mine) as session:
        with pytest.raises(ApiKeyNotFoundError):
            await service.revoke_api_key(mine, session, caller.api_key_id)


async def _update(actor: Actor, member: Actor, change: MemberUpdate) -> None:
    async with transaction(actor) as session:
        found = await service.list_members(actor, session, PageRequest(search=member.label))
        await service.update_member(actor, session, found.items[0].id, change)


async def test_a_team_keeps_an_owner() -> None:
    tenant = await make_tenant()
    first, second = await make_actor(tenant=tenant), await make_actor(tenant=tenant)
    await _update(first, second, MemberUpdate(roles=("viewer",)))
    for change in (MemberUpdate(roles=("admin",)), MemberUpdate(status="deactivated")):
        with pytest.raises(LastOwnerError):
            await _update(first, first, change)


async def test_of_two_owners_who_step_down_at_once_one_stays() -> None:
    tenant = await make_tenant()
    first, second = await make_actor(tenant=tenant), await make_actor(tenant=tenant)
    step_down = MemberUpdate(roles=("viewer",))
    outcomes = await asyncio.gather(
        _update(first, first, step_down), _update(second, second, step_down), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["LastOwnerError", "NoneType"]


async def test_nobody_gives_rights_he_does_not_have() -> None:
    tenant = await make_tenant()
    admin, owner = await make_actor(role="admin", tenant=tenant), await make_actor(tenant=tenant)
    with pytest.raises(RoleTooHighError):
        await _update(admin, admin, MemberUpdate(roles=("owner",)))
    with pytest.raises(RoleTooHighError):
        await _update(admin, owner, MemberUpdate(status="deactivated"))


async def test_a_new_member_signs_in_and_a_deactivated_one_does_not() -> None:
    owner = await make_actor()
    email = f"{new_id().hex}@example.org"
    request = MemberCreate(email=email, name="Nova", password="travnik-pod-meglo-spi", roles=("viewer",))
    async with transaction(owner) as session:
        member = await service.add_member(owner, session, request)
    with pytest.raises(EmailTakenError):
        async with transaction(owner) as session:
            await service.add_member(owner, session, request)
    login = LoginRequest(email=email, password="travnik-pod-meglo-spi")
    signed_in = await service.sign_in(login, HERE)
    assert (await service.authenticate_session(signed_in.token)).roles == {"viewer"}
    async with transaction(owner) as session:
        await service.update_member(owner, session, member.id, MemberUpdate(status="deactivated"))
    with pytest.raises(UnauthenticatedError):
        await service.authenticate_session(signed_in.token)
    with pytest.raises(SignInFailedError):
        await service.sign_in(login, HERE)


async def test_a_browser_session_ends_idle_and_at_the_latest() -> None:
    actor = await make_actor()
    signed_in = await service.sign_in(LoginRequest(email=actor.label, password=PASSWORD), HERE)
    with frozen(now() + timedelta(hours=13)), pytest.raises(UnauthenticatedError):
        await service.authenticate_session(signed_in.token)
    for hours in range(10, 24 * 30, 10):
        CACHE.forget(actor.tenant_id)
        with frozen(now() + timedelta(hours=hours)):
            await service.authenticate_session(signed_in.token)
    CACHE.forget(actor.tenant_id)
    with frozen(now() + timedelta(days=30, hours=1)), pytest.raises(UnauthenticatedError):
        await service.authenticate_session(signed_in.token)


async def test_only_the_operator_sees_and_makes_customers() -> None:
    operator, customer = await make_actor(operator=True), await make_actor()
    with pytest.raises(PermissionDeniedError):
        await service.list_tenants(customer, PageRequest())
    request = TenantCreate(
        name="Čebelar d.o.o.",
        owner_email=f"{new_id().hex}@example.org",
        owner_name="Čebelar",
        owner_password="med-in-vosek-v-panju-9",
    )
    with pytest.raises(PermissionDeniedError):
        await service.create_tenant(customer, request)
    created = await service.create_tenant(operator, request)
    assert created.slug.startswith("cebelar-d-o-o")
    login = LoginRequest(email=request.owner_email, password=request.owner_password)
    signed_in = await service.sign_in(login, HERE)
    await service.set_tenant_status(operator, created.id, TenantStatusUpdate(status="suspended"))
    with pytest.raises(UnauthenticatedError):
        await service.authenticate_session(signed_in.token)


@pytest.fixture
def demo_install(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Set this process up as a demonstration install."""
    monkeypatch.setenv("OMNI_DEMO", "true")
    get_settings.cache_clear()
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


async def _without_operators() -> None:
    async with system_transaction() as session:
        await session.execute(text("UPDATE tenants SET kind = 'customer'"))


async def test_the_set_up_link_works_once_and_for_one() -> None:
    await _without_operators()
    token = await service.issue_setup_token()
    assert token is not None
    assert await service.setup_open(token)
    requests = [
        SetupRequest(
            token=token,
            email=f"{new_id().hex}@example.org",
            password="jutranja-rosa-na-listju",
            name="Lastnik",
            tenant_name=f"Podjetje {number}",
        )
        for number in range(3)
    ]
    outcomes = await asyncio.gather(*(service.set_up(request, HERE) for request in requests), return_exceptions=True)
    assert sum(isinstance(outcome, SetupTokenInvalidError) for outcome in outcomes) == 2
    assert await service.issue_setup_token() is None
    with pytest.raises(SetupTokenInvalidError):
        await service.set_up(requests[0].model_copy(update={"email": "other@example.org"}), HERE)
    await _without_operators()


async def test_an_earlier_set_up_link_ends() -> None:
    await _without_operators()
    first, second = await service.issue_setup_token(), await service.issue_setup_token()
    assert first is not None
    assert second is not None
    assert not await service.setup_open(first)
    with frozen(now() + timedelta(days=2)):
        assert not await service.setup_open(second)


@pytest.mark.usefixtures("demo_install")
async def test_the_demonstration_can_be_seeded_again() -> None:
    first, again = await service.seed_demo(), await service.seed_demo()
    assert (first.operator.tenant_id, first.accounts) == (again.operator.tenant_id, again.accounts)
    caller = await service.authenticate_api_key("dev-key-123")
    assert caller.tenant_id == first.operator.tenant_id
    for account in first.accounts:
        signed_in = await service.sign_in(LoginRequest(email=account.email, password=account.password), HERE)
        assert (await service.authenticate_session(signed_in.token)).roles == {account.role}


async def test_there_are_no_known_accounts_outside_a_demonstration() -> None:
    with pytest.raises(PermissionDeniedError):
        await service.seed_demo()


async def test_a_forgotten_password_is_reset_by_who_may_and_ends_sessions() -> None:
    tenant = await make_tenant()
    owner, admin, viewer = [await make_actor(tenant=tenant, role=role) for role in ("owner", "admin", "viewer")]
    signed_in = await service.sign_in(LoginRequest(email=viewer.label, password=PASSWORD), HERE)
    fresh = "sveža-reka-42-pod-mostom"
    async with transaction(admin) as session:
        members = {one.email: one.id for one in (await service.list_members(admin, session, PageRequest())).items}
        await service.reset_password(admin, session, members[viewer.label], fresh)
        with pytest.raises(RoleTooHighError):
            await service.reset_password(admin, session, members[owner.label], fresh)
    with pytest.raises(UnauthenticatedError):
        await service.authenticate_session(signed_in.token, HERE)
    with pytest.raises(SignInFailedError):
        await service.sign_in(LoginRequest(email=viewer.label, password=PASSWORD), HERE)
    assert await service.sign_in(LoginRequest(email=viewer.label, password=fresh), HERE)
