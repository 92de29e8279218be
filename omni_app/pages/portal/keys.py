"""A customer's keys."""

from __future__ import annotations

import reflex as rx

from omni_app.frame import portal
from omni_app.pages.console.keys import ON_LOAD, content

__all__ = ["ON_LOAD", "page"]


def page() -> rx.Component:
    """Return the customer's page of keys."""
    return portal(*content(), name="portal.keys")
