"""Icons from lucide, beside words; never alone without a name."""

from __future__ import annotations

import reflex as rx


def icon(name: str, *, size: int = 16) -> rx.Component:
    """Return a decorative icon of the lucide set.

    Usage: ``icon("database")``. The words beside it carry the meaning, so it is hidden from readers.
    """
    return rx.icon(name, size=size, stroke_width=1.75, class_name="ic", custom_attrs={"aria-hidden": "true"})


def brand_mark() -> rx.Component:
    """Return the product's mark, drawn in the accent colour."""
    return rx.el.svg(
        rx.el.circle(
            cx="12",
            cy="12",
            r="9",
            fill="none",
            stroke="currentColor",
            stroke_width="2.5",
            custom_attrs={"strokeDasharray": "44 12.55", "transform": "rotate(32 12 12)"},
        ),
        rx.el.circle(cx="12", cy="12", r="3.4", fill="currentColor"),
        view_box="0 0 24 24",
        class_name="o-mark",
        custom_attrs={"aria-hidden": "true"},
    )


def hidden(text: rx.Var[str] | str) -> rx.Component:
    """Return text for screen readers only."""
    return rx.el.span(text, class_name="vh")
