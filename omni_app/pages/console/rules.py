"""The tab of a dataset where its row-level rules are read and changed."""

from __future__ import annotations

from typing import Any

import reflex as rx

from backend_services.kernel.permissions import Permission
from components.tables import Column, data_table
from components.text import t
from components.ui.button import button
from components.ui.dialog import dialog, dialog_actions
from components.ui.field import checkbox, error_summary, field, select_field
from components.ui.page import grid, tile
from components.ui.states import empty
from omni_app.frame import may
from omni_app.pages.console.sharing import ROLES
from state.datasets.rules import DatasetRulesState as State

WRITE = Permission.DATASETS_RULE_WRITE
OPERATORS = ("eq", "ne", "gt", "gte", "lt", "lte", "contains", "starts_with", "is_null", "not_null")


def tab() -> rx.Component:
    """Return the rules and what follows from them."""

    def remove(row: Any) -> rx.Component:
        return rx.cond(
            may(WRITE),
            button(
                t("rules.remove"),
                small=True,
                on_click=State.ask_removal(row["id"].to(str)),
                custom_attrs={"aria-label": t("rules.remove_of", role=row["role"].to(str))},
            ),
        )

    columns = (
        Column(key="role", label=t("rules.role")),
        Column(key="rows", label=t("rules.sees_rows")),
        Column(key="hidden", label=t("rules.sees_not")),
        Column(key="id", label=t("ui.actions"), plain_head=True, render=remove),
    )
    add = rx.cond(may(WRITE), button(t("rules.add"), icon_name="plus", small=True, on_click=State.open_adding))
    return grid(
        tile(
            rx.cond(
                State.rules.length() > 0,
                data_table(columns, State.rules, name=t("datasets.tab.rules")),
                empty(t("rules.none"), t("rules.none_text")),
            ),
            title=t("datasets.tab.rules"),
            actions=add,
            padded=False,
            span=8,
        ),
        tile(
            rx.el.p(rx.cond(State.rules.length() > 0, t("rules.now_closed"), t("rules.now_open"))),
            rx.el.ul(
                *[rx.el.li(t(f"rules.explain.{name}")) for name in ("union", "nothing", "hidden", "everywhere")],
                class_name="o-points",
            ),
            title=t("rules.effect"),
            span=4,
        ),
    )


def dialogs() -> list[Any]:
    """Return the form of a new rule and the question before one goes."""
    return [
        dialog(
            error_summary(State.problems),
            rx.el.form(
                _who_and_rows(),
                _columns(),
                dialog_actions(
                    button(t("ui.cancel"), on_click=State.close),
                    button(t("rules.add"), kind="primary", type="submit"),
                ),
                on_submit=State.add,
                class_name="o-form",
            ),
            name="new-rule",
            title=t("rules.new"),
            shown=State.adding,
            on_dismiss=State.close,
            wide=True,
        ),
        dialog(
            rx.el.p(t("rules.remove_text"), class_name="t2"),
            dialog_actions(
                button(t("rules.keep"), on_click=State.close),
                button(t("rules.remove"), kind="danger-solid", on_click=State.remove),
            ),
            name="remove-rule",
            title=t("rules.remove_ask", role=State.removing_name),
            shown=State.removing != "",
            on_dismiss=State.close,
        ),
    ]


def _who_and_rows() -> rx.Component:
    roles: list[tuple[str, rx.Var[str] | str]] = [(name, t(f"roles.{name}")) for name in ROLES]
    operators: list[tuple[str, rx.Var[str] | str]] = [(one, t(f"dashboards.operator.{one}")) for one in OPERATORS]
    chosen = rx.el.select(
        rx.el.option(t("rules.every_row"), value=""),
        rx.foreach(State.fields, lambda one: rx.el.option(one["label"], value=one["value"])),
        id="rule-field",
        name="rule-field",
        default_value="",
    )
    return rx.el.div(
        select_field(t("rules.role"), name="rule-role", options=roles, value="viewer"),
        field(t("rules.rows_where"), name="rule-field", control=chosen),
        select_field(t("edit.operator"), name="rule-operator", options=operators, value="eq"),
        field(t("rules.values"), name="rule-values", hint=t("rules.values_hint"), max_length=4000),
        checkbox(t("rules.everything"), name="rule-everything"),
        class_name="o-form two",
    )


def _columns() -> rx.Component:
    def box(one: Any) -> rx.Component:
        return rx.el.div(
            rx.el.input(id=one["box"], name=one["box"], type="checkbox"),
            rx.el.label(one["label"], html_for=one["box"]),
            class_name="o-check",
        )

    return rx.el.fieldset(
        rx.el.legend(t("rules.hide_columns")),
        rx.el.div(rx.foreach(State.columns, box), class_name="o-form two"),
        class_name="o-boxes",
    )
