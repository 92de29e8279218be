"""Where a copied dataset comes from, and reading its table once more; parts of the page of a dataset."""

from __future__ import annotations

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.text import t
from components.ui.button import button
from components.ui.link import link
from components.ui.menu import menu_item
from components.ui.states import failed, note
from omni_app.frame import may
from state.datasets.copy_schedule import CopyScheduleState as Schedule
from state.datasets.copying import DatasetCopyState as State
from state.wording import DASH


def origin() -> rx.Component:
    """Return the line that says of which table the dataset is a copy, and why the last copying failed."""
    name = rx.cond(
        may(Permission.DATASETS_CONNECTION_READ), link(State.connection, href=State.connection_href), State.connection
    )
    line = note(
        t("connections.copy_of"),
        " ",
        rx.el.b(State.table, class_name="mono"),
        " · ",
        name,
        rx.cond(State.copied_at != DASH, rx.el.span(" · ", t("connections.copied_at", time=State.copied_at))),
        " · ",
        rx.el.span(State.schedule),
        rx.cond(State.next_at != DASH, rx.el.span(" · ", t("copies.next", time=State.next_at))),
        icon_name="database",
    )
    stopped = note(t("copies.stopped"), tone="warning", icon_name="triangle-alert")
    return rx.cond(
        State.copied,
        rx.fragment(line, rx.cond(State.problem != "", failed(State.problem)), rx.cond(State.stopped, stopped)),
    )


def menu_entries() -> list[rx.Component]:
    """Return the entries that copy once more, say when to copy by itself, and show how it went."""
    writes = may(Permission.DATASETS_DATASET_WRITE) & may(Permission.DATASETS_CONNECTION_READ) & State.copied
    return [
        rx.cond(
            writes & ~State.running,
            menu_item(t("connections.copy_again"), icon_name="refresh-cw", on_click=State.copy_again),
        ),
        rx.cond(
            writes,
            menu_item(t("copies.schedule"), icon_name="calendar-clock", on_click=Schedule.open(State.dataset_id)),
        ),
        rx.cond(
            State.copied,
            menu_item(t("copies.history"), icon_name="history", on_click=Schedule.show_history(State.dataset_id)),
        ),
    ]


def again() -> rx.Component:
    """Return the button that copies once more after a failure."""
    return button(t("connections.copy_again"), icon_name="refresh-cw", kind="primary", on_click=State.copy_again)
