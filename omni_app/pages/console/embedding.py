"""The button and the dialog that show a dashboard on other sites, for the page of a dashboard."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.tables import Column, data_table
from components.text import t
from components.ui.badge import Tone, state_badge
from components.ui.button import button
from components.ui.code import code_block, key_once
from components.ui.dialog import dialog, dialog_actions
from components.ui.field import error_summary, field, select_field
from components.ui.menu import menu, menu_item, menu_link
from omni_app.frame import may
from state.dashboards.embedding import EmbeddingState as State

ON_LOAD = (State.close,)
DAYS = ("7", "30", "90", "365")


def buttons() -> list[Any]:
    """Return what opens the dialog."""
    return [
        rx.cond(
            may(Permission.DASHBOARDS_EMBED_WRITE),
            button(t("embeds.embed"), icon_name="code", on_click=State.open),
        )
    ]


def dialogs() -> list[Any]:
    """Return the dialog: the secret just made, the form, or the list."""
    return [
        dialog(
            rx.cond(State.secret != "", rx.fragment(*_secret()), rx.cond(State.making, _form(), _list())),
            name="embed",
            title=t("embeds.title"),
            shown=State.opened,
            on_dismiss=State.close,
            wide=True,
        )
    ]


def _secret() -> list[Any]:
    return [
        rx.el.p(t("embeds.once"), class_name="t2"),
        key_once(State.secret),
        code_block(State.code, title=t("embeds.code")),
        dialog_actions(button(t("ui.close"), kind="primary", on_click=State.close)),
    ]


def _list() -> rx.Component:
    return rx.fragment(
        rx.el.p(t("embeds.lead"), class_name="t2"),
        data_table(_columns(), State.rows, name=t("embeds.title")),
        rx.cond(
            State.revoking != "",
            rx.el.div(
                rx.el.p(t("embeds.revoke_ask"), class_name="t2"),
                button(t("embeds.revoke"), kind="danger", on_click=State.revoke),
                role="alert",
                class_name="row",
            ),
        ),
        dialog_actions(
            button(t("ui.close"), on_click=State.close),
            button(t("embeds.new"), kind="primary", on_click=State.begin),
        ),
    )


def states() -> dict[str, tuple[rx.Var[str], Tone, str]]:
    """Return how the states of embeds look."""
    return {
        "active": (t("embeds.state.active"), "ok", "check"),
        "expired": (t("embeds.state.expired"), "neutral", "clock"),
        "no_access": (t("embeds.state.no_access"), "warning", "ban"),
        "revoked": (t("embeds.state.revoked"), "danger", "ban"),
    }


def _columns() -> tuple[Column, ...]:
    return (
        Column(key="title", label=t("embeds.name")),
        Column(key="mode", label=t("embeds.mode")),
        Column(key="state", label=t("embeds.state"), render=lambda row: state_badge(row["state"].to(str), states())),
        Column(key="uses", label=t("embeds.uses"), numeric=True),
        Column(key="last", label=t("embeds.last")),
        Column(key="until", label=t("embeds.until")),
        Column(key="actions", label=t("ui.actions"), plain_head=True, numeric=True, render=_actions),
    )


def _actions(row: Any) -> rx.Component:
    return rx.cond(
        row["revoked"].to(str) == "",
        menu(
            menu_link(t("ui.edit"), icon_name="pencil", href="/embeds?edit=" + row["id"].to(str)),
            menu_item(t("embeds.rotate"), icon_name="refresh-cw", on_click=State.rotate(row["id"])),
            menu_item(t("embeds.revoke"), icon_name="ban", on_click=State.ask_revoke(row["id"])),
            name="embed-" + row["id"].to(str),
            label=t("embeds.actions_of", title=row["title"].to(str)),
        ),
    )


def _form() -> rx.Component:
    return rx.fragment(
        error_summary(State.problems),
        rx.el.form(
            *_what(),
            *_who(),
            *_how(),
            dialog_actions(
                button(t("ui.cancel"), on_click=State.close),
                button(t("embeds.make"), kind="primary", type="submit"),
            ),
            on_submit=State.create,
            class_name="o-form",
        ),
    )


def _what() -> list[Any]:
    return [
        field(t("embeds.name"), name="embed_title", default_value=State.title, required=True, max_length=120),
        select_field(t("embeds.what"), name="embed_tile", options=State.tiles, value=""),
        rx.el.p(
            rx.cond(State.locked != "", t("embeds.locked", filters=State.locked), t("embeds.locked_none")),
            class_name="t2",
        ),
    ]


def _who() -> list[Any]:
    modes = [(name, t(f"embeds.mode.{name}")) for name in ("link", "signed")]
    return [
        select_field(
            t("embeds.mode"),
            name="mode",
            options=modes,
            value=State.mode,
            on_change=State.choose_mode,
            hint=t("embeds.mode_hint"),
        ),
        rx.cond(
            State.mode == "signed",
            select_field(
                t("embeds.signed_field"),
                name="signed_field",
                options=State.fields,
                value="",
                hint=t("embeds.signed_field_hint"),
            ),
        ),
        field(
            t("embeds.origins"), name="origins", hint=t("embeds.origins_hint"), placeholder="https://www.example.com"
        ),
        select_field(
            t("embeds.lasts"), name="days", options=[(one, t(f"embeds.days.{one}")) for one in DAYS], value="90"
        ),
    ]


def _how() -> list[Any]:
    yes_no = [("no", t("ui.no")), ("yes", t("ui.yes"))]
    themes = [(name, t(f"embeds.theme.{name}")) for name in ("auto", "light", "dark")]
    languages = [("en", "English"), ("sl", "Slovenščina")]
    return [
        select_field(t("embeds.open_field"), name="open_field", options=State.fields, value=""),
        select_field(t("embeds.period_open"), name="period_open", options=yes_no, value="no"),
        select_field(t("embeds.allow_csv"), name="allow_csv", options=yes_no, value="no"),
        select_field(t("embeds.show_title"), name="show_title", options=yes_no, value="yes"),
        select_field(t("embeds.theme"), name="theme", options=themes, value="auto"),
        select_field(t("embeds.language"), name="language", options=languages, value=State.language),
    ]
