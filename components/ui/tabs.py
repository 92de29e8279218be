"""Tabs: links, each with an address of its own."""

from __future__ import annotations

import reflex as rx

from components.ui.link import link

Words = rx.Var[str] | str


def tabs(current: rx.Var[str] | str, items: list[tuple[str, Words, rx.Var[str] | str]], *, name: Words) -> rx.Component:
    """Return tabs from ``(value, label, href)``; the one whose value is ``current`` is marked."""
    return rx.el.nav(
        *[
            link(label, href=href, custom_attrs={"aria-current": rx.cond(current == value, "page", "false")})
            for value, label, href in items
        ],
        class_name="o-tabs",
        custom_attrs={"aria-label": name},
    )
