"""The dialog that imports a dashboard from a file."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.text import t
from components.ui.button import button
from components.ui.dialog import dialog, dialog_actions
from components.ui.field import field
from state.dashboards.importing import DashboardImportState as State


def import_button() -> rx.Component:
    """Return what opens the dialog."""
    return button(t("library.import"), icon_name="upload", on_click=State.open)


def import_dialog() -> rx.Component:
    """Return the dialog: the file first, then the data of its figures."""
    return dialog(
        rx.cond(State.title == "", _file(), _places()),
        name="import-dashboard",
        title=rx.cond(State.title == "", t("library.import"), State.title),
        shown=State.shown,
        on_dismiss=State.close,
    )


def _file() -> rx.Component:
    return rx.el.form(
        rx.el.p(t("library.import_text"), class_name="t2"),
        field(
            t("library.import_file"),
            name="import-file",
            control=rx.el.input(
                id="import-file",
                type="file",
                accept=".json,application/json",
                required=True,
                custom_attrs={"data-read-into": "import-text"},
            ),
        ),
        rx.el.textarea(id="import-text", name="import-text", hidden=True, custom_attrs={"aria-hidden": "true"}),
        dialog_actions(
            button(t("ui.cancel"), on_click=State.close),
            button(t("library.import_read"), kind="primary", type="submit"),
        ),
        on_submit=State.read,
        class_name="o-form",
    )


def _places() -> rx.Component:
    def place(one: Any) -> rx.Component:
        name = one["field"].to(str)
        return rx.el.div(
            rx.el.label(one["name"].to(str), html_for=name),
            rx.el.select(
                rx.el.option(t("library.import_choose"), value=""),
                rx.foreach(
                    one["choices"].to(list[dict[str, str]]),
                    lambda choice: rx.el.option(choice["label"], value=choice["value"]),
                ),
                id=name,
                name=name,
                default_value=one["found"].to(str),
                required=True,
            ),
            class_name="o-field",
            key=name,
        )

    return rx.el.form(
        rx.foreach(State.places, place),
        dialog_actions(
            button(t("ui.cancel"), on_click=State.close),
            button(t("library.import_do"), kind="primary", type="submit"),
        ),
        on_submit=State.save,
        class_name="o-form",
    )
