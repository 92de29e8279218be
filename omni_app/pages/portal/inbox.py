"""A customer's inbox."""

from __future__ import annotations

import reflex as rx

from omni_app.frame import portal
from omni_app.pages.console.inbox import content
from state.deliveries.inbox import InboxState as State

ON_LOAD = (State.load,)


def page() -> rx.Component:
    """Return the inbox of a customer's member."""
    return portal(*content(), name="portal.inbox")
