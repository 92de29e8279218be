"""The dialogs of a copied dataset: how and when it is copied again, and the history of that."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.tables import Column, data_table
from components.text import t
from components.ui.badge import state_badge
from components.ui.button import button
from components.ui.dialog import dialog, dialog_actions, keep_button
from components.ui.field import error_summary, field, select_field
from components.ui.states import note
from state.datasets.copy_schedule import CopyScheduleState as State

KINDS = ("manual", "every", "daily", "weekdays", "weekly", "monthly", "cron")


def dialogs() -> list[rx.Component]:
    """Return the form and the history."""
    return [
        dialog(
            rx.cond(State.opened, _form()),
            name="copy-schedule",
            title=t("copies.schedule"),
            shown=State.opened,
            on_dismiss=State.close,
        ),
        dialog(
            rx.cond(
                State.history.length() > 0,
                data_table(_columns(), State.history, name=t("copies.history")),
                rx.el.p(t("copies.no_history"), class_name="t2"),
            ),
            dialog_actions(keep_button(t("ui.close"))),
            name="copy-history",
            title=t("copies.history"),
            shown=State.history_opened,
            on_dismiss=State.close,
            wide=True,
        ),
    ]


def _form() -> rx.Component:
    return rx.fragment(
        error_summary(State.problems),
        rx.el.form(
            *_when(),
            *_what(),
            dialog_actions(
                button(t("ui.cancel"), on_click=State.close), button(t("ui.save"), kind="primary", type="submit")
            ),
            on_submit=State.save,
            class_name="o-form",
        ),
    )


def _when() -> list[Any]:
    kinds = [(name, t(f"copies.kind.{name}")) for name in KINDS]
    nothing = rx.fragment()
    at = field(t("deliveries.at"), name="at", kind="time", default_value=State.values["at"], required=True)
    zone = field(
        t("deliveries.time_zone"),
        name="time_zone",
        hint=t("deliveries.time_zone_hint"),
        default_value=State.values["time_zone"],
        required=True,
    )
    return [
        select_field(t("copies.when"), name="kind", options=kinds, value=State.kind, on_change=State.choose_kind),
        _which(),
        rx.match(State.kind, ("manual", nothing), ("every", nothing), ("cron", nothing), at),
        rx.match(State.kind, ("manual", nothing), ("every", nothing), zone),
    ]


def _which() -> rx.Component:
    """Return the field that a kind of schedule has for itself."""
    days = [(str(day), t(f"deliveries.day.{day}")) for day in range(1, 8)]
    dates = [*[(str(day), str(day)) for day in range(1, 29)], ("0", t("deliveries.last_day"))]
    hours = {"kind": "number", "min": "1", "max": "168", "required": True}
    week, month = State.values["day_of_week"], State.values["day_of_month"]
    expression = field(
        t("deliveries.expression"),
        name="expression",
        hint=t("deliveries.expression_hint"),
        default_value=State.values["expression"],
        required=True,
    )
    return rx.match(
        State.kind,
        ("every", field(t("copies.hours"), name="hours", default_value=State.values["hours"], **hours)),
        ("weekly", select_field(t("deliveries.day"), name="day_of_week", options=days, value=week)),
        ("monthly", select_field(t("deliveries.date"), name="day_of_month", options=dates, value=month)),
        ("cron", expression),
        rx.fragment(),
    )


def _what() -> list[Any]:
    modes = [(name, t(f"copies.mode.{name}")) for name in ("full", "incremental")]
    units = [("days", t("copies.unit.days")), ("hours", t("copies.unit.hours"))]
    unit = rx.cond(
        State.overlap_unit == "units",
        rx.fragment(),
        select_field(t("copies.unit"), name="overlap_unit", options=units, value=State.overlap_unit),
    )
    newer = rx.fragment(
        select_field(
            t("copies.cursor"),
            name="cursor",
            hint=t("copies.cursor_hint"),
            options=State.cursors,
            value=State.cursor,
            on_change=State.choose_cursor,
        ),
        rx.el.div(
            field(
                t("copies.overlap"),
                name="overlap",
                kind="number",
                min="0",
                default_value=State.overlap,
                key=State.cursor,
            ),
            unit,
            class_name="o-form two",
        ),
        rx.el.p(t("copies.overlap_hint"), class_name="t2 small"),
    )
    return [
        rx.cond(
            State.can_add,
            rx.fragment(
                select_field(
                    t("copies.what"), name="mode", options=modes, value=State.mode, on_change=State.choose_mode
                ),
                rx.cond(State.mode == "incremental", newer),
            ),
            note(t("copies.only_full")),
        )
    ]


def _columns() -> tuple[Column, ...]:
    states = {
        "running": (t("jobs.state.running"), "info", "loader-circle"),
        "succeeded": (t("jobs.state.succeeded"), "ok", "check"),
        "failed": (t("jobs.state.failed"), "danger", "x"),
    }

    def state(row: Any) -> rx.Component:
        return rx.el.span(
            state_badge(row["state"].to(str), states),
            rx.cond(row["problem"].to(str) != "", rx.el.p(row["problem"].to(str), class_name="mut small")),
        )

    return (
        Column(key="started", label=t("copies.started")),
        Column(key="by", label=t("copies.by")),
        Column(key="how", label=t("copies.how")),
        Column(key="read", label=t("copies.read"), numeric=True),
        Column(key="rows", label=t("datasets.rows"), numeric=True),
        Column(key="took", label=t("copies.took"), numeric=True),
        Column(key="state", label=t("datasets.state"), render=state),
    )
