"""Organisations: registering one, the first start, and what an operator does with customers."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from typing import TYPE_CHECKING

from redis.exceptions import RedisError
from sqlalchemy import func, select, text
from sqlmodel import col

from backend_services.audit import service as audit
from backend_services.identity import passwords, queries
from backend_services.identity.cache import CACHE
from backend_services.identity.errors import (
    RegistrationClosedError,
    SetupTokenInvalidError,
    SlugTakenError,
    TenantNotFoundError,
)
from backend_services.identity.models import Membership, SetupToken, Tenant, TenantKind, User
from backend_services.identity.queries import Standing
from backend_services.identity.roles import Role
from backend_services.identity.schemas import (
    RegisterRequest,
    SetupRequest,
    TenantCreate,
    TenantStatusUpdate,
    TenantUpdate,
    TenantView,
)
from backend_services.identity.secrets import hash_token, keyed_hash, network_of
from backend_services.identity.service.credentials import Caller, actor_of_standing
from backend_services.identity.service.members import require_time_zone, store_account
from backend_services.identity.settings import get_identity_settings
from backend_services.kernel.actor import ActorKind
from backend_services.kernel.clock import now
from backend_services.kernel.db import after_commit, system_transaction
from backend_services.kernel.errors import PermissionDeniedError, RateLimitedError, UnavailableError
from backend_services.kernel.ids import new_id, new_token
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission
from backend_services.kernel.redis import get_redis, key

if TYPE_CHECKING:
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor
    from backend_services.kernel.pagination import PageRequest

REGISTRATIONS_AN_HOUR = 20
HOUR_S = 3600


async def register(request: RegisterRequest, caller: Caller) -> Standing:
    """Make a new customer and its owner.

    Raises:
        EmailTakenError: There is an account with the address.
        RateLimitedError: Too many registrations from this address.
        RegistrationClosedError: The operator switched registration off.
        WeakPasswordError: The password would be guessed.
    """
    if not get_identity_settings().registration:
        raise RegistrationClosedError
    await _count_registration(caller)
    return await _found(request, caller, kind=TenantKind.CUSTOMER)


async def _count_registration(caller: Caller) -> None:
    counter = key("registrations", keyed_hash("address", network_of(caller.ip)))
    try:
        async with get_redis().pipeline(transaction=True) as steps:  # a count without an end would lock for ever
            steps.set(counter, 0, ex=HOUR_S, nx=True)
            steps.incr(counter)
            _, count = await steps.execute()
    except RedisError:
        raise UnavailableError from None
    if count > REGISTRATIONS_AN_HOUR:
        raise RateLimitedError(retry_after_s=HOUR_S)


async def issue_setup_token() -> str | None:
    """Return a fresh token for the set-up link, or nothing when the install is set up. Earlier links end."""
    token = new_token()
    async with system_transaction() as session:
        if await queries.operator_exists(session):
            return None
        await session.execute(text("DELETE FROM setup_tokens"))
        life = timedelta(seconds=get_identity_settings().setup_token_s)
        session.add(SetupToken(token_hash=hash_token(token), expires_at=now() + life))
    return token


async def setup_open(token: str) -> bool:
    """Return whether the set-up link is good."""
    async with system_transaction() as session:
        return await _setup_token(session, token) is not None and not await queries.operator_exists(session)


async def is_set_up() -> bool:
    """Return whether there is an operator."""
    async with system_transaction() as session:
        return await queries.operator_exists(session)


async def set_up(request: SetupRequest, caller: Caller) -> Standing:
    """Make the operator and its owner, once. Of two at the same time one wins.

    Raises:
        SetupTokenInvalidError: The link is unknown, used or expired, or the install is set up already.
        WeakPasswordError: The password would be guessed.
    """
    if not await setup_open(request.token):
        raise SetupTokenInvalidError
    return await _found(request, caller, kind=TenantKind.OPERATOR, setup_token=request.token)


async def _setup_token(session: AsyncSession, token: str) -> SetupToken | None:
    row = await queries.setup_token(session, hash_token(token))
    return row if row is not None and row.used_at is None and row.expires_at > now() else None


async def _found(
    request: RegisterRequest | SetupRequest, caller: Caller, *, kind: TenantKind, setup_token: str = ""
) -> Standing:
    require_time_zone(request.time_zone)
    await passwords.require_strong(request.password, about=(request.email, request.name, request.tenant_name))
    password_hash = await passwords.hash_password(request.password)
    async with system_transaction() as session:
        if kind is TenantKind.OPERATOR:
            await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('omni_set_up'))"))
            row = await _setup_token(session, setup_token)
            if row is None or await queries.operator_exists(session):
                raise SetupTokenInvalidError
            row.used_at = now()
        tenant = Tenant(
            id=new_id(),
            name=request.tenant_name,
            slug=await _free_slug(session, request.tenant_name),
            kind=kind.value,
            language=request.language,
            time_zone=request.time_zone,
        )
        standing = await store_tenant(
            session, tenant, email=request.email, name=request.name, password_hash=password_hash
        )
        actor = actor_of_standing(standing, kind=ActorKind.SYSTEM, caller=caller)
        await audit.record(
            actor,
            session,
            action="identity.tenant.set_up" if kind is TenantKind.OPERATOR else "identity.tenant.register",
            subject_type="tenant",
            subject_id=tenant.id,
            subject_label=tenant.name,
        )
    return standing


async def store_tenant(session: AsyncSession, tenant: Tenant, *, email: str, name: str, password_hash: str) -> Standing:
    """Store a tenant and its first owner; the transaction must be the system's.

    Raises:
        EmailTakenError: There is an account with the address.
    """
    session.add(tenant)
    await session.flush()
    user = User(
        id=new_id(),
        email=email,
        name=name,
        password_hash=password_hash,
        password_changed_at=now(),
        language=tenant.language,
        time_zone=tenant.time_zone,
    )
    membership = Membership(tenant_id=tenant.id, user_id=user.id, roles=[Role.OWNER.value])
    await store_account(session, user, membership)
    return Standing(user, membership, tenant)


async def _free_slug(session: AsyncSession, name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.replace("đ", "d").replace("Đ", "D")).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")[:48] or "team"
    if len(base) >= 2 and await queries.tenant_by_slug(session, base) is None:  # noqa: PLR2004 - of the slug's form
        return base
    return f"{base}-{new_id().hex[-8:]}"


def _require_operator(actor: Actor, permission: Permission) -> None:
    actor.require(permission)
    if not actor.is_operator:
        raise PermissionDeniedError(params={"permission": permission.value})


async def list_tenants(actor: Actor, page: PageRequest) -> Page[TenantView]:
    """Return the install's organisations; for the operator's people only."""
    _require_operator(actor, Permission.IDENTITY_TENANT_WRITE)
    async with system_transaction() as session:
        rows, total = await queries.page_of(
            session,
            select(Tenant),
            page,
            sortable={
                "name": func.lower(col(Tenant.name)),
                "created_at": col(Tenant.created_at),
                "status": col(Tenant.status),
            },
            tie=col(Tenant.id),
            searched=(col(Tenant.name), col(Tenant.slug)),
        )
    return Page(items=tuple(tenant_view(row[0]) for row in rows), total=total, limit=page.limit, offset=page.offset)


async def create_tenant(actor: Actor, request: TenantCreate) -> TenantView:
    """Make a customer with its first owner; for the operator's people only.

    Raises:
        EmailTakenError: There is an account with the address.
        SlugTakenError: Another organisation has the short name.
        WeakPasswordError: The password would be guessed.
    """
    _require_operator(actor, Permission.IDENTITY_TENANT_WRITE)
    require_time_zone(request.time_zone)
    await passwords.require_strong(request.owner_password, about=(request.owner_email, request.owner_name))
    password_hash = await passwords.hash_password(request.owner_password)
    async with system_transaction() as session:
        if request.slug is not None and await queries.tenant_by_slug(session, request.slug) is not None:
            raise SlugTakenError
        tenant = Tenant(
            id=new_id(),
            name=request.name,
            slug=request.slug or await _free_slug(session, request.name),
            kind=TenantKind.CUSTOMER.value,
            language=request.language,
            time_zone=request.time_zone,
        )
        await store_tenant(
            session, tenant, email=request.owner_email, name=request.owner_name, password_hash=password_hash
        )
        await _audit(actor, session, "identity.tenant.create", tenant)
    return tenant_view(tenant)


async def get_tenant(actor: Actor, session: AsyncSession) -> TenantView:
    """Return the actor's own organisation."""
    actor.require(Permission.IDENTITY_TENANT_READ)
    return tenant_view(await session.get_one(Tenant, actor.tenant_id))


async def update_tenant(actor: Actor, session: AsyncSession, request: TenantUpdate) -> TenantView:
    """Change the actor's own organisation: name, language, time zone, colour.

    Raises:
        TimeZoneUnknownError: No such time zone.
    """
    actor.require(Permission.IDENTITY_TENANT_WRITE)
    require_time_zone(request.time_zone)
    tenant = await session.get_one(Tenant, actor.tenant_id)
    for name, value in request.model_dump(exclude_none=True).items():
        setattr(tenant, name, value)
    await session.flush()
    await _audit(actor, session, "identity.tenant.update", tenant)
    return tenant_view(tenant)


async def set_tenant_status(actor: Actor, tenant_id: UUID, request: TenantStatusUpdate) -> TenantView:
    """Let a customer's people in or keep them out; for the operator's people, and never for the operator itself.

    Raises:
        TenantNotFoundError: No such customer.
    """
    actor.require(Permission.IDENTITY_TENANT_WRITE)
    async with system_transaction() as session:
        tenant = await session.get(Tenant, tenant_id, with_for_update=True)
        if not actor.is_operator or tenant is None or tenant.kind == TenantKind.OPERATOR.value:
            raise TenantNotFoundError
        tenant.status = request.status
        await session.flush()

        async def forget() -> None:
            CACHE.forget(tenant_id)

        after_commit(session, forget)
        await _audit(actor, session, "identity.tenant.status", tenant)
    return tenant_view(tenant)


async def _audit(actor: Actor, session: AsyncSession, action: str, tenant: Tenant) -> None:
    await audit.record(
        actor,
        session,
        action=action,
        subject_type="tenant",
        subject_id=tenant.id,
        subject_label=tenant.name,
        details={"status": tenant.status},
    )


def tenant_view(tenant: Tenant) -> TenantView:
    """Return what is shown of a tenant."""
    return TenantView.model_validate({name: getattr(tenant, name) for name in TenantView.model_fields})
