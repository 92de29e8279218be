"""Connections: the list of databases whose tables become datasets."""

from __future__ import annotations

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.shell import Crumb
from components.tables import Column, list_search, listing
from components.text import t
from components.ui.badge import Tone, state_badge
from components.ui.button import button, link_button
from components.ui.dialog import dialog
from components.ui.page import page_header, toolbar
from components.ui.states import empty
from components.ui.upload import upload
from omni_app.frame import console, may
from omni_app.pages.console.connection_form import form_dialog, kind_names
from state.connections.form import ConnectionFormState
from state.connections.listing import ConnectionsState as State
from state.datasets.listing import DatasetsState

ON_LOAD = (State.load,)
UPLOAD = "/api/v1/connections/sqlite"


def connection_states() -> dict[str, tuple[rx.Var[str], Tone, str]]:
    """Return word, tone and icon of a connection's states."""
    return {
        "ok": (t("connections.state.ok"), "ok", "check"),
        "failed": (t("connections.state.failed"), "danger", "circle-alert"),
        "unknown": (t("connections.state.unknown"), "neutral", "circle-help"),
    }


def page() -> rx.Component:
    """Return the list of connections."""
    writes = may(Permission.DATASETS_CONNECTION_WRITE)
    return console(
        page_header(
            t("connections.title"),
            link_button(t("datasets.title"), href="/datasets", icon_name="table-2"),
            rx.cond(writes, _file_button()),
            rx.cond(writes, _new_button(primary=True)),
            lead=t("connections.lead"),
        ),
        toolbar(list_search(State.search, State.find, name=t("connections.find"))),
        listing(
            _columns(),
            State,
            name=t("connections.title"),
            nothing=empty(
                t("connections.none"),
                t("connections.none_text"),
                rx.cond(writes, _file_button()),
                rx.cond(writes, _new_button(primary=False)),
            ),
        ),
        form_dialog(),
        dialog(
            upload(name="sqlite", action=UPLOAD, on_sent=DatasetsState.sent, kind="sqlite"),
            name="sqlite",
            title=t("connections.sqlite_new"),
        ),
        name="console.connections",
        crumbs=[Crumb(label=t("connections.title"))],
    )


def _new_button(*, primary: bool) -> rx.Component:
    return button(
        t("connections.new"),
        kind="primary" if primary else "plain",
        icon_name="plug",
        on_click=ConnectionFormState.open_new,
    )


def _file_button() -> rx.Component:
    return button(t("connections.sqlite_new"), icon_name="upload", custom_attrs={"data-open": "sqlite"})


def _columns() -> tuple[Column, ...]:
    return (
        Column(key="name", label=t("connections.name"), sort="name", href="href"),
        Column(
            key="kind",
            label=t("connections.kind"),
            sort="kind",
            render=lambda row: rx.match(row["kind"].to(str), *kind_names().items(), row["kind"].to(str)),
        ),
        Column(key="place", label=t("connections.place"), mono=True),
        Column(
            key="state",
            label=t("connections.state"),
            sort="state",
            render=lambda row: state_badge(row["state"].to(str), connection_states()),
        ),
        Column(key="checked", label=t("connections.checked"), sort="checked_at"),
        Column(key="datasets", label=t("datasets.title"), numeric=True),
    )
