"""Menus: the browser's own popover beside its button; Esc and a click outside close it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.ui.icon import hidden, icon
from components.ui.link import link, outside_link

Words = rx.Var[str] | str


def menu(
    *items: Any,
    name: rx.Var[str] | str,
    label: Words,
    icon_name: str = "ellipsis",
    trigger: rx.Component | None = None,
    class_name: str = "o-iconbtn sm",
) -> rx.Component:
    """Return a button and the list it opens. ``name`` is unique on the page; ``trigger`` is the button's content."""
    content = [trigger] if trigger is not None else [icon(icon_name), hidden(label)]
    return rx.fragment(
        rx.el.button(
            *content,
            type="button",
            class_name=class_name,
            custom_attrs={"popoverTarget": name, "aria-haspopup": "true"},
        ),
        rx.el.div(
            *items, id=name, class_name="o-menu", role="group", custom_attrs={"popover": "auto", "aria-label": label}
        ),
    )


def menu_item(label: Words, *, icon_name: str, key: str = "", **props: Any) -> rx.Component:
    """Return an entry that does something; ``key`` shows the shortcut."""
    attributes = {"data-menu-item": "true", **props.pop("custom_attrs", {})}
    return rx.el.button(
        icon(icon_name),
        label,
        *([rx.el.span(key, class_name="k", custom_attrs={"aria-hidden": "true"})] if key else []),
        type="button",
        custom_attrs=attributes,
        **props,
    )


def menu_link(
    label: Words, *, href: rx.Var[str] | str, icon_name: str, outside: bool = False, **props: Any
) -> rx.Component:
    """Return an entry that leads somewhere; ``outside`` for downloads."""
    make = outside_link if outside else link
    return make(icon(icon_name), label, href=href, custom_attrs={"data-menu-item": "true"}, **props)
