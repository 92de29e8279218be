"""The demonstration's organisations, people and key, all with known secrets; refuses anywhere else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_services.identity import passwords, queries
from backend_services.identity.models import ApiKey, Membership, Tenant, TenantKind, User
from backend_services.identity.roles import Role, permissions_of
from backend_services.identity.secrets import kept_of
from backend_services.identity.service.credentials import load_actor
from backend_services.identity.service.members import store_account
from backend_services.identity.service.tenants import store_tenant
from backend_services.kernel.clock import now
from backend_services.kernel.db import system_transaction
from backend_services.kernel.errors import PermissionDeniedError
from backend_services.kernel.ids import new_id
from backend_services.kernel.settings import get_settings

if TYPE_CHECKING:
    from backend_services.kernel.actor import Actor

PASSWORD = "omni-demo-granite-lantern"  # noqa: S105 - shown on the terminal, loopback only
KEY = "dev-key-123"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One of the demonstration's people."""

    email: str
    password: str
    name: str
    role: str
    tenant: str


@dataclass(frozen=True, slots=True)
class Demo:
    """Who there is in the demonstration.

    Attributes:
        operator: The operator's owner, for seeding what else there is.
        customer: The customer's owner.
    """

    accounts: tuple[DemoAccount, ...]
    api_key: str
    operator: Actor
    customer: Actor


_OPERATOR = "omni-demo"
_PEOPLE: dict[str, tuple[TenantKind, str, tuple[tuple[str, str, Role], ...]]] = {
    _OPERATOR: (
        TenantKind.OPERATOR,
        "Omni Demo",
        (
            ("owner@omni.example", "Olivia Owner", Role.OWNER),
            ("analyst@omni.example", "Andrej Analitik", Role.ANALYST),
            ("viewer@omni.example", "Vida Pregled", Role.VIEWER),
        ),
    ),
    "acme-demo": (
        TenantKind.CUSTOMER,
        "Acme Demo",
        (
            ("owner@acme.example", "Amira Owner", Role.OWNER),
            ("developer@acme.example", "Dan Developer", Role.DEVELOPER),
        ),
    ),
}


async def has_demo() -> bool:
    """Return whether this install's operator is the demonstration's, whose passwords everybody knows."""
    async with system_transaction() as session:
        tenant = await queries.tenant_by_slug(session, _OPERATOR)
    return tenant is not None and tenant.kind == TenantKind.OPERATOR.value  # customers choose their short names


async def seed_demo() -> Demo:
    """Make the demonstration's two organisations, their people and the known key; what is there already stays.

    Raises:
        PermissionDeniedError: This is not a demonstration install.
    """
    if not get_settings().demo:
        raise PermissionDeniedError
    password_hash = await passwords.hash_password(PASSWORD)
    accounts: list[DemoAccount] = []
    owners: list[Actor] = []
    for slug, (kind, tenant_name, people) in _PEOPLE.items():
        owners.append(await _seed_tenant(slug, kind, tenant_name, people, password_hash=password_hash))
        accounts += [DemoAccount(email, PASSWORD, name, role.value, tenant_name) for email, name, role in people]
    await _seed_key(owners[0])
    return Demo(accounts=tuple(accounts), api_key=KEY, operator=owners[0], customer=owners[1])


async def _seed_tenant(
    slug: str,
    kind: TenantKind,
    tenant_name: str,
    people: tuple[tuple[str, str, Role], ...],
    *,
    password_hash: str,
) -> Actor:
    (owner_email, owner_name, _), *others = people
    async with system_transaction() as session:
        tenant = await queries.tenant_by_slug(session, slug)
        if tenant is None:
            tenant = Tenant(id=new_id(), name=tenant_name, slug=slug, kind=kind.value)
            await store_tenant(session, tenant, email=owner_email, name=owner_name, password_hash=password_hash)
            for email, name, role in others:
                user = User(id=new_id(), email=email, name=name, password_hash=password_hash, password_changed_at=now())
                membership = Membership(tenant_id=tenant.id, user_id=user.id, roles=[role.value])
                await store_account(session, user, membership)
        owner = await queries.user_by_email(session, owner_email)
    actor = await load_actor(tenant.id, owner.id) if owner else None
    if actor is None:
        raise PermissionDeniedError
    return actor


async def _seed_key(owner: Actor) -> None:
    key = kept_of(KEY, prefix="dev-key-")
    async with system_transaction() as session:
        if owner.user_id is None or await queries.key_by_hash(session, key.key_hash) is not None:
            return
        session.add(
            ApiKey(
                tenant_id=owner.tenant_id,
                created_by=owner.user_id,
                name="Demo",
                environment="dev",
                tier="free",
                prefix=key.prefix,
                last4="",
                key_hash=key.key_hash,
                scopes=sorted(permission.value for permission in permissions_of([Role.OWNER.value])),
            )
        )
