"""The dialogs of sharing and of versions, for the page of a dashboard and for its editor."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.text import t
from components.ui.badge import badge
from components.ui.button import button
from components.ui.dialog import dialog, dialog_actions
from components.ui.field import select_field
from omni_app.frame import may
from state.dashboards.sharing import DashboardSharingState as State

ON_LOAD = (State.close,)
ROLES = (
    "viewer",
    "analyst",
    "data_scientist",
    "developer",
    "finance",
    "support",
    "operator",
    "privacy_officer",
    "security_officer",
    "admin",
)


def buttons() -> list[Any]:
    """Return what opens the two dialogs."""
    return [
        button(t("dashboards.versions"), icon_name="history", on_click=State.open_versions),
        rx.cond(
            may(Permission.DASHBOARDS_DASHBOARD_SHARE),
            button(t("edit.share"), icon_name="share-2", on_click=State.open_shares),
        ),
    ]


def dialogs() -> list[Any]:
    """Return the two dialogs."""
    return [_shares(), _versions()]


def _shares() -> rx.Component:
    roles = [("*", t("dashboards.whole_team")), *[(name, t(f"roles.{name}")) for name in ROLES]]
    accesses = [("read", t("dashboards.access.read")), ("edit", t("dashboards.access.edit"))]

    def one(share: Any) -> rx.Component:
        return rx.el.li(
            rx.el.div(rx.el.strong(share["name"]), rx.el.span(share["access"]), class_name="tx"),
            button(t("dashboards.unshare"), small=True, on_click=State.unshare(share["role"])),
            key=share["role"],
        )

    return dialog(
        rx.cond(
            State.shares.length() > 0,
            rx.el.ul(rx.foreach(State.shares, one), class_name="o-list"),
            rx.el.p(rx.cond(State.team, t("edit.of_team"), t("edit.not_shared")), class_name="t2"),
        ),
        rx.el.form(
            select_field(t("dashboards.share_with"), name="share-role", options=roles, value="*"),
            select_field(t("dashboards.may"), name="share-access", options=accesses, value="read"),
            dialog_actions(
                button(t("ui.close"), on_click=State.close),
                button(t("dashboards.share"), kind="primary", type="submit"),
            ),
            on_submit=State.share,
            class_name="o-form",
        ),
        name="shares",
        title=t("dashboards.sharing"),
        shown=State.panel == "shares",
        on_dismiss=State.close,
    )


def _versions() -> rx.Component:
    def one(version: Any) -> rx.Component:
        return rx.el.li(
            rx.el.div(
                rx.el.strong(version["text"]), rx.el.span(version["when"], " · ", version["by"]), class_name="tx"
            ),
            rx.cond(
                version["current"].to(bool),
                badge(t("edit.current"), tone="accent", icon_name="check"),
                rx.cond(
                    may(Permission.DASHBOARDS_DASHBOARD_WRITE),
                    button(t("dashboards.restore"), small=True, on_click=State.restore(version["number"].to(int))),
                ),
            ),
            key=version["text"].to(str),
        )

    return dialog(
        rx.el.ul(rx.foreach(State.versions, one), class_name="o-list"),
        dialog_actions(button(t("ui.close"), on_click=State.close)),
        name="versions",
        title=t("dashboards.versions"),
        shown=State.panel == "versions",
        on_dismiss=State.close,
    )
