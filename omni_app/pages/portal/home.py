"""The portal's first page: what a customer has, without platform words."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.text import t
from components.ui.badge import badge
from components.ui.button import link_button
from components.ui.code import code_block
from components.ui.icon import hidden, icon
from components.ui.link import link
from components.ui.page import grid, page_header, tile
from components.ui.states import empty, note, skeleton
from omni_app.frame import may, portal
from omni_app.pages.console.keys import FIRST_CALL
from omni_app.pages.portal.usage import usage
from state.home.page import HomeState as State
from state.shell import ShellState
from state.usage.page import UsageState

ON_LOAD = (State.load, UsageState.load)


def page() -> rx.Component:
    """Return the portal's home."""
    return portal(
        page_header(
            ShellState.tenant,
            rx.cond(
                may(Permission.IDENTITY_API_KEY_WRITE),
                link_button(t("keys.create"), href="/portal/keys", kind="primary", icon_name="plus"),
            ),
            lead=State.greeting,
        ),
        rx.cond(
            State.loaded,
            rx.fragment(
                _stops(),
                usage(),
                grid(
                    tile(
                        rx.el.p(t("keys.first_call_text"), class_name="t2"),
                        code_block(FIRST_CALL, title="curl"),
                        title=t("keys.first_call"),
                        span=8,
                    ),
                    rx.cond(may(Permission.IDENTITY_API_KEY_READ), _keys()),
                    rx.cond(may(Permission.DASHBOARDS_DASHBOARD_READ), _dashboards()),
                ),
            ),
            skeleton(),
        ),
        name="portal.home",
    )


def _stops() -> rx.Component:
    """Return what keeps the customer's programs from working, each with the way out."""
    return rx.foreach(
        State.stops,
        lambda one: note(
            rx.el.b(one["text"]),
            " ",
            rx.el.span(one["detail"]),
            " ",
            link(t("portal.to_keys"), href="/portal/keys"),
            tone="warning",
            icon_name="triangle-alert",
        ),
    )


def _dashboards() -> rx.Component:
    def one(row: Any) -> rx.Component:
        return rx.el.li(
            rx.el.span(icon("layout-dashboard"), class_name="o-ico"),
            rx.el.div(
                rx.el.strong(link(row["title"].to(str), href="/portal" + row["href"].to(str), class_name="plain")),
                rx.el.span(row["tiles_text"].to(str), " · ", row["updated"].to(str)),
                class_name="tx",
            ),
            rx.cond(
                row["favourite"].to(bool), rx.el.span(icon("star"), hidden(t("library.favourite")), class_name="o-ico")
            ),
            key=row["id"].to(str),
        )

    return tile(
        rx.cond(
            State.recent.length() > 0,
            rx.el.ul(rx.foreach(State.recent, one), class_name="o-list"),
            empty(t("portal.no_dashboards"), t("portal.no_dashboards_text")),
        ),
        title=t("dashboards.title"),
        padded=False,
        actions=link_button(t("home.all_dashboards"), href="/portal/dashboards", kind="quiet", small=True),
    )


def _keys() -> rx.Component:
    def one(row: Any) -> rx.Component:
        return rx.el.li(
            rx.el.div(
                rx.el.strong(row["name"].to(str)),
                rx.el.span(row["text"].to(str), class_name="mono"),
                rx.el.span(" · ", row["used"].to(str)),
                class_name="tx",
            ),
            rx.cond(row["state"].to(str) == "active", badge(t("keys.active"), tone="ok", icon_name="check")),
            key=row["id"].to(str),
        )

    return tile(
        rx.cond(
            State.keys.length() > 0,
            rx.el.ul(rx.foreach(State.keys, one), class_name="o-list"),
            empty(t("keys.none"), t("keys.none_text")),
        ),
        title=t("keys.page"),
        span=4,
        padded=False,
        actions=link_button(t("portal.all_keys"), href="/portal/keys", kind="quiet", small=True),
    )
