"""The tile of a figure in every state: number, chart or table; loading, failed, not enough data."""

from __future__ import annotations

from typing import Any

import reflex as rx
from reflex_base.vars import VarData

from components.charts.handlers import TileHandlers
from components.charts.pivot import pivot_table
from components.charts.plot import plot
from components.charts.prose import prose
from components.charts.tile_menu import METRIC, tile_menu
from components.tables.table import figure_table
from components.text import t
from components.ui.badge import badge
from components.ui.code import code_block
from components.ui.icon import hidden, icon
from components.ui.link import link
from components.ui.states import failed, not_enough_data, skeleton

TABLES = ("pivot", "table", "text")
"""Kinds that need no table beside them."""
LARGE = (
    "((size,own)=>({{font:{{size}},xaxis:{{tickfont:{{size}}}},yaxis:{{tickfont:{{size}}}},"
    "annotations:(own.annotations??[]).map((one)=>({{...one,font:{{size}}}})),"
    "margin:{{t:size,r:Math.round((own.margin?.r??8)*size/12)}},"
    "height:Math.max(own.height??286,Math.round(globalThis.innerHeight*{part}))}}))"
    "(Math.max(12,Math.round(globalThis.innerWidth/110)),{own})"
)
"""The layout of a figure that fills its part of a screen: type and height go by the screen."""


def figure_tile(tile: Any, handlers: TileHandlers, *, badge_word: rx.Var[str] | None = None) -> rx.Component:
    """Return the tile of ``tile``, a dict as ``state.dashboards.shown.shown_tile`` makes it.

    Usage: ``rx.foreach(State.tiles, lambda one: figure_tile(one, TileHandlers(on_table=State.toggle_table)))``.
    """
    body = rx.match(
        tile["state"].to(str),
        ("ready", _ready(tile, handlers)),
        ("insufficient_data", _insufficient(tile)),
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
            *([] if handlers.grip is None else [handlers.grip(tile)]),
            rx.el.div(
                rx.el.h2(tile["title"].to(str)),
                rx.cond(tile["finding"].to(str) != "", rx.el.p(tile["finding"].to(str), class_name="sub")),
            ),
            *([] if badge_word is None else [badge(badge_word, tone="accent", icon_name="eye")]),
            tile_menu(tile, handlers),
        ),
        rx.cond(
            tile["stale"].to(str) != "",
            rx.el.p(icon("clock-alert"), t("tile.stale", reason=tile["stale"].to(str)), class_name="o-stale"),
        ),
        rx.el.div(body, class_name="b"),
        rx.cond(tile["chart"].to(str) != "text", _source(tile, handlers)),
        *([] if handlers.corner is None else [handlers.corner(tile)]),
        class_name=_classes(tile),
        key=tile["id"].to(str),
        custom_attrs={
            "data-tile": tile["id"].to(str),
            **({} if handlers.grip is None else {"data-arranged": tile["id"].to(str)}),
            "aria-label": tile["title"].to(str),
            "style": {"--o-rows": tile["rows_high"].to(str)},
        },
    )


def _insufficient(tile: Any) -> rx.Component:
    return not_enough_data(tile["insufficient_message"].to(str), tile["insufficient_needed"].to(str))


def _classes(tile: Any) -> rx.Var[str]:
    half = rx.cond(tile["chart"].to(str) == "number", " half", "")
    sized = rx.cond(tile["rows_high"].to(str) != "", " sized", "")
    return "o-tile s" + tile["width"].to(str) + half + sized


def _ready(tile: Any, handlers: TileHandlers) -> rx.Component:
    return rx.fragment(
        rx.cond(tile["as_table"].to(bool), _table(tile), _picture(tile, handlers)),
        rx.foreach(tile["notes"].to(list[str]), lambda text: rx.el.p(text, class_name="mut small")),
    )


def _table(tile: Any) -> rx.Component:
    columns, rows = tile["columns"].to(list[dict[str, str]]), tile["rows"].to(list[list[str]])
    return figure_table(columns, rows, name=t("tile.table_of", title=tile["title"].to(str)))


def _picture(tile: Any, handlers: TileHandlers) -> rx.Component:
    pivoted = pivot_table(
        tile["columns"].to(list[dict[str, str]]),
        tile["rows"].to(list[list[str]]),
        tile["footer"].to(list[str]),
        name=t("tile.table_of", title=tile["title"].to(str)),
    )
    return rx.match(
        tile["chart"].to(str),
        ("number", _number(tile, handlers)),
        ("table", _table(tile)),
        ("pivot", pivoted),
        ("text", prose(tile["blocks"].to(list[dict[str, Any]]))),
        _chart(tile, handlers),
    )


def _number(tile: Any, handlers: TileHandlers) -> rx.Component:
    short, full = tile["value"].to(str), tile["value_full"].to(str)
    value = rx.el.span(short, title=full)
    if handlers.on_rows is not None:
        opener = rx.el.button(
            short,
            hidden(t("tile.rows")),
            type="button",
            title=full,
            class_name="o-drill",
            on_click=handlers.on_rows(tile["id"]),
        )
        value = rx.cond(tile["asks"].to(str) == METRIC, opener, value)
    delta = rx.el.span(
        rx.match(tile["direction"].to(str), ("up", icon("arrow-up")), ("down", icon("arrow-down")), icon("minus")),
        tile["delta"].to(str),
        class_name="up " + tile["tone"].to(str),
    )
    return rx.el.div(
        rx.el.div(value, class_name="v"),
        rx.cond(tile["against"].to(str) != "", rx.el.div(delta, rx.el.span(tile["against"].to(str)), class_name="c")),
        rx.cond(tile["spark"].to(str) != "", spark_line(tile["spark"].to(str))),
        class_name="o-stat plain",
    )


def spark_line(points: Any) -> rx.Component:
    """Return the small line through ``points``, as ``state.dashboards.shown.spark_points`` writes them."""
    return rx.el.svg(
        rx.el.path(
            d="M" + points,
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
            layout=_layout_of(tile, handlers),
            on_click=None if handlers.on_point is None else lambda points: handlers.on_point(tile["id"], points),
        ),
    )


def _layout_of(tile: Any, handlers: TileHandlers) -> Any:
    """Return the narrow layout on a phone, larger type on a whole screen, else none over the figure's own.

    Decided where it is drawn.
    """
    phone, own, full = tile["phone_layout"].to(dict), tile["figure"].to(dict)["layout"], handlers.full
    wide = "{}" if full is None else f"({full!s}?{LARGE.format(own=f'({own!s}??{{}})', part=handlers.part)}:{{}})"
    sources = [one._get_all_var_data() for one in (phone, own, full) if one is not None]  # noqa: SLF001 - a raw expression must carry its dependencies
    expression = f"(globalThis.innerWidth<=640?{phone!s}:{wide})"
    return rx.Var(expression, _var_data=VarData.merge(*sources)).to(dict)


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


def large_tile(tile: Any) -> rx.Component:
    """Return a figure as large as the window lets it be, its table, and how it was computed."""
    chart = tile["chart"].to(str)
    plain = TileHandlers(on_table=None, full=rx.Var.create(value=True), part=0.5)
    answer = rx.fragment(
        _picture(tile, plain),
        rx.foreach(tile["notes"].to(list[str]), lambda text: rx.el.p(text, class_name="mut small")),
        rx.match(chart, *[(kind, rx.fragment()) for kind in TABLES], _table(tile)),
    )
    return rx.el.div(
        rx.cond(tile["finding"].to(str) != "", rx.el.p(tile["finding"].to(str), class_name="mut")),
        rx.match(
            tile["state"].to(str),
            ("ready", answer),
            ("insufficient_data", _insufficient(tile)),
            ("failed", failed(tile["problem_message"].to(str), code=tile["problem_code"].to(str))),
            skeleton(5),
        ),
        rx.cond((chart != "text") & (tile["state"].to(str) == "ready"), how_computed(tile["how"].to(dict[str, Any]))),
        class_name="o-large",
        custom_attrs={"data-large": tile["id"].to(str)},
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
