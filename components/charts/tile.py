"""The tile of a figure in every state: number, chart or table; loading, failed, not enough data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx

from components.charts.plot import plot
from components.tables.table import figure_table
from components.text import t
from components.ui.badge import badge
from components.ui.code import code_block
from components.ui.icon import hidden, icon
from components.ui.link import link
from components.ui.menu import menu, menu_item, menu_link
from components.ui.states import failed, not_enough_data, skeleton


@dataclass(frozen=True, slots=True, kw_only=True)
class TileHandlers:
    """What a tile's menu does; each takes the tile's id.

    Attributes:
        on_point: Takes the points of the figure that were clicked, too.
        on_values: Offers the values that the figure shows, to filter by one.
        more: Makes further entries of the menu from the tile, for the editor.
    """

    on_table: Any
    on_rows: Any = None
    on_how: Any = None
    on_retry: Any = None
    on_point: Any = None
    on_values: Any = None
    more: Callable[[Any], list[Any]] | None = None


def figure_tile(tile: Any, handlers: TileHandlers, *, badge_word: rx.Var[str] | None = None) -> rx.Component:
    """Return the tile of ``tile``, a dict as ``state.dashboards.shown.shown_tile`` makes it.

    Usage: ``rx.foreach(State.tiles, lambda one: figure_tile(one, TileHandlers(on_table=State.toggle_table)))``.
    """
    body = rx.match(
        tile["state"].to(str),
        ("ready", _ready(tile, handlers)),
        (
            "insufficient_data",
            not_enough_data(tile["insufficient_message"].to(str), tile["insufficient_needed"].to(str)),
        ),
        (
            "failed",
            failed(
                tile["problem_message"].to(str),
                code=tile["problem_code"].to(str),
                on_retry=None if handlers.on_retry is None else handlers.on_retry(tile["id"]),
            ),
        ),
        skeleton(5),
    )
    return rx.el.section(
        rx.el.header(
            rx.el.div(
                rx.el.h2(tile["title"].to(str)),
                rx.cond(tile["finding"].to(str) != "", rx.el.p(tile["finding"].to(str), class_name="sub")),
            ),
            *([] if badge_word is None else [badge(badge_word, tone="accent", icon_name="eye")]),
            _menu(tile, handlers),
        ),
        rx.el.div(body, class_name="b"),
        _source(tile, handlers),
        class_name="o-tile s" + tile["width"].to(str) + rx.cond(tile["chart"].to(str) == "number", " half", ""),
        key=tile["id"].to(str),
        custom_attrs={"data-tile": tile["id"].to(str), "aria-label": tile["title"].to(str)},
    )


def _ready(tile: Any, handlers: TileHandlers) -> rx.Component:
    table = figure_table(
        tile["columns"].to(list[dict[str, str]]),
        tile["rows"].to(list[list[str]]),
        name=t("tile.table_of", title=tile["title"].to(str)),
    )
    number = _number(tile, handlers)
    picture = rx.match(tile["chart"].to(str), ("number", number), ("table", table), _chart(tile, handlers))
    return rx.fragment(
        rx.cond(tile["as_table"].to(bool), table, picture),
        rx.foreach(tile["notes"].to(list[str]), lambda text: rx.el.p(text, class_name="mut small")),
    )


def _number(tile: Any, handlers: TileHandlers) -> rx.Component:
    short, full = tile["value"].to(str), tile["value_full"].to(str)
    value = (
        rx.el.span(short, title=full)
        if handlers.on_rows is None
        else rx.el.button(
            short,
            hidden(t("tile.rows")),
            type="button",
            title=full,
            class_name="o-drill",
            on_click=handlers.on_rows(tile["id"]),
        )
    )
    delta = rx.el.span(
        rx.match(tile["direction"].to(str), ("up", icon("arrow-up")), ("down", icon("arrow-down")), icon("minus")),
        tile["delta"].to(str),
        class_name="up " + tile["tone"].to(str),
    )
    return rx.el.div(
        rx.el.div(value, class_name="v"),
        rx.cond(tile["against"].to(str) != "", rx.el.div(delta, rx.el.span(tile["against"].to(str)), class_name="c")),
        rx.cond(tile["spark"].to(str) != "", _spark(tile)),
        class_name="o-stat plain",
    )


def _spark(tile: Any) -> rx.Component:
    return rx.el.svg(
        rx.el.path(
            d="M" + tile["spark"].to(str),
            custom_attrs={
                "fill": "none",
                "stroke": "currentColor",
                "strokeWidth": "1.75",
                "vectorEffect": "non-scaling-stroke",
            },
        ),
        view_box="0 0 84 28",
        class_name="spark",
        custom_attrs={"aria-hidden": "true", "preserveAspectRatio": "none"},
    )


def _chart(tile: Any, handlers: TileHandlers) -> rx.Component:
    legend = rx.cond(
        tile["legend"].to(list[dict[str, str]]).length() > 1,
        rx.el.ul(
            rx.foreach(
                tile["legend"].to(list[dict[str, str]]),
                lambda one: rx.el.li(rx.el.i(custom_attrs={"style": {"background": one["colour"]}}), one["name"]),
            ),
            class_name="o-legend",
        ),
    )
    return rx.fragment(
        legend,
        plot(
            tile["figure"].to(dict),
            sentence=tile["accessible"].to(str),
            layout=_layout_of(tile),
            on_click=None if handlers.on_point is None else lambda points: handlers.on_point(tile["id"], points),
        ),
    )


def _layout_of(tile: Any) -> Any:
    """Return the narrow layout on a phone, else none over the figure's own; decided where it is drawn."""
    phone = tile["phone_layout"].to(dict)
    return rx.Var(f"(globalThis.innerWidth<=640?{phone!s}:{{}})", _var_data=phone._get_all_var_data()).to(dict)  # noqa: SLF001 - a raw expression must carry its dependencies


def _menu(tile: Any, handlers: TileHandlers) -> rx.Component:
    identity = tile["id"]
    items = [
        menu_item(
            rx.cond(tile["as_table"].to(bool), t("tile.as_chart"), t("tile.as_table")),
            icon_name="table-2",
            key="T",
            on_click=handlers.on_table(identity),
            custom_attrs={"data-view-table": "true"},
        ),
        rx.cond(
            tile["csv_href"].to(str) != "",
            menu_link(t("ui.csv"), href=tile["csv_href"].to(str), icon_name="download", outside=True),
        ),
    ]
    if handlers.on_rows is not None:
        items.append(menu_item(t("tile.rows"), icon_name="list", on_click=handlers.on_rows(identity)))
    if handlers.on_values is not None:
        items.append(
            rx.cond(
                tile["drill"].to(str) != "",
                menu_item(t("tile.filter_by"), icon_name="list-filter", on_click=handlers.on_values(identity)),
            )
        )
    if handlers.on_how is not None:
        items.append(menu_item(t("tile.how"), icon_name="sigma", on_click=handlers.on_how(identity)))
    if handlers.more is not None:
        items += handlers.more(tile)
    return menu(*items, name="menu-" + identity.to(str), label=t("tile.menu", title=tile["title"].to(str)))


def _source(tile: Any, handlers: TileHandlers) -> rx.Component:
    how = (
        []
        if handlers.on_how is None
        else [
            rx.el.button(
                t("tile.how_short"), type="button", class_name="o-linkbtn", on_click=handlers.on_how(tile["id"])
            )
        ]
    )
    return rx.el.footer(
        icon("database"),
        hidden(t("ui.source_prefix")),
        rx.el.span(
            rx.cond(
                tile["source_href"].to(str) != "",
                link(tile["source"].to(str), href=tile["source_href"].to(str)),
                tile["source"].to(str),
            ),
            title=tile["source"].to(str),
        ),
        rx.el.span(*how, class_name="r"),
        class_name="o-src",
    )


def how_computed(how: Any) -> rx.Component:
    """Return the answer to "how was this computed": ``{"facts": [{"name", "value"}], "sql"}``."""
    return rx.el.div(
        rx.el.dl(
            rx.foreach(
                how["facts"].to(list[dict[str, str]]),
                lambda one: rx.fragment(rx.el.dt(one["name"]), rx.el.dd(one["value"])),
            ),
            class_name="o-dl",
        ),
        code_block(how["sql"].to(str), title=t("tile.sql")),
        class_name="stack",
    )
