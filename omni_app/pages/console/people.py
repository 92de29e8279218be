"""People: members with their roles, and the sessions that are open."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.tables import Column, data_table, list_search, listing
from components.text import t
from components.ui.badge import badge, state_badge
from components.ui.button import button
from components.ui.dialog import dialog, dialog_actions, keep_button
from components.ui.field import error_summary, field, password_field, select_field
from components.ui.page import page_header, tile, toolbar
from components.ui.states import empty
from components.ui.tabs import tabs
from omni_app.frame import console, may
from state.identity.people import PeopleState as State

ON_LOAD = (State.load,)


def page() -> rx.Component:
    """Return the page of people."""
    return console(*content("/people", title="people.title"), name="console.people")


def content(path: str, *, title: str) -> list[Any]:
    """Return what console and portal share."""
    return [
        page_header(
            t(title),
            rx.cond(
                may(Permission.IDENTITY_MEMBER_WRITE),
                button(t("people.add"), kind="primary", icon_name="user-plus", on_click=State.open_add),
            ),
            lead=t("people.lead"),
        ),
        tabs(
            State.tab,
            [("members", t("people.members"), path), ("sessions", t("people.sessions"), f"{path}?tab=sessions")],
            name=t("people.parts"),
        ),
        rx.cond(State.tab == "sessions", _sessions(), _members()),
        _add(),
        _edit(),
    ]


def _members() -> rx.Component:
    columns = (
        Column(
            key="name",
            label=t("people.name"),
            sort="name",
            render=lambda row: rx.fragment(
                rx.el.span(row["name"].to(str), class_name="main"),
                rx.cond(row["me"].to(bool), rx.el.span(" ", badge(t("people.you")))),
            ),
        ),
        Column(key="email", label=t("account.email"), sort="email"),
        Column(key="roles", label=t("people.role")),
        Column(
            key="status",
            label=t("people.status"),
            render=lambda row: state_badge(
                row["status"].to(str),
                {"active": (t("people.active"), "ok", "check"), "deactivated": (t("people.closed"), "neutral", "ban")},
            ),
        ),
        Column(key="seen", label=t("people.last_sign_in")),
        Column(
            key="actions",
            label=t("ui.actions"),
            plain_head=True,
            numeric=True,
            render=lambda row: rx.cond(
                may(Permission.IDENTITY_MEMBER_WRITE),
                button(t("people.change"), small=True, on_click=State.open_edit(row["id"])),
            ),
        ),
    )
    return rx.fragment(
        toolbar(list_search(State.search, State.find, name=t("people.search"))),
        listing(columns, State, name=t("people.members"), nothing=empty(t("people.none"), t("people.none_text"))),
    )


def _sessions() -> rx.Component:
    columns = (
        Column(key="who", label=t("people.who")),
        Column(key="kind", label=t("people.kind")),
        Column(key="ip", label=t("audit.ip"), mono=True),
        Column(
            key="agent",
            label=t("people.browser"),
            render=lambda row: rx.el.span(row["agent"].to(str), class_name="o-clip", title=row["agent"].to(str)),
        ),
        Column(key="seen", label=t("people.seen")),
        Column(
            key="actions",
            label=t("ui.actions"),
            plain_head=True,
            numeric=True,
            render=lambda row: rx.cond(
                row["current"].to(bool),
                badge(t("people.this"), tone="accent"),
                button(t("people.end_session"), small=True, kind="danger", on_click=State.end_session(row["id"])),
            ),
        ),
    )
    return tile(
        data_table(columns, State.sessions, name=t("people.sessions")),
        title=t("people.sessions"),
        sub=t("people.sessions_text"),
        padded=False,
    )


def _add() -> rx.Component:
    return dialog(
        error_summary(State.problems),
        rx.el.form(
            field(t("people.name"), name="name", required=True, auto_complete="off"),
            field(t("account.email"), name="email", kind="email", required=True, auto_complete="off"),
            password_field(
                t("people.first_password"),
                name="password",
                hint=t("people.password_hint"),
                autocomplete="new-password",
                required=True,
            ),
            select_field(t("people.role"), name="role", options=State.roles, value=""),
            dialog_actions(
                button(t("ui.cancel"), on_click=State.close), button(t("people.add"), kind="primary", type="submit")
            ),
            on_submit=State.add,
            class_name="o-form",
        ),
        name="add-member",
        title=t("people.add"),
        shown=State.adding,
        on_dismiss=State.close,
    )


def _edit() -> rx.Component:
    statuses = [("active", t("people.active")), ("deactivated", t("people.closed"))]
    return dialog(
        rx.el.form(
            select_field(
                t("people.role"),
                name="role",
                options=State.roles,
                value=State.editing["role"],
                on_change=State.choose_role,
            ),
            select_field(
                t("people.status"),
                name="status",
                options=statuses,
                value=State.editing["status"],
                hint=t("people.closed_hint"),
                on_change=State.choose_status,
            ),
            dialog_actions(keep_button(t("ui.cancel")), button(t("ui.save"), kind="primary", type="submit")),
            on_submit=State.change,
            class_name="o-form",
        ),
        name="edit-member",
        title=t("people.change_of", name=State.editing["name"].to(str)),
        shown=State.editing.length() > 0,
        on_dismiss=State.close,
    )
