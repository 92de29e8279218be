"""People: members with their roles, and the sessions that are open."""

from __future__ import annotations

from typing import Any

import reflex as rx
from pydantic import ValidationError

from backend_services.identity import service as identity
from backend_services.identity.schemas import MemberCreate, MemberUpdate, MemberView
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import text
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from state.feedback import flash, refusals_as_flash
from state.forms import id_of, problems_of
from state.listing import Listing, address, read_request, show_page
from state.policy import requires
from state.session import actor_of
from state.wording import ago, code_text

SORTABLE = ("name", "email", "created_at")


class PeopleState(Listing, rx.State):
    """What the page of people shows, in the console and in the portal."""

    tab: str = "members"
    sessions: list[dict[str, Any]] = []
    roles: list[dict[str, str]] = []
    adding: bool = False
    problems: list[dict[str, str]] = []
    editing: dict[str, str] = {}

    @rx.event
    @requires(Permission.IDENTITY_MEMBER_READ)
    async def load(self) -> None:
        """Read the members, or the sessions on their tab."""
        actor = await actor_of(self)
        parameters = self.router.url.query_parameters
        self.tab = "sessions" if parameters.get("tab") == "sessions" else "members"
        self.adding, self.editing, self.problems = False, {}, []
        self.roles = [
            {"value": role.name, "label": code_text("roles", role.name, actor.language)}
            for role in identity.list_roles(actor)
        ]
        async with refusals_as_flash(self), transaction(actor) as session:
            if self.tab == "sessions":
                page = await identity.list_sessions(
                    actor, session, PageRequest(limit=100), everyone=actor.can(Permission.IDENTITY_SESSION_READ)
                )
                self.sessions = [
                    {
                        "id": str(one.id),
                        "who": one.email,
                        "kind": text(f"people.kind.{one.kind}", actor.language),
                        "ip": one.ip,
                        "agent": one.user_agent,
                        "seen": ago(one.last_seen_at, actor),
                        "current": one.current,
                    }
                    for one in page.items
                ]
                self.loaded = True
                return
            path = str(self.router.url.path).rstrip("/")
            request = read_request(parameters, sortable=SORTABLE, default_sort="name")
            members = await identity.list_members(actor, session, request)
            self.rows = [member_row(one, actor) for one in members.items]
            show_page(self, members, request, path=path, language=actor.language, sortable=SORTABLE)

    @rx.event
    @requires(Permission.IDENTITY_MEMBER_READ)
    async def find(self, wanted: str) -> Any:
        """Search by name or address."""
        path = str(self.router.url.path).rstrip("/")
        return rx.redirect(address(path, {"q": wanted, "sort": self.sort}), replace=True)

    @rx.event
    @requires(Permission.IDENTITY_MEMBER_WRITE)
    async def open_add(self) -> None:
        """Open the form of a new member."""
        self.adding, self.problems = True, []

    @rx.event
    @requires(Permission.IDENTITY_MEMBER_READ)
    async def close(self) -> None:
        """Close whatever form is open; nothing changes."""
        self.adding, self.editing, self.problems = False, {}, []

    @rx.event
    @requires(Permission.IDENTITY_MEMBER_WRITE)
    async def add(self, form: dict[str, Any]) -> Any:
        """Add a member with a first password."""
        actor = await actor_of(self)
        try:
            request = MemberCreate(
                email=form.get("email", ""),
                name=form.get("name", ""),
                password=form.get("password", ""),
                roles=(form.get("role", "viewer"),),
            )
        except ValidationError as error:
            self.problems = problems_of(error, actor.language, area="people")
            return None
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                member = await identity.add_member(actor, session, request)
            self.adding = False
            await flash(self, text("people.added", actor.language, name=member.name))
            return PeopleState.load
        return None

    @rx.event
    @requires(Permission.IDENTITY_MEMBER_WRITE)
    async def open_edit(self, member_id: str) -> None:
        """Open the form of a member's role."""
        row = next((row for row in self.rows if row["id"] == member_id), None)
        if row is not None:
            self.editing = {"id": member_id, "name": row["name"], "role": row["role"], "status": row["status"]}

    @rx.event
    @requires(Permission.IDENTITY_MEMBER_WRITE)
    async def choose_role(self, role: str) -> None:
        """Note the role chosen in the open form."""
        self.editing = {**self.editing, "role": role}

    @rx.event
    @requires(Permission.IDENTITY_MEMBER_WRITE)
    async def choose_status(self, status: str) -> None:
        """Note the state chosen in the open form."""
        self.editing = {**self.editing, "status": status}

    @rx.event
    @requires(Permission.IDENTITY_MEMBER_WRITE)
    async def change(self, form: dict[str, Any]) -> Any:
        """Give a member another role, or close and open his account."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            status: Any = form.get("status") or None
            async with transaction(actor) as session:
                await identity.update_member(
                    actor,
                    session,
                    id_of(self.editing["id"]),
                    MemberUpdate(roles=(str(form.get("role")),), status=status),
                )
            await flash(self, text("people.changed", actor.language, name=self.editing["name"]))
            self.editing = {}
            return PeopleState.load
        return None

    @rx.event
    @requires(Permission.SELF_ACCOUNT_WRITE)
    async def end_session(self, session_id: str) -> Any:
        """End a session; its open pages notice within seconds."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await identity.revoke_session(actor, session, id_of(session_id))
            await flash(self, text("people.session_ended", actor.language))
        return PeopleState.load


def member_row(one: MemberView, actor: Actor) -> dict[str, Any]:
    """Return a member as a row of the list."""
    language = actor.language
    return {
        "id": str(one.id),
        "name": one.name,
        "email": one.email,
        "role": one.roles[0] if one.roles else "",
        "roles": ", ".join(code_text("roles", role, language) for role in one.roles),
        "status": one.status,
        "me": one.user_id == actor.user_id,
        "seen": ago(one.last_sign_in_at, actor),
    }
