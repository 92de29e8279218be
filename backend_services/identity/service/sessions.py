"""Sessions: who is signed in where, and how it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import literal, select, union_all, update
from sqlmodel import col

from backend_services.audit import service as audit
from backend_services.identity import queries
from backend_services.identity.cache import CACHE
from backend_services.identity.errors import SessionNotFoundError
from backend_services.identity.models import BrowserSession, RefreshFamily, User
from backend_services.identity.schemas import SessionView
from backend_services.identity.settings import get_identity_settings
from backend_services.kernel.actor import Actor, ActorKind
from backend_services.kernel.clock import now
from backend_services.kernel.db import after_commit
from backend_services.kernel.errors import UnauthenticatedError
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.pagination import PageRequest


async def list_sessions(
    actor: Actor, session: AsyncSession, page: PageRequest, *, everyone: bool = False
) -> Page[SessionView]:
    """Return the sessions that are open: the actor's own, or the whole team's for those who may see them."""
    actor.require(Permission.IDENTITY_SESSION_READ if everyone else Permission.SELF_ACCOUNT_READ)
    idle = timedelta(seconds=get_identity_settings().session_idle_s)
    parts: list[Any] = [
        select(
            col(model.id).label("id"),
            literal(kind).label("kind"),
            col(model.user_id).label("user_id"),
            col(User.email).label("email"),
            col(model.ip).label("ip"),
            col(model.user_agent).label("user_agent"),
            col(model.created_at).label("created_at"),
            col(model.last_seen_at).label("last_seen_at"),
            col(model.expires_at).label("expires_at"),
        )
        .join(User, col(User.id) == col(model.user_id))
        .where(
            col(model.tenant_id) == actor.tenant_id,
            col(model.revoked_at).is_(None),
            col(model.expires_at) > now(),
            *(() if everyone else (col(model.user_id) == actor.user_id,)),
            *((col(BrowserSession.last_seen_at) > now() - idle,) if model is BrowserSession else ()),
        )
        for model, kind in ((BrowserSession, "browser"), (RefreshFamily, "token"))
    ]
    both = union_all(*parts).subquery()
    sortable: dict[str, Any] = {name: both.c[name] for name in ("last_seen_at", "created_at", "expires_at", "email")}
    rows, total = await queries.page_of(
        session,
        select(both),
        page if page.sort else page.model_copy(update={"sort": "-last_seen_at"}),
        sortable=sortable,
        tie=both.c.id,
        searched=(both.c.email, both.c.ip, both.c.user_agent),
    )
    items = tuple(SessionView(**row._mapping, current=row.id == actor.session_id) for row in rows)  # noqa: SLF001 - public in SQLAlchemy
    return Page(items=items, total=total, limit=page.limit, offset=page.offset)


async def revoke_session(actor: Actor, session: AsyncSession, session_id: UUID) -> None:
    """End a session: an own one, or anybody's in the team for those who may. Open pages notice within seconds.

    Raises:
        SessionNotFoundError: No such session for this actor.
    """
    actor.require(Permission.SELF_ACCOUNT_WRITE)
    row = await queries.owned(actor, session, BrowserSession, session_id) or await queries.owned(
        actor, session, RefreshFamily, session_id
    )
    foreign = row is not None and row.user_id != actor.user_id
    if row is None or row.revoked_at is not None or (foreign and not actor.can(Permission.IDENTITY_SESSION_REVOKE)):
        raise SessionNotFoundError
    row.revoked_at = now()
    _forget_after_commit(session, session_id)
    await audit.record(actor, session, action="identity.session.revoke", subject_type="session", subject_id=session_id)


async def sign_out(actor: Actor, session: AsyncSession) -> None:
    """End the session or the family of tokens that the actor came with.

    Raises:
        UnauthenticatedError: The actor came with a key, which no sign-out ends.
    """
    if actor.session_id is None or actor.kind not in {ActorKind.SESSION, ActorKind.TOKEN}:
        raise UnauthenticatedError
    model = BrowserSession if actor.kind is ActorKind.SESSION else RefreshFamily
    row = await queries.owned(actor, session, model, actor.session_id)
    if row is not None and row.revoked_at is None:
        row.revoked_at = now()
        await audit.record(
            actor, session, action="identity.session.close", subject_type="session", subject_id=actor.session_id
        )
    _forget_after_commit(session, actor.session_id)


async def revoke_all_of(actor: Actor, session: AsyncSession, user_id: UUID, *, but: UUID | None = None) -> None:
    """End every session of a user in the actor's tenant, except ``but``. For changes of password and of standing."""
    for model in (BrowserSession, RefreshFamily):
        await session.execute(
            update(model)
            .where(
                col(model.tenant_id) == actor.tenant_id,
                col(model.user_id) == user_id,
                col(model.revoked_at).is_(None),
                *((col(model.id) != but,) if but else ()),
            )
            .values(revoked_at=now())
        )
    _forget_after_commit(session, user_id)


def _forget_after_commit(session: AsyncSession, *ids: UUID) -> None:
    async def forget() -> None:
        CACHE.forget(*ids)

    after_commit(session, forget)
