"""Buttons: verb and object, one primary in a view."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx

from components.ui.icon import hidden, icon
from components.ui.link import link, outside_link

Kind = Literal["plain", "primary", "quiet", "danger", "danger-solid"]
KINDS: dict[Kind, str] = {
    "plain": "o-btn",
    "primary": "o-btn pri",
    "quiet": "o-btn quiet",
    "danger": "o-btn dan",
    "danger-solid": "o-btn dan solid",
}


def classes(kind: Kind, *, small: bool = False) -> str:
    """Return the class names of a button of this kind."""
    return KINDS[kind] + (" sm" if small else "")


def button(
    label: rx.Var[str] | str,
    *,
    kind: Kind = "plain",
    icon_name: str = "",
    small: bool = False,
    disabled: rx.Var[bool] | None = None,
    busy: rx.Var[bool] | None = None,
    **props: Any,
) -> rx.Component:
    """Return a button.

    A disabled one stays reachable by keyboard (``aria-disabled``; ``omni.js`` swallows its clicks), a busy one keeps
    its label and width and turns a wheel.

    Usage: ``button(t("datasets.upload"), kind="primary", icon_name="upload", on_click=State.open_upload)``.
    """
    props.setdefault("type", "button")
    blocked = _either(disabled, busy)
    attributes = dict(props.pop("custom_attrs", {}))
    if blocked is not None:
        attributes["aria-disabled"] = rx.cond(blocked, "true", "false")
    if busy is not None:
        attributes["aria-busy"] = rx.cond(busy, "true", "false")
    return rx.el.button(
        *([rx.el.span(class_name="o-wheel")] if busy is not None else []),
        *([icon(icon_name)] if icon_name else []),
        label,
        class_name=classes(kind, small=small),
        custom_attrs=attributes,
        **props,
    )


def link_button(
    label: rx.Var[str] | str,
    *,
    href: rx.Var[str] | str,
    kind: Kind = "plain",
    icon_name: str = "",
    small: bool = False,
    outside: bool = False,
    **props: Any,
) -> rx.Component:
    """Return a link that looks like a button; ``outside`` for downloads and whole page loads."""
    make = outside_link if outside else link
    return make(
        *([icon(icon_name)] if icon_name else []), label, href=href, class_name=classes(kind, small=small), **props
    )


def icon_button(
    icon_name: str, name: rx.Var[str] | str, *, small: bool = False, class_name: str = "", **props: Any
) -> rx.Component:
    """Return a square button with an icon and an accessible name."""
    props.setdefault("type", "button")
    return rx.el.button(
        icon(icon_name),
        hidden(name),
        class_name=f"o-iconbtn{' sm' if small else ''} {class_name}".strip(),
        title=name,
        **props,
    )


def _either(one: rx.Var[bool] | None, other: rx.Var[bool] | None) -> rx.Var[bool] | None:
    if one is None or other is None:
        return one if other is None else other
    return one | other
