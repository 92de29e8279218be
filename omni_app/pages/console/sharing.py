"""The dialogs of sharing and of versions, for the page of a dashboard and for its editor."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.text import t
from components.ui.badge import badge
from components.ui.button import button
from components.ui.dialog import dialog, dialog_actions
from components.ui.field import field, select_field, text_area
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
        button(t("edit.share"), icon_name="share-2", on_click=State.open_shares),
    ]


def dialogs() -> list[Any]:
    """Return the two dialogs."""
    return [_shares(), _versions()]


def _shares() -> rx.Component:
    def role(share: Any) -> rx.Component:
        return rx.el.li(
            rx.el.div(rx.el.strong(share["name"]), rx.el.span(share["access"]), class_name="tx"),
            rx.cond(_shares_it(), button(t("dashboards.unshare"), small=True, on_click=State.unshare(share["role"]))),
            key=share["role"],
        )

    def person(one: Any) -> rx.Component:
        return rx.el.li(
            rx.el.div(rx.el.strong(one["name"]), rx.el.span(one["email"], " · ", one["access"]), class_name="tx"),
            rx.cond(one["active"] == "", badge(t("library.inactive"), tone="warning", icon_name="user-x")),
            rx.cond(
                _shares_it(), button(t("dashboards.unshare"), small=True, on_click=State.unshare_person(one["id"]))
            ),
            key=one["id"],
        )

    nobody = (State.shares.length() == 0) & (State.people.length() == 0)
    return dialog(
        rx.foreach(State.because, lambda reason: rx.el.p(reason, class_name="t2")),
        rx.cond(State.owner != "", rx.el.p(State.owner, class_name="t2")),
        rx.cond(
            nobody,
            rx.el.p(rx.cond(State.team, t("edit.of_team"), t("edit.not_shared")), class_name="t2"),
            rx.el.ul(rx.foreach(State.people, person), rx.foreach(State.shares, role), class_name="o-list"),
        ),
        rx.cond(_shares_it(), rx.fragment(_with_person(), _with_role())),
        dialog_actions(button(t("ui.close"), on_click=State.close)),
        name="shares",
        title=t("dashboards.sharing"),
        shown=State.panel == "shares",
        on_dismiss=State.close,
        wide=True,
    )


def _shares_it() -> Any:
    return State.owns & may(Permission.DASHBOARDS_DASHBOARD_SHARE)


def _accesses() -> list[tuple[str, Any]]:
    return [("read", t("dashboards.access.read")), ("edit", t("dashboards.access.edit"))]


def _with_person() -> rx.Component:
    return rx.el.form(
        field(
            t("library.person"),
            name="share-person",
            hint=t("library.person_hint"),
            required=True,
            max_length=254,
            auto_complete="off",
            on_change=State.find_person.debounce(200),
            custom_attrs={"list": "share-people"},
        ),
        rx.el.datalist(
            rx.foreach(State.found, lambda one: rx.el.option(one["name"], value=one["email"])), id="share-people"
        ),
        select_field(t("dashboards.may"), name="person-access", options=_accesses(), value="read"),
        dialog_actions(button(t("library.share_person"), kind="primary", type="submit", icon_name="user-plus")),
        on_submit=State.share_person,
        reset_on_submit=True,
        class_name="o-form",
    )


def _with_role() -> rx.Component:
    roles = [("*", t("dashboards.whole_team")), *[(name, t(f"roles.{name}")) for name in ROLES]]
    return rx.el.form(
        select_field(t("dashboards.share_with"), name="share-role", options=roles, value="*"),
        select_field(t("dashboards.may"), name="share-access", options=_accesses(), value="read"),
        dialog_actions(button(t("library.share_role"), type="submit", icon_name="users")),
        on_submit=State.share,
        class_name="o-form",
    )


def _versions() -> rx.Component:
    return dialog(
        rx.cond(
            State.compared != "",
            _changes(),
            rx.cond(
                State.named > 0, _version_form(), rx.el.ul(rx.foreach(State.versions, _version), class_name="o-list")
            ),
        ),
        dialog_actions(button(t("ui.close"), on_click=State.close)),
        name="versions",
        title=rx.cond(State.compared != "", State.compared, t("dashboards.versions")),
        shown=State.panel == "versions",
        on_dismiss=State.close,
        wide=True,
    )


def _version(version: Any) -> rx.Component:
    writes = may(Permission.DASHBOARDS_DASHBOARD_WRITE)
    number = version["number"].to(int)
    return rx.el.li(
        rx.el.div(
            rx.el.strong(
                version["text"].to(str),
                rx.cond(version["name"].to(str) != "", " · " + version["name"].to(str), ""),
            ),
            rx.el.span(version["when"], " · ", version["by"]),
            rx.cond(version["note"].to(str) != "", rx.el.p(version["note"].to(str), class_name="t2")),
            class_name="tx",
        ),
        rx.cond(version["current"].to(bool), badge(t("edit.current"), tone="accent", icon_name="check"), rx.fragment()),
        button(t("library.changes"), small=True, kind="quiet", on_click=State.open_changes(number)),
        rx.cond(
            writes, button(t("library.version_edit"), small=True, kind="quiet", on_click=State.name_version(number))
        ),
        rx.cond(
            writes & ~version["current"].to(bool),
            button(t("dashboards.restore"), small=True, on_click=State.restore(number)),
        ),
        key=version["text"].to(str),
    )


def _version_form() -> rx.Component:
    return rx.el.form(
        field(
            t("library.version_name"),
            name="version-name",
            max_length=80,
            default_value=State.version_name,
            key=State.named.to(str),
        ),
        text_area(
            t("library.version_note"),
            name="version-note",
            max_length=500,
            default_value=State.version_note,
            key=State.named.to(str),
        ),
        dialog_actions(
            button(t("library.changes_back"), on_click=State.open_versions),
            button(t("library.version_save"), kind="primary", type="submit"),
        ),
        on_submit=State.save_version_name,
        class_name="o-form",
    )


def _changes() -> rx.Component:
    def line(one: Any) -> rx.Component:
        return rx.el.li(
            rx.el.code(one["path"]), " ", rx.el.del_(one["before"]), " → ", rx.el.ins(one["after"]), class_name="small"
        )

    def part(one: Any) -> rx.Component:
        return rx.el.li(
            rx.el.div(
                rx.el.strong(one["title"].to(str)),
                rx.el.ul(rx.foreach(one["lines"].to(list[dict[str, str]]), line)),
                class_name="tx",
            ),
            key=one["title"].to(str),
        )

    return rx.fragment(
        rx.cond(
            State.changes.length() > 0,
            rx.el.ul(rx.foreach(State.changes, part), class_name="o-list"),
            rx.el.p(t("library.changes_none"), class_name="t2"),
        ),
        button(t("library.changes_back"), small=True, icon_name="arrow-left", on_click=State.close_changes),
    )
