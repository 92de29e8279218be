"""How a dashboard is looked at: how often it renews itself, the whole screen, one figure large."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.charts.tile import large_tile
from components.text import t
from components.ui.button import button, icon_button
from components.ui.dialog import dialog, dialog_actions
from components.ui.icon import icon
from components.ui.menu import menu, menu_item
from components.ui.page import spring
from state.dashboards.look import DashboardLookState as Look
from state.dashboards.place import FULL, REFRESHES
from state.dashboards.view import DashboardViewState as State


def renewing() -> list[Any]:
    """Return when the figures were computed, how often they renew themselves, and what renews them now."""
    return [
        _updated(),
        rx.el.div(
            rx.el.label(t("living.refresh"), html_for="refresh", class_name="vh"),
            rx.el.select(
                *[rx.el.option(t(f"living.refresh.{name}"), value=name) for name in REFRESHES],
                id="refresh",
                value=Look.refresh,
                on_change=Look.choose_refresh,
                title=t("living.refresh"),
                custom_attrs={"data-address": "refresh"},
            ),
            class_name="o-field inline",
        ),
        icon_button(
            "refresh-cw",
            t("ui.refresh"),
            on_click=State.refresh,
            class_name=rx.cond(State.refreshing, "turning", ""),
            custom_attrs={"data-every": Look.refresh_s.to_string(), "data-since": State.updated},
        ),
    ]


def _updated() -> rx.Component:
    return rx.fragment(
        rx.el.p(
            rx.cond(State.stale != "", rx.fragment(icon("clock-alert"), State.stale)),
            class_name="o-stale",
            role="status",
        ),
        rx.cond(
            State.updated != "",
            rx.el.span(t("living.updated", time=State.updated), class_name="mut small o-updated"),
        ),
    )


def full_button() -> rx.Component:
    """Return what fills the screen with the figures."""
    return icon_button(
        "maximize",
        t("living.full"),
        on_click=Look.show_full(True),  # noqa: FBT003 - an event has positions only
        custom_attrs={"data-full": "enter", "data-address": f"view={FULL}"},
    )


def phone_menu() -> rx.Component:
    """Return the menu with what the bar above the figures has no room for on a phone."""
    return menu(
        menu_item(t("ui.refresh"), icon_name="refresh-cw", on_click=State.refresh),
        menu_item(
            t("living.full"),
            icon_name="maximize",
            on_click=Look.show_full(True),  # noqa: FBT003
            custom_attrs={"data-full": "enter", "data-address": f"view={FULL}"},
        ),
        name="dashboard-more",
        label=t("ui.more"),
        class_name="o-iconbtn only-phone",
    )


def full_head() -> rx.Component:
    """Return the one line above the figures that fill a screen."""
    return rx.el.header(
        rx.el.h1(State.title),
        rx.foreach(
            State.filters, lambda one: rx.el.span(one["text"].to(str), class_name="o-filter", key=one["text"].to(str))
        ),
        spring(),
        *renewing(),
        button(
            t("living.leave"),
            icon_name="minimize",
            on_click=Look.show_full(False),  # noqa: FBT003
            custom_attrs={"data-full": "leave", "data-address": "view="},
        ),
        class_name="o-full",
    )


def large_dialog() -> rx.Component:
    """Return the dialog with one figure, its table, and how it was computed; it renews itself like the page."""
    return dialog(
        rx.foreach(State.tiles, lambda tile: rx.cond(tile["id"].to(str) == Look.large, large_tile(tile))),
        dialog_actions(button(t("ui.close"), on_click=Look.close)),
        name="large",
        title=rx.cond(Look.large_title != "", Look.large_title, t("tile.large")),
        shown=Look.large != "",
        on_dismiss=Look.close,
        size="whole",
    )
