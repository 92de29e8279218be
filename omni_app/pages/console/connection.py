"""One connection: tables and columns to copy, the datasets that were, and its deletion with typed confirmation."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.shell import Crumb
from components.tables import Column, list_search, listing
from components.text import t
from components.ui.badge import badge, state_badge
from components.ui.button import button
from components.ui.dialog import typed_confirmation
from components.ui.field import error_summary, field
from components.ui.job_card import job_states
from components.ui.menu import menu, menu_item
from components.ui.page import facts, page_header, tile, toolbar
from components.ui.states import empty, failed, note, skeleton
from components.ui.tabs import tabs
from omni_app.frame import console, may
from omni_app.pages.console.connection_form import form_dialog, kind_names
from omni_app.pages.console.connections import connection_states
from omni_app.pages.missing import missing
from state.connections.detail import ConnectionDetailState as State
from state.connections.form import ConnectionFormState
from state.wording import DASH

ON_LOAD = (State.load,)


def page() -> rx.Component:
    """Return the page of one connection."""
    return console(
        rx.cond(
            State.missing,
            missing(),
            rx.cond(State.known, rx.fragment(*_content()), rx.fragment(rx.el.h1(t("connections.one")), skeleton())),
        ),
        form_dialog(),
        _confirmation(),
        name="console.connection",
        crumbs=[Crumb(label=t("connections.title"), href="/connections"), Crumb(label=State.name)],
    )


def _of_documents(collection: str, table: str) -> Any:
    """Return the words for a database of documents, or of tables."""
    documents = (State.kind == "mongodb") | (State.kind == "firestore")
    return rx.cond(documents, t(f"connections.{collection}"), t(f"connections.{table}"))


def _content() -> list[Any]:
    writes = may(Permission.DATASETS_CONNECTION_WRITE)
    return [
        page_header(
            State.name,
            rx.cond(writes, _menu()),
            rx.cond(writes, button(t("connections.test"), icon_name="plug", busy=State.checking, on_click=State.check)),
            badges=state_badge(State.state, connection_states()),
        ),
        rx.cond(State.error != "", failed(State.error)),
        rx.cond(State.can_write, note(t("connections.can_write"), tone="warning", icon_name="triangle-alert")),
        tile(
            facts(
                [
                    (t("connections.kind"), rx.match(State.kind, *kind_names().items(), State.kind)),
                    (t("connections.place"), rx.el.span(State.place, class_name="mono")),
                    (t("connections.username"), rx.cond(State.username != "", State.username, DASH)),
                    (t("connections.server"), State.server),
                    (t("connections.checked"), State.checked),
                ]
            )
        ),
        tabs(
            State.tab,
            [
                ("tables", _of_documents("collections", "tables"), State.base),
                ("datasets", t("connections.copies"), State.base + "?tab=datasets"),
            ],
            name=t("connections.parts"),
        ),
        rx.cond(State.tab == "datasets", _copies(), _tables()),
    ]


def _menu() -> rx.Component:
    edit = menu_item(
        t("connections.edit"), icon_name="pencil", on_click=ConnectionFormState.open_edit(State.base.split("/")[2])
    )
    return menu(
        rx.cond(State.kind != "sqlite", edit),
        menu_item(t("connections.delete"), icon_name="trash-2", on_click=State.ask_delete),
        name="connection-menu",
        label=t("ui.actions"),
        class_name="o-btn",
    )


def _tables() -> rx.Component:
    columns = (
        Column(key="name", label=_of_documents("collection", "table"), sort="name", href="href"),
        Column(key="schema", label=t("connections.schema"), mono=True),
        Column(
            key="view",
            label=t("connections.table_kind"),
            render=lambda row: rx.cond(
                row["view"].to(bool), badge(t("connections.view")), rx.el.span(_of_documents("collection", "table"))
            ),
        ),
        Column(key="rows", label=t("connections.row_estimate"), numeric=True),
    )
    body = rx.cond(
        State.reading_failed != "",
        tile(
            empty(
                t("connections.not_read"),
                State.reading_failed,
                button(t("ui.try_again"), on_click=State.read_tables),
            )
        ),
        listing(
            columns,
            State,
            name=_of_documents("collections", "tables"),
            nothing=empty(
                _of_documents("no_collections", "no_tables"), _of_documents("no_collections_text", "no_tables_text")
            ),
        ),
    )
    return rx.fragment(
        toolbar(list_search(State.search, State.find, name=_of_documents("find_collection", "find_table"))),
        rx.cond(State.table != "", rx.el.div(rx.el.div(body), rx.el.div(_panel()), class_name="o-split"), body),
    )


def _panel() -> rx.Component:
    """Return the columns of the open table, to choose among and copy."""
    return tile(
        rx.cond(
            State.columns_failed != "",
            failed(State.columns_failed),
            rx.cond(State.columns.length() > 0, _choice(), skeleton(5)),
        ),
        title=State.table,
        sub=t("connections.copy_text"),
        id="table-columns",
    )


def _choice() -> rx.Component:
    def box(column: Any) -> rx.Component:
        return rx.el.div(
            rx.el.input(id=column["box"].to(str), name=column["box"].to(str), type="checkbox", default_checked=True),
            rx.el.label(
                rx.el.span(column["name"].to(str), class_name="mono"),
                " ",
                rx.el.span(column["type"].to(str), " · ", column["native"].to(str), class_name="mut small"),
                html_for=column["box"].to(str),
            ),
            class_name="o-check",
            key=State.table + column["name"].to(str),
        )

    boxes = rx.el.fieldset(
        rx.el.legend(t("datasets.columns")), rx.foreach(State.columns, box), class_name="o-boxes o-form"
    )
    return rx.cond(
        may(Permission.DATASETS_DATASET_WRITE),
        rx.fragment(
            error_summary(State.problems),
            rx.el.form(
                field(
                    t("connections.dataset_name"),
                    name="dataset",
                    default_value=State.proposed_name,
                    key=State.table,
                    max_length=120,
                    required=True,
                ),
                boxes,
                rx.el.div(
                    button(_of_documents("copy_collection", "copy"), kind="primary", icon_name="copy", type="submit"),
                    class_name="row",
                ),
                on_submit=State.copy,
                class_name="o-form",
            ),
        ),
        boxes,
    )


def _copies() -> rx.Component:
    def state(row: Any) -> rx.Component:
        return rx.el.span(
            state_badge(row["state"].to(str), job_states()),
            rx.cond(row["percent"].to(str) != "", rx.el.span(" ", row["percent"].to(str))),
            rx.cond(row["problem"].to(str) != "", rx.el.p(row["problem"].to(str), class_name="mut small")),
        )

    columns = (
        Column(key="name", label=t("datasets.name"), sort="name", href="href"),
        Column(key="table", label=t("connections.table"), mono=True),
        Column(key="columns", label=t("datasets.columns"), numeric=True),
        Column(key="rows", label=t("datasets.rows"), numeric=True),
        Column(key="copied", label=t("connections.copied")),
        Column(key="schedule", label=t("copies.when")),
        Column(key="state", label=t("connections.last_copy"), render=state),
        Column(
            key="actions",
            label=t("ui.actions"),
            plain_head=True,
            numeric=True,
            render=lambda row: rx.cond(
                may(Permission.DATASETS_DATASET_WRITE) & (row["percent"].to(str) == ""),
                button(t("connections.copy_again"), small=True, on_click=State.copy_again(row["id"])),
            ),
        ),
    )
    return listing(
        columns,
        State,
        name=t("connections.copies"),
        nothing=empty(t("connections.no_copies"), t("connections.no_copies_text")),
    )


def _confirmation() -> rx.Component:
    return typed_confirmation(
        rx.el.p(State.delete_text, class_name="t2"),
        name="delete-connection",
        title=t("connections.delete_ask", name=State.name),
        word=State.name,
        confirm=t("connections.delete"),
        keep=t("connections.keep"),
        shown=State.asking_delete,
        on_dismiss=State.keep,
        on_submit=State.delete,
    )
