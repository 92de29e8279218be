"""The inbox: files that subscriptions delivered to the reader, for console and portal."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.tables import Column, listing
from components.text import t
from components.ui.badge import state_badge
from components.ui.link import outside_link
from components.ui.page import page_header
from components.ui.states import empty
from omni_app.frame import console
from state.deliveries.inbox import InboxState as State

ON_LOAD = (State.load,)


def page() -> rx.Component:
    """Return the inbox."""
    return console(*content(), name="console.inbox")


def content() -> list[Any]:
    """Return what console and portal share."""
    states = {"new": (t("deliveries.new"), "accent", "mail"), "read": (t("deliveries.read"), "neutral", "mail-open")}

    def file(row: Any) -> rx.Component:
        return outside_link(row["file"].to(str), href=row["href"].to(str), class_name="main")

    columns = (
        Column(key="title", label=t("deliveries.name")),
        Column(key="file", label=t("deliveries.file"), render=file),
        Column(key="size", label=t("deliveries.size"), numeric=True),
        Column(key="state", label=t("deliveries.state"), render=lambda row: state_badge(row["state"].to(str), states)),
        Column(key="created", label=t("deliveries.delivered")),
        Column(key="expires", label=t("deliveries.kept_until")),
    )
    return [
        page_header(t("deliveries.inbox"), lead=t("deliveries.inbox_lead")),
        listing(
            columns,
            State,
            name=t("deliveries.inbox"),
            nothing=empty(t("deliveries.inbox_none"), t("deliveries.inbox_none_text")),
        ),
    ]
