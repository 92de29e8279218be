"""A customer's keys, and what was called with them."""

from __future__ import annotations

import reflex as rx

from omni_app.frame import portal
from omni_app.pages.console.keys import ON_LOAD as KEYS_ON_LOAD
from omni_app.pages.console.keys import content
from omni_app.pages.portal.usage import usage
from state.usage.page import UsageState

ON_LOAD = (*KEYS_ON_LOAD, UsageState.load)


def page() -> rx.Component:
    """Return the customer's page of keys and usage."""
    return portal(*content(usage(), title="portal.keys"), name="portal.keys")
