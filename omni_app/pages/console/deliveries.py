"""Deliveries: the list of subscriptions, their history, sending now, pausing and deleting."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.tables import Column, data_table, list_search, listing
from components.text import t
from components.ui.badge import Tone, state_badge
from components.ui.button import link_button
from components.ui.dialog import dialog, dialog_actions, keep_button, typed_confirmation
from components.ui.menu import menu, menu_item
from components.ui.page import page_header, toolbar
from components.ui.states import empty
from omni_app.frame import console
from omni_app.pages.console import subscribing
from state.deliveries.page import DeliveriesState as State
from state.deliveries.subscribing import SubscribingState as Form

ON_LOAD = (State.load, *subscribing.ON_LOAD)


def page() -> rx.Component:
    """Return the list of subscriptions."""
    return console(*content(), name="console.deliveries")


def content(*, before: str = "") -> list[Any]:
    """Return the page without its frame, whose other pages lie below ``before``."""
    return [
        page_header(
            t("deliveries.title"),
            link_button(t("deliveries.inbox"), href=f"{before}/inbox", icon_name="inbox"),
            lead=t("deliveries.lead"),
        ),
        toolbar(list_search(State.search, State.find, name=t("deliveries.find"))),
        listing(
            _columns(),
            State,
            name=t("deliveries.title"),
            nothing=empty(
                t("deliveries.none"),
                t("deliveries.none_text"),
                link_button(t("dashboards.title"), href=f"{before}/dashboards"),
            ),
        ),
        _history(),
        typed_confirmation(
            rx.el.p(t("deliveries.delete_loses"), class_name="t2"),
            name="delete-subscription",
            title=t("deliveries.delete_ask", title=State.deleting["title"].to(str)),
            word=State.deleting["title"].to(str),
            confirm=t("deliveries.delete"),
            keep=t("ui.cancel"),
            shown=State.deleting.length() > 0,
            on_dismiss=State.close,
            on_submit=State.delete,
        ),
        *subscribing.dialogs(),
    ]


def _states() -> dict[str, tuple[rx.Var[str], Tone, str]]:
    return {
        "active": (t("deliveries.state.active"), "ok", "check"),
        "paused": (t("deliveries.state.paused"), "neutral", "pause"),
        "disabled": (t("deliveries.state.disabled"), "danger", "circle-alert"),
    }


def _outcomes() -> dict[str, tuple[rx.Var[str], Tone, str]]:
    return {
        "waiting": (t("deliveries.outcome.waiting"), "info", "clock"),
        "sent": (t("deliveries.outcome.sent"), "ok", "check"),
        "skipped": (t("deliveries.outcome.skipped"), "neutral", "minus"),
        "refused": (t("deliveries.outcome.refused"), "warning", "ban"),
        "failed": (t("deliveries.outcome.failed"), "danger", "circle-alert"),
    }


def _columns() -> tuple[Column, ...]:
    return (
        Column(key="title", label=t("deliveries.name"), sort="title", href="href"),
        Column(key="format", label=t("deliveries.format")),
        Column(key="channel", label=t("deliveries.channel")),
        Column(key="schedule", label=t("deliveries.schedule")),
        Column(
            key="state", label=t("deliveries.state"), render=lambda row: state_badge(row["state"].to(str), _states())
        ),
        Column(key="next", label=t("deliveries.next"), sort="next_at"),
        Column(key="last", label=t("deliveries.last")),
        Column(key="actions", label=t("ui.actions"), plain_head=True, numeric=True, render=_actions),
    )


def _actions(row: Any) -> rx.Component:
    return menu(
        menu_item(t("ui.edit"), icon_name="pencil", on_click=Form.edit(row["id"])),
        menu_item(t("deliveries.send_now"), icon_name="send", on_click=State.send_now(row["id"])),
        menu_item(t("deliveries.history"), icon_name="history", on_click=State.show_history(row["id"])),
        rx.cond(
            row["state"].to(str) == "active",
            menu_item(t("deliveries.pause"), icon_name="pause", on_click=State.pause(row["id"])),
            menu_item(t("deliveries.resume"), icon_name="play", on_click=State.resume(row["id"])),
        ),
        menu_item(t("deliveries.delete"), icon_name="trash-2", on_click=State.ask_delete(row["id"])),
        name="subscription-" + row["id"].to(str),
        label=t("deliveries.actions_of", title=row["title"].to(str)),
    )


def _history() -> rx.Component:
    columns = (
        Column(key="occurrence", label=t("deliveries.due")),
        Column(key="recipient", label=t("deliveries.recipient")),
        Column(
            key="state",
            label=t("deliveries.outcome"),
            render=lambda row: state_badge(row["state"].to(str), _outcomes()),
        ),
        Column(key="reason", label=t("deliveries.reason")),
    )
    return dialog(
        rx.cond(
            State.history.length() > 0,
            data_table(columns, State.history, name=t("deliveries.history")),
            rx.el.p(t("deliveries.no_history"), class_name="t2"),
        ),
        dialog_actions(keep_button(t("ui.close"))),
        name="history",
        title=t("deliveries.history_of", title=State.history_title),
        shown=State.history_title != "",
        on_dismiss=State.close,
        wide=True,
    )
