"""A timeline: dot, text, time at the right."""

from __future__ import annotations

import reflex as rx


def timeline(items: rx.Var[list[dict[str, str]]]) -> rx.Component:
    """Return the entries ``{"text", "time"}`` one below the other."""
    return rx.el.ol(
        rx.foreach(items, lambda one: rx.el.li(rx.el.span(one["text"]), rx.el.time(one["time"]))), class_name="o-tl"
    )
