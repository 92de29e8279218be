"""The tab of a dataset where its catalogue is read and edited."""

from __future__ import annotations

from typing import Any

import reflex as rx

from components.tables import Column, data_table
from components.text import t
from components.ui.badge import badge
from components.ui.button import button
from components.ui.dialog import dialog, dialog_actions
from components.ui.field import checkbox, error_summary, field, select_field
from components.ui.page import grid, tile
from state.datasets.catalogue_edit import CatalogueEditState as State
from state.datasets.catalogue_form import UNITS


def tab() -> rx.Component:
    """Return the measures, the dimensions and the defaults."""
    shared = (
        Column(key="column", label=t("datasets.column"), mono=True),
        Column(key="words", label=t("datasets.words")),
    )
    measures = (
        Column(key="label", label=t("datasets.measure"), render=_label),
        Column(key="how", label=t("datasets.how")),
        Column(key="unit", label=t("datasets.unit")),
        *shared,
    )
    dimensions = (
        Column(key="label", label=t("datasets.dimension"), render=_label),
        Column(key="type", label=t("datasets.type")),
        *shared,
    )
    return grid(
        rx.cond(State.editable, _defaults()),
        tile(
            data_table(measures, State.measures, name=t("datasets.measures")),
            title=t("datasets.measures"),
            sub=t("datasets.measures_text"),
            padded=False,
        ),
        tile(
            data_table(dimensions, State.dimensions, name=t("datasets.dimensions")),
            title=t("datasets.dimensions"),
            sub=t("datasets.dimensions_text"),
            padded=False,
        ),
    )


def _label(row: Any) -> rx.Component:
    name = row["label"].to(str)
    return rx.fragment(
        rx.cond(
            State.editable,
            rx.el.button(
                name,
                type="button",
                class_name="o-linkbtn",
                on_click=State.open_field(row["id"].to(str)),
                custom_attrs={"aria-haspopup": "dialog", "aria-label": t("catalogue.edit_of", name=name)},
            ),
            name,
        ),
        rx.cond(row["hidden"].to(str) != "", rx.fragment(" ", badge(t("datasets.hidden"), icon_name="eye-off"))),
    )


def _defaults() -> rx.Component:
    def choice(label: rx.Var[str], name: str, hint: rx.Var[str], options: Any, value: Any) -> rx.Component:
        return field(
            label,
            name=f"default-{name}",
            hint=hint,
            control=rx.el.select(
                rx.el.option("\N{EN DASH}", value=""),
                rx.foreach(options, lambda one: rx.el.option(one["label"], value=one["value"])),
                id=f"default-{name}",
                value=value,
                on_change=lambda chosen: State.choose_default(name, chosen),
            ),
        )

    return tile(
        rx.el.div(
            choice(
                t("catalogue.default_measure"),
                "measure",
                t("catalogue.default_measure_hint"),
                State.measure_options,
                State.default_measure,
            ),
            choice(
                t("catalogue.default_time"),
                "time",
                t("catalogue.default_time_hint"),
                State.time_options,
                State.default_time,
            ),
            class_name="o-form two",
        ),
        title=t("catalogue.defaults"),
    )


def dialogs() -> list[Any]:
    """Return the dialog of one field."""
    return [
        dialog(
            rx.cond(State.conflict, _conflict()),
            error_summary(State.problems),
            rx.el.form(
                _fields(),
                dialog_actions(
                    button(t("ui.cancel"), on_click=State.close_field),
                    button(t("catalogue.save"), kind="primary", type="submit"),
                ),
                on_submit=State.save_field,
                class_name="o-form",
                key=State.opened,
            ),
            name="catalogue-field",
            title=t("catalogue.edit_of", name=State.opened_title),
            shown=State.opened != "",
            on_dismiss=State.close_field,
            wide=True,
        )
    ]


def _conflict() -> rx.Component:
    return rx.el.div(
        rx.el.h3(t("catalogue.conflict")),
        rx.el.p(t("catalogue.conflict_text")),
        rx.el.div(
            button(t("catalogue.load_newest"), small=True, on_click=State.load_newest),
            button(t("catalogue.save_over"), small=True, on_click=State.save_over),
            class_name="row",
        ),
        class_name="o-errsum",
        role="alert",
    )


def _fields() -> rx.Component:
    units: list[tuple[str, rx.Var[str] | str]] = [(one, t(f"catalogue.unit.{one}")) for one in UNITS]
    return rx.el.div(
        field(t("catalogue.label_en"), name="label_en", default_value=State.form["label_en"], max_length=200),
        field(t("catalogue.label_sl"), name="label_sl", default_value=State.form["label_sl"], max_length=200),
        field(
            t("catalogue.words_en"),
            name="words_en",
            hint=t("catalogue.words_hint"),
            default_value=State.form["words_en"],
            max_length=1000,
        ),
        field(
            t("catalogue.words_sl"),
            name="words_sl",
            hint=t("catalogue.words_hint"),
            default_value=State.form["words_sl"],
            max_length=1000,
        ),
        rx.cond(
            State.form["kind"] == "measure",
            rx.fragment(
                select_field(
                    t("catalogue.aggregation"),
                    name="aggregation",
                    options=State.aggregations,
                    value=State.form["aggregation"],
                ),
                select_field(t("datasets.unit"), name="unit_kind", options=units, value=State.form["unit_kind"]),
                field(
                    t("catalogue.unit_code"),
                    name="unit_code",
                    hint=t("catalogue.unit_code_hint"),
                    default_value=State.form["unit_code"],
                    max_length=12,
                ),
            ),
        ),
        checkbox(t("catalogue.hide"), name="hidden", default_checked=State.form["hidden"] != ""),
        class_name="o-form two",
    )
