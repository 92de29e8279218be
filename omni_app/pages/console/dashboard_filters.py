"""The period and the filters of a dashboard, and the rows behind its figures."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.tables import figure_table
from components.text import t
from components.ui.button import button, link_button
from components.ui.dialog import dialog, dialog_actions, keep_button
from components.ui.icon import hidden, icon
from components.ui.page import spring, toolbar
from omni_app.pages.console.condition import condition
from omni_app.pages.console.dashboard_look import full_button, renewing
from state.dashboards.drill import DrillState
from state.dashboards.place import CHOSEN, PERIODS
from state.dashboards.view import DashboardViewState as State


def filters() -> rx.Component:
    """Return the bar with the period, a chip of each filter, and what changes them."""
    return toolbar(
        *_period(),
        rx.foreach(
            State.filters,
            lambda one: rx.el.button(
                one["text"].to(str),
                icon("x"),
                hidden(t("dashboards.remove_filter")),
                type="button",
                class_name="o-filter on",
                on_click=State.remove_filter(one["index"].to(int)),
                key=one["text"].to(str),
            ),
        ),
        button(t("dashboards.add_filter"), kind="quiet", icon_name="plus", custom_attrs={"data-open": "add-filter"}),
        rx.cond(State.narrowed, button(t("place.reset"), kind="quiet", icon_name="rotate-ccw", on_click=State.widen)),
        spring(),
        *renewing(),
        full_button(),
    )


def _period() -> list[Any]:
    options = [
        ("", t("dashboards.period.own")),
        *[(name, t(f"dashboards.period.{name}")) for name in PERIODS],
        (CHOSEN, t("place.chosen")),
    ]
    choice = rx.el.div(
        rx.el.label(t("dashboards.period"), html_for="period"),
        rx.el.select(
            *[rx.el.option(label, value=value) for value, label in options],
            id="period",
            value=State.period,
            on_change=State.choose_period,
        ),
        class_name="o-field inline",
    )
    days = rx.el.form(
        _day("start", t("place.from"), State.period_start),
        _day("end", t("place.to"), State.period_end),
        button(t("place.show"), type="submit", small=True),
        on_submit=State.choose_days,
        class_name="o-days",
        key=State.period_start + State.period_end,
        custom_attrs={"aria-label": t("place.chosen")},
    )
    return [choice, rx.cond(State.period == CHOSEN, days)]


def _day(name: str, label: Any, value: Any) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=f"period-{name}"),
        rx.el.input(id=f"period-{name}", name=name, type="date", default_value=value),
        class_name="o-field inline",
    )


def values() -> rx.Component:
    """Return the values of a field to filter by."""

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


def add_filter() -> rx.Component:
    """Return the dialog that adds a filter."""
    return dialog(
        rx.el.form(
            *condition(offered=State.fields, ways=State.operators, values=State.values, on_field=State.offer_values),
            rx.el.p(t("place.more_values"), class_name="mut small"),
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


def rows_panel() -> rx.Component:
    """Return the dialog with the rows behind a figure."""
    return dialog(
        figure_table(DrillState.columns, DrillState.rows, name=t("tile.rows")),
        rx.el.div(
            rx.el.span(DrillState.place, role="status", class_name="mut"),
            spring(),
            button(t("place.before"), small=True, on_click=DrillState.back, disabled=DrillState.first),
            button(t("place.next"), small=True, on_click=DrillState.forward, disabled=DrillState.last),
            class_name="o-toolbar",
        ),
        dialog_actions(
            link_button(t("place.all_rows"), href=DrillState.csv_href, icon_name="download", outside=True),
            button(t("ui.close"), on_click=DrillState.close),
        ),
        name="rows",
        title=DrillState.title,
        shown=DrillState.shown,
        on_dismiss=DrillState.close,
        wide=True,
    )
