"""Embeds of all dashboards: the list, changing one, a new secret, closing one for good."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.tables import Column, list_search, listing
from components.text import t
from components.ui.badge import state_badge
from components.ui.button import button, link_button
from components.ui.code import code_block, key_once
from components.ui.dialog import dialog, dialog_actions, typed_confirmation
from components.ui.field import error_summary, field, select_field
from components.ui.menu import menu, menu_item
from components.ui.page import page_header, toolbar
from components.ui.states import empty
from omni_app.frame import console
from omni_app.pages.console.embedding import states
from state.dashboards.embeds import EmbedsState as State

ON_LOAD = (State.load,)


def page() -> rx.Component:
    """Return the list of embeds."""
    return console(
        page_header(t("embeds.page"), lead=t("embeds.page_lead")),
        toolbar(list_search(State.search, State.find, name=t("embeds.find"))),
        listing(
            _columns(),
            State,
            name=t("embeds.page"),
            nothing=empty(
                t("embeds.none"),
                t("embeds.none_text"),
                link_button(t("dashboards.title"), href="/dashboards"),
            ),
        ),
        _form(),
        _secret(),
        typed_confirmation(
            rx.el.p(t("embeds.revoke_ask"), class_name="t2"),
            name="revoke-embed",
            title=t("embeds.revoke_which", title=State.closing["title"].to(str)),
            word=State.closing["title"].to(str),
            confirm=t("embeds.revoke"),
            keep=t("ui.cancel"),
            shown=State.closing.length() > 0,
            on_dismiss=State.close,
            on_submit=State.revoke,
        ),
        name="console.embeds",
    )


def _columns() -> tuple[Column, ...]:
    return (
        Column(key="title", label=t("embeds.name"), sort="title", href="href"),
        Column(key="mode", label=t("embeds.mode")),
        Column(key="state", label=t("embeds.state"), render=lambda row: state_badge(row["state"].to(str), states())),
        Column(key="uses", label=t("embeds.uses"), numeric=True),
        Column(key="last", label=t("embeds.last")),
        Column(key="until", label=t("embeds.until"), sort="expires_at"),
        Column(key="actions", label=t("ui.actions"), plain_head=True, numeric=True, render=_actions),
    )


def _actions(row: Any) -> rx.Component:
    return menu(
        rx.cond(
            row["revoked"].to(str) == "",
            rx.fragment(
                menu_item(t("ui.edit"), icon_name="pencil", on_click=State.edit(row["id"])),
                menu_item(t("embeds.rotate"), icon_name="refresh-cw", on_click=State.rotate(row["id"])),
                menu_item(t("embeds.revoke"), icon_name="ban", on_click=State.ask_revoke(row["id"])),
            ),
            menu_item(t("embeds.forget"), icon_name="trash-2", on_click=State.forget(row["id"])),
        ),
        name="embed-" + row["id"].to(str),
        label=t("embeds.actions_of", title=row["title"].to(str)),
    )


def _form() -> rx.Component:
    return dialog(
        error_summary(State.problems),
        rx.el.form(
            *_fields(),
            dialog_actions(
                button(t("ui.cancel"), on_click=State.close),
                button(t("ui.save"), kind="primary", type="submit"),
            ),
            on_submit=State.save,
            class_name="o-form",
            key=State.editing["id"].to(str),
        ),
        name="edit-embed",
        title=t("embeds.edit_which", title=State.editing["title"].to(str)),
        shown=State.editing.length() > 0,
        on_dismiss=State.close,
    )


def _fields() -> list[Any]:
    def of(name: str) -> rx.Var[str]:
        return State.editing[name].to(str)

    yes_no = [("no", t("ui.no")), ("yes", t("ui.yes"))]
    themes = [(name, t(f"embeds.theme.{name}")) for name in ("auto", "light", "dark")]
    return [
        field(t("embeds.name"), name="embed_title", default_value=of("title"), required=True, max_length=120),
        field(t("embeds.until"), name="until", kind="date", default_value=of("until"), required=True),
        field(t("embeds.origins"), name="origins", default_value=of("origins"), hint=t("embeds.origins_hint")),
        *[
            select_field(t(f"embeds.{name}"), name=name, options=yes_no, value=of(name))
            for name in ("period_open", "allow_csv", "show_title")
        ],
        select_field(t("embeds.theme"), name="theme", options=themes, value=of("theme")),
        select_field(
            t("embeds.language"),
            name="language",
            options=[("en", "English"), ("sl", "Slovenščina")],
            value=of("language"),
        ),
        rx.el.p(t("embeds.edit_stays"), class_name="t2"),
    ]


def _secret() -> rx.Component:
    return dialog(
        rx.el.p(t("embeds.once"), class_name="t2"),
        key_once(State.secret),
        code_block(State.code, title=t("embeds.code")),
        dialog_actions(button(t("ui.close"), kind="primary", on_click=State.close)),
        name="embed-secret",
        title=t("embeds.rotate"),
        shown=State.secret != "",
        on_dismiss=State.close,
        wide=True,
    )
