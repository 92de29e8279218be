"""Webhooks: servers of the team's own that get signed messages."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.tables import Column, data_table, list_search, listing
from components.text import t
from components.ui.badge import state_badge
from components.ui.button import button
from components.ui.code import key_once
from components.ui.dialog import dialog, dialog_actions, keep_button, typed_confirmation
from components.ui.field import error_summary, field, select_field
from components.ui.menu import menu, menu_item
from components.ui.page import page_header, toolbar
from components.ui.states import empty
from omni_app.frame import console, may
from state.webhooks.page import WebhooksState as State

ON_LOAD = (State.load,)
EVENTS = (
    "alert.fired",
    "alert.recovered",
    "alert.reminder",
    "alert.no_data",
    "alert.error",
    "subscription.due",
    "webhook.test",
)


def page() -> rx.Component:
    """Return the list of webhooks."""
    add = rx.cond(
        may(Permission.KERNEL_WEBHOOK_WRITE),
        button(t("webhooks.add"), kind="primary", icon_name="plus", on_click=State.open_form("")),
    )
    return console(
        page_header(t("webhooks.title"), add, lead=t("webhooks.lead")),
        toolbar(list_search(State.search, State.find, name=t("webhooks.find"))),
        listing(
            _columns(), State, name=t("webhooks.title"), nothing=empty(t("webhooks.none"), t("webhooks.none_text"))
        ),
        _form(),
        _secret(),
        _log(),
        typed_confirmation(
            rx.el.p(t("webhooks.delete_loses"), class_name="t2"),
            name="delete-webhook",
            title=t("webhooks.delete_ask", name=State.deleting["name"].to(str)),
            word=State.deleting["name"].to(str),
            confirm=t("webhooks.delete"),
            keep=t("ui.cancel"),
            shown=State.deleting.length() > 0,
            on_dismiss=State.close,
            on_submit=State.delete,
        ),
        name="console.webhooks",
    )


def _columns() -> tuple[Column, ...]:
    states = {
        "active": (t("webhooks.state.active"), "ok", "check"),
        "failing": (t("webhooks.state.failing"), "warning", "circle-alert"),
        "paused": (t("webhooks.state.paused"), "neutral", "pause"),
        "disabled": (t("webhooks.state.disabled"), "danger", "ban"),
    }
    return (
        Column(
            key="name",
            label=t("webhooks.name"),
            sort="name",
            render=lambda row: rx.el.span(row["name"].to(str), class_name="main"),
        ),
        Column(key="url", label=t("webhooks.url"), mono=True),
        Column(key="events", label=t("webhooks.events")),
        Column(key="state", label=t("webhooks.state"), render=lambda row: state_badge(row["state"].to(str), states)),
        Column(key="last", label=t("webhooks.last")),
        Column(key="actions", label=t("ui.actions"), plain_head=True, numeric=True, render=_actions),
    )


def _actions(row: Any) -> rx.Component:
    log = menu_item(t("webhooks.log"), icon_name="history", on_click=State.show_log(row["id"]))
    label = t("webhooks.actions_of", name=row["name"].to(str))
    return rx.cond(
        may(Permission.KERNEL_WEBHOOK_WRITE),
        menu(
            menu_item(t("webhooks.test"), icon_name="send", on_click=State.send_test(row["id"])),
            log,
            menu_item(t("ui.edit"), icon_name="pencil", on_click=State.open_form(row["id"])),
            menu_item(t("webhooks.rotate"), icon_name="refresh-cw", on_click=State.rotate(row["id"])),
            menu_item(t("webhooks.delete"), icon_name="trash-2", on_click=State.ask_delete(row["id"])),
            name="webhook-" + row["id"].to(str),
            label=label,
        ),
        menu(log, name="webhook-read-" + row["id"].to(str), label=label),
    )


def _form() -> rx.Component:
    events = [("", t("webhooks.all_events")), *[(one, t(f"webhooks.event.{one}")) for one in EVENTS]]
    is_new = State.form["id"].to(str) == ""
    return dialog(
        error_summary(State.problems),
        rx.el.form(
            field(
                t("webhooks.name"),
                name="name",
                default_value=State.form["name"].to(str),
                required=True,
                max_length=120,
                auto_complete="off",
            ),
            field(
                t("webhooks.url"),
                name="url",
                kind="url",
                hint=t("webhooks.url_hint"),
                default_value=State.form["url"].to(str),
                required=True,
                max_length=2000,
            ),
            select_field(t("webhooks.events"), name="event", options=events, value=State.form["event"].to(str)),
            select_field(
                t("webhooks.enabled"),
                name="enabled",
                options=[("yes", t("ui.yes")), ("", t("ui.no"))],
                value=State.form["enabled"].to(str),
            ),
            dialog_actions(
                button(t("ui.cancel"), on_click=State.close),
                button(rx.cond(is_new, t("webhooks.add"), t("ui.save")), kind="primary", type="submit"),
            ),
            on_submit=State.save,
            class_name="o-form",
        ),
        name="webhook-form",
        title=rx.cond(is_new, t("webhooks.add"), t("webhooks.edit")),
        shown=State.form.length() > 0,
        on_dismiss=State.close,
    )


def _secret() -> rx.Component:
    return dialog(
        rx.cond(State.shown_secret != "", key_once(State.shown_secret)),
        rx.el.p(t("webhooks.secret_text"), class_name="t2"),
        dialog_actions(button(t("webhooks.have_saved"), kind="primary", on_click=State.close)),
        name="webhook-secret",
        title=t("webhooks.secret_of", name=State.shown_name),
        shown=State.shown_secret != "",
        on_dismiss=State.close,
    )


def _log() -> rx.Component:
    states = {
        "waiting": (t("deliveries.outcome.waiting"), "info", "clock"),
        "sent": (t("deliveries.outcome.sent"), "ok", "check"),
        "failed": (t("deliveries.outcome.failed"), "danger", "circle-alert"),
    }

    def again(row: Any) -> rx.Component:
        return rx.cond(
            (row["state"].to(str) != "waiting") & may(Permission.KERNEL_WEBHOOK_WRITE),
            button(t("webhooks.send_again"), kind="quiet", small=True, on_click=State.redeliver(row["id"])),
        )

    columns = (
        Column(key="at", label=t("alerts.at")),
        Column(key="event", label=t("webhooks.event")),
        Column(
            key="state", label=t("deliveries.outcome"), render=lambda row: state_badge(row["state"].to(str), states)
        ),
        Column(key="answer", label=t("webhooks.answer")),
        Column(key="attempts", label=t("webhooks.attempts"), numeric=True),
        Column(key="again", label=t("ui.actions"), plain_head=True, numeric=True, render=again),
    )
    return dialog(
        rx.cond(
            State.log.length() > 0,
            data_table(columns, State.log, name=t("webhooks.log")),
            rx.el.p(t("webhooks.no_log"), class_name="t2"),
        ),
        dialog_actions(keep_button(t("ui.close"))),
        name="webhook-log",
        title=t("webhooks.log_of", name=State.log_of["name"].to(str)),
        shown=State.log_of.length() > 0,
        on_dismiss=State.close,
        wide=True,
    )
