"""One of a customer's dashboards."""

from __future__ import annotations

import reflex as rx

from omni_app.frame import portal
from omni_app.pages.console import comments, subscribing
from omni_app.pages.console.dashboard import ON_LOAD, content

__all__ = ["ON_LOAD", "page"]


def page() -> rx.Component:
    """Return the page of one dashboard in the portal."""
    return portal(
        *content(comments.comments_button(), *subscribing.buttons()),
        *subscribing.dialogs(),
        comments.comments_dialog(),
        name="portal.dashboard",
    )
