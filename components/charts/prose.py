"""A text among figures, from blocks and spans; nothing a person wrote is ever taken as HTML."""

from __future__ import annotations

from typing import Any

import reflex as rx


def prose(blocks: rx.Var[list[dict[str, Any]]]) -> rx.Component:
    """Return the text of ``blocks``, as ``backend_services.dashboards.prose`` makes them.

    Usage: ``prose(State.tile["blocks"].to(list[dict[str, Any]]))``.
    """
    return rx.el.div(rx.foreach(blocks, _block), class_name="o-prose")


def _block(block: Any) -> rx.Component:
    spans = rx.foreach(block["spans"].to(list[dict[str, Any]]), _span)
    inset = {"style": {"marginInlineStart": "calc(1.25rem * " + block["depth"].to(str) + ")"}}
    entry = rx.el.p(
        rx.el.span(block["mark"].to(str), class_name="mark"),
        rx.el.span(spans),
        class_name="entry",
        custom_attrs=inset,
    )
    return rx.match(
        block["kind"].to(str),
        ("heading", rx.el.h3(spans)),
        ("subheading", rx.el.h4(spans)),
        ("bullet", entry),
        ("step", entry),
        ("quote", rx.el.blockquote(spans)),
        ("code", rx.el.pre(spans, tab_index=0)),
        ("rule", rx.el.hr()),
        rx.el.p(spans, custom_attrs=inset),
    )


def _span(span: Any) -> rx.Component:
    words, address = span["text"].to(str), span["href"].to(str)
    look = rx.cond(span["strong"].to(bool), "strong ", "") + rx.cond(span["emphasis"].to(bool), "emphasis ", "")
    styled = rx.cond(
        span["code"].to(bool),
        rx.el.code(words),
        rx.el.span(words, class_name=look),
    )
    return rx.cond(
        address != "",
        rx.el.a(styled, href=address, custom_attrs={"rel": "noreferrer"}),
        styled,
    )
