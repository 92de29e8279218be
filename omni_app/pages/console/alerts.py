"""Alerts: the list of those that the reader has, and what alerts told the reader."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.charts.tile import spark_line
from components.tables import Column, data_table, list_search, listing
from components.text import t
from components.ui.badge import Tone, state_badge
from components.ui.button import button, link_button
from components.ui.menu import command_link
from components.ui.page import page_header, tile, toolbar
from components.ui.states import empty
from omni_app.frame import console, may
from state.alerts.page import AlertsState as State
from state.alerts.page import ReceivedAlertsState as Received
from state.shell import ShellState

ON_LOAD = (State.load, Received.load)
NEW = "/alerts/new/edit"


def tile_commands(dashboard_id: rx.Var[str], tile: Any) -> list[Any]:
    """Return the entry of a number's menu that watches it; the portal has no form for it."""
    href = f"{NEW}?dashboard=" + dashboard_id + "&tile=" + tile["id"].to(str)
    entry = command_link(t("alerts.tell_me"), href=href, icon_name="bell")
    is_number = tile["chart"].to(str) == "number"
    return [rx.cond(is_number & may(Permission.DASHBOARDS_ALERT_WRITE) & ~ShellState.customer, entry)]


def page() -> rx.Component:
    """Return the list of alerts."""
    return console(
        page_header(
            t("alerts.title"),
            link_button(t("alerts.new"), href=NEW, icon_name="plus", kind="primary"),
            lead=t("alerts.lead"),
        ),
        toolbar(list_search(State.search, State.find, name=t("alerts.find"))),
        listing(
            _columns(),
            State,
            name=t("alerts.title"),
            nothing=empty(t("alerts.none"), t("alerts.none_text"), link_button(t("alerts.new"), href=NEW)),
        ),
        rx.cond(Received.notices.length() > 0, notices()),
        name="console.alerts",
    )


def states() -> dict[str, tuple[rx.Var[str], Tone, str]]:
    """Return word, tone and icon of each state."""
    return {
        "ok": (t("alerts.state.ok"), "ok", "check"),
        "pending": (t("alerts.state.pending"), "info", "clock"),
        "firing": (t("alerts.state.firing"), "danger", "bell-ring"),
        "no_data": (t("alerts.state.no_data"), "warning", "circle-dashed"),
        "error": (t("alerts.state.error"), "danger", "circle-alert"),
        "silenced": (t("alerts.state.silenced"), "neutral", "bell-off"),
        "paused": (t("alerts.paused"), "neutral", "pause"),
    }


def _columns() -> tuple[Column, ...]:
    def value(row: Any) -> rx.Component:
        return rx.el.span(
            rx.cond(row["spark"].to(str) != "", spark_line(row["spark"].to(str))),
            row["value"].to(str),
            class_name="o-valued",
        )

    return (
        Column(key="title", label=t("alerts.name"), sort="title", href="href"),
        Column(key="state", label=t("alerts.state"), render=lambda row: state_badge(row["state"].to(str), states())),
        Column(key="condition", label=t("alerts.fires")),
        Column(key="value", label=t("alerts.value"), numeric=True, render=value),
        Column(key="since", label=t("alerts.since"), sort="since"),
        Column(key="last", label=t("alerts.last"), sort="last_at"),
    )


def notices() -> rx.Component:
    """Return the tile with what alerts told the reader."""
    looks = {"new": (t("deliveries.new"), "accent", "mail"), "read": (t("deliveries.read"), "neutral", "mail-open")}

    def said(row: Any) -> rx.Component:
        return rx.el.div(
            rx.el.span(row["title"].to(str), class_name="main"),
            rx.el.p(row["text"].to(str), class_name="t2 prewrap"),
        )

    def mark(row: Any) -> rx.Component:
        return rx.cond(
            row["state"].to(str) == "new",
            button(t("alerts.mark_read"), kind="quiet", on_click=Received.read(row["id"])),
        )

    columns = (
        Column(key="title", label=t("alerts.message"), render=said),
        Column(key="state", label=t("alerts.state"), render=lambda row: state_badge(row["state"].to(str), looks)),
        Column(key="at", label=t("alerts.at")),
        Column(key="mark", label=t("ui.actions"), plain_head=True, numeric=True, render=mark),
    )
    return tile(
        data_table(columns, Received.notices, name=t("alerts.told_you")), title=t("alerts.told_you"), padded=False
    )


def received() -> rx.Component:
    """Return the tile with the alerts that tell the reader, each to be looked after."""

    def look_after(row: Any) -> rx.Component:
        return rx.cond(
            row["firing"].to(bool) & (row["by"].to(str) == ""),
            button(t("alerts.acknowledge"), kind="quiet", on_click=Received.acknowledge(row["id"])),
        )

    columns = (
        Column(
            key="title", label=t("alerts.name"), render=lambda row: rx.el.span(row["title"].to(str), class_name="main")
        ),
        Column(key="state", label=t("alerts.state"), render=lambda row: state_badge(row["state"].to(str), states())),
        Column(key="since", label=t("alerts.since")),
        Column(key="by", label=t("alerts.looked_after")),
        Column(key="do", label=t("ui.actions"), plain_head=True, numeric=True, render=look_after),
    )
    return tile(
        rx.cond(
            Received.alerts.length() > 0,
            data_table(columns, Received.alerts, name=t("alerts.title")),
            empty(t("alerts.none_received"), t("alerts.none_received_text")),
        ),
        title=t("alerts.that_tell_you"),
        padded=False,
    )
