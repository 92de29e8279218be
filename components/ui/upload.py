"""Sending a file: the browser streams it to the REST route and shows how much has left."""

from __future__ import annotations

from typing import Any, Literal

import reflex as rx

from components.text import t
from components.ui.button import button
from components.ui.icon import icon

SQLITE = ".sqlite,.sqlite3,.db"
SQLITE_ACTION = "/api/v1/connections/sqlite"
FORMATS = ".csv,.tsv,.txt,.xlsx,.parquet,.json,.jsonl,.ndjson,.gz"


Kind = Literal["any", "sqlite", "table"]


def upload(*, name: str, action: str, on_sent: Any, with_name: bool = True, kind: Kind = "table") -> rx.Component:
    """Return a drop area with file button, the name's field, progress and cancel.

    ``omni.js`` posts the file as ``multipart/form-data`` to ``action``, so that a gigabyte never passes the page's
    websocket, and hands the server's JSON to ``on_sent`` (as text). A refusal is shown in the form, which keeps its
    entries. ``kind`` says which files are offered; with ``any`` a SQLite file goes where connections are made.
    """
    return rx.el.form(
        _drop(name, kind),
        *([_name(name)] if with_name else []),
        rx.el.div(
            class_name="o-errsum", role="alert", tab_index=-1, hidden=True, custom_attrs={"data-upload-error": "true"}
        ),
        _progress(),
        rx.el.div(
            button(
                t("upload.send"),
                kind="primary",
                icon_name="upload",
                type="submit",
                custom_attrs={"aria-disabled": "true", "data-upload-send": "true"},
            ),
            button(t("upload.stop"), kind="quiet", hidden=True, custom_attrs={"data-upload-stop": "true"}),
            class_name="row",
        ),
        rx.el.input(
            type="text",
            class_name="vh",
            tab_index=-1,
            on_change=on_sent,
            default_value="",
            custom_attrs={"data-upload-answer": "true", "aria-hidden": "true"},
        ),
        class_name="o-form",
        custom_attrs={
            "data-upload": action,
            **({"data-upload-sqlite": SQLITE_ACTION} if kind == "any" else {}),
            "data-failed": t("upload.failed"),
            "onSubmit": rx.Var("(e)=>e.preventDefault()"),
        },
    )


def _drop(name: str, kind: Kind) -> rx.Component:
    offered = {"any": f"{FORMATS},{SQLITE}", "sqlite": SQLITE, "table": FORMATS}[kind]
    words = {"any": "upload.formats_any", "sqlite": "upload.formats_sqlite", "table": "upload.formats"}[kind]
    return rx.el.label(
        icon("upload", size=20),
        rx.el.b(t("upload.choose")),
        rx.el.span(t(words), class_name="mut small"),
        rx.el.span("", class_name="chosen", custom_attrs={"data-upload-name": "true"}),
        rx.el.input(
            type="file",
            name="file",
            class_name="vh",
            accept=offered,
            id=f"{name}-file",
            custom_attrs={"data-upload-file": "true"},
        ),
        class_name="o-drop",
        html_for=f"{name}-file",
        custom_attrs={"data-drop": "true"},
    )


def _name(name: str) -> rx.Component:
    return rx.el.div(
        rx.el.label(t("upload.name"), html_for=f"{name}-name"),
        rx.el.span(t("upload.name_hint"), class_name="hint", id=f"{name}-name-hint"),
        rx.el.input(
            id=f"{name}-name",
            name="name",
            type="text",
            max_length=120,
            custom_attrs={"aria-describedby": f"{name}-name-hint"},
        ),
        class_name="o-field",
    )


def _progress() -> rx.Component:
    return rx.el.div(
        rx.el.span(
            rx.el.i(),
            class_name="o-meter",
            role="progressbar",
            custom_attrs={
                "aria-label": t("upload.sending"),
                "aria-valuemin": 0,
                "aria-valuemax": 100,
                "aria-valuenow": 0,
                "data-upload-meter": "true",
            },
        ),
        rx.el.span("", class_name="mut small", custom_attrs={"data-upload-percent": "true"}),
        class_name="col6",
        hidden=True,
        custom_attrs={"data-upload-progress": "true"},
    )
