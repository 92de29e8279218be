"""The table itself: heads that sort, rows of 36 px, cards on a phone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import reflex as rx

from components.text import t
from components.ui.icon import hidden, icon
from components.ui.link import link

Words = rx.Var[str] | str
Row = rx.Var[dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column.

    Attributes:
        key: Key of the row's value.
        sort: Name of the server's field to order by; empty is not sortable.
        render: Makes the cell from the row; default is the value as text.
        href: Key of the row's address; the cell then links to it.
        plain_head: The heading is for screen readers only.
    """

    key: str
    label: Words
    numeric: bool = False
    sort: str = ""
    render: Callable[[Any], Any] | None = None
    href: str = ""
    mono: bool = False
    plain_head: bool = False

    @property
    def head_class(self) -> str:
        """Return the class of its heading."""
        return "num" if self.numeric else ""

    @property
    def class_name(self) -> str:
        """Return the class of its cells."""
        return " ".join(name for name, wanted in (("num", self.numeric), ("mono", self.mono)) if wanted)


def data_table(
    columns: Sequence[Column],
    rows: rx.Var[list[dict[str, Any]]],
    *,
    name: Words,
    sort: rx.Var[str] | None = None,
    sort_links: rx.Var[dict[str, str]] | None = None,
    key: str = "id",
) -> rx.Component:
    """Return a table; on a phone each row becomes a card.

    Usage: ``data_table((Column(key="name", label=t("datasets.name"), sort="name", href="href"),), State.rows, …)``.
    ``sort`` is the current order (``-name`` is downwards), ``sort_links`` the address that each head leads to.
    """

    def body(row: Any) -> rx.Component:
        return rx.el.tr(*[_cell(column, row) for column in columns], key=row[key].to(str))

    return rx.el.div(
        rx.el.table(
            rx.el.caption(name, class_name="vh"),
            rx.el.thead(rx.el.tr(*[_head(column, sort, sort_links) for column in columns])),
            rx.el.tbody(rx.foreach(rows, body)),
            class_name="o-table cards",
        ),
        class_name="o-tablewrap",
        role="region",
        tab_index=0,
        custom_attrs={"aria-label": name},
    )


def figure_table(columns: rx.Var[list[dict[str, str]]], rows: rx.Var[list[list[str]]], *, name: Words) -> rx.Component:
    """Return the plain table of a figure, whose columns (``{"label", "align"}``) are known only at run time."""

    def align(column: Any) -> Any:
        return rx.cond(column["align"] == "right", "num", "")

    def line(row: Any) -> rx.Component:
        return rx.el.tr(rx.foreach(row, lambda text, index: rx.el.td(text, class_name=align(columns[index]))))

    return rx.el.div(
        rx.el.table(
            rx.el.caption(name, class_name="vh"),
            rx.el.thead(
                rx.el.tr(rx.foreach(columns, lambda one: rx.el.th(one["label"], scope="col", class_name=align(one))))
            ),
            rx.el.tbody(rx.foreach(rows, line)),
            class_name="o-table",
        ),
        class_name="o-tablewrap o-figtable",
        role="region",
        tab_index=0,
        custom_attrs={"aria-label": name},
    )


def _head(column: Column, sort: rx.Var[str] | None, links: rx.Var[dict[str, str]] | None) -> rx.Component:
    label = hidden(column.label) if column.plain_head else column.label
    if not column.sort or sort is None or links is None:
        return rx.el.th(label, scope="col", class_name=column.head_class)
    up, down = sort == column.sort, sort == f"-{column.sort}"
    sign = rx.cond(up, icon("arrow-up"), rx.cond(down, icon("arrow-down"), icon("chevrons-up-down")))
    return rx.el.th(
        link(label, sign, href=links[column.sort], class_name="sorter", title=t("ui.column_sort", name=column.label)),
        scope="col",
        class_name=column.head_class,
        custom_attrs={"aria-sort": rx.cond(up, "ascending", rx.cond(down, "descending", "none"))},
    )


def _cell(column: Column, row: Any) -> rx.Component:
    value = column.render(row) if column.render else row[column.key].to(str)
    if column.href:
        value = link(value, href=row[column.href].to(str), class_name="main")
    attributes = {} if column.plain_head else {"data-l": column.label}
    return rx.el.td(value, class_name=column.class_name, custom_attrs=attributes)
