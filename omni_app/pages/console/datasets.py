"""Datasets: the list, sending a file, the samples."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.tables import Column, list_search, listing
from components.text import t
from components.ui.badge import Tone, badge, state_badge
from components.ui.button import button, link_button
from components.ui.dialog import dialog
from components.ui.page import page_header, spring, tile, toolbar
from components.ui.states import empty
from components.ui.tabs import tabs
from components.ui.upload import upload
from omni_app.frame import console, may
from state.datasets.listing import DatasetsState

ON_LOAD = (DatasetsState.load,)
UPLOAD = "/api/v1/ingestion/uploads"


def dataset_states() -> dict[str, tuple[rx.Var[str], Tone, str]]:
    """Return word, tone and icon of a dataset's states."""
    return {
        "ready": (t("datasets.state.ready"), "ok", "check"),
        "loading": (t("datasets.state.loading"), "info", "loader-circle"),
        "failed": (t("datasets.state.failed"), "danger", "x"),
    }


def kind_badge(kind: rx.Var[str]) -> rx.Component:
    """Return where a dataset comes from."""
    return state_badge(
        kind,
        {
            "upload": (t("datasets.kind.upload"), "neutral", "file"),
            "connection": (t("datasets.kind.connection"), "info", "database"),
            "sample": (t("datasets.kind.sample"), "info", "flask-conical"),
            "platform": (t("datasets.kind.platform"), "accent", "radio"),
        },
    )


def page() -> rx.Component:
    """Return the list of datasets."""
    return console(
        page_header(
            t("datasets.title"),
            rx.cond(
                may(Permission.DATASETS_CONNECTION_READ),
                link_button(t("connections.title"), href="/connections", icon_name="database"),
            ),
            rx.cond(
                may(Permission.DATASETS_DATASET_WRITE),
                button(t("datasets.upload"), kind="primary", icon_name="upload", custom_attrs={"data-open": "upload"}),
            ),
            lead=t("datasets.lead"),
        ),
        tabs(
            DatasetsState.kind,
            [
                ("", t("ui.all"), "/datasets"),
                ("upload", t("datasets.kind.uploads"), "/datasets?kind=upload"),
                ("connection", t("datasets.kind.connections"), "/datasets?kind=connection"),
                ("sample", t("datasets.kind.samples"), "/datasets?kind=sample"),
                ("platform", t("datasets.kind.platforms"), "/datasets?kind=platform"),
            ],
            name=t("datasets.kinds"),
        ),
        toolbar(list_search(DatasetsState.search, DatasetsState.find, name=t("datasets.search")), spring()),
        listing(columns(), DatasetsState, name=t("datasets.title"), nothing=_nothing()),
        rx.cond(may(Permission.DATASETS_DATASET_WRITE), samples()),
        dialog(
            rx.cond(
                may(Permission.DATASETS_CONNECTION_WRITE),
                upload(name="upload", action=UPLOAD, on_sent=DatasetsState.sent, kind="any"),
                upload(name="upload", action=UPLOAD, on_sent=DatasetsState.sent),
            ),
            name="upload",
            title=t("datasets.upload"),
        ),
        name="console.datasets",
    )


def columns() -> tuple[Column, ...]:
    """Return the columns of the list."""
    return (
        Column(key="name", label=t("datasets.name"), sort="name", href="href"),
        Column(key="kind", label=t("datasets.kind"), render=lambda row: kind_badge(row["kind"].to(str))),
        Column(key="rows", label=t("datasets.rows"), numeric=True, sort="rows"),
        Column(key="columns", label=t("datasets.columns"), numeric=True),
        Column(key="size", label=t("datasets.size"), numeric=True, sort="size_bytes"),
        Column(key="updated", label=t("datasets.updated"), sort="updated_at"),
        Column(
            key="state",
            label=t("datasets.state"),
            render=lambda row: state_badge(row["state"].to(str), dataset_states()),
        ),
    )


def _nothing() -> rx.Component:
    return empty(
        t("datasets.none"),
        t("datasets.none_text"),
        button(t("datasets.upload"), icon_name="upload", custom_attrs={"data-open": "upload"}),
    )


def samples() -> rx.Component:
    """Return the tables that can be taken as samples."""

    def one(sample: Any) -> rx.Component:
        action = rx.cond(
            sample["taken"].to(bool),
            link_button(t("datasets.open"), href=sample["href"].to(str), small=True),
            button(t("datasets.take"), small=True, on_click=DatasetsState.take_sample(sample["id"])),
        )
        return rx.el.li(
            rx.el.span(rx.icon("flask-conical", size=16, class_name="ic"), class_name="o-ico"),
            rx.el.div(
                rx.el.strong(
                    sample["title"].to(str),
                    " ",
                    rx.cond(sample["generated"].to(bool), badge(t("datasets.generated"), tone="warning")),
                ),
                rx.el.span(sample["text"].to(str)),
                rx.el.span(" ", sample["facts"].to(str), class_name="mut"),
                class_name="tx",
            ),
            rx.el.div(action, class_name="go"),
            key=sample["id"].to(str),
        )

    return rx.cond(
        DatasetsState.samples.length() > 0,
        tile(
            rx.el.ul(rx.foreach(DatasetsState.samples, one), class_name="o-list"),
            title=t("datasets.samples"),
            sub=t("datasets.samples_text"),
            padded=False,
        ),
    )
