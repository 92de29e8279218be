"""Home."""

from __future__ import annotations

import reflex as rx

from components.text import t
from components.ui.page import page_header
from omni_app.frame import console


def page() -> rx.Component:
    """Return the home page."""
    return console(page_header(t("home.title")), name="console.home")
