"""The form of one figure: what it asks, how it is drawn."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.text import t
from components.ui.button import button
from components.ui.field import error_summary, field, select, select_field
from components.ui.icon import hidden, icon
from components.ui.page import tile
from state.dashboards.edit import DashboardEditState as State
from state.dashboards.place import PERIODS
from state.dashboards.tile_form import BINS, DERIVATIONS, GRAINS, HEIGHTS, LIMITS, ORDERS, OWN_PERIOD, WIDTHS

NAMED_WIDTHS = (3, 4, 6, 8, 12)
OPERATORS = ("eq", "ne", "gt", "gte", "lt", "lte", "contains", "starts_with", "is_null", "not_null")


def _choice(label: rx.Var[str], name: str, options: Any, **props: Any) -> rx.Component:
    return select_field(
        label,
        name=f"tile-{name}",
        options=options,
        value=State.form[name],
        on_change=lambda value: State.change(name, value),
        **props,
    )


def form() -> rx.Component:
    """Return the fields of the figure that is open in the editor."""
    widths = [(str(one), _part_of_width(one)) for one in WIDTHS]
    heights = [("", t("edit.height.own")), *[(str(one), str(one)) for one in HEIGHTS]]
    data = rx.fragment(
        _choice(t("datasets.one"), "dataset", State.datasets),
        _choice(
            t("dashboards.source"),
            "kind",
            [("metric", t("dashboards.by_catalogue")), ("sql", t("dashboards.by_sql"))],
        ),
    )
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
                    custom_attrs={"data-focus": rx.cond(State.jumped, "true", "false")},
                ),
                _choice(t("dashboards.chart"), "chart", State.charts),
                _choice(t("edit.width"), "width", widths),
                _choice(t("edit.height"), "height", heights),
                rx.cond(State.form["kind"] == "text", rx.fragment(), data),
                class_name="o-form two",
            ),
            rx.match(
                State.form["kind"],
                ("sql", _sql()),
                ("text", _text()),
                rx.fragment(_metric(), _conditions()),
            ),
            class_name="stack",
        ),
        title=t("edit.figure"),
    )


def _part_of_width(columns: int) -> Any:
    return t(f"edit.width.{columns}") if columns in NAMED_WIDTHS else t("edit.width.of", n=str(columns))


def _optional(label: rx.Var[str], name: str, items: rx.Var[list[dict[str, str]]]) -> rx.Component:
    return field(
        label,
        name=f"tile-{name}",
        control=rx.el.select(
            rx.el.option("\N{EN DASH}", value=""),
            rx.foreach(items, lambda one: rx.el.option(one["label"], value=one["value"])),
            id=f"tile-{name}",
            value=State.form[name],
            on_change=lambda value: State.change(name, value),
        ),
    )


def _yes_or_no(label: rx.Var[str], name: str, **props: Any) -> rx.Component:
    return _choice(label, name, [("", t("ui.no")), ("yes", t("ui.yes"))], **props)


def _metric() -> rx.Component:
    periods = [("", t("edit.whole_time")), *[(name, t(f"dashboards.period.{name}")) for name in (*PERIODS, OWN_PERIOD)]]
    chart = State.form["chart"]
    ordered = rx.fragment(
        _choice(t("edit.order"), "order", [(one, t(f"edit.order.{one or 'own'}")) for one in ORDERS]),
        _choice(t("dashboards.limit"), "limit", [(str(one), str(one)) for one in LIMITS]),
    )
    return rx.el.div(
        _choice(t("datasets.measure"), "measure", State.measures),
        rx.match(
            chart,
            ("histogram", _histogram()),
            ("heatmap", _grid()),
            ("map", _map()),
            ("number", rx.fragment()),
            ("pivot", rx.fragment(_optional(t("edit.second"), "second", State.measures), _grid(), _derive())),
            ("pie", _groups()),
            ("scatter", rx.fragment(_optional(t("edit.second"), "second", State.measures), _groups(), _split())),
            rx.fragment(_optional(t("edit.second"), "second", State.measures), _groups(), _split(), _derive()),
        ),
        _choice(t("dashboards.period"), "period", periods),
        rx.match(
            chart,
            ("line", _yes_or_no(t("edit.compare"), "compare", hint=t("edit.compare_hint"))),
            (
                "area",
                rx.fragment(
                    _yes_or_no(t("edit.compare"), "compare", hint=t("edit.compare_hint")),
                    _yes_or_no(t("edit.stacked"), "stacked"),
                ),
            ),
            (
                "bar",
                rx.fragment(
                    _yes_or_no(t("edit.compare"), "compare", hint=t("edit.compare_hint")),
                    _yes_or_no(t("edit.stacked"), "stacked"),
                ),
            ),
            rx.fragment(),
        ),
        rx.match(chart, ("histogram", rx.fragment()), ("number", rx.fragment()), ordered),
        class_name="o-form two",
    )


def _groups() -> rx.Component:
    return rx.fragment(_optional(t("dashboards.by"), "dimension", State.dimensions), _grain())


def _grain() -> rx.Component:
    grains = [(one, t(f"builder.grain.{one}")) for one in GRAINS]
    return rx.cond(State.timed, _choice(t("dashboards.grain"), "grain", grains))


def _split() -> rx.Component:
    return _optional(t("dashboards.split"), "split", State.dimensions)


def _grid() -> rx.Component:
    return rx.fragment(
        _optional(t("edit.down"), "dimension", State.dimensions),
        _optional(t("edit.across"), "split", State.dimensions),
        _grain(),
    )


def _histogram() -> rx.Component:
    return rx.fragment(
        _optional(t("edit.number"), "dimension", State.numbers),
        _choice(t("edit.bins"), "bins", [(str(one), str(one)) for one in BINS]),
    )


def _map() -> rx.Component:
    return rx.fragment(
        _optional(t("edit.latitude"), "latitude", State.numbers),
        _optional(t("edit.longitude"), "longitude", State.numbers),
        _optional(t("edit.place"), "dimension", State.dimensions),
    )


def _derive() -> rx.Component:
    offered = [(one, t(f"edit.derive.{one or 'none'}")) for one in DERIVATIONS]
    kept = _choice(t("edit.derive"), "derive", [*offered, ("part", t("edit.derive.part"))])
    return rx.cond(State.form["derive"] == "part", kept, _choice(t("edit.derive"), "derive", offered))


def _text() -> rx.Component:
    return field(
        t("edit.text"),
        name="tile-text",
        hint=t("edit.text_hint"),
        control=rx.el.textarea(
            id="tile-text",
            default_value=State.form["text"],
            key="text-" + State.selected,
            rows="12",
            max_length=10_000,
            on_blur=lambda value: State.change("text", value),
        ),
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
