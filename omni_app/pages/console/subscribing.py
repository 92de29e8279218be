"""What opens the form of a subscription on the page of a dashboard, and the form, for that page and for deliveries."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.text import t
from components.ui.button import button
from components.ui.dialog import dialog, dialog_actions
from components.ui.field import checkbox, error_summary, field, select_field
from components.ui.menu import command, divider, menu, menu_item
from omni_app.frame import may
from omni_app.pages.console import choosing
from state.deliveries.form import DAYS
from state.deliveries.subscribing import SubscribingState as State

ON_LOAD = (State.close,)
FORM = "subscription-form"
FORMATS = ("pdf", "png", "csv", "xlsx")
KINDS = ("daily", "weekdays", "weekly", "monthly", "cron")


def buttons() -> list[Any]:
    """Return what opens the form."""
    return [
        rx.cond(
            may(Permission.DASHBOARDS_SUBSCRIPTION_WRITE),
            button(t("deliveries.subscribe"), icon_name="send", on_click=State.open),
        ),
        menu(
            menu_item(t("deliveries.format.pdf"), icon_name="file-text", on_click=State.download("pdf")),
            menu_item(t("deliveries.format.png"), icon_name="image", on_click=State.download("png")),
            name="download-dashboard",
            label=t("deliveries.download"),
            icon_name="download",
            class_name="o-iconbtn",
        ),
    ]


def tile_commands(tile_id: Any) -> list[Any]:
    """Return the entry of a tile's menu that subscribes to it."""
    entry = command(t("deliveries.subscribe_tile"), icon_name="send", on_click=State.open_for(tile_id))
    return [divider(), rx.cond(may(Permission.DASHBOARDS_SUBSCRIPTION_WRITE), entry)]


def dialogs() -> list[Any]:
    """Return the form; people and filters have forms of their own in it, so the button that saves stands outside."""
    changes = State.editing != ""
    return [
        dialog(
            rx.cond(
                State.opened,
                rx.fragment(
                    error_summary(State.problems),
                    rx.el.form(*_what(), *_when(), *_to(), id=FORM, on_submit=State.save, class_name="o-form two"),
                    rx.cond(State.channel != "webhook", choosing.recipients(State)),
                    choosing.filters(State, nothing=t("deliveries.no_filters")),
                    dialog_actions(
                        button(t("ui.cancel"), on_click=State.close),
                        button(
                            rx.cond(changes, t("ui.save"), t("deliveries.subscribe")),
                            kind="primary",
                            type="submit",
                            form=FORM,
                        ),
                    ),
                ),
            ),
            name="subscribe",
            title=rx.cond(
                changes, t("deliveries.edit_which", title=State.values["title"]), t("deliveries.subscribe_title")
            ),
            shown=State.opened,
            on_dismiss=State.close,
            wide=True,
        )
    ]


def _what() -> list[Any]:
    formats = [(name, t(f"deliveries.format.{name}")) for name in FORMATS]
    return [
        field(t("deliveries.name"), name="title", default_value=State.values["title"], required=True, max_length=120),
        select_field(
            t("deliveries.what"),
            name="tile",
            options=State.tiles,
            value=State.values["tile"],
            hint=t("deliveries.what_hint"),
        ),
        select_field(t("deliveries.format"), name="format", options=formats, value=State.values["format"]),
        select_field(t("dashboards.period"), name="period", options=State.periods, value=State.values["period"]),
    ]


def _when() -> list[Any]:
    kinds = [(name, t(f"deliveries.kind.{name}")) for name in KINDS]
    dates = [*[(str(day), str(day)) for day in range(1, 29)], ("0", t("deliveries.last_day"))]
    whens = [(name, t(f"deliveries.when.{name}")) for name in ("always", "changed", "not_empty")]
    expression = field(
        t("deliveries.expression"),
        name="expression",
        hint=t("deliveries.expression_hint"),
        default_value=State.values["expression"],
        required=True,
    )
    return [
        select_field(
            t("deliveries.schedule"), name="kind", options=kinds, value=State.kind, on_change=State.choose_kind
        ),
        rx.match(
            State.kind,
            ("weekly", _days()),
            (
                "monthly",
                select_field(t("deliveries.date"), name="date", options=dates, value=State.values["date"]),
            ),
            ("cron", expression),
            rx.fragment(),
        ),
        rx.cond(
            State.kind != "cron",
            field(t("deliveries.at"), name="at", kind="time", default_value=State.values["at"], required=True),
        ),
        field(
            t("deliveries.time_zone"),
            name="time_zone",
            hint=t("deliveries.time_zone_hint"),
            default_value=State.values["time_zone"],
            required=True,
        ),
        select_field(t("deliveries.send_when"), name="send_when", options=whens, value=State.values["send_when"]),
    ]


def _days() -> rx.Component:
    ticked = State.values["days"]
    return rx.el.fieldset(
        rx.el.legend(t("deliveries.day")),
        rx.el.div(
            *[
                checkbox(t(f"deliveries.day.{day}"), name=f"day-{day}", default_checked=ticked.contains(day))
                for day in DAYS
            ],
            class_name="o-form two",
        ),
        class_name="o-boxes all",
    )


def _to() -> list[Any]:
    channels = [(name, t(f"deliveries.channel.{name}")) for name in ("mail", "inbox", "webhook")]
    outside = may(Permission.DASHBOARDS_SUBSCRIPTION_OUTSIDE) | (State.values["addresses"] != "")
    return [
        select_field(
            t("deliveries.channel"),
            name="channel",
            options=channels,
            value=State.channel,
            on_change=State.choose_channel,
        ),
        rx.cond(
            State.channel == "webhook",
            rx.cond(
                State.webhooks.length() > 0,
                select_field(
                    t("deliveries.webhook"), name="webhook", options=State.webhooks, value=State.values["webhook"]
                ),
                rx.el.p(t("deliveries.no_webhook"), class_name="t2"),
            ),
        ),
        rx.cond(
            outside & (State.channel == "mail"),
            field(
                t("deliveries.addresses"),
                name="addresses",
                hint=t("deliveries.addresses_hint"),
                default_value=State.values["addresses"],
            ),
        ),
    ]
