"""One dataset: overview, rows, catalogue, versions, rejects; deletion with typed confirmation."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.shell import Crumb
from components.tables import Column, data_table, figure_table
from components.text import t
from components.ui.button import button, link_button
from components.ui.dialog import dialog, typed_confirmation
from components.ui.icon import icon
from components.ui.job_card import job_card
from components.ui.link import link
from components.ui.menu import menu, menu_item
from components.ui.page import facts, grid, page_header, source_line, tile
from components.ui.states import empty, failed, skeleton
from components.ui.tabs import tabs
from components.ui.upload import upload
from omni_app.frame import console, may
from omni_app.pages.console import catalogue, copied, copy_schedule, rules
from omni_app.pages.console.datasets import kind_badge
from omni_app.pages.missing import missing
from state.datasets.detail import DatasetDetailState as State

ON_LOAD = (State.load,)


def page() -> rx.Component:
    """Return the page of one dataset."""
    return console(
        rx.cond(
            State.missing,
            missing(),
            rx.cond(State.loaded, rx.fragment(*_content()), rx.fragment(rx.el.h1(t("datasets.one")), skeleton())),
        ),
        _confirmation(),
        *catalogue.dialogs(),
        *rules.dialogs(),
        *copy_schedule.dialogs(),
        dialog(
            upload(
                name="version", action=f"/api/v1{State.base}/versions", on_sent=lambda _: State.load, with_name=False
            ),
            name="version",
            title=t("datasets.new_version"),
        ),
        name="console.dataset",
        crumbs=[Crumb(label=State.title)],
    )


def _content() -> list[Any]:
    return [
        page_header(
            State.title,
            _actions(),
            rx.cond(
                may(Permission.DASHBOARDS_DASHBOARD_BUILD) & (State.state == "ready"),
                link_button(
                    t("datasets.build"),
                    kind="primary",
                    icon_name="message-square-text",
                    href=f"/builder?dataset={State.base.split('/')[2]}",
                ),
            ),
            lead=State.description,
            badges=kind_badge(State.kind),
        ),
        rx.cond((State.state == "loading") | (State.job.length() > 0), _loading()),
        copied.origin(),
        rx.cond(State.state == "failed", _failed()),
        rx.cond(State.state == "ready", rx.fragment(_tabs(), _tab())),
    ]


def _actions() -> rx.Component:
    writes, deletes = may(Permission.DATASETS_DATASET_WRITE), may(Permission.DATASETS_DATASET_DELETE)
    return rx.cond(
        (State.kind != "platform") & (writes | deletes),
        menu(
            rx.cond(
                writes,
                menu_item(t("datasets.new_version"), icon_name="upload", custom_attrs={"data-open": "version"}),
            ),
            *copied.menu_entries(),
            rx.cond(
                deletes,
                menu_item(t("datasets.delete"), icon_name="trash-2", on_click=State.ask_delete),
            ),
            name="dataset-menu",
            label=t("ui.actions"),
            class_name="o-btn",
        ),
    )


def _loading() -> rx.Component:
    return tile(
        rx.cond(State.job["title"], job_card(State.job, on_cancel=State.cancel_ingestion), skeleton(2)),
        title=t("datasets.arriving"),
        padded=False,
    )


def _failed() -> rx.Component:
    """Return why there is nothing, and the two ways on."""
    writes, deletes = may(Permission.DATASETS_DATASET_WRITE), may(Permission.DATASETS_DATASET_DELETE)
    again = button(
        t("datasets.upload_again"), icon_name="upload", kind="primary", custom_attrs={"data-open": "version"}
    )
    return rx.fragment(
        failed(State.error),
        tile(
            empty(
                t("datasets.no_data_yet"),
                rx.cond(State.kind == "connection", t("connections.failed_text"), t("datasets.failed_text")),
                rx.cond(deletes, button(t("datasets.delete"), kind="danger", on_click=State.ask_delete)),
                rx.cond(writes, rx.cond(State.kind == "connection", copied.again(), again)),
            )
        ),
    )


def _tabs() -> rx.Component:
    def named(*names: str) -> list[tuple[str, rx.Var[str], str]]:
        return [(name, t(f"datasets.tab.{name}"), f"{State.base}?tab={name}") for name in names]

    def bar(*names: str) -> rx.Component:
        label = t("datasets.parts")
        return rx.cond(
            may(Permission.DATASETS_RULE_READ),
            tabs(State.tab, named(*names, "rules"), name=label),
            tabs(State.tab, named(*names), name=label),
        )

    common = ("overview", "rows", "catalogue")
    return rx.cond(State.kind == "platform", bar(*common), bar(*common, "versions", "rejects"))


def _tab() -> rx.Component:
    return rx.match(
        State.tab,
        ("rows", _rows()),
        ("catalogue", catalogue.tab()),
        ("rules", rules.tab()),
        ("versions", _versions()),
        ("rejects", _rejects()),
        _overview(),
    )


def _overview() -> rx.Component:
    def stat(key: str) -> rx.Component:
        return rx.el.section(
            rx.el.div(
                rx.el.h2(t(f"datasets.fact.{key}")),
                rx.el.div(State.facts[key], class_name="v text" if key == "fresh" else "v"),
                *(
                    [
                        rx.cond(
                            State.facts["rejected"] != "",
                            rx.el.div(link(State.facts["rejected"], href=f"{State.base}?tab=rejects"), class_name="c"),
                        )
                    ]
                    if key == "rows"
                    else []
                ),
                class_name="o-stat",
            ),
            class_name="o-tile s3 half",
        )

    def spread(row: Any) -> rx.Component:
        return rx.el.span(
            rx.foreach(row["bars"].to(list[str]), lambda height: rx.el.i(style={"height": height})),
            class_name="o-hist",
            custom_attrs={"aria-hidden": "true"},
        )

    columns = (
        Column(key="name", label=t("datasets.column"), mono=True),
        Column(key="type", label=t("datasets.type")),
        Column(key="missing", label=t("datasets.missing"), numeric=True),
        Column(key="distinct", label=t("datasets.distinct"), numeric=True),
        Column(key="bars", label=t("datasets.spread"), render=spread),
        Column(key="range", label=t("datasets.range")),
    )
    return grid(
        *[stat(key) for key in ("rows", "columns", "fresh", "size")],
        tile(
            data_table(columns, State.profile, name=t("datasets.columns")),
            title=t("datasets.columns"),
            padded=False,
            source=source_line(State.source),
        ),
        rx.cond(
            State.facts["license"] != "",
            tile(facts([(t("datasets.license"), State.facts["license"])]), title=t("datasets.origin")),
        ),
    )


def _rows() -> rx.Component:
    return rx.el.section(
        figure_table(State.columns, State.rows, name=t("datasets.tab.rows")),
        rx.el.footer(
            rx.el.span(State.rows_text, role="status"),
            rx.el.span(class_name="sp"),
            rx.cond(
                State.previous_rows != "",
                link(icon("chevron-left"), t("ui.previous"), href=State.previous_rows, class_name="o-btn sm"),
            ),
            rx.cond(
                State.next_rows != "",
                link(t("ui.next"), icon("chevron-right"), href=State.next_rows, class_name="o-btn sm"),
            ),
            class_name="o-tfoot",
        ),
        class_name="o-tile s12",
    )


def _versions() -> rx.Component:
    columns = (
        Column(key="number", label=t("datasets.version"), numeric=True),
        Column(key="created", label=t("datasets.loaded")),
        Column(key="source", label=t("datasets.file")),
        Column(key="rows", label=t("datasets.rows"), numeric=True),
        Column(key="rejected", label=t("datasets.rejected_rows"), numeric=True),
        Column(key="size", label=t("datasets.size"), numeric=True),
        Column(key="changes", label=t("datasets.changes")),
    )
    return tile(data_table(columns, State.versions, name=t("datasets.tab.versions")), padded=False)


def _rejects() -> rx.Component:
    columns = (
        Column(key="row", label=t("datasets.row"), numeric=True),
        Column(key="reason", label=t("datasets.reason")),
        Column(key="column", label=t("datasets.column"), mono=True),
        Column(key="content", label=t("datasets.content"), mono=True),
    )
    return tile(
        rx.cond(
            State.rejects.length() > 0,
            data_table(columns, State.rejects, name=t("datasets.tab.rejects")),
            empty(t("datasets.no_rejects"), t("datasets.no_rejects_text")),
        ),
        title=t("datasets.tab.rejects"),
        sub=State.rejects_text,
        padded=False,
    )


def _confirmation() -> rx.Component:
    return typed_confirmation(
        rx.el.p(State.delete_text, class_name="t2"),
        name="delete-dataset",
        title=t("datasets.delete_ask", name=State.name),
        word=State.name,
        confirm=t("datasets.delete"),
        keep=t("datasets.keep"),
        shown=State.asking_delete,
        on_dismiss=State.keep,
        on_submit=State.delete,
    )
