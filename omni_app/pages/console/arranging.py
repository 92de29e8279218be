"""The board of the editor: all figures as they will stand, to be moved, sized, copied, removed; undo and redo."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.charts import figure_tile
from components.charts.tile import TileHandlers
from components.text import t
from components.ui.button import button, icon_button
from components.ui.dialog import dialog, dialog_actions, keep_button
from components.ui.field import field, select_field
from components.ui.icon import hidden, icon
from components.ui.menu import command
from state.dashboards.arranging import ArrangeState as State
from state.dashboards.place import REFRESHES

FORM, HELP, LEAVE = "arrange-form", "arrange-help", "leave"
FIELDS = ("tile", "action", "beside", "after", "columns", "rows")


def bar() -> rx.Component:
    """Return what stands above both views: which view, what the last change did, undo and redo."""
    undo = rx.cond(State.undoes != "", t("arrange.undo_what", what=State.undoes), t("edit.undo"))
    redo = rx.cond(State.redoes != "", t("arrange.redo_what", what=State.redoes), t("arrange.redo"))
    buttons = rx.el.div(
        rx.el.div(
            _view("form", t("arrange.form"), "square-pen"),
            _view("board", t("arrange.board"), "layout-dashboard"),
            role="group",
            class_name="row",
            custom_attrs={"aria-label": t("arrange.view")},
        ),
        rx.el.p(State.said, role="status", class_name="mut said"),
        icon_button(
            "undo-2",
            undo,
            on_click=State.undo,
            custom_attrs={"data-undo": "true", "aria-disabled": rx.cond(State.undoes == "", "true", "false")},
        ),
        icon_button(
            "redo-2",
            redo,
            on_click=State.redo,
            custom_attrs={"data-redo": "true", "aria-disabled": rx.cond(State.redoes == "", "true", "false")},
        ),
        _form(),
        rx.cond(State.changed, rx.el.span(hidden=True, custom_attrs={"data-leave-guard": LEAVE})),
        class_name="o-arrangebar",
    )
    help_ = (
        rx.el.span(t("arrange.help"), class_name="mouse"),
        rx.el.span(t("arrange.help_touch"), class_name="touch"),
    )
    explained = rx.cond(State.view == "board", "mut small o-arrangehelp", "vh")
    return rx.fragment(buttons, rx.el.p(*help_, id=HELP, class_name=explained))


def _view(name: str, label: rx.Var[str], icon_name: str) -> rx.Component:
    return button(
        label,
        icon_name=icon_name,
        small=True,
        on_click=State.show(name),
        custom_attrs={"aria-pressed": rx.cond(State.view == name, "true", "false")},
    )


def _form() -> rx.Component:
    """Return the form by which ``arrange.js`` says what was dragged or asked for by a key."""
    return rx.el.form(
        *[rx.el.input(type="hidden", name=name) for name in FIELDS],
        id=FORM,
        on_submit=State.arrange,
        hidden=True,
    )


def board() -> rx.Component:
    """Return all figures, each with its handle, its corner and its menu."""
    handlers = TileHandlers(on_table=State.toggle, more=_entries, grip=_of_tile, corner=_corner)
    return rx.fragment(
        rx.el.details(
            rx.el.summary(t("arrange.names")),
            rx.el.div(*names(), class_name="o-form two"),
            class_name="o-names",
        ),
        rx.el.div(
            rx.foreach(State.board, lambda tile: figure_tile(tile, handlers)),
            class_name="o-grid",
            custom_attrs={"data-arrange": "board"},
        ),
        rx.el.div(
            button(
                t("dashboards.add_tile"),
                icon_name="plus",
                on_click=State.add_tile(""),
                custom_attrs={"data-add": "true"},
            ),
            class_name="row",
        ),
    )


def names() -> list[Any]:
    """Return the fields of the dashboard's title and description, and how often it renews itself."""
    return [
        _blurred(t("dashboards.name"), "title", State.title),
        _blurred(t("edit.description"), "description", State.description),
        select_field(
            t("living.refresh"),
            name="dashboard-refresh",
            options=[(name, t(f"living.refresh.{name}")) for name in REFRESHES],
            value=State.refresh,
            on_change=State.renew_every,
            hint=t("living.refresh_hint"),
        ),
    ]


def _blurred(label: rx.Var[str], name: str, value: rx.Var[str]) -> rx.Component:
    return field(
        label,
        name=f"dashboard-{name}",
        default_value=value,
        key=f"dashboard-{name}-" + value.to(str),
        on_blur=lambda text: State.rename(name, text),
        max_length=120 if name == "title" else 1000,
    )


def grip(name: rx.Var[str], title: rx.Var[str]) -> rx.Component:
    """Return the handle by which a figure is dragged, and moved and sized by keys."""
    words = t("arrange.grip", title=title)
    return rx.el.button(
        icon("grip-vertical"),
        hidden(words),
        type="button",
        title=words,
        class_name="o-iconbtn sm o-grip",
        custom_attrs={"data-grip": name, "aria-describedby": HELP},
    )


def _of_tile(tile: Any) -> rx.Component:
    return grip(tile["id"].to(str), tile["title"].to(str))


def _corner(tile: Any) -> rx.Component:
    return rx.el.span(class_name="o-corner", custom_attrs={"data-corner": tile["id"].to(str), "aria-hidden": "true"})


def _entries(tile: Any) -> list[Any]:
    name = tile["id"].to(str)
    return [
        command(t("arrange.edit"), icon_name="pencil", on_click=State.edit(name), custom_attrs={"data-edits": "true"}),
        *moves(name),
        *_sizes(name),
        *copy_and_remove(name),
    ]


def moves(name: rx.Var[str]) -> list[Any]:
    """Return the entries that move a figure by one place."""
    return [
        command(t("dashboards.earlier"), icon_name="arrow-up", on_click=State.step(name, "earlier")),
        command(t("dashboards.later"), icon_name="arrow-down", on_click=State.step(name, "later")),
    ]


def _sizes(name: rx.Var[str]) -> list[Any]:
    stays = {"data-menu-keep": "true"}
    icons = {
        "wider": "unfold-horizontal",
        "narrower": "fold-horizontal",
        "taller": "unfold-vertical",
        "shorter": "fold-vertical",
        "own_height": "ruler",
    }
    return [
        command(t(f"arrange.{step}"), icon_name=icon_name, on_click=State.step(name, step), custom_attrs=stays)
        for step, icon_name in icons.items()
    ]


def copy_and_remove(name: rx.Var[str]) -> list[Any]:
    """Return the entries that copy a figure and take it out."""
    return [
        command(t("edit.copy"), icon_name="copy", on_click=State.copy_tile(name)),
        command(
            t("dashboards.remove_tile"),
            icon_name="trash-2",
            on_click=State.remove_tile(name),
            custom_attrs={"data-removes": "true"},
        ),
    ]


def leave_dialog() -> rx.Component:
    """Return the question that a link asks while something is not saved."""
    return dialog(
        rx.el.p(t("arrange.leave_text"), class_name="t2"),
        dialog_actions(
            keep_button(t("arrange.stay")),
            button(t("arrange.leave_yes"), kind="danger-solid", custom_attrs={"data-leave": "true"}),
        ),
        name=LEAVE,
        title=t("arrange.leave"),
    )
