"""What stands around the list of dashboards: choices, folders, favourites, the selection."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.text import t
from components.ui.badge import badge
from components.ui.button import button, icon_button
from components.ui.dialog import dialog, dialog_actions, typed_confirmation
from components.ui.field import field
from components.ui.icon import icon
from omni_app.frame import may
from state.dashboards.library import DashboardLibraryState as State
from state.dashboards.listing import DashboardsState

ON_LOAD = (State.load,)
CHOICES = ("all", "mine", "shared", "favourites", "recent")
WRITES = Permission.DASHBOARDS_DASHBOARD_WRITE


def filters() -> list[Any]:
    """Return the choices of the list's toolbar."""
    return [
        choice_filter(),
        _inline(
            "folder",
            t("library.folder"),
            [
                rx.el.option(t("library.folder.any"), value=""),
                rx.el.option(t("library.folder.root"), value="root"),
                *_folder_options(),
            ],
            value=DashboardsState.folder,
            on_change=DashboardsState.choose_folder,
        ),
        button(t("library.folders"), kind="quiet", icon_name="folder", on_click=State.open_folders),
    ]


def choice_filter() -> rx.Component:
    """Return the choice among all, one's own, shared, favourite and lately viewed dashboards."""
    return _inline(
        "choice",
        t("library.show"),
        [rx.el.option(t(f"library.choice.{one}"), value=one) for one in CHOICES],
        value=DashboardsState.choice,
        on_change=DashboardsState.choose,
    )


def selection() -> rx.Component:
    """Return the bar that takes the toolbar's place while something is selected."""
    return rx.cond(
        State.selected.length() > 0,
        rx.el.form(
            rx.el.strong(State.selected_text, role="status"),
            _inline(
                "move-folder",
                t("library.move_to"),
                [rx.el.option(t("library.folder.root"), value=""), *_folder_options()],
            ),
            button(t("library.move"), kind="primary", type="submit", icon_name="folder-input"),
            button(t("library.clear"), on_click=State.clear),
            on_submit=State.move,
            class_name="o-toolbar",
        ),
    )


def star(row: Any) -> rx.Component:
    """Return the button that marks a row's dashboard as favourite."""
    title, is_one = row["title"].to(str), row["favourite"].to(bool)
    return rx.cond(
        is_one,
        icon_button(
            "star",
            t("library.unstar", title=title),
            small=True,
            class_name="on",
            on_click=State.star(row["id"].to(str), False),  # noqa: FBT003 - an event has positions only
            custom_attrs={"aria-pressed": "true"},
        ),
        icon_button(
            "star",
            t("library.star", title=title),
            small=True,
            on_click=State.star(row["id"].to(str), True),  # noqa: FBT003
            custom_attrs={"aria-pressed": "false"},
        ),
    )


def tick(row: Any) -> rx.Component:
    """Return the box that selects a row's dashboard, if the reader may move it."""
    return rx.cond(
        row["editable"].to(bool),
        rx.el.input(
            type="checkbox",
            checked=State.selected.contains(row["id"].to(str)),
            on_change=lambda _: State.select(row["id"].to(str)),
            custom_attrs={"aria-label": t("library.select", title=row["title"].to(str))},
        ),
    )


def dialogs() -> list[Any]:
    """Return the dialogs of folders."""
    return [_folders(), _folder(), _delete()]


def _inline(name: str, label: Any, options: list[Any], **props: Any) -> rx.Component:
    return rx.el.div(
        rx.el.label(label, html_for=name),
        rx.el.select(*options, id=name, name=name, **props),
        class_name="o-field inline",
    )


def _folder_options() -> list[Any]:
    return [rx.foreach(State.folders, lambda one: rx.el.option(one["label"], value=one["value"]))]


def _folders() -> rx.Component:
    def one(row: Any) -> rx.Component:
        name = row["label"]
        return rx.el.li(
            rx.el.span(icon("folder"), class_name="o-ico"),
            rx.el.div(rx.el.strong(name), class_name="tx"),
            badge(row["count"], icon_name="layout-dashboard"),
            rx.cond(
                may(WRITES),
                rx.fragment(
                    icon_button(
                        "pencil",
                        t("library.folder.edit", name=name),
                        small=True,
                        on_click=State.edit_folder(row["value"]),
                    ),
                    icon_button(
                        "trash-2",
                        t("library.folder.delete_of", name=name),
                        small=True,
                        on_click=State.ask_delete(row["value"]),
                    ),
                ),
            ),
            key=row["value"],
        )

    return dialog(
        rx.el.p(t("library.folders_text"), class_name="t2"),
        rx.cond(
            State.folders.length() > 0,
            rx.el.ul(rx.foreach(State.folders, one), class_name="o-list"),
            rx.el.p(t("library.folders_none"), class_name="t2"),
        ),
        dialog_actions(
            button(t("ui.close"), on_click=State.close),
            rx.cond(
                may(WRITES),
                button(
                    t("library.folder.new"), kind="primary", icon_name="folder-plus", on_click=State.edit_folder("")
                ),
            ),
        ),
        name="folders",
        title=t("library.folders"),
        shown=State.panel == "folders",
        on_dismiss=State.close,
    )


def _folder() -> rx.Component:
    return dialog(
        rx.el.form(
            field(
                t("library.folder.name"),
                name="folder-name",
                required=True,
                max_length=80,
                default_value=State.folder_name,
                key=State.folder_id + State.panel,
            ),
            field(
                t("library.folder.parent"),
                name="folder-parent",
                control=rx.el.select(
                    rx.el.option(t("library.folder.top"), value=""),
                    *_folder_options(),
                    id="folder-parent",
                    name="folder-parent",
                    default_value=State.folder_parent,
                    key=State.folder_id + State.panel,
                ),
            ),
            dialog_actions(
                button(t("ui.cancel"), on_click=State.close),
                button(t("library.folder.save"), kind="primary", type="submit"),
            ),
            on_submit=State.save_folder,
            class_name="o-form",
        ),
        name="folder-form",
        title=rx.cond(State.folder_id == "", t("library.folder.new"), t("library.folder.edit_title")),
        shown=State.panel == "folder",
        on_dismiss=State.close,
    )


def _delete() -> rx.Component:
    return typed_confirmation(
        rx.el.p(t("library.folder.delete_loses"), class_name="t2"),
        name="delete-folder",
        title=t("library.folder.delete_ask", name=State.folder_name),
        word=State.folder_name,
        confirm=t("library.folder.delete"),
        keep=t("library.folder.keep"),
        shown=State.panel == "delete",
        on_dismiss=State.close,
        on_submit=State.delete_folder,
    )
