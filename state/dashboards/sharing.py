"""Who else may open a dashboard, and its earlier versions."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.library_schemas import (
    Difference,
    FieldChange,
    PersonShare,
    PersonShareView,
    RoleShareView,
    SharingView,
    VersionNote,
)
from backend_services.dashboards.schemas import Access, ShareRequest
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import has_text, text
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from state.dashboards.told import offered_people
from state.dashboards.view import DashboardViewState
from state.dashboards.where import identity
from state.feedback import flash, refusals_as_flash
from state.forms import id_of
from state.policy import requires
from state.session import actor_of
from state.wording import ago

EVERYBODY = "*"
NOBODY = "---"
"""An address that is nobody's, for a form that was sent empty."""
SHOWN_VERSIONS = 50
SHARE, WRITE = Permission.DASHBOARDS_DASHBOARD_SHARE, Permission.DASHBOARDS_DASHBOARD_WRITE


class DashboardSharingState(rx.State):
    """What the dialogs of sharing and of versions show."""

    panel: str = ""
    team: bool = False
    owns: bool = False
    shares: list[dict[str, str]] = []
    people: list[dict[str, str]] = []
    found: list[dict[str, str]] = []
    because: list[str] = []
    owner: str = ""
    versions: list[dict[str, Any]] = []
    compared: str = ""
    changes: list[dict[str, Any]] = []
    named: int = 0
    version_name: str = ""
    version_note: str = ""

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def open_shares(self) -> None:
        """Show with whom the dashboard is shared and why the reader sees it."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            view = await dashboards.get_dashboard(actor, session, identity(self))
            self.team, self.owns = view.owner_id is None, view.access is Access.OWNER
            self._show(await dashboards.get_sharing(actor, session, view.id), actor)
            self.found, self.panel = [], "shares"

    @rx.event
    @requires(SHARE)
    async def share(self, form: dict[str, Any]) -> None:
        """Let a role, or the whole team, read or edit."""
        actor = await actor_of(self)
        role = str(form.get("share-role", EVERYBODY)) or EVERYBODY
        async with refusals_as_flash(self), transaction(actor) as session:
            request = ShareRequest(role=role, access=_access(form, "share-access"))
            await dashboards.share(actor, session, identity(self), request)
            self._show(await dashboards.get_sharing(actor, session, identity(self)), actor)

    @rx.event
    @requires(SHARE)
    async def unshare(self, role: str) -> None:
        """Take the right back from a role or from the team."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            await dashboards.unshare(actor, session, identity(self), role=role)
            self._show(await dashboards.get_sharing(actor, session, identity(self)), actor)

    @rx.event
    @requires(SHARE)
    async def find_person(self, wanted: str) -> None:
        """Offer people of the team whose name or address fits."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            self.found = await offered_people(actor, session, wanted)

    @rx.event
    @requires(SHARE)
    async def share_person(self, form: dict[str, Any]) -> None:
        """Let a person of the team read or edit."""
        actor = await actor_of(self)
        email = str(form.get("share-person", "")).strip()[:254]
        async with refusals_as_flash(self), transaction(actor) as session:
            request = PersonShare(email=email or NOBODY, access=_access(form, "person-access"))
            self._show(await dashboards.share_with_person(actor, session, identity(self), request), actor)

    @rx.event
    @requires(SHARE)
    async def unshare_person(self, user_id: str) -> None:
        """Take the right back from a person."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            left = await dashboards.unshare_with_person(actor, session, identity(self), user_id=id_of(user_id))
            self._show(left, actor)

    def _show(self, sharing: SharingView, actor: Actor) -> None:
        self.owner = "" if sharing.owner is None else text("library.owner", actor.language, name=sharing.owner.name)
        self.because = [
            text(f"library.because.{one.kind}", actor.language, role=_role_name(one.role, actor))
            for one in sharing.because
        ]
        self.shares = [
            {"role": one.role, "name": _role_name(one.role, actor), "access": _shared_text(one, actor)}
            for one in sharing.roles
        ]
        self.people = [
            {
                "id": str(one.user_id),
                "name": one.name,
                "email": one.email,
                "access": _shared_text(one, actor),
                "active": "yes" if one.active else "",
            }
            for one in sharing.people
        ]

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def open_versions(self) -> None:
        """Show the saved versions, newest first."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            view = await dashboards.get_dashboard(actor, session, identity(self))
            page = await dashboards.list_versions(actor, session, view.id, PageRequest(limit=SHOWN_VERSIONS))
            self.versions = [
                {
                    "number": one.number,
                    "text": text("dashboards.version", actor.language, n=one.number),
                    "by": one.author_label,
                    "name": one.name,
                    "note": one.note,
                    "when": ago(one.created_at, actor),
                    "current": one.number == view.version,
                }
                for one in page.items
            ]
            self.compared, self.named, self.panel = "", 0, "versions"

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def open_changes(self, number: int) -> None:
        """Show what a version changed against the one before."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            found = await dashboards.compare_versions(actor, session, identity(self), number)
            self.changes = change_rows(found, actor.language)
            self.compared = text("library.changes_of", actor.language, n=number)

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def close_changes(self) -> None:
        """Show all versions again."""
        self.compared = ""

    @rx.event
    @requires(WRITE)
    async def name_version(self, number: int) -> None:
        """Open the form of a version's name and note."""
        found = next((one for one in self.versions if one["number"] == number), None)
        if found is not None:
            self.named, self.version_name, self.version_note = number, found["name"], found["note"]

    @rx.event
    @requires(WRITE)
    async def save_version_name(self, form: dict[str, Any]) -> Any:
        """Keep the name and note of the form."""
        actor, number = await actor_of(self), self.named
        note = VersionNote(name=str(form.get("version-name", ""))[:80], note=str(form.get("version-note", ""))[:500])
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                await dashboards.note_version(actor, session, identity(self), number, note)
            await flash(self, text("library.version_named", actor.language, n=number))
            return DashboardSharingState.open_versions
        return None

    @rx.event
    @requires(WRITE)
    async def restore(self, number: int) -> Any:
        """Make an earlier version the newest one; nothing is lost, the present one stays in the list."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                view = await dashboards.get_dashboard(actor, session, identity(self))
                await dashboards.restore_version(actor, session, view.id, number, expected_version=view.version)
            self.panel = ""
            await flash(self, text("dashboards.restored", actor.language, n=number))
            if "/edit" in str(self.router.url.path):
                return rx.redirect(f"/dashboards/{view.id}")
            return DashboardViewState.load
        return None

    @rx.event
    @requires(Permission.DASHBOARDS_DASHBOARD_READ)
    async def close(self) -> None:
        """Close the dialog; a page that is opened has none open."""
        self.panel = ""


def _access(form: dict[str, Any], field: str) -> Any:
    return "edit" if form.get(field) == "edit" else "read"


def _shared_text(one: RoleShareView | PersonShareView, actor: Actor) -> str:
    access = text(f"dashboards.access.{one.access}", actor.language)
    return text("library.shared_by", actor.language, access=access, by=one.shared_by) if one.shared_by else access


def _role_name(role: str, actor: Actor) -> str:
    if role == EVERYBODY:
        return text("dashboards.everybody", actor.language)
    return text(f"roles.{role}", actor.language) if has_text(f"roles.{role}", actor.language) else role


def change_rows(found: Difference, language: str) -> list[dict[str, Any]]:
    """Return what differs as headings with lines: the dashboard itself first, then its figures."""

    def lines(fields: tuple[FieldChange, ...]) -> list[dict[str, str]]:
        nothing = text("library.nothing", language)
        return [{"path": one.path, "before": one.before or nothing, "after": one.after or nothing} for one in fields]

    rows: list[dict[str, Any]] = []
    if found.dashboard:
        rows.append({"title": text("library.change.dashboard", language), "lines": lines(found.dashboard)})
    rows.extend(
        {"title": text(f"library.change.{one.kind}", language, title=one.title), "lines": lines(one.fields)}
        for one in found.tiles
    )
    return rows
