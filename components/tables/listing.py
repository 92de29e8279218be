"""A list page's body: search, table, what it shows when there is nothing, pages, CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx

from components.tables.table import Column, data_table
from components.text import t
from components.ui.button import link_button
from components.ui.icon import icon
from components.ui.link import link, outside_link
from components.ui.states import empty, skeleton

Words = rx.Var[str] | str


def list_search(value: rx.Var[str], on_find: Any, *, name: Words) -> rx.Component:
    """Return the search box of a list; ``/`` jumps into it, typing searches after 200 ms.

    What was typed while the connection was away is sent again: ``data-applied`` tells what the list shows.
    """
    return rx.el.div(
        icon("search"),
        rx.el.input(
            type="search",
            default_value=value,
            key=t("ui.search"),
            on_change=on_find.debounce(200),
            placeholder=name,
            custom_attrs={"aria-label": name, "data-list-search": "true", "data-applied": value},
        ),
        class_name="o-searchbox",
    )


def listing(
    columns: Sequence[Column], state: Any, *, name: Words, nothing: rx.Component, csv_href: Words | None = None
) -> rx.Component:
    """Return a tile with the rows of ``state`` (see ``state.listing.Listing``), its pages and its downloads.

    ``nothing`` is shown while there is no object at all; a search without hits offers to clear the filters.
    """
    table = data_table(columns, state.rows, name=name, sort=state.sort, sort_links=state.sort_links)
    none = rx.cond(
        state.narrowed,
        empty(t("ui.no_match"), t("ui.no_match_text"), link_button(t("ui.clear_filters"), href=state.clear_href)),
        nothing,
    )
    return rx.el.section(
        rx.cond(
            state.loaded,
            rx.cond(state.rows.length() > 0, rx.fragment(table, _foot(state, csv_href)), none),
            rx.el.div(skeleton(), class_name="b"),
        ),
        class_name="o-tile s12",
    )


def _foot(state: Any, csv_href: Words | None) -> rx.Component:
    csv = (
        []
        if csv_href is None
        else [outside_link(icon("download"), t("ui.csv"), href=csv_href, class_name="o-btn quiet sm")]
    )
    return rx.el.footer(
        rx.el.span(state.range_text, role="status"),
        rx.el.span(class_name="sp"),
        *csv,
        rx.cond(
            state.previous_href != "",
            link(icon("chevron-left"), t("ui.previous"), href=state.previous_href, class_name="o-btn sm"),
        ),
        rx.cond(
            state.next_href != "",
            link(t("ui.next"), icon("chevron-right"), href=state.next_href, class_name="o-btn sm"),
        ),
        class_name="o-tfoot",
    )
