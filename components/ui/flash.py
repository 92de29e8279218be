"""Messages at the bottom right: driven by state, compiled, no eval."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.text import t
from components.ui.button import icon_button
from components.ui.icon import icon


def flash_host(flashes: rx.Var[list[dict[str, str]]], on_dismiss: Any) -> rx.Component:
    """Return the place where messages appear.

    Each is ``{"id", "tone", "text", "code"}``; tone ``ok`` leaves after six seconds (``omni.js`` presses its button,
    not while it is hovered or focused), ``error`` stays.
    """

    def one(flash: rx.Var[dict[str, str]]) -> rx.Component:
        failed = flash["tone"] == "error"
        return rx.el.div(
            rx.cond(
                failed, rx.el.span(icon("circle-alert"), class_name="bad"), rx.el.span(icon("check"), class_name="good")
            ),
            rx.el.span(
                flash["text"],
                rx.cond(flash["code"] != "", rx.el.small(flash["code"], class_name="mut mono")),
                class_name="tx",
            ),
            icon_button(
                "x",
                t("ui.dismiss"),
                small=True,
                on_click=on_dismiss(flash["id"]),
                custom_attrs={"data-flash-close": "true"},
            ),
            key=flash["id"],
            class_name=rx.cond(failed, "o-flash err", "o-flash"),
            role=rx.cond(failed, "alert", "status"),
            custom_attrs={"data-flash": flash["tone"]},
        )

    return rx.el.div(rx.foreach(flashes, one), class_name="o-flashes")
