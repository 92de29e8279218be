"""One dashboard: tiles, period and filters, rows behind a figure, how it was computed."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.charts import figure_tile
from components.charts.handlers import TileHandlers
from components.charts.tile import how_computed
from components.shell import Crumb
from components.text import t
from components.ui.badge import badge
from components.ui.button import link_button
from components.ui.dialog import dialog, dialog_actions, keep_button
from components.ui.page import grid, page_header
from components.ui.states import empty, skeleton
from omni_app.frame import console
from omni_app.pages.console import alerts, comments, embedding, sharing, subscribing
from omni_app.pages.console.dashboard_filters import add_filter, filters, rows_panel, values
from omni_app.pages.console.dashboard_look import full_head, large_dialog, phone_menu
from omni_app.pages.missing import missing
from state.dashboards.drill import DrillState
from state.dashboards.look import DashboardLookState as Look
from state.dashboards.view import DashboardViewState as State
from state.shell import ShellState

ON_LOAD = (
    State.load,
    Look.load,
    DrillState.close,
    *sharing.ON_LOAD,
    *subscribing.ON_LOAD,
    *comments.ON_LOAD,
    *embedding.ON_LOAD,
)


def page() -> rx.Component:
    """Return the page of one dashboard."""
    return console(
        *content(comments.comments_button(), *subscribing.buttons(), *embedding.buttons(), *sharing.buttons()),
        *sharing.dialogs(),
        *subscribing.dialogs(),
        *embedding.dialogs(),
        comments.comments_dialog(),
        name="console.dashboard",
        crumbs=[Crumb(label=State.title)],
    )


def content(*tools: Any) -> list[Any]:
    """Return what console and portal share; ``tools`` stand before the edit button."""
    return [
        rx.cond(
            State.missing,
            missing(),
            rx.cond(
                State.loaded, rx.fragment(*_loaded(*tools)), rx.fragment(rx.el.h1(t("dashboards.one")), skeleton())
            ),
        ),
        dialog(
            rx.match(
                State.panel,
                ("how", how_computed(State.how)),
                ("values", values()),
                rx.fragment(),
            ),
            dialog_actions(keep_button(t("ui.close"))),
            name="panel",
            title=State.panel_title,
            shown=State.panel != "",
            on_dismiss=State.close_panel,
            wide=True,
        ),
        add_filter(),
        rows_panel(),
        large_dialog(),
    ]


def _loaded(*tools: Any) -> list[Any]:
    handlers = TileHandlers(
        on_table=State.toggle_table,
        on_rows=DrillState.open,
        on_how=State.open_how,
        on_retry=lambda _: State.refresh,
        on_point=State.pick,
        on_values=State.open_values,
        on_large=Look.enlarge,
        on_copied=Look.copied,
        base_url=ShellState.base_url,
        full=Look.full,
        more=lambda tile: [
            *subscribing.tile_commands(tile["id"]),
            *alerts.tile_commands(State.shown_id, tile),
            *comments.tile_commands(tile["id"]),
        ],
    )
    head = page_header(
        State.title,
        *tools,
        phone_menu(),
        rx.cond(State.editable, link_button(t("ui.edit"), href=State.edit_href, kind="primary", icon_name="pencil")),
        lead=State.description,
        badges=badge(State.version, icon_name="history"),
    )
    return [
        rx.cond(Look.full, full_head(), rx.fragment(head, filters())),
        rx.cond(
            State.tiles.length() > 0,
            grid(rx.foreach(State.tiles, lambda tile: figure_tile(tile, handlers))),
            empty(
                t("dashboards.empty"),
                t("dashboards.empty_text"),
                rx.cond(State.editable, link_button(t("dashboards.add_tile"), href=State.edit_href, kind="primary")),
            ),
        ),
    ]
