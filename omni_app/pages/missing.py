"""What stands in place of a page or an object that is not there, or not the reader's."""

from __future__ import annotations

import reflex as rx

from components.text import t
from components.ui.button import link_button
from components.ui.states import empty
from omni_app.frame import open_page


def missing() -> rx.Component:
    """Return the way out of an address that leads nowhere."""
    return rx.fragment(
        rx.el.h1(t("ui.not_found"), class_name="vh"),
        empty(t("ui.not_found"), t("ui.not_found_text"), link_button(t("ui.to_home"), href="/")),
    )


def missing_page() -> rx.Component:
    """Return the whole page at an address that is none of ours, signed in or not."""
    return open_page(
        rx.el.div(
            rx.el.h1(t("ui.not_found")),
            rx.el.p(t("ui.not_found_text"), class_name="t2"),
            rx.el.div(link_button(t("ui.to_home"), href="/", kind="primary", outside=True), class_name="row gap"),
        ),
        aside=[],
    )
