"""API keys: made, shown once, narrowed, rotated, revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlmodel import col

from backend_services.audit import service as audit
from backend_services.identity import queries
from backend_services.identity.cache import CACHE
from backend_services.identity.errors import ApiKeyNotFoundError, ApiKeyRevokedError, ScopeTooWideError
from backend_services.identity.models import ApiKey
from backend_services.identity.schemas import ApiKeyCreate, ApiKeyCreated, ApiKeyRotate, ApiKeyView
from backend_services.identity.secrets import new_api_key
from backend_services.kernel.clock import now
from backend_services.kernel.db import after_commit
from backend_services.kernel.errors import InvalidInputError, PermissionDeniedError
from backend_services.kernel.i18n import field_text
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor
    from backend_services.kernel.pagination import PageRequest


async def list_api_keys(actor: Actor, session: AsyncSession, page: PageRequest) -> Page[ApiKeyView]:
    """Return the team's keys, newest first unless sorted otherwise, without their texts."""
    actor.require(Permission.IDENTITY_API_KEY_READ)
    rows, total = await queries.page_of(
        session,
        select(ApiKey).where(col(ApiKey.tenant_id) == actor.tenant_id),
        page if page.sort else page.model_copy(update={"sort": "-created_at"}),
        sortable={
            "created_at": col(ApiKey.created_at),
            "name": col(ApiKey.name),
            "last_used_at": col(ApiKey.last_used_at),
            "expires_at": col(ApiKey.expires_at),
        },
        tie=col(ApiKey.id),
        searched=(col(ApiKey.name), col(ApiKey.prefix)),
    )
    return Page(items=tuple(_view(row[0]) for row in rows), total=total, limit=page.limit, offset=page.offset)


async def get_api_key(actor: Actor, session: AsyncSession, api_key_id: UUID) -> ApiKeyView:
    """Return one key without its text.

    Raises:
        ApiKeyNotFoundError: No such key in the actor's tenant.
    """
    actor.require(Permission.IDENTITY_API_KEY_READ)
    row = await queries.owned(actor, session, ApiKey, api_key_id)
    if row is None:
        raise ApiKeyNotFoundError
    return _view(row)


async def create_api_key(actor: Actor, session: AsyncSession, request: ApiKeyCreate) -> ApiKeyCreated:
    """Make a key that may do at most what its maker may, and give its text this once.

    Raises:
        ScopeTooWideError: It would be allowed more than the actor.
    """
    actor.require(Permission.IDENTITY_API_KEY_WRITE)
    scopes = actor.permissions if request.scopes is None else frozenset(request.scopes)
    beyond = sorted(scope.value for scope in scopes - actor.permissions)
    if beyond:
        raise ScopeTooWideError(params={"scopes": ", ".join(beyond)}, fields={"scopes": ", ".join(beyond)})
    if request.expires_at is not None:
        _require_future(request.expires_at)
    created = _add(
        actor,
        session,
        request,
        scopes=sorted(scope.value for scope in scopes),
    )
    await session.flush()
    await _audit(actor, session, "identity.api_key.create", created.api_key)
    return created


def _require_future(expires_at: datetime) -> None:
    if expires_at.tzinfo is None or expires_at <= now():
        raise InvalidInputError(fields={"expires_at": field_text("fields.future")})


def _add(
    actor: Actor,
    session: AsyncSession,
    request: ApiKeyCreate,
    *,
    scopes: list[str],
    rotated_from: UUID | None = None,
) -> ApiKeyCreated:
    if actor.user_id is None:
        raise PermissionDeniedError
    key = new_api_key(request.environment, request.tier)
    row = ApiKey(
        tenant_id=actor.tenant_id,
        created_by=actor.user_id,
        name=request.name,
        environment=request.environment,
        tier=request.tier,
        prefix=key.prefix,
        last4=key.last4,
        key_hash=key.key_hash,
        scopes=scopes,
        expires_at=request.expires_at,
        rotated_from=rotated_from,
    )
    session.add(row)
    return ApiKeyCreated(key=key.text, api_key=_view(row))


async def rotate_api_key(
    actor: Actor, session: AsyncSession, api_key_id: UUID, request: ApiKeyRotate | None = None
) -> ApiKeyCreated:
    """Make a key like this one; the old one ends at once or after the overlap.

    Raises:
        ApiKeyNotFoundError: No such key in the actor's tenant.
        ApiKeyRevokedError: It has ended already.
        ScopeTooWideError: It may do more than the actor, who must not get hold of that.
    """
    actor.require(Permission.IDENTITY_API_KEY_WRITE)
    overlap = timedelta(seconds=(request or ApiKeyRotate()).overlap_s)
    row = await queries.owned(actor, session, ApiKey, api_key_id)
    if row is None:
        raise ApiKeyNotFoundError
    if _state(row) != "active":
        raise ApiKeyRevokedError
    beyond = set(row.scopes) - {permission.value for permission in actor.permissions}
    if beyond:
        raise ScopeTooWideError(params={"scopes": ", ".join(sorted(beyond))})
    created = _add(
        actor,
        session,
        ApiKeyCreate.model_validate(
            {name: getattr(row, name) for name in ("name", "environment", "tier", "expires_at")}
        ),
        scopes=list(row.scopes),
        rotated_from=row.id,
    )
    if overlap:
        ends_at = now() + overlap
        row.expires_at = min(row.expires_at, ends_at) if row.expires_at else ends_at
    else:
        row.revoked_at = now()
    await session.flush()
    _forget(session, row.id)
    await _audit(actor, session, "identity.api_key.rotate", created.api_key)
    return created


async def revoke_api_key(actor: Actor, session: AsyncSession, api_key_id: UUID) -> None:
    """End a key. It is refused everywhere within seconds; ending it twice changes nothing.

    Raises:
        ApiKeyNotFoundError: No such key in the actor's tenant.
    """
    actor.require(Permission.IDENTITY_API_KEY_WRITE)
    row = await queries.owned(actor, session, ApiKey, api_key_id)
    if row is None:
        raise ApiKeyNotFoundError
    if row.revoked_at is None:
        row.revoked_at = now()
        _forget(session, row.id)
        await _audit(actor, session, "identity.api_key.revoke", _view(row))


def _forget(session: AsyncSession, api_key_id: UUID) -> None:
    async def forget() -> None:
        CACHE.forget(api_key_id)

    after_commit(session, forget)


async def _audit(actor: Actor, session: AsyncSession, action: str, key: ApiKeyView) -> None:
    await audit.record(
        actor,
        session,
        action=action,
        subject_type="api_key",
        subject_id=key.id,
        subject_label=f"{key.name} ({key.prefix}…{key.last4})",
        details={"scopes": list(key.scopes)},
    )


def _state(row: ApiKey) -> str:
    if row.revoked_at is not None:
        return "revoked"
    if row.expires_at is not None and row.expires_at <= now():
        return "expired"
    return "active"


def _view(row: ApiKey) -> ApiKeyView:
    shown = {name: getattr(row, name) for name in ApiKeyView.model_fields if name != "state"}
    return ApiKeyView.model_validate({**shown, "scopes": tuple(row.scopes), "state": _state(row)})
