"""One dashboard: tiles, period and filters, rows behind a figure, how it was computed."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.charts import figure_tile
from components.charts.tile import TileHandlers, how_computed
from components.shell import Crumb
from components.tables import figure_table
from components.text import t
from components.ui.badge import badge
from components.ui.button import button, icon_button, link_button
from components.ui.dialog import dialog, dialog_actions, keep_button
from components.ui.field import field
from components.ui.icon import hidden, icon
from components.ui.page import grid, page_header, spring, toolbar
from components.ui.states import empty, skeleton
from omni_app.frame import console
from omni_app.pages.console import sharing
from omni_app.pages.missing import missing
from state.dashboards.view import PERIODS
from state.dashboards.view import DashboardViewState as State

ON_LOAD = (State.load, *sharing.ON_LOAD)


def page() -> rx.Component:
    """Return the page of one dashboard."""
    return console(
        *content(*sharing.buttons()), *sharing.dialogs(), name="console.dashboard", crumbs=[Crumb(label=State.title)]
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
                ("rows", figure_table(State.behind_columns, State.behind_rows, name=t("tile.rows"))),
                ("values", _values()),
                rx.fragment(),
            ),
            dialog_actions(keep_button(t("ui.close"))),
            name="panel",
            title=State.panel_title,
            shown=State.panel != "",
            on_dismiss=State.close_panel,
            wide=True,
        ),
        _add_filter(),
    ]


def _loaded(*tools: Any) -> list[Any]:
    handlers = TileHandlers(
        on_table=State.toggle_table,
        on_rows=State.open_rows,
        on_how=State.open_how,
        on_retry=lambda _: State.refresh,
        on_point=State.pick,
        on_values=State.open_values,
    )
    return [
        page_header(
            State.title,
            *tools,
            rx.cond(
                State.editable, link_button(t("ui.edit"), href=State.edit_href, kind="primary", icon_name="pencil")
            ),
            lead=State.description,
            badges=badge(State.version, icon_name="history"),
        ),
        _filters(),
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


def _filters() -> rx.Component:
    options = [("", t("dashboards.period.own")), *[(name, t(f"dashboards.period.{name}")) for name in PERIODS]]
    return toolbar(
        rx.el.div(
            rx.el.label(t("dashboards.period"), html_for="period"),
            rx.el.select(
                *[rx.el.option(label, value=value) for value, label in options],
                id="period",
                value=State.period,
                on_change=State.choose_period,
            ),
            class_name="o-field inline",
        ),
        rx.foreach(
            State.filters,
            lambda one: rx.el.button(
                one["text"],
                icon("x"),
                hidden(t("dashboards.remove_filter")),
                type="button",
                class_name="o-filter on",
                on_click=State.remove_filter(one["raw"]),
                key=one["raw"],
            ),
        ),
        button(t("dashboards.add_filter"), kind="quiet", icon_name="plus", custom_attrs={"data-open": "add-filter"}),
        spring(),
        icon_button(
            "refresh-cw", t("ui.refresh"), on_click=State.refresh, class_name=rx.cond(State.refreshing, "turning", "")
        ),
    )


def _values() -> rx.Component:
    def one(each: Any) -> rx.Component:
        return rx.el.li(
            rx.el.button(
                rx.el.span(each["value"], class_name="main"),
                rx.el.small(each["rows"]),
                type="button",
                class_name="o-figbtn",
                on_click=State.choose_value(each["value"]),
            ),
            key=each["value"],
        )

    return rx.el.ul(rx.foreach(State.values, one), class_name="o-figures")


def _add_filter() -> rx.Component:
    return dialog(
        rx.el.form(
            field(
                t("dashboards.field"),
                name="field",
                control=rx.el.select(
                    rx.el.option("\N{EN DASH}", value=""),
                    rx.foreach(State.fields, lambda one: rx.el.option(one["label"], value=one["value"])),
                    id="field",
                    name="field",
                    required=True,
                    on_change=State.offer_values,
                ),
            ),
            field(
                t("dashboards.value"),
                name="value",
                required=True,
                auto_complete="off",
                custom_attrs={"list": "filter-values"},
            ),
            rx.el.datalist(rx.foreach(State.values, lambda one: rx.el.option(value=one["value"])), id="filter-values"),
            dialog_actions(
                keep_button(t("ui.cancel")),
                button(t("dashboards.add_filter"), kind="primary", type="submit", custom_attrs={"data-close": "true"}),
            ),
            on_submit=State.add_filter,
            class_name="o-form",
            reset_on_submit=True,
        ),
        name="add-filter",
        title=t("dashboards.add_filter"),
    )
