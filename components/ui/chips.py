"""Chips of the builder: what was understood, each opens its own list."""

from __future__ import annotations

from typing import Any

import reflex as rx

Words = rx.Var[str] | str


def chip(name: Words, value: Words, *, unknown: rx.Var[bool] | None = None, **props: Any) -> rx.Component:
    """Return a chip that can be changed; an unknown value is dashed amber."""
    style = "o-chip" if unknown is None else rx.cond(unknown, "o-chip ask", "o-chip")
    return rx.el.button(rx.el.span(name), rx.el.b(value), type="button", class_name=style, **props)


def fixed_chip(name: Words, value: Words) -> rx.Component:
    """Return a chip that only tells."""
    return rx.el.span(rx.el.span(name), rx.el.b(value), class_name="o-chip fixed")


def chips(*items: Any) -> rx.Component:
    """Return chips in a row that wraps."""
    return rx.el.div(*items, class_name="o-chips")
