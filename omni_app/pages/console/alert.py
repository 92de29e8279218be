"""One alert: how it stands, its course with the threshold, its groups, what happened, who was told."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.charts.plot import plot
from components.shell import Crumb
from components.tables import Column, data_table
from components.text import t
from components.ui.badge import state_badge
from components.ui.button import button, link_button
from components.ui.dialog import dialog, dialog_actions, typed_confirmation
from components.ui.field import field
from components.ui.menu import menu, menu_item
from components.ui.page import facts, grid, page_header, source_line, tile
from components.ui.states import empty, skeleton
from omni_app.frame import console
from omni_app.pages.console.alerts import states
from omni_app.pages.missing import missing
from state.alerts.detail import SILENCES
from state.alerts.detail import AlertState as State

ON_LOAD = (State.load,)


def page() -> rx.Component:
    """Return the page of one alert."""
    title = State.alert["title"].to(str)
    content = rx.fragment(
        page_header(
            title,
            _look_after(),
            rx.cond(State.managed, _actions()),
            badges=state_badge(State.alert["state"].to(str), states()),
        ),
        grid(
            rx.cond(State.managed, rx.fragment(_course(), _facts(), _groups(), _history(), _sent())),
            rx.cond(State.notices.length() > 0, _told()),
        ),
        *_dialogs(title),
    )
    return console(
        rx.cond(
            State.missing, missing(), rx.cond(State.loaded, content, rx.fragment(rx.el.h1(t("alerts.one")), skeleton()))
        ),
        name="console.alert",
        crumbs=[Crumb(label=title)],
    )


def _look_after() -> rx.Component:
    return rx.cond(
        State.received["firing"].to(bool) & (State.received["by"].to(str) == ""),
        button(t("alerts.acknowledge"), icon_name="hand", on_click=State.ask_acknowledge),
    )


def _actions() -> rx.Component:
    silences = [
        menu_item(t(f"alerts.silence.{one}"), icon_name="bell-off", on_click=State.silence(one)) for one in SILENCES
    ]
    edit = "/alerts/" + State.alert["id"].to(str) + "/edit"
    return rx.fragment(
        rx.cond(
            State.alert["silenced"].to(str) != "",
            button(t("alerts.unsilence"), icon_name="bell", on_click=State.unsilence),
            menu(*silences, name="silence", label=t("alerts.silence"), icon_name="bell-off", class_name="o-iconbtn"),
        ),
        menu(
            rx.cond(
                State.alert["paused"].to(str) != "",
                menu_item(t("deliveries.resume"), icon_name="play", on_click=State.switch),
                menu_item(t("deliveries.pause"), icon_name="pause", on_click=State.switch),
            ),
            menu_item(t("alerts.delete"), icon_name="trash-2", on_click=State.ask_delete),
            name="alert-more",
            label=t("ui.more"),
            class_name="o-iconbtn",
        ),
        rx.cond(State.alert["own"].to(str) != "", link_button(t("ui.edit"), href=edit, icon_name="pencil")),
        rx.cond(
            State.alert["paused"].to(str) == "",
            button(
                rx.cond(State.busy, t("alerts.evaluating"), t("alerts.evaluate")),
                kind="primary",
                icon_name="refresh-cw",
                on_click=State.evaluate,
            ),
        ),
    )


def _course() -> rx.Component:
    return tile(
        rx.cond(
            State.figure.length() > 0,
            plot(State.figure, sentence=State.sentence),
            empty(
                t("alerts.no_course"),
                rx.cond(State.alert["own"].to(str) != "", t("alerts.no_course_text"), t("alerts.not_yours_text")),
            ),
        ),
        title=rx.cond(State.groups.length() > 0, t("alerts.course_worst"), t("alerts.course_title")),
        sub=State.sentence,
        span=8,
        source=source_line(State.alert["source"].to(str), State.alert["last"].to(str)),
    )


def _facts() -> rx.Component:
    rows: list[tuple[Any, Any]] = [
        (t("alerts.value"), State.alert["value"].to(str)),
        (t("alerts.fires"), State.alert["condition"].to(str)),
        (t("alerts.since"), State.alert["since"].to(str)),
        (t("alerts.last"), State.alert["last"].to(str)),
        (t("alerts.next"), State.alert["next"].to(str)),
        (t("alerts.schedule"), State.alert["schedule"].to(str)),
    ]
    return tile(
        facts(rows),
        rx.cond(State.alert["reason"].to(str) != "", rx.el.p(State.alert["reason"].to(str), class_name="t2")),
        rx.cond(
            State.alert["silenced"].to(str) != "",
            rx.el.p(t("alerts.silenced_until", time=State.alert["silenced"].to(str)), class_name="t2"),
        ),
        rx.cond(
            State.received["by"].to(str) != "",
            rx.el.p(t("alerts.looked_after_by", name=State.received["by"].to(str)), class_name="t2"),
        ),
        title=t("alerts.facts"),
        span=4,
    )


def _groups() -> rx.Component:
    columns = (
        Column(key="key", label=t("alerts.group")),
        Column(key="state", label=t("alerts.state"), render=lambda row: state_badge(row["state"].to(str), states())),
        Column(key="value", label=t("alerts.value"), numeric=True),
        Column(key="since", label=t("alerts.since")),
        Column(key="by", label=t("alerts.looked_after")),
    )
    return rx.cond(
        State.groups.length() > 0,
        tile(data_table(columns, State.groups, name=t("alerts.groups")), title=t("alerts.groups"), padded=False),
    )


def _history() -> rx.Component:
    columns = (
        Column(key="at", label=t("alerts.at")),
        Column(key="what", label=t("alerts.what")),
        Column(key="group", label=t("alerts.group")),
        Column(key="value", label=t("alerts.value"), numeric=True),
        Column(key="notice", label=t("alerts.told_column")),
        Column(key="why", label=t("alerts.who_why")),
    )
    return tile(
        rx.cond(
            State.entries.length() > 0,
            data_table(columns, State.entries, name=t("alerts.history")),
            empty(t("alerts.no_history"), t("alerts.no_history_text")),
        ),
        title=t("alerts.history"),
        padded=False,
    )


def _sent() -> rx.Component:
    outcomes = {
        "waiting": (t("deliveries.outcome.waiting"), "info", "clock"),
        "sent": (t("deliveries.outcome.sent"), "ok", "check"),
        "refused": (t("deliveries.outcome.refused"), "warning", "ban"),
        "failed": (t("deliveries.outcome.failed"), "danger", "circle-alert"),
    }
    columns = (
        Column(key="at", label=t("alerts.at")),
        Column(key="to", label=t("deliveries.recipient")),
        Column(key="kind", label=t("alerts.told_column")),
        Column(
            key="state", label=t("deliveries.outcome"), render=lambda row: state_badge(row["state"].to(str), outcomes)
        ),
        Column(key="why", label=t("deliveries.reason")),
    )
    return rx.cond(
        State.sent.length() > 0,
        tile(data_table(columns, State.sent, name=t("alerts.sent")), title=t("alerts.sent"), padded=False),
    )


def _told() -> rx.Component:
    def said(row: Any) -> rx.Component:
        return rx.el.div(
            rx.el.span(row["title"].to(str), class_name="main"),
            rx.el.p(row["text"].to(str), class_name="t2 prewrap"),
        )

    columns = (
        Column(key="title", label=t("alerts.message"), render=said),
        Column(key="at", label=t("alerts.at")),
    )
    return tile(data_table(columns, State.notices, name=t("alerts.told_you")), title=t("alerts.told_you"), padded=False)


def _dialogs(title: rx.Var[str]) -> list[Any]:
    return [
        dialog(
            rx.el.form(
                field(t("alerts.note"), name="note", hint=t("alerts.note_hint"), max_length=500),
                dialog_actions(
                    button(t("ui.cancel"), on_click=State.close),
                    button(t("alerts.acknowledge"), kind="primary", type="submit"),
                ),
                on_submit=State.acknowledge,
                class_name="o-form",
            ),
            name="acknowledge-alert",
            title=t("alerts.acknowledge"),
            shown=State.acknowledging,
            on_dismiss=State.close,
        ),
        typed_confirmation(
            rx.el.p(t("alerts.delete_loses"), class_name="t2"),
            name="delete-alert",
            title=t("alerts.delete_ask", title=title),
            word=title,
            confirm=t("alerts.delete"),
            keep=t("ui.cancel"),
            shown=State.deleting,
            on_dismiss=State.close,
            on_submit=State.delete,
        ),
    ]
