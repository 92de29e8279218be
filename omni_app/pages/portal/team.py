"""A customer's team."""

from __future__ import annotations

import reflex as rx

from omni_app.frame import portal
from omni_app.pages.console.people import ON_LOAD, content

__all__ = ["ON_LOAD", "page"]


def page() -> rx.Component:
    """Return the customer's page of people."""
    return portal(*content("/portal/team", title="portal.team"), name="portal.team")
