"""What a customer used, as figures: a part of home and of the page of keys."""

from __future__ import annotations

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.charts.tile import TileHandlers, figure_tile
from components.text import t
from components.ui.page import grid
from components.ui.states import skeleton
from omni_app.frame import may
from state.usage.page import UsageState as State


def usage() -> rx.Component:
    """Return the figures of the customer's calls, for readers who may see them."""
    handlers = TileHandlers(on_table=State.toggle_table)
    figures = rx.cond(
        State.tiles.length() > 0,
        grid(rx.foreach(State.tiles, lambda one: figure_tile(one, handlers))),
        skeleton(5),
    )
    return rx.cond(
        may(Permission.DATASETS_PLATFORM_READ),
        rx.el.section(
            rx.el.h2(t("portal.usage"), class_name="section"),
            figures,
            class_name="stack",
            custom_attrs={"aria-label": t("portal.usage")},
        ),
    )
