"""Tenants, people and actors for tests, written through the same tables as in production."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from backend_services.identity.models import Membership, Tenant, TenantKind, User
from backend_services.identity.passwords import hash_password
from backend_services.identity.roles import permissions_of
from backend_services.kernel.actor import Actor, ActorKind
from backend_services.kernel.clock import now
from backend_services.kernel.db import system_transaction
from backend_services.kernel.ids import new_id, new_token

PASSWORD = "kamen-most-oblak-7-reka"
_hashes: dict[str, str] = {}


async def make_tenant(
    *, name: str = "Test Ltd", kind: TenantKind = TenantKind.CUSTOMER, language: str = "en"
) -> Tenant:
    """Store a tenant with a short name of its own."""
    tenant = Tenant(name=name, slug=f"t-{new_id().hex}", kind=kind.value, language=language)
    async with system_transaction() as session:
        session.add(tenant)
    return tenant


async def make_user(
    *, email: str = "", password: str = PASSWORD, language: str = "en", name: str = "Ana Novak"
) -> User:
    """Store a person with ``password``."""
    if password not in _hashes:
        _hashes[password] = await hash_password(password)
    user = User(
        email=email or f"p{new_token(8).lower().replace('_', 'x')}@example.org",
        name=name,
        password_hash=_hashes[password],
        password_changed_at=now(),
        language=language,
    )
    async with system_transaction() as session:
        session.add(user)
    return user


async def make_actor(
    *,
    role: str = "owner",
    tenant: Tenant | None = None,
    operator: bool = False,
    email: str = "",
    password: str = PASSWORD,
    language: str = "en",
) -> Actor:
    """Store a person with ``role`` in ``tenant`` (a new one by default) and return who that is."""
    kind = TenantKind.OPERATOR if operator else TenantKind.CUSTOMER
    tenant = tenant or await make_tenant(kind=kind, language=language)
    user = await make_user(email=email, password=password, language=language)
    async with system_transaction() as session:
        session.add(Membership(tenant_id=tenant.id, user_id=user.id, roles=[role]))
    return Actor(
        kind=ActorKind.SESSION,
        tenant_id=tenant.id,
        user_id=user.id,
        roles=frozenset({role}),
        permissions=permissions_of([role]),
        is_operator=tenant.kind == TenantKind.OPERATOR.value,
        label=user.email,
        language=language,
    )


def plain_actor(*, role: str = "owner", tenant_id: UUID | None = None) -> Actor:
    """Return an actor that no row stands behind, for tests of pure rules."""
    return Actor(
        kind=ActorKind.SESSION,
        tenant_id=tenant_id or new_id(),
        user_id=new_id(),
        roles=frozenset({role}),
        permissions=permissions_of([role]),
        label="ana@example.org",
    )


def without(actor: Actor, *permissions: str) -> Actor:
    """Return ``actor`` with some permissions less."""
    return replace(actor, permissions=frozenset(held for held in actor.permissions if held.value not in permissions))
