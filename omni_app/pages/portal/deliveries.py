"""A customer's subscriptions."""

from __future__ import annotations

import reflex as rx

from omni_app.frame import portal
from omni_app.pages.console.deliveries import ON_LOAD, content

__all__ = ["ON_LOAD", "page"]


def page() -> rx.Component:
    """Return what a customer's member subscribed to."""
    return portal(*content(before="/portal"), name="portal.deliveries")
