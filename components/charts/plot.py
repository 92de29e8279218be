"""A Plotly figure without a colour in it: the template gives both colour modes."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import reflex as rx
from reflex.style import resolved_color_mode

TEMPLATES = Path(__file__).with_name("templates.json")
CONFIG = {"displayModeBar": False, "responsive": True, "scrollZoom": False, "doubleClick": False, "showTips": False}


@lru_cache(maxsize=1)
def templates() -> dict[str, dict[str, Any]]:
    """Return the Plotly templates ``light`` and ``dark``."""
    found: dict[str, dict[str, Any]] = json.loads(TEMPLATES.read_text(encoding="utf-8"))
    return found


def plot(figure: Any, *, sentence: rx.Var[str], layout: Any = None, on_click: Any = None) -> rx.Component:
    """Return the figure (a ``{"data", "layout"}`` dict variable) as an image with ``sentence`` as its description.

    Usage: ``plot(State.figure, sentence=State.accessible)``. ``layout`` is merged over the figure's own.
    """
    from plotly.graph_objs import Figure  # noqa: PLC0415 - heavy, only needed while the front end is compiled
    from plotly.graph_objs.layout import Template  # noqa: PLC0415

    template = rx.cond(
        resolved_color_mode == "dark", rx.Var.create(templates()["dark"]), rx.Var.create(templates()["light"])
    )
    extra = {} if layout is None else {"layout": layout}
    if on_click is not None:
        extra["on_click"] = on_click
    return rx.el.figure(
        rx.el.div(
            rx.plotly.basic(
                data=figure.to(Figure),
                template=template.to(Template),
                config=CONFIG,
                class_name="o-plot",
                width="100%",
                **extra,
            ),
            role="img",
            custom_attrs={"aria-label": sentence},
        ),
        class_name="o-chart",
    )
