"""What a place shows when it has nothing else: empty, loading, failed, not enough data, a note."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx

from components.text import t
from components.ui.icon import hidden, icon

Words = rx.Var[str] | str


def empty(title: Words, text: Words, *actions: Any) -> rx.Component:
    """Return what the place is for, one sentence, and the ways to fill it."""
    return rx.el.div(rx.el.h3(title), rx.el.p(text), rx.el.div(*actions, class_name="row center"), class_name="o-empty")


def skeleton(lines: int = 8) -> rx.Component:
    """Return grey lines in the final shape; they appear after 300 ms only."""
    widths = ("92%", "78%", "86%", "64%")
    return rx.el.div(
        hidden(t("ui.loading")),
        *[rx.el.div(class_name="o-skel", style={"width": widths[index % 4]}) for index in range(lines)],
        role="status",
        class_name="o-skels",
    )


def note(
    *content: Any, tone: Literal["plain", "warning", "info"] = "plain", icon_name: str = "info", alert: bool = False
) -> rx.Component:
    """Return a framed remark; ``alert`` reads it out at once."""
    tones = {"plain": "o-note", "warning": "o-note wa", "info": "o-note in"}
    role = {"role": "alert"} if alert else {}
    return rx.el.div(icon(icon_name), rx.el.div(*content, class_name="tx"), class_name=tones[tone], **role)


def failed(
    message: Words, *, on_retry: Any = None, code: Words | None = None, request_id: Words | None = None
) -> rx.Component:
    """Return what failed and why (``message`` says what is kept), a retry, and code and request id in quiet text."""
    retry = (
        []
        if on_retry is None
        else [" ", rx.el.button(t("ui.try_again"), type="button", class_name="o-linkbtn", on_click=on_retry)]
    )
    quiet = [] if code is None else [" ", rx.el.span(t("ui.code"), " ", code, class_name="mut")]
    if request_id is not None:
        quiet += [" ", rx.el.span(request_id, class_name="mut mono")]
    return note(rx.el.b(message), *retry, *quiet, tone="warning", icon_name="triangle-alert", alert=True)


def not_enough_data(title: Words, reason: Words) -> rx.Component:
    """Return the hatched place of ``insufficient_data``: what is needed, never a zero."""
    return rx.el.div(rx.el.div(rx.el.h3(title), rx.el.p(reason)), class_name="o-hatch")
