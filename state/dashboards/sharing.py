"""Who else may open a dashboard, and its earlier versions."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.schemas import ShareRequest, ShareView
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import has_text, text
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from state.dashboards.view import DashboardViewState, identity
from state.feedback import flash, refusals_as_flash
from state.policy import requires
from state.session import actor_of
from state.wording import ago

EVERYBODY = "*"
SHOWN_VERSIONS = 50
SHARE, WRITE = Permission.DASHBOARDS_DASHBOARD_SHARE, Permission.DASHBOARDS_DASHBOARD_WRITE


class DashboardSharingState(rx.State):
    """What the dialogs of sharing and of versions show."""

    panel: str = ""
    team: bool = False
    shares: list[dict[str, str]] = []
    versions: list[dict[str, Any]] = []

    @rx.event
    @requires(SHARE)
    async def open_shares(self) -> None:
        """Show with whom the dashboard is shared."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            self.team = (await dashboards.get_dashboard(actor, session, identity(self))).owner_id is None
            self.shares = _share_rows(await dashboards.list_shares(actor, session, identity(self)), actor)
            self.panel = "shares"

    @rx.event
    @requires(SHARE)
    async def share(self, form: dict[str, Any]) -> None:
        """Let a role, or the whole team, read or edit."""
        actor = await actor_of(self)
        access: Any = "edit" if form.get("share-access") == "edit" else "read"
        role = str(form.get("share-role", EVERYBODY)) or EVERYBODY
        async with refusals_as_flash(self), transaction(actor) as session:
            shares = await dashboards.share(actor, session, identity(self), ShareRequest(role=role, access=access))
            self.shares = _share_rows(shares, actor)

    @rx.event
    @requires(SHARE)
    async def unshare(self, role: str) -> None:
        """Take the right back."""
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            self.shares = _share_rows(await dashboards.unshare(actor, session, identity(self), role=role), actor)

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
                    "when": ago(one.created_at, actor),
                    "current": one.number == view.version,
                }
                for one in page.items
            ]
            self.panel = "versions"

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


def _share_rows(shares: tuple[ShareView, ...], actor: Actor) -> list[dict[str, str]]:
    def name(role: str) -> str:
        if role == EVERYBODY:
            return text("dashboards.everybody", actor.language)
        return text(f"roles.{role}", actor.language) if has_text(f"roles.{role}", actor.language) else role

    return [
        {"role": one.role, "name": name(one.role), "access": text(f"dashboards.access.{one.access}", actor.language)}
        for one in shares
    ]
