"""The editor of a dashboard: its figures at the left, the open figure's form with a live preview at the right."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.charts import figure_tile
from components.charts.tile import TileHandlers
from components.shell import Crumb
from components.text import t
from components.ui.badge import badge
from components.ui.button import button, icon_button, link_button
from components.ui.dialog import dialog, dialog_actions
from components.ui.field import error_summary, field, select, select_field
from components.ui.icon import hidden, icon
from components.ui.menu import menu, menu_item
from components.ui.page import grid, page_header, tile
from components.ui.states import empty, skeleton
from omni_app.frame import console, may
from omni_app.pages.console import sharing
from omni_app.pages.missing import missing
from state.dashboards.edit import DashboardEditState as State
from state.dashboards.tile_form import CHARTS, GRAINS, LIMITS, ORDERS, OWN_PERIOD, WIDTHS
from state.dashboards.view import PERIODS

ON_LOAD = (State.load, *sharing.ON_LOAD)
OPERATORS = ("eq", "ne", "gt", "gte", "lt", "lte", "contains", "starts_with", "is_null", "not_null")


def page() -> rx.Component:
    """Return the editor."""
    return console(
        rx.cond(
            State.missing,
            missing(),
            rx.cond(State.loaded, rx.fragment(*_content()), rx.fragment(rx.el.h1(t("dashboards.one")), skeleton())),
        ),
        _conflict(),
        *sharing.dialogs(),
        name="console.edit",
        crumbs=[Crumb(label=State.title, href=State.href), Crumb(label=t("ui.edit"))],
    )


def _content() -> list[Any]:
    return [
        page_header(
            t("dashboards.edit_of", title=State.title),
            link_button(t("ui.cancel"), href=State.href, kind="quiet"),
            icon_button("undo-2", t("edit.undo"), on_click=State.undo, disabled=~State.undoable),
            *sharing.buttons(),
            button(
                t("dashboards.save"),
                kind="primary",
                on_click=State.save,
                busy=State.saving,
                disabled=~State.changed,
            ),
            badges=rx.cond(
                State.changed,
                badge(t("dashboards.unsaved"), tone="warning", icon_name="pencil"),
                badge(State.version, icon_name="history"),
            ),
        ),
        grid(_outline(), _opened()),
    ]


def _outline() -> rx.Component:
    nothing = empty(
        t("dashboards.empty"),
        t("dashboards.empty_text"),
        button(t("dashboards.add_tile"), kind="primary", on_click=State.add_tile("")),
    )
    return tile(
        rx.el.div(
            _blurred(t("dashboards.name"), "title", State.title),
            _blurred(t("edit.description"), "description", State.description),
            class_name="o-form",
        ),
        rx.cond(
            State.tiles.length() > 0,
            rx.el.ol(rx.foreach(State.tiles, _entry), class_name="o-figures"),
            nothing,
        ),
        title=t("edit.figures"),
        actions=button(
            t("dashboards.add_tile"), icon_name="plus", kind="quiet", small=True, on_click=State.add_tile("")
        ),
        span=4,
    )


def _blurred(label: rx.Var[str], name: str, value: rx.Var[str]) -> rx.Component:
    return field(
        label,
        name=f"dashboard-{name}",
        default_value=value,
        key=f"dashboard-{name}-" + value.to(str),
        on_blur=lambda text: State.rename(name, text),
        max_length=120 if name == "title" else 1000,
    )


def _entry(one: Any) -> rx.Component:
    name = one["id"].to(str)
    return rx.el.li(
        rx.el.button(
            icon("chart-column"),
            rx.el.span(one["title"], class_name="main"),
            rx.el.small(one["chart_text"]),
            type="button",
            class_name="o-figbtn",
            on_click=State.select(name),
            custom_attrs={"aria-current": rx.cond(State.selected == one["id"], "true", "false")},
        ),
        menu(
            menu_item(t("dashboards.earlier"), icon_name="arrow-up", on_click=State.move(name, -1)),
            menu_item(t("dashboards.later"), icon_name="arrow-down", on_click=State.move(name, 1)),
            menu_item(t("edit.copy"), icon_name="copy", on_click=State.copy_tile(name)),
            menu_item(t("dashboards.remove_tile"), icon_name="trash-2", on_click=State.remove_tile(name)),
            name="figure-" + name,
            label=t("tile.menu", title=one["title"].to(str)),
        ),
        key=name,
    )


def _opened() -> rx.Component:
    nothing = tile(empty(t("edit.none_open"), t("edit.none_open_text")), span=8)
    return rx.cond(
        State.selected != "",
        rx.el.div(
            rx.cond(
                State.preview.length() > 0,
                figure_tile(
                    State.preview, TileHandlers(on_table=lambda _: State.toggle_table), badge_word=t("edit.preview")
                ),
                skeleton(6),
            ),
            _form(),
            class_name="s8 stack",
        ),
        nothing,
    )


def _choice(label: rx.Var[str], name: str, options: Any, **props: Any) -> rx.Component:
    return select_field(
        label,
        name=f"tile-{name}",
        options=options,
        value=State.form[name],
        on_change=lambda value: State.change(name, value),
        **props,
    )


def _form() -> rx.Component:
    widths = [(str(one), t(f"edit.width.{one}")) for one in WIDTHS]
    return tile(
        rx.el.div(
            error_summary(State.problems),
            rx.el.div(
                field(
                    t("dashboards.name"),
                    name="tile-title",
                    default_value=State.form["title"],
                    key="title-" + State.selected,
                    on_blur=lambda value: State.change("title", value),
                    max_length=120,
                ),
                _choice(t("dashboards.chart"), "chart", [(one, t(f"dashboards.chart.{one}")) for one in CHARTS]),
                _choice(t("edit.width"), "width", widths),
                _choice(t("datasets.one"), "dataset", State.datasets),
                _choice(
                    t("dashboards.source"),
                    "kind",
                    [("metric", t("dashboards.by_catalogue")), ("sql", t("dashboards.by_sql"))],
                ),
                class_name="o-form two",
            ),
            rx.cond(State.form["kind"] == "sql", _sql(), rx.fragment(_metric(), _conditions())),
            class_name="stack",
        ),
        title=t("edit.figure"),
    )


def _metric() -> rx.Component:
    def optional(name: str, items: rx.Var[list[dict[str, str]]]) -> rx.Component:
        return rx.el.select(
            rx.el.option("\N{EN DASH}", value=""),
            rx.foreach(items, lambda one: rx.el.option(one["label"], value=one["value"])),
            id=f"tile-{name}",
            value=State.form[name],
            on_change=lambda value: State.change(name, value),
        )

    periods = [("", t("edit.whole_time")), *[(name, t(f"dashboards.period.{name}")) for name in (*PERIODS, OWN_PERIOD)]]
    grains = [(one, t(f"builder.grain.{one}")) for one in GRAINS]
    return rx.el.div(
        _choice(t("datasets.measure"), "measure", State.measures),
        field(t("edit.second"), name="tile-second", control=optional("second", State.measures)),
        field(t("dashboards.by"), name="tile-dimension", control=optional("dimension", State.dimensions)),
        rx.cond(State.timed, _choice(t("dashboards.grain"), "grain", grains)),
        field(t("dashboards.split"), name="tile-split", control=optional("split", State.dimensions)),
        _choice(t("dashboards.period"), "period", periods),
        _choice(t("edit.order"), "order", [(one, t(f"edit.order.{one or 'own'}")) for one in ORDERS]),
        _choice(t("dashboards.limit"), "limit", [(str(one), str(one)) for one in LIMITS]),
        _choice(t("edit.stacked"), "stacked", [("", t("ui.no")), ("yes", t("ui.yes"))]),
        class_name="o-form two",
    )


def _sql() -> rx.Component:
    return field(
        t("dashboards.sql"),
        name="tile-sql",
        hint=t("dashboards.sql_hint"),
        control=rx.el.textarea(
            id="tile-sql",
            default_value=State.form["sql"],
            key="sql-" + State.selected,
            rows="8",
            class_name="mono",
            spell_check=False,
            on_blur=lambda value: State.change("sql", value),
        ),
    )


def _conditions() -> rx.Component:
    operators: list[tuple[str, rx.Var[str] | str]] = [(one, t(f"dashboards.operator.{one}")) for one in OPERATORS]
    return rx.el.section(
        rx.el.h3(t("tile.filters"), class_name="o-part"),
        rx.el.div(
            rx.foreach(
                State.conditions,
                lambda words, place: rx.el.button(
                    words,
                    icon("x"),
                    hidden(t("dashboards.remove_filter")),
                    type="button",
                    class_name="o-filter on",
                    on_click=State.remove_condition(place),
                    key=words,
                ),
            ),
            class_name="o-toolbar",
        ),
        rx.el.form(
            field(
                t("dashboards.field"),
                name="condition-field",
                control=select(State.dimensions, name="condition-field", value=""),
            ),
            field(
                t("edit.operator"),
                name="condition-operator",
                control=select(operators, name="condition-operator", value="eq"),
            ),
            field(t("dashboards.value"), name="condition-value", hint=t("edit.values_hint")),
            rx.el.div(button(t("dashboards.add_filter"), icon_name="plus", type="submit"), class_name="row"),
            on_submit=State.add_condition,
            reset_on_submit=True,
            class_name="o-form two",
        ),
    )


def _conflict() -> rx.Component:
    return dialog(
        rx.el.p(t("edit.conflict_text"), class_name="t2"),
        dialog_actions(
            button(t("edit.go_on"), on_click=State.close_conflict),
            button(t("edit.load_theirs"), on_click=State.load),
            rx.cond(
                may(Permission.DASHBOARDS_DASHBOARD_WRITE),
                button(t("edit.save_copy"), kind="primary", on_click=State.save_as_copy),
            ),
        ),
        name="conflict",
        title=t("edit.conflict"),
        shown=State.conflict,
        on_dismiss=State.close_conflict,
    )
