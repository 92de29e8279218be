"""Comments on dashboards and tiles: whoever may open a dashboard reads them, and may write them with that right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.dashboards import library_queries
from backend_services.dashboards.errors import TileNotFoundError
from backend_services.dashboards.library_errors import CommentNotYoursError
from backend_services.dashboards.library_schemas import CommentView, Person
from backend_services.dashboards.mentions import mentioned
from backend_services.dashboards.models import DashboardComment
from backend_services.dashboards.schemas import Access
from backend_services.dashboards.service import people, storage
from backend_services.identity import service as identity
from backend_services.kernel.clock import now
from backend_services.kernel.errors import InvalidInputError
from backend_services.kernel.i18n import field_text
from backend_services.kernel.mail import service as mail
from backend_services.kernel.pagination import Page, PageRequest
from backend_services.kernel.permissions import Permission
from backend_services.kernel.settings import get_settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from pydantic import JsonValue
    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.dashboards.library_schemas import CommentCreate
    from backend_services.dashboards.models import Dashboard
    from backend_services.dashboards.schemas import DashboardView
    from backend_services.identity.schemas import Colleague
    from backend_services.kernel.actor import Actor

MOST_REPLIES = 200
EXCERPT = 300


async def list_comments(
    actor: Actor,
    session: AsyncSession,
    dashboard_id: UUID,
    page: PageRequest,
    *,
    tile_id: str | None = None,
    resolved: bool = False,
) -> Page[CommentView]:
    """Return threads with their answers, newest thread first; closed ones only with ``resolved``."""
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    _, view = await storage.load(actor, session, dashboard_id)
    rows, total = await library_queries.page_of_threads(
        actor, session, dashboard_id, page, tile_id=tile_id, resolved=resolved
    )
    return Page[CommentView](
        items=await _views(actor, session, view, rows), total=total, limit=page.limit, offset=page.offset
    )


async def open_threads(actor: Actor, session: AsyncSession, dashboard_id: UUID) -> dict[str, int]:
    """Return how many open threads each tile has; the empty text is the dashboard as a whole."""
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    await storage.load(actor, session, dashboard_id)
    return await library_queries.open_counts(actor, session, dashboard_id)


async def list_readers(actor: Actor, session: AsyncSession, dashboard_id: UUID) -> tuple[Person, ...]:
    """Return the people who may see a dashboard: those who can be mentioned."""
    actor.require(Permission.DASHBOARDS_COMMENT_WRITE)
    row, _ = await storage.load(actor, session, dashboard_id)
    return tuple(people.person_of(one) for one in await people.readers(actor, session, row))


async def add_comment(actor: Actor, session: AsyncSession, dashboard_id: UUID, request: CommentCreate) -> CommentView:
    """Write a comment and tell those whom it mentions by e-mail.

    Raises:
        CommentNotFoundError: There is no such thread.
        MentionUnclearError: Several people have a mentioned name.
        TileNotFoundError: The dashboard has no such tile.
    """
    actor.require(Permission.DASHBOARDS_COMMENT_WRITE)
    row, view = await storage.load(actor, session, dashboard_id)
    tile_id = request.tile_id
    if request.thread_id is not None:
        tile_id = (await library_queries.thread_of(actor, session, dashboard_id, request.thread_id)).tile_id
        await _require_room(actor, session, request.thread_id)
    elif tile_id is not None and view.spec.tile(tile_id) is None:
        raise TileNotFoundError(params={"tile": tile_id})
    readers = await people.readers(actor, session, row)
    comment = DashboardComment(
        tenant_id=actor.tenant_id,
        dashboard_id=dashboard_id,
        tile_id=tile_id,
        thread_id=request.thread_id,
        author_id=actor.user_id,
        author_label=actor.label,
        body=request.body,
        mentions=list(mentioned(request.body, readers)),
    )
    session.add(comment)
    await session.flush()
    await _tell(actor, session, row, comment, readers, already=())
    await _record(actor, session, "commented", row, comment)
    return (await _views(actor, session, view, [comment]))[0]


async def edit_comment(
    actor: Actor, session: AsyncSession, dashboard_id: UUID, comment_id: UUID, *, body: str
) -> CommentView:
    """Change one's own comment; whom it newly mentions is told.

    Raises:
        CommentNotYoursError: Somebody else wrote it.
    """
    actor.require(Permission.DASHBOARDS_COMMENT_WRITE)
    row, view = await storage.load(actor, session, dashboard_id)
    comment = await library_queries.comment_of(actor, session, dashboard_id, comment_id)
    if not _is_author(actor, comment):
        raise CommentNotYoursError
    readers = await people.readers(actor, session, row)
    before = tuple(comment.mentions)
    comment.body, comment.mentions = body, list(mentioned(body, readers))
    comment.edited_at = now()
    session.add(comment)
    await session.flush()
    await _tell(actor, session, row, comment, readers, already=before)
    await _record(actor, session, "comment_edited", row, comment)
    return (await _views(actor, session, view, [comment]))[0]


async def delete_comment(actor: Actor, session: AsyncSession, dashboard_id: UUID, comment_id: UUID) -> None:
    """Delete a comment: its author and the dashboard's owner may. Answers to it stay.

    Raises:
        CommentNotYoursError: The actor is neither.
    """
    actor.require(Permission.DASHBOARDS_COMMENT_WRITE)
    row, view = await storage.load(actor, session, dashboard_id)
    comment = await library_queries.comment_of(actor, session, dashboard_id, comment_id)
    if not (_is_author(actor, comment) or _may_remove(actor, view)):
        raise CommentNotYoursError
    replies = (await library_queries.replies_of(actor, session, [comment.id]))[comment.id]
    if replies:
        comment.body, comment.mentions, comment.deleted_at = "", [], now()
        session.add(comment)
    else:
        await session.delete(comment)
    await session.flush()
    await _record(actor, session, "comment_deleted", row, comment)


async def resolve_thread(
    actor: Actor, session: AsyncSession, dashboard_id: UUID, comment_id: UUID, *, resolved: bool
) -> CommentView:
    """Close a thread or open it again: who began it may, and who may change the dashboard.

    Raises:
        CommentNotFoundError: There is no such thread.
        CommentNotYoursError: The actor may do neither.
    """
    actor.require(Permission.DASHBOARDS_COMMENT_WRITE)
    row, view = await storage.load(actor, session, dashboard_id)
    comment = await library_queries.thread_of(actor, session, dashboard_id, comment_id)
    if not (_is_author(actor, comment) or _may_resolve(actor, view)):
        raise CommentNotYoursError
    comment.resolved_at = now() if resolved else None
    comment.resolved_by = actor.label if resolved else ""
    session.add(comment)
    await session.flush()
    await _record(actor, session, "comment_resolved" if resolved else "comment_reopened", row, comment)
    return (await _views(actor, session, view, [comment]))[0]


async def _require_room(actor: Actor, session: AsyncSession, thread_id: UUID) -> None:
    if len((await library_queries.replies_of(actor, session, [thread_id]))[thread_id]) >= MOST_REPLIES:
        raise InvalidInputError(fields={"thread_id": field_text("fields.thread_full", most=MOST_REPLIES)})


def _may_remove(actor: Actor, view: DashboardView) -> bool:
    """Return whether the actor may delete what others wrote: a dashboard of the team is everybody's, readers' too."""
    return view.access is Access.OWNER and actor.can(Permission.DASHBOARDS_DASHBOARD_WRITE)


def _may_resolve(actor: Actor, view: DashboardView) -> bool:
    """Return whether the actor may close threads of others."""
    return view.access is not Access.READ and actor.can(Permission.DASHBOARDS_DASHBOARD_WRITE)


def _is_author(actor: Actor, comment: DashboardComment) -> bool:
    return actor.user_id is not None and comment.author_id == actor.user_id


async def _tell(
    actor: Actor,
    session: AsyncSession,
    row: Dashboard,
    comment: DashboardComment,
    readers: Sequence[Colleague],
    *,
    already: Sequence[UUID],
) -> None:
    told = {actor.user_id, *already}
    for one in readers:
        if one.user_id in comment.mentions and one.user_id not in told:
            await mail.send(
                actor,
                session,
                template="dashboard_mention",
                to=one.email,
                language=one.language,
                params={
                    "author": actor.label,
                    "dashboard": row.title,
                    "comment": comment.body[:EXCERPT],
                    "link": f"{get_settings().base_url}/dashboards/{row.id}?comments=1",
                },
            )


async def _record(actor: Actor, session: AsyncSession, verb: str, row: Dashboard, comment: DashboardComment) -> None:
    details: dict[str, JsonValue] = {"comment": str(comment.id), "tile": comment.tile_id or ""}
    await storage.record(actor, session, verb, row, details=details)


async def _views(
    actor: Actor, session: AsyncSession, view: DashboardView, rows: Sequence[DashboardComment]
) -> tuple[CommentView, ...]:
    replies = await library_queries.replies_of(actor, session, [row.id for row in rows if row.thread_id is None])
    every = [*rows, *(reply for found in replies.values() for reply in found)]
    wanted = {one for row in every for one in (*row.mentions, row.author_id) if one is not None}
    names = await identity.colleagues_by_id(actor, session, wanted)

    def one(row: DashboardComment) -> CommentView:
        author = names.get(row.author_id) if row.author_id else None
        return CommentView(
            id=row.id,
            tile_id=row.tile_id,
            thread_id=row.thread_id,
            author_id=row.author_id,
            author=author.name if author else row.author_label,
            body=row.body,
            mentions=tuple(people.person_of(names[user_id]) for user_id in row.mentions if user_id in names),
            mine=_is_author(actor, row),
            removable=row.deleted_at is None and (_is_author(actor, row) or _may_remove(actor, view)),
            resolvable=row.thread_id is None and (_is_author(actor, row) or _may_resolve(actor, view)),
            created_at=row.created_at,
            edited_at=row.edited_at,
            deleted=row.deleted_at is not None,
            resolved_at=row.resolved_at,
            resolved_by=row.resolved_by,
            replies=tuple(one(reply) for reply in replies.get(row.id, [])),
        )

    return tuple(one(row) for row in rows)
