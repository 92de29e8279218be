"""A pivot table: groups down and across, totals at the right and below."""

from __future__ import annotations

from typing import Any

import reflex as rx


def pivot_table(
    columns: rx.Var[list[dict[str, str]]], rows: rx.Var[list[list[str]]], footer: rx.Var[list[str]], *, name: Any
) -> rx.Component:
    """Return the table of a pivot, whose columns (``{"label", "align"}``) and totals are known only at run time.

    Usage: ``pivot_table(State.columns, State.rows, State.footer, name=t("tile.table_of", title=State.title))``.
    """

    def align(column: Any) -> Any:
        return rx.cond(column["align"] == "right", "num", "")

    def cell(text: Any, index: Any) -> rx.Component:
        return rx.cond(
            columns[index]["align"] == "right",
            rx.el.td(text, class_name="num"),
            rx.el.th(text, scope="row"),
        )

    return rx.el.div(
        rx.el.table(
            rx.el.caption(name, class_name="vh"),
            rx.el.thead(
                rx.el.tr(rx.foreach(columns, lambda one: rx.el.th(one["label"], scope="col", class_name=align(one))))
            ),
            rx.el.tbody(rx.foreach(rows, lambda row: rx.el.tr(rx.foreach(row.to(list[str]), cell)))),
            rx.el.tfoot(rx.el.tr(rx.foreach(footer, cell))),
            class_name="o-table o-pivot",
        ),
        class_name="o-tablewrap o-figtable",
        role="region",
        tab_index=0,
        custom_attrs={"aria-label": name},
    )
