"""Fields: label above, hint, error between label and input, input."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_components_core.el.elements.base import BaseHTML

from components.text import t
from components.ui.icon import hidden, icon

Words = rx.Var[str] | str


class NativeForm(BaseHTML):
    """A form that the browser itself sends (Reflex's own form never does)."""

    tag = "form"


def native_form(*children: Any, action: str, **props: Any) -> rx.Component:
    """Return a form posted to ``action`` by the browser: sign-in, sign-out, anything that sets a cookie.

    After a refusal ``omni.js`` puts back what was typed, but no password.
    """
    return NativeForm.create(*children, custom_attrs={"action": action, "method": "post", "data-keep": action}, **props)


def field(
    label: Words,
    *,
    name: str,
    hint: Words | None = None,
    error: rx.Var[str] | None = None,
    kind: str = "text",
    control: rx.Component | None = None,
    **props: Any,
) -> rx.Component:
    """Return a labelled input with hint and error.

    Usage: ``field(t("keys.name"), name="name", error=State.errors["name"], required=True)``. ``control`` replaces the
    input by another control that carries ``id=name``.
    """
    described = " ".join(part for part in (f"{name}-hint" if hint is not None else "",) if part)
    attributes: dict[str, Any] = dict(props.pop("custom_attrs", {}))
    if error is not None:
        attributes["aria-invalid"] = rx.cond(error != "", "true", "false")
        described = f"{described} {name}-error".strip()
    if described:
        attributes["aria-describedby"] = described
    body = control or rx.el.input(id=name, name=name, type=kind, custom_attrs=attributes, **props)
    return rx.el.div(
        rx.el.label(label, html_for=name),
        *([rx.el.span(hint, class_name="hint", id=f"{name}-hint")] if hint is not None else []),
        *([_error(name, error)] if error is not None else []),
        body,
        class_name="o-field" if error is None else rx.cond(error != "", "o-field err", "o-field"),
    )


def _error(name: str, error: rx.Var[str]) -> rx.Component:
    shown = rx.el.span(icon("circle-alert"), rx.el.span(hidden(t("ui.error_prefix")), error), class_name="e")
    return rx.el.span(rx.cond(error != "", shown, rx.fragment()), id=f"{name}-error")


def password_field(
    label: Words,
    *,
    name: str,
    hint: Words | None = None,
    error: rx.Var[str] | None = None,
    autocomplete: str = "current-password",
    **props: Any,
) -> rx.Component:
    """Return a password field with a button that shows what is typed."""
    attributes: dict[str, Any] = {}
    if hint is not None:
        attributes["aria-describedby"] = f"{name}-hint"
    control = rx.el.div(
        rx.el.input(id=name, name=name, type="password", auto_complete=autocomplete, custom_attrs=attributes, **props),
        rx.el.button(
            rx.el.span(t("ui.show"), class_name="off"),
            rx.el.span(t("ui.hide"), class_name="on"),
            type="button",
            class_name="o-btn quiet sm",
            custom_attrs={"data-reveal": name, "aria-pressed": "false"},
        ),
        class_name="o-inp",
    )
    return field(label, name=name, hint=hint, error=error, control=control)


def select(
    options: list[tuple[str, Words]] | rx.Var[list[dict[str, str]]],
    *,
    name: str,
    value: rx.Var[str] | str,
    **props: Any,
) -> rx.Component:
    """Return a native select over fixed pairs or over a variable list of ``{"value", "label"}``."""
    if isinstance(options, list):
        items = [rx.el.option(label, value=key) for key, label in options]
    else:
        items = [rx.foreach(options, lambda one: rx.el.option(one["label"], value=one["value"]))]
    chosen = {"value": value} if "on_change" in props else {"default_value": value}
    return rx.el.select(*items, id=name, name=name, **chosen, **props)


def select_field(
    label: Words,
    *,
    name: str,
    options: list[tuple[str, Words]] | rx.Var[list[dict[str, str]]],
    value: rx.Var[str] | str,
    hint: Words | None = None,
    **props: Any,
) -> rx.Component:
    """Return a labelled native select, for up to twelve options."""
    return field(label, name=name, hint=hint, control=select(options, name=name, value=value, **props))


def text_area(
    label: Words, *, name: str, hint: Words | None = None, error: rx.Var[str] | None = None, **props: Any
) -> rx.Component:
    """Return a labelled text area."""
    return field(label, name=name, hint=hint, error=error, control=rx.el.textarea(id=name, name=name, **props))


def checkbox(label: Words, *, name: str, **props: Any) -> rx.Component:
    """Return a box to tick with its label."""
    return rx.el.div(
        rx.el.input(id=name, name=name, type="checkbox", **props),
        rx.el.label(label, html_for=name),
        class_name="o-check",
    )


def error_summary(errors: rx.Var[list[dict[str, str]]]) -> rx.Component:
    """Return the list of problems of a form, each linked to its field (``{"field", "text"}``)."""
    return rx.cond(
        errors.length() > 0,
        rx.el.div(
            rx.el.h2(t("ui.problem")),
            rx.el.ul(rx.foreach(errors, lambda one: rx.el.li(rx.el.a(one["text"], href="#" + one["field"].to(str))))),
            class_name="o-errsum",
            role="alert",
            tab_index=-1,
            custom_attrs={"data-focus": "true"},
        ),
    )
