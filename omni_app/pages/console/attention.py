"""The list of what needs attention, on home."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.text import t
from components.ui.icon import icon
from components.ui.link import link
from components.ui.page import tile
from state.home.page import HomeState as State


def attention() -> rx.Component:
    """Return what needs attention, each leading to where it is mended; nothing where nothing does."""

    def one(item: Any) -> rx.Component:
        return rx.el.li(
            rx.el.span(icon("circle-alert"), class_name=rx.cond(item["tone"] == "da", "o-ico da", "o-ico wa")),
            rx.el.div(
                rx.el.strong(link(item["text"].to(str), href=item["href"].to(str), class_name="plain")),
                rx.el.span(item["detail"].to(str)),
                class_name="tx",
            ),
            key=item["id"].to(str),
        )

    return rx.cond(
        State.attention.length() > 0,
        tile(
            rx.el.ul(rx.foreach(State.attention, one), class_name="o-list"),
            title=t("attention.title"),
            padded=False,
        ),
    )
