"""API keys: list, create (shown once), replace, revoke."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.tables import Column, list_search, listing
from components.text import t
from components.ui.badge import state_badge
from components.ui.button import button
from components.ui.code import code_block, key_once
from components.ui.dialog import dialog, dialog_actions, typed_confirmation
from components.ui.field import error_summary, field, select_field
from components.ui.menu import menu, menu_item
from components.ui.page import page_header, tile, toolbar
from components.ui.states import empty
from omni_app.frame import console, may
from state.identity.keys import KeysState as State
from state.shell import ShellState

ON_LOAD = (State.load,)
FIRST_CALL = f'curl "{ShellState.base_url}/api/v1/datasets" \\\n  -H "X-API-Key: $OMNI_KEY"'
"""A variable of the page: the address is this install's own."""


def page() -> rx.Component:
    """Return the page of keys."""
    return console(*content(title="keys.page"), name="console.keys")


def content(*more: rx.Component, title: str) -> list[Any]:
    """Return what console and portal share; ``more`` stands below the list."""
    return [
        page_header(
            t(title),
            rx.cond(
                may(Permission.IDENTITY_API_KEY_WRITE),
                button(t("keys.create"), kind="primary", icon_name="plus", on_click=State.open_add),
            ),
            lead=t("keys.lead"),
        ),
        toolbar(list_search(State.search, State.find, name=t("keys.find"))),
        listing(
            _columns(),
            State,
            name=t("keys.page"),
            nothing=empty(t("keys.none"), t("keys.none_text"), button(t("keys.create"), on_click=State.open_add)),
        ),
        *more,
        tile(
            rx.el.p(t("keys.first_call_text"), class_name="t2"),
            code_block(FIRST_CALL, title="curl"),
            title=t("keys.first_call"),
        ),
        _new(),
        _shown(),
        typed_confirmation(
            rx.el.p(t("keys.revoke_loses"), class_name="t2"),
            name="revoke-key",
            title=t("keys.revoke_ask", name=State.revoking["name"].to(str)),
            word=State.revoking["name"].to(str),
            confirm=t("keys.revoke"),
            keep=t("keys.keep"),
            shown=State.revoking.length() > 0,
            on_dismiss=State.close,
            on_submit=State.revoke,
        ),
    ]


def _columns() -> tuple[Column, ...]:
    def actions(row: Any) -> rx.Component:
        return rx.cond(
            (row["state"].to(str) == "active") & may(Permission.IDENTITY_API_KEY_WRITE),
            menu(
                menu_item(t("keys.rotate"), icon_name="refresh-cw", on_click=State.rotate(row["id"])),
                menu_item(t("keys.revoke"), icon_name="ban", on_click=State.ask_revoke(row["id"])),
                name="key-" + row["id"].to(str),
                label=t("keys.actions_of", name=row["name"].to(str)),
            ),
        )

    return (
        Column(
            key="name",
            label=t("keys.name"),
            sort="name",
            render=lambda row: rx.el.span(row["name"].to(str), class_name="main"),
        ),
        Column(key="text", label=t("keys.key"), mono=True),
        Column(key="tier", label=t("keys.tier")),
        Column(
            key="state",
            label=t("keys.state"),
            render=lambda row: state_badge(
                row["state"].to(str),
                {
                    "active": (t("keys.active"), "ok", "check"),
                    "expired": (t("keys.expired"), "warning", "clock"),
                    "revoked": (t("keys.is_revoked"), "neutral", "ban"),
                },
            ),
        ),
        Column(key="created", label=t("keys.created"), sort="created_at"),
        Column(key="expires", label=t("keys.expires"), sort="expires_at"),
        Column(key="used", label=t("keys.used"), sort="last_used_at"),
        Column(key="actions", label=t("ui.actions"), plain_head=True, numeric=True, render=actions),
    )


def _new() -> rx.Component:
    environments = [("prod", t("keys.env.prod")), ("dev", t("keys.env.dev"))]
    tiers = [(tier, t(f"keys.tier.{tier}")) for tier in ("free", "pro", "enterprise")]
    lives = [("0", t("keys.days.0")), *[(days, t("keys.days", n=days)) for days in ("30", "90", "365")]]
    return dialog(
        error_summary(State.problems),
        rx.el.form(
            field(t("keys.name"), name="name", hint=t("keys.name_hint"), required=True, auto_complete="off"),
            select_field(t("keys.environment"), name="environment", options=environments, value="prod"),
            select_field(t("keys.tier"), name="tier", options=tiers, value="free"),
            select_field(t("keys.life"), name="days", options=lives, value="90"),
            dialog_actions(
                button(t("ui.cancel"), on_click=State.close), button(t("keys.create"), kind="primary", type="submit")
            ),
            on_submit=State.create,
            class_name="o-form",
        ),
        name="new-key",
        title=t("keys.create"),
        shown=State.adding,
        on_dismiss=State.close,
    )


def _shown() -> rx.Component:
    return dialog(
        rx.cond(State.shown_key != "", key_once(State.shown_key)),
        dialog_actions(button(t("keys.have_saved"), kind="primary", on_click=State.close)),
        name="shown-key",
        title=t("keys.made", name=State.shown_name),
        shown=State.shown_key != "",
        on_dismiss=State.close,
    )
