"""Dialogs: the browser's own ``<dialog>``, so that focus is trapped, returned, and Esc keeps things as they are."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx

from components.text import t
from components.ui.button import button
from components.ui.field import field

Words = rx.Var[str] | str
FIRST: dict[str, Any] = {"tab_index": -1, "custom_attrs": {"data-first": "true"}}
"""What is long begins at its heading, not at the first thing that can be used."""


def dialog(
    *content: Any,
    name: str,
    title: Words,
    shown: rx.Var[bool] | None = None,
    on_dismiss: Any = None,
    wide: bool = False,
    size: Literal["", "wide", "whole"] = "",
) -> rx.Component:
    """Return a modal dialog; ``whole`` takes the window.

    Opened by state (``shown`` with ``on_dismiss``, called when it is closed by Esc) or, without state, by any element
    with ``data-open=<name>``. Actions inside that only close it carry ``data-close``.
    """
    attributes: dict[str, Any] = {"aria-labelledby": f"{name}-title"}
    if shown is not None:
        attributes["data-shown"] = rx.cond(shown, "true", "false")
    dismiss = (
        []
        if on_dismiss is None
        else [
            rx.el.button(
                type="button", hidden=True, on_click=on_dismiss, custom_attrs={"data-dismiss": "true", "tabIndex": -1}
            )
        ]
    )
    return rx.el.dialog(
        rx.el.h2(title, id=f"{name}-title", **({} if size != "whole" else FIRST)),
        *content,
        *dismiss,
        id=name,
        class_name=f"o-dialog {size or ('wide' if wide else '')}".strip(),
        custom_attrs=attributes,
    )


def dialog_actions(*buttons: Any) -> rx.Component:
    """Return the row at a dialog's foot: what keeps first, what acts last."""
    return rx.el.div(*buttons, class_name="o-dialog-foot")


def keep_button(label: Words) -> rx.Component:
    """Return the button that closes the dialog and leaves everything as it is."""
    return button(label, custom_attrs={"data-close": "true"})


def typed_confirmation(
    *consequences: Any,
    name: str,
    title: Words,
    word: rx.Var[str],
    confirm: Words,
    keep: Words,
    shown: rx.Var[bool],
    on_dismiss: Any,
    on_submit: Any,
) -> rx.Component:
    """Return a dialog that destroys only after the object's name was typed.

    The button opens when the text equals ``word``; the handler receives ``{"word": …}`` and the service checks it too.
    """
    return dialog(
        *consequences,
        rx.el.form(
            field(
                t("ui.type_to_confirm", word=word),
                name=f"{name}-word",
                auto_complete="off",
                custom_attrs={"data-confirm-word": word, "name": "word"},
            ),
            dialog_actions(
                keep_button(keep),
                button(confirm, kind="danger-solid", type="submit", custom_attrs={"aria-disabled": "true"}),
            ),
            on_submit=on_submit,
            reset_on_submit=True,
            class_name="o-form",
        ),
        name=name,
        title=title,
        shown=shown,
        on_dismiss=on_dismiss,
    )
