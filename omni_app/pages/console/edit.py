"""The editor of a dashboard: one figure with its form and a live preview beside the list of them, or all of them."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.charts import figure_tile
from components.charts.tile import TileHandlers
from components.shell import Crumb
from components.text import t
from components.ui.badge import badge
from components.ui.button import button, link_button
from components.ui.dialog import dialog, dialog_actions
from components.ui.icon import icon
from components.ui.menu import menu
from components.ui.page import grid, page_header, tile
from components.ui.states import empty, skeleton
from omni_app.frame import console, may
from omni_app.pages.console import arranging, sharing, tile_form
from omni_app.pages.missing import missing
from state.dashboards.arranging import ArrangeState
from state.dashboards.edit import DashboardEditState as State

ON_LOAD = (ArrangeState.load, *sharing.ON_LOAD)


def page() -> rx.Component:
    """Return the editor."""
    return console(
        rx.cond(
            State.missing,
            missing(),
            rx.cond(State.loaded, rx.fragment(*_content()), rx.fragment(rx.el.h1(t("dashboards.one")), skeleton())),
        ),
        _conflict(),
        arranging.leave_dialog(),
        *sharing.dialogs(),
        name="console.edit",
        crumbs=[Crumb(label=State.title, href=State.href), Crumb(label=t("ui.edit"))],
    )


def _content() -> list[Any]:
    return [
        page_header(
            t("dashboards.edit_of", title=State.title),
            link_button(t("ui.cancel"), href=State.href, kind="quiet"),
            *sharing.buttons(),
            button(
                t("dashboards.save"),
                kind="primary",
                on_click=State.save,
                busy=State.saving,
                disabled=~State.changed,
            ),
            badges=rx.cond(
                State.changed,
                badge(t("dashboards.unsaved"), tone="warning", icon_name="pencil"),
                badge(State.version, icon_name="history"),
            ),
        ),
        arranging.bar(),
        rx.cond((State.view == "board") & (State.tiles.length() > 0), arranging.board(), grid(_outline(), _opened())),
    ]


def _outline() -> rx.Component:
    nothing = empty(
        t("dashboards.empty"),
        t("dashboards.empty_text"),
        button(t("dashboards.add_tile"), kind="primary", on_click=State.add_tile("")),
    )
    return tile(
        rx.el.div(*arranging.names(), class_name="o-form"),
        rx.cond(
            State.tiles.length() > 0,
            rx.el.ol(rx.foreach(State.tiles, _entry), class_name="o-figures", custom_attrs={"data-arrange": "list"}),
            nothing,
        ),
        title=t("edit.figures"),
        actions=button(
            t("dashboards.add_tile"), icon_name="plus", kind="quiet", small=True, on_click=State.add_tile("")
        ),
        span=4,
    )


def _entry(one: Any) -> rx.Component:
    name = one["id"].to(str)
    return rx.el.li(
        arranging.grip(name, one["title"].to(str)),
        rx.el.button(
            icon("chart-column"),
            rx.el.span(one["title"], class_name="main"),
            rx.el.small(one["chart_text"]),
            type="button",
            class_name="o-figbtn",
            on_click=State.select(name),
            custom_attrs={"aria-current": rx.cond(State.selected == one["id"], "true", "false")},
        ),
        menu(
            *arranging.moves(name),
            *arranging.copy_and_remove(name),
            name="figure-" + name,
            label=t("tile.menu", title=one["title"].to(str)),
            role="menu",
        ),
        key=name,
        custom_attrs={"data-arranged": name},
    )


def _opened() -> rx.Component:
    nothing = tile(empty(t("edit.none_open"), t("edit.none_open_text")), span=8)
    return rx.cond(
        State.selected != "",
        rx.el.div(
            rx.cond(
                State.preview.length() > 0,
                figure_tile(
                    State.preview, TileHandlers(on_table=lambda _: State.toggle_table), badge_word=t("edit.preview")
                ),
                skeleton(6),
            ),
            tile_form.form(),
            class_name="s8 stack",
        ),
        nothing,
    )


def _conflict() -> rx.Component:
    return dialog(
        rx.el.p(t("edit.conflict_text"), class_name="t2"),
        dialog_actions(
            button(t("edit.go_on"), on_click=State.close_conflict),
            button(t("edit.load_theirs"), on_click=ArrangeState.load),
            rx.cond(
                may(Permission.DASHBOARDS_DASHBOARD_WRITE),
                button(t("edit.save_copy"), kind="primary", on_click=State.save_as_copy),
            ),
        ),
        name="conflict",
        title=t("edit.conflict"),
        shown=State.conflict,
        on_dismiss=State.close_conflict,
    )
