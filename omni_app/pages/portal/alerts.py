"""The alerts that tell a customer's member, and what they said."""

from __future__ import annotations

import reflex as rx

from components.text import t
from components.ui.page import grid, page_header
from omni_app.frame import portal
from omni_app.pages.console.alerts import notices, received
from state.alerts.page import ReceivedAlertsState as Received

ON_LOAD = (Received.load,)


def page() -> rx.Component:
    """Return what alerts tell the reader."""
    return portal(
        page_header(t("alerts.title"), lead=t("alerts.portal_lead")),
        grid(received(), rx.cond(Received.notices.length() > 0, notices())),
        name="portal.alerts",
    )
