"""Dashboards: the list, the ready-made types, a new one, deletion with typed confirmation."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.tables import Column, list_search, listing
from components.text import t
from components.ui.badge import badge
from components.ui.button import button, link_button
from components.ui.dialog import dialog, dialog_actions, keep_button, typed_confirmation
from components.ui.field import field
from components.ui.menu import menu, menu_item, menu_link
from components.ui.page import page_header, tile, toolbar
from components.ui.states import empty, skeleton
from components.ui.tabs import tabs
from omni_app.frame import console, may
from omni_app.pages.console import importing, library
from state.dashboards.listing import DashboardsState as State

ON_LOAD = (State.load, *library.ON_LOAD)


def page() -> rx.Component:
    """Return the list of dashboards."""
    return console(
        page_header(
            t("dashboards.title"),
            rx.cond(may(Permission.DASHBOARDS_DASHBOARD_WRITE), importing.import_button()),
            rx.cond(
                may(Permission.DASHBOARDS_DASHBOARD_WRITE),
                button(t("dashboards.new"), icon_name="plus", custom_attrs={"data-open": "new-dashboard"}),
            ),
            rx.cond(
                may(Permission.DASHBOARDS_DASHBOARD_BUILD),
                link_button(t("home.ask"), href="/builder", kind="primary", icon_name="message-square-text"),
            ),
        ),
        tabs(
            State.tab,
            [
                ("mine", t("dashboards.tab.mine"), "/dashboards"),
                ("types", t("dashboards.tab.types"), "/dashboards?tab=types"),
            ],
            name=t("dashboards.parts"),
        ),
        rx.cond(State.tab == "types", _types(), _mine()),
        _new(),
        *library.dialogs(),
        importing.import_dialog(),
        typed_confirmation(
            rx.el.p(t("dashboards.delete_loses"), class_name="t2"),
            name="delete-dashboard",
            title=t("dashboards.delete_ask", title=State.deleting_title),
            word=State.deleting_title,
            confirm=t("dashboards.delete"),
            keep=t("dashboards.keep"),
            shown=State.deleting != "",
            on_dismiss=State.keep,
            on_submit=State.delete,
        ),
        name="console.dashboards",
    )


def _mine() -> rx.Component:
    columns = (
        Column(key="tick", label=t("library.selection"), render=library.tick, plain_head=True),
        Column(key="star", label=t("library.favourite"), render=library.star, plain_head=True),
        Column(key="title", label=t("dashboards.name"), sort="title", href="href"),
        Column(key="origin", label=t("dashboards.origin")),
        Column(key="tiles", label=t("dashboards.figures"), numeric=True),
        Column(
            key="shared",
            label=t("dashboards.shared"),
            render=lambda row: rx.cond(
                row["shared"].to(bool), badge(t("dashboards.is_shared"), icon_name="users"), "\N{EN DASH}"
            ),
        ),
        Column(key="updated", label=t("dashboards.updated"), sort="updated_at"),
        Column(key="menu", label=t("ui.actions"), render=_row_menu, plain_head=True, numeric=True),
    )
    nothing = empty(
        t("dashboards.none"),
        t("dashboards.none_text"),
        rx.cond(may(Permission.DASHBOARDS_DASHBOARD_BUILD), link_button(t("home.ask"), href="/builder")),
        link_button(t("dashboards.tab.types"), href="/dashboards?tab=types"),
    )
    return rx.fragment(
        toolbar(list_search(State.search, State.find, name=t("dashboards.search")), *library.filters()),
        library.selection(),
        listing(columns, State, name=t("dashboards.title"), nothing=nothing),
    )


def _row_menu(row: Any) -> rx.Component:
    writes = may(Permission.DASHBOARDS_DASHBOARD_WRITE)
    deletes = row["mine"].to(bool) & may(Permission.DASHBOARDS_DASHBOARD_DELETE)
    return menu(
        rx.cond(
            row["editable"].to(bool),
            menu_item(t("ui.edit"), icon_name="pencil", on_click=rx.redirect(row["href"].to(str) + "/edit")),
        ),
        rx.cond(writes, menu_item(t("dashboards.duplicate"), icon_name="copy", on_click=State.duplicate(row["id"]))),
        menu_link(
            t("library.export"), href="/api/v1" + row["href"].to(str) + "/export", icon_name="download", outside=True
        ),
        rx.cond(
            deletes,
            menu_item(t("dashboards.delete"), icon_name="trash-2", on_click=State.ask_delete(row["id"], row["title"])),
        ),
        name="row-" + row["id"].to(str),
        label=t("dashboards.actions_of", name=row["title"].to(str)),
    )


def _types() -> rx.Component:
    def one(kind: Any) -> rx.Component:
        action = rx.cond(
            kind["href"].to(str) != "",
            link_button(t("dashboards.open"), href=kind["href"].to(str), small=True),
            rx.cond(
                kind["ready"].to(bool) & may(Permission.DASHBOARDS_DASHBOARD_WRITE),
                button(t("dashboards.make"), small=True, on_click=State.create_from_type(kind["id"])),
            ),
        )
        return rx.el.li(
            rx.el.span(rx.icon("layout-dashboard", size=16, class_name="ic"), class_name="o-ico"),
            rx.el.div(
                rx.el.strong(kind["name"].to(str)),
                rx.el.span(kind["text"].to(str)),
                rx.cond(
                    kind["ready"].to(bool),
                    rx.fragment(),
                    rx.el.span(t("dashboards.needs", what=kind["missing"].to(str)), class_name="needs"),
                ),
                class_name="tx",
            ),
            rx.el.div(
                rx.cond(kind["ready"].to(bool), action, badge(t("dashboards.not_enough"), icon_name="hourglass")),
                class_name="go",
            ),
            key=kind["id"].to(str),
            class_name=rx.cond(kind["ready"].to(bool), "", "o-hatched"),
        )

    return tile(
        rx.cond(State.types.length() > 0, rx.el.ul(rx.foreach(State.types, one), class_name="o-list"), skeleton(8)),
        title=t("dashboards.tab.types"),
        sub=t("dashboards.types_text"),
        padded=False,
    )


def _new() -> rx.Component:
    return dialog(
        rx.el.form(
            field(t("dashboards.name"), name="title", required=True, max_length=120),
            dialog_actions(keep_button(t("ui.cancel")), button(t("dashboards.create"), kind="primary", type="submit")),
            on_submit=State.create,
            class_name="o-form",
        ),
        name="new-dashboard",
        title=t("dashboards.new"),
    )
