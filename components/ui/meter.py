"""Meters and progress: six pixels high, the number always in text as well."""

from __future__ import annotations

from typing import Literal

import reflex as rx


def meter(
    percent: rx.Var[int] | rx.Var[float], *, name: rx.Var[str] | str, tone: rx.Var[str] | Literal["", "w", "d"] = ""
) -> rx.Component:
    """Return a bar filled to ``percent`` (0 to 100) named for screen readers."""
    return rx.el.span(
        rx.el.i(style={"width": f"{percent}%"}),
        class_name=f"o-meter {tone}",
        role="progressbar",
        custom_attrs={"aria-label": name, "aria-valuenow": percent, "aria-valuemin": 0, "aria-valuemax": 100},
    )
