"""Menus: the browser's own popover beside its button; Esc and a click outside close it."""

from __future__ import annotations

from typing import Any, Literal

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
    role: Literal["group", "menu"] = "group",
) -> rx.Component:
    """Return a button and the list it opens. ``name`` is unique on the page; ``trigger`` is the button's content.

    A ``menu`` holds entries of ``command`` and ``command_link`` only: the first gets the focus, arrows, Home, End and
    letters walk, Tab and Esc leave. Other content, such as forms and headings, is a ``group``.
    """
    content = [trigger] if trigger is not None else [icon(icon_name), hidden(label)]
    return rx.fragment(
        rx.el.button(
            *content,
            type="button",
            class_name=class_name,
            custom_attrs={"popoverTarget": name, "aria-haspopup": "menu" if role == "menu" else "true"},
        ),
        rx.el.div(
            *items, id=name, class_name="o-menu", role=role, custom_attrs={"popover": "auto", "aria-label": label}
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


def command(label: Words, *, icon_name: str, key: str = "", **props: Any) -> rx.Component:
    """Return an entry of a ``menu`` that does something."""
    return menu_item(label, icon_name=icon_name, key=key, role="menuitem", tab_index=-1, **props)


def command_link(label: Words, *, href: rx.Var[str] | str, icon_name: str, outside: bool = False) -> rx.Component:
    """Return an entry of a ``menu`` that leads somewhere; ``outside`` for downloads."""
    return menu_link(label, href=href, icon_name=icon_name, outside=outside, role="menuitem", tab_index=-1)


def divider() -> rx.Component:
    """Return the line between two kinds of entries."""
    return rx.el.div(role="separator", class_name="o-rule")


def menu_link(
    label: Words, *, href: rx.Var[str] | str, icon_name: str, outside: bool = False, **props: Any
) -> rx.Component:
    """Return an entry that leads somewhere; ``outside`` for downloads."""
    make = outside_link if outside else link
    return make(icon(icon_name), label, href=href, custom_attrs={"data-menu-item": "true"}, **props)
