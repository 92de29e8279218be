"""Comments on the page of a dashboard; what others write appears while they are open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import reflex as rx
from pydantic import ValidationError

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.library_schemas import CommentCreate, CommentUpdate, CommentView
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import DomainError
from backend_services.kernel.i18n import text
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from state.dashboards.where import identity
from state.feedback import flash, refusals_as_flash
from state.following import Following
from state.forms import id_of
from state.live import changes
from state.policy import requires
from state.session import actor_of
from state.wording import ago

if TYPE_CHECKING:
    from uuid import UUID

    from backend_services.kernel.actor import Actor
    from backend_services.kernel.events.schemas import Event

READ, COMMENT = Permission.DASHBOARDS_DASHBOARD_READ, Permission.DASHBOARDS_COMMENT_WRITE
THREADS, MOST = 20, 200


class DashboardCommentsState(Following, rx.State):
    """What the comments of a dashboard show."""

    shown: bool = False
    open_threads: int = 0
    threads: list[dict[str, Any]] = []
    total: int = 0
    limit: int = THREADS
    resolved: bool = False
    answering: str = ""
    editing: str = ""
    editing_body: str = ""
    people: list[dict[str, str]] = []
    tiles: list[dict[str, str]] = []
    about: str = ""
    writes: int = 0

    @rx.event
    @requires(READ)
    async def load(self) -> Any:
        """Remember the visit, count open threads, and open the comments when the address says so."""
        self.shown, self.answering, self.editing, self.limit, self.resolved = False, "", "", THREADS, False
        self.open_threads = 0
        actor = await actor_of(self)
        try:
            async with transaction(actor) as session:
                self.open_threads = sum((await dashboards.open_threads(actor, session, identity(self))).values())
                if actor.user_id is not None:
                    await dashboards.note_visit(actor, session, identity(self))
        except DomainError:
            return None  # the page itself says that there is no such dashboard
        if self.router.url.query_parameters.get("comments"):
            return DashboardCommentsState.open
        return None

    @rx.event
    @requires(READ)
    async def open(self) -> Any:
        """Show the comments and follow them."""
        return await self._open("")

    @rx.event
    @requires(COMMENT)
    async def open_for(self, tile_id: str) -> Any:
        """Show the comments, with one figure chosen for the next one."""
        return await self._open(tile_id)

    async def _open(self, tile_id: str) -> Any:
        actor, self.about = await actor_of(self), tile_id
        async with refusals_as_flash(self):
            await self._read(actor)
            async with transaction(actor) as session:
                view = await dashboards.get_dashboard(actor, session, identity(self))
                self.tiles = [{"value": tile.id, "label": tile.title} for tile in view.spec.tiles]
                if actor.can(COMMENT):
                    found = await dashboards.list_readers(actor, session, view.id)
                    self.people = [{"name": one.name, "email": one.email} for one in found]
            self.shown = True
            return DashboardCommentsState.follow
        return None

    async def _read(self, actor: Actor) -> None:
        async with transaction(actor) as session:
            page = await dashboards.list_comments(
                actor, session, identity(self), PageRequest(limit=self.limit), resolved=self.resolved
            )
            view = await dashboards.get_dashboard(actor, session, identity(self))
            counts = await dashboards.open_threads(actor, session, identity(self))
        titles = {tile.id: tile.title for tile in view.spec.tiles}
        self.threads = [thread_row(one, titles, actor) for one in page.items]
        self.total, self.open_threads = page.total, sum(counts.values())

    @rx.event(background=True)
    @requires(READ)
    async def follow(self) -> None:
        """Read again as comments change, while they are open."""
        async with self:
            actor, mine = await actor_of(self), identity(self)

        async def again() -> bool:
            if not self.shown or identity(self) != mine:
                return False
            await self._read(await actor_of(self))
            return True

        await self._follow(str(mine), changes(actor.tenant_id, _of(mine)), again)

    @rx.event
    @requires(COMMENT)
    async def add(self, form: dict[str, Any]) -> None:
        """Write the comment or the answer of the form."""
        values = {
            "body": str(form.get("comment-body") or form.get("reply-body") or ""),
            "tile_id": str(form.get("comment-tile", "")) or None,
            "thread_id": self.answering or None,
        }
        actor = await actor_of(self)
        try:
            request = CommentCreate.model_validate(values)
        except ValidationError:
            await flash(self, text("ui.fix", actor.language, name=text("library.comment", actor.language)))
            return
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await dashboards.add_comment(actor, session, identity(self), request)
            self.answering, self.writes = "", self.writes + 1
            await self._read(actor)

    @rx.event
    @requires(COMMENT)
    async def answer(self, thread_id: str) -> None:
        """Open the form of an answer, or close it."""
        self.answering, self.editing = "" if self.answering == thread_id else thread_id, ""

    @rx.event
    @requires(COMMENT)
    async def edit(self, comment_id: str, body: str) -> None:
        """Open one's own comment for a change; an empty id closes the form."""
        self.editing, self.editing_body, self.answering = comment_id, body, ""

    @rx.event
    @requires(COMMENT)
    async def save(self, form: dict[str, Any]) -> None:
        """Keep the changed comment."""
        actor = await actor_of(self)
        try:
            request = CommentUpdate(body=str(form.get("edit-body", "")))
        except ValidationError:
            await flash(self, text("ui.fix", actor.language, name=text("library.comment", actor.language)))
            return
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await dashboards.edit_comment(actor, session, identity(self), id_of(self.editing), body=request.body)
            self.editing = ""
            await self._read(actor)

    @rx.event
    @requires(COMMENT)
    async def delete(self, comment_id: str) -> None:
        """Delete a comment."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await dashboards.delete_comment(actor, session, identity(self), id_of(comment_id))
            await flash(self, text("library.comment_undone", actor.language))
            await self._read(actor)

    @rx.event
    @requires(COMMENT)
    async def resolve(self, comment_id: str, resolved: bool) -> None:  # noqa: FBT001 - an event has positions only
        """Close a thread, or open it again."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await dashboards.resolve_thread(actor, session, identity(self), id_of(comment_id), resolved=resolved)
            await self._read(actor)

    @rx.event
    @requires(READ)
    async def toggle_resolved(self) -> None:
        """Show closed threads, too, or hide them again."""
        self.resolved = not self.resolved
        async with refusals_as_flash(self):
            await self._read(await actor_of(self))

    @rx.event
    @requires(READ)
    async def more(self) -> None:
        """Show older threads, too."""
        self.limit = min(self.limit + THREADS, MOST)
        async with refusals_as_flash(self):
            await self._read(await actor_of(self))

    @rx.event
    @requires(READ)
    async def close(self) -> None:
        """Close the comments."""
        self.shown = False


def _of(dashboard_id: UUID) -> Any:
    def concerns(event: Event) -> bool:
        return event.subject_id == dashboard_id and event.name.startswith("dashboards.comment")

    return concerns


def thread_row(one: CommentView, titles: dict[str, str], actor: Actor) -> dict[str, Any]:
    """Return a thread as the page shows it."""
    about = "" if one.tile_id is None else titles.get(one.tile_id, one.tile_id)
    resolved = "" if one.resolved_at is None else text("library.resolved", actor.language, by=one.resolved_by)
    return {
        **_comment_row(one, actor),
        "about": about,
        "resolved": resolved,
        "resolvable": one.resolvable,
        "replies": [_comment_row(reply, actor) for reply in one.replies],
    }


def _comment_row(one: CommentView, actor: Actor) -> dict[str, Any]:
    edited = "" if one.edited_at is None else f" · {text('library.edited', actor.language)}"
    return {
        "id": str(one.id),
        "author": one.author,
        "when": ago(one.created_at, actor) + edited,
        "body": one.body,
        "deleted": one.deleted,
        "mine": one.mine,
        "removable": one.removable,
    }
