"""The audit log: what was done, and whether the chain still holds."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.audit import service as audit
from backend_services.audit.schemas import AuditFilter
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import format_number, text
from backend_services.kernel.permissions import Permission
from state.audit.details import lines_of
from state.feedback import refusals_as_flash
from state.listing import Listing, address, read_request, show_page
from state.policy import requires
from state.session import actor_of
from state.wording import when

PATH = "/audit"
SORTABLE = ("created_at", "action", "actor_label")
AREAS = ("identity.", "datasets.", "dashboards.", "kernel.", "audit.", "llm.")


class AuditState(Listing, rx.State):
    """What the audit log shows."""

    area: str = ""
    chain: str = ""
    chain_text: str = ""

    @rx.event
    @requires(Permission.AUDIT_EVENT_READ)
    async def load(self) -> None:
        """Read the page that the address asks for."""
        actor = await actor_of(self)
        parameters = self.router.url.query_parameters
        request = read_request(parameters, sortable=SORTABLE, default_sort="-created_at")
        area = parameters.get("area", "")
        self.area = area if area in AREAS else ""
        async with refusals_as_flash(self), transaction(actor) as session:
            page = await audit.list_events(actor, session, request, AuditFilter(action=self.area))
            self.rows = [
                {
                    "id": str(event.id),
                    "time": when(event.created_at, actor),
                    "who": event.actor_label or event.actor_kind,
                    "action": event.action,
                    "subject": event.subject_label or event.subject_id,
                    "ip": event.ip,
                    "details": lines_of(event.details, actor.language),
                    "hash": event.hash[:12],
                }
                for event in page.items
            ]
            show_page(
                self, page, request, path=PATH, language=actor.language, sortable=SORTABLE, keep={"area": self.area}
            )

    @rx.event
    @requires(Permission.AUDIT_EVENT_READ)
    async def find(self, wanted: str) -> Any:
        """Search people, actions and objects."""
        return rx.redirect(address(PATH, {"q": wanted, "sort": self.sort, "area": self.area}), replace=True)

    @rx.event
    @requires(Permission.AUDIT_EVENT_READ)
    async def choose_area(self, area: str) -> Any:
        """Show only what was done in one area."""
        return rx.redirect(address(PATH, {"q": self.search, "sort": self.sort, "area": area}))

    @rx.event
    @requires(Permission.AUDIT_EVENT_READ)
    async def verify(self) -> None:
        """Compute the whole chain again and say where it breaks, if it does."""
        actor = await actor_of(self)
        language = actor.language
        async with refusals_as_flash(self), transaction(actor) as session:
            report = await audit.verify(actor, session)
            checked = format_number(report.checked, language)
            self.chain = "ok" if report.ok else "broken"
            self.chain_text = (
                text("audit.chain_holds", language, n=checked, head=report.head[:12])
                if report.ok
                else text(f"audit.chain.{report.reason}", language, n=str(report.broken_at))
            )
