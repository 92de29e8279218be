"""A customer's settings."""

from __future__ import annotations

import reflex as rx

from omni_app.frame import portal
from omni_app.pages.console.settings import ON_LOAD, content

__all__ = ["ON_LOAD", "page"]


def page() -> rx.Component:
    """Return the customer's settings."""
    return portal(*content("/portal/settings"), name="portal.settings")
