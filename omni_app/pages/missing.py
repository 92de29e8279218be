"""What stands in place of an object that is not there, or not the reader's."""

from __future__ import annotations

import reflex as rx

from components.text import t
from components.ui.button import link_button
from components.ui.states import empty


def missing() -> rx.Component:
    """Return the way out of an address that leads nowhere."""
    return rx.fragment(
        rx.el.h1(t("ui.not_found"), class_name="vh"),
        empty(t("ui.not_found"), t("ui.not_found_text"), link_button(t("ui.to_home"), href="/")),
    )
