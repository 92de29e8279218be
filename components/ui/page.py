"""The frame of a page's content: header, tiles, grid, source line."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.text import t
from components.ui.icon import hidden, icon

Words = rx.Var[str] | str


def page_header(title: Words, *actions: Any, lead: Words | None = None, badges: Any = None) -> rx.Component:
    """Return h1, at most one sentence, and the actions with the primary one last."""
    return rx.el.div(
        rx.el.div(
            rx.el.h1(title),
            *([rx.el.p(lead)] if lead is not None else []),
            class_name="t",
        ),
        rx.el.div(*([badges] if badges is not None else []), *actions, class_name="a"),
        class_name="o-phead",
    )


def tile(
    *content: Any,
    title: Words | None = None,
    sub: Words | None = None,
    actions: Any = None,
    source: rx.Component | None = None,
    span: int | str = 12,
    padded: bool = True,
    **props: Any,
) -> rx.Component:
    """Return a flat tile with title, actions, content and source line.

    Usage: ``tile(table, title=t("jobs.running"), actions=link_button(…), span=8, source=source_line(State.source))``.
    """
    head = (
        []
        if title is None
        else [
            rx.el.header(
                rx.el.div(rx.el.h2(title), *([rx.el.p(sub, class_name="sub")] if sub is not None else [])),
                *([actions] if actions is not None else []),
            )
        ]
    )
    body = [rx.el.div(*content, class_name="b")] if padded else list(content)
    return rx.el.section(*head, *body, *([source] if source is not None else []), class_name=f"o-tile s{span}", **props)


def grid(*tiles: Any) -> rx.Component:
    """Return the grid of twelve columns."""
    return rx.el.div(*tiles, class_name="o-grid")


def source_line(text: Words, *right: Any) -> rx.Component:
    """Return where a figure comes from: the database icon, the source, and what is at the right (time, a link)."""
    return rx.el.footer(
        icon("database"),
        hidden(t("ui.source_prefix")),
        rx.el.span(text),
        rx.el.span(*right, class_name="r"),
        class_name="o-src",
    )


def toolbar(*parts: Any) -> rx.Component:
    """Return the row of filters (left) and view tools (right, after ``spring()``)."""
    return rx.el.div(*parts, class_name="o-toolbar")


def spring() -> rx.Component:
    """Return the space that pushes what follows to the right."""
    return rx.el.span(class_name="sp")


def facts(pairs: list[tuple[Words, Any]]) -> rx.Component:
    """Return names and values in two columns."""
    return rx.el.dl(*[part for name, value in pairs for part in (rx.el.dt(name), rx.el.dd(value))], class_name="o-dl")
