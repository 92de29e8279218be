"""The audit log: search, verify the chain, take it along as CSV."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.tables import Column, list_search, listing
from components.text import t
from components.ui.badge import badge
from components.ui.button import button
from components.ui.field import select
from components.ui.page import page_header, toolbar
from components.ui.states import empty, note
from omni_app.frame import console
from state.audit.page import AREAS
from state.audit.page import AuditState as State

ON_LOAD = (State.load,)


def page() -> rx.Component:
    """Return the audit log."""
    areas = [("", t("ui.all")), *[(area, t(f"audit.area.{area.rstrip('.')}")) for area in AREAS]]
    return console(
        page_header(
            t("audit.title"),
            button(t("audit.verify"), kind="primary", icon_name="shield-check", on_click=State.verify),
            lead=t("audit.lead"),
        ),
        _chain(),
        toolbar(
            list_search(State.search, State.find, name=t("audit.search")),
            rx.el.div(
                rx.el.label(t("audit.area"), html_for="area"),
                select(areas, name="area", value=State.area, on_change=State.choose_area),
                class_name="o-field inline",
            ),
        ),
        listing(
            _columns(),
            State,
            name=t("audit.title"),
            csv_href="/api/v1/audit/export",
            nothing=empty(t("audit.none"), t("audit.none_text")),
        ),
        name="console.audit",
    )


def _chain() -> rx.Component:
    """Return what the last look at the chain of hashes found."""
    holds = badge(t("audit.holds"), tone="ok", icon_name="check")
    return rx.match(
        State.chain,
        ("ok", note(holds, " ", State.chain_text, icon_name="link", tone="info")),
        ("broken", note(rx.el.b(State.chain_text), tone="warning", icon_name="unlink", alert=True)),
        rx.fragment(),
    )


def _details(row: Any) -> rx.Component:
    def line(one: Any) -> rx.Component:
        return rx.el.li(rx.el.span(one["label"], ": ", class_name="mut"), one["text"])

    return rx.el.ul(rx.foreach(row["details"].to(list[dict[str, str]]), line), class_name="o-details small")


def _columns() -> tuple[Column, ...]:
    return (
        Column(key="time", label=t("audit.time"), sort="created_at"),
        Column(key="who", label=t("audit.who"), sort="actor_label"),
        Column(key="action", label=t("audit.action"), sort="action", mono=True),
        Column(key="subject", label=t("audit.subject")),
        Column(key="details", label=t("audit.details"), render=_details),
        Column(key="ip", label=t("audit.ip"), mono=True),
        Column(key="hash", label=t("audit.hash"), mono=True),
    )
