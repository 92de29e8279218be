"""Code to copy, and the key that is shown once."""

from __future__ import annotations

import reflex as rx

from components.text import t
from components.ui.icon import icon

Words = rx.Var[str] | str


def copy_button(value: Words, *, small: bool = True) -> rx.Component:
    """Return a button that copies ``value``; its label says so for two seconds and is announced."""
    return rx.el.button(
        icon("copy"),
        rx.el.span(t("ui.copy"), class_name="off"),
        rx.el.span(t("ui.copied"), class_name="on", role="status"),
        type="button",
        class_name="o-btn quiet sm o-copy" if small else "o-btn o-copy",
        custom_attrs={"data-copy": value},
    )


def code_block(code: Words, *, title: Words) -> rx.Component:
    """Return code with its language or title, a copy button, and scrolling inside."""
    return rx.el.div(
        rx.el.div(rx.el.span(title), rx.el.span(class_name="sp"), copy_button(code)),
        rx.el.pre(rx.el.code(code), tab_index=0, role="region", custom_attrs={"aria-label": title}),
        class_name="o-code",
    )


def key_once(key: rx.Var[str]) -> rx.Component:
    """Return a secret in a dashed box; leaving the page while it is shown asks first."""
    return rx.el.div(
        rx.el.p(t("ui.key_once"), class_name="t2"),
        rx.el.div(rx.el.code(key), copy_button(key, small=False), class_name="o-key"),
        class_name="col6",
        custom_attrs={"data-leave-guard": "true"},
    )
