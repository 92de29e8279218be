"""The form of an alert: what is watched, when it fires, how often, whom it tells, and how it would have done."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.charts.plot import plot
from components.shell import Crumb
from components.text import t
from components.ui.button import button, link_button
from components.ui.field import error_summary, field, select_field
from components.ui.page import grid, page_header, tile
from components.ui.states import skeleton
from omni_app.frame import console, may
from omni_app.pages.console import choosing
from omni_app.pages.missing import missing
from state.alerts.editing import AlertFormState as State
from state.alerts.form import DAILY, EVERY, KINDS, OWN, PERIODS

ON_LOAD = (State.load,)
NO_DATA = ("no_data", "ok", "firing", "keep")


def page() -> rx.Component:
    """Return the form of a new or changed alert."""
    title = rx.cond(State.is_new, t("alerts.new"), t("alerts.edit"))
    content = rx.fragment(
        page_header(
            title,
            link_button(t("ui.cancel"), href="/alerts"),
            button(t("alerts.save"), kind="primary", icon_name="check", on_click=State.save),
        ),
        error_summary(State.problems),
        grid(
            tile(
                rx.el.div(
                    _text("title", t("alerts.name"), max_length=120),
                    rx.cond(State.is_tile, rx.el.p(t("alerts.of_tile"), class_name="t2"), _watched()),
                    class_name="o-form two",
                ),
                rx.cond(
                    State.is_tile | (State.form["kind"] == "stale"),
                    rx.fragment(),
                    choosing.filters(State, nothing=t("alerts.no_filters")),
                ),
                title=t("alerts.what_watched"),
            ),
            tile(rx.el.div(*_condition(), class_name="o-form two"), title=t("alerts.fires")),
            tile(rx.el.div(*_when(), class_name="o-form two"), title=t("alerts.schedule"), span=6),
            tile(
                rx.el.div(*_to(), class_name="o-form two"),
                choosing.recipients(State),
                title=t("alerts.recipients"),
                span=6,
            ),
            _tried(),
        ),
    )
    return console(
        rx.cond(
            State.missing, missing(), rx.cond(State.loaded, content, rx.fragment(rx.el.h1(t("alerts.new")), skeleton()))
        ),
        name="console.alert_edit",
        crumbs=[Crumb(label=title)],
    )


def _text(name: str, label: Any, **props: Any) -> rx.Component:
    return field(
        label,
        name=f"alert-{name}",
        default_value=State.form[name],
        key=f"{name}-" + State.form["dataset"],
        on_blur=lambda value: State.change(name, value),
        **props,
    )


def _choice(name: str, label: Any, options: Any, **props: Any) -> rx.Component:
    return select_field(
        label,
        name=f"alert-{name}",
        options=options,
        value=State.form[name],
        on_change=lambda value: State.change(name, value),
        **props,
    )


def _watched() -> rx.Component:
    periods = [(name, t(f"alerts.period.{name}")) for name in (*PERIODS, OWN)]
    return rx.fragment(
        _choice("dataset", t("datasets.one"), State.datasets),
        rx.cond(
            (State.form["kind"] == "missing") | (State.form["kind"] == "stale"),
            rx.fragment(),
            _choice("measure", t("datasets.measure"), State.measures),
        ),
        rx.cond(
            State.form["kind"] == "stale",
            rx.fragment(),
            rx.fragment(
                _choice("period", t("dashboards.period"), [("", t("edit.whole_time")), *periods]),
                _choice("group", t("alerts.by_group"), State.groups, hint=t("alerts.by_group_hint")),
            ),
        ),
    )


def _condition() -> list[Any]:
    kind = State.form["kind"]
    bound = _text("value", t("alerts.bound"), input_mode="decimal")
    margin = _text("margin", t("alerts.margin"), hint=t("alerts.margin_hint"), input_mode="decimal")
    units = [(one, t(f"alerts.unit.{one}")) for one in ("percent", "absolute")]
    againsts = [(one, t(f"alerts.against.{one}")) for one in ("previous", "week", "year")]
    change = rx.fragment(
        _text("by", t("alerts.by"), input_mode="decimal"),
        _choice("unit", t("alerts.unit"), units),
        _choice("against", t("alerts.compared_with"), againsts),
        margin,
    )
    return [
        _choice("kind", t("alerts.condition"), [(one, t(f"alerts.kind.{one}")) for one in KINDS]),
        rx.match(
            kind,
            ("above", rx.fragment(bound, margin)),
            ("below", rx.fragment(bound, margin)),
            ("outside", rx.fragment(_text("lower", t("alerts.lower"), input_mode="decimal"), bound, margin)),
            ("missing", rx.fragment()),
            ("stale", _text("hours", t("alerts.stale_hours"), input_mode="numeric")),
            change,
        ),
        _text("for", t("alerts.for"), hint=t("alerts.for_hint"), input_mode="numeric"),
        _choice("no_data", t("alerts.if_no_data"), [(one, t(f"alerts.if_no_data.{one}")) for one in NO_DATA]),
    ]


def _when() -> list[Any]:
    every = [(one, t(f"alerts.each.{one}")) for one in (*EVERY, DAILY, OWN)]
    return [
        _choice("every", t("alerts.looks"), every),
        rx.cond(State.form["every"] == DAILY, _text("at", t("deliveries.at"), kind="time")),
        _choice("new_data", t("alerts.on_new_data"), [("yes", t("ui.yes")), ("", t("ui.no"))]),
        _text("time_zone", t("deliveries.time_zone")),
        _text("reminder", t("alerts.reminder"), hint=t("alerts.reminder_hint"), input_mode="numeric"),
    ]


def _to() -> list[Any]:
    return [
        _choice("mail", t("alerts.by_mail"), [("yes", t("ui.yes")), ("", t("ui.no"))]),
        rx.cond(
            may(Permission.DASHBOARDS_SUBSCRIPTION_OUTSIDE) & may(Permission.KERNEL_WEBHOOK_READ),
            _choice("webhook", t("alerts.webhook"), State.webhooks, hint=t("alerts.webhook_hint")),
        ),
        _text("message", t("alerts.own_message"), hint=t("alerts.own_message_hint"), max_length=1000),
    ]


def _tried() -> rx.Component:
    return tile(
        rx.el.div(
            button(
                rx.cond(State.trying, t("alerts.trying"), t("alerts.try")),
                icon_name="history",
                on_click=State.try_out,
            ),
            rx.el.p(State.tried, class_name="main", role="status"),
        ),
        rx.cond(
            (State.tried != "") & (State.tried_figure.length() > 0),
            plot(State.tried_figure, sentence=State.tried_sentence),
        ),
        title=t("alerts.try_title"),
        sub=t("alerts.try_text"),
    )
