"""The menu of a tile: other views, its rows, its files, its call over REST."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import reflex as rx

from components.text import t
from components.ui.menu import command, command_link, divider, menu

if TYPE_CHECKING:
    from components.charts.handlers import TileHandlers

METRIC, TEXT = "metric", "text"
"""What a tile asks: a question in catalogue terms has rows behind it, a text asks nothing."""


def tile_menu(tile: Any, handlers: TileHandlers) -> rx.Component:
    """Return the menu of ``tile`` with what ``handlers`` can do."""
    made = menu(
        *_views(tile, handlers),
        *_files(tile, handlers),
        *([] if handlers.more is None else handlers.more(tile)),
        name="menu-" + tile["id"].to(str),
        label=t("tile.menu", title=tile["title"].to(str)),
        role="menu",
    )
    if handlers.more is not None or handlers.on_large is not None:
        return made
    return rx.cond(_has_table(tile) | (tile["csv_href"].to(str) != ""), made)


def _has_table(tile: Any) -> rx.Var[bool]:
    """Return whether the tile is a figure that can be seen as a table, too."""
    chart = tile["chart"].to(str)
    return (chart != "table") & (chart != "pivot") & (tile["asks"].to(str) != TEXT)


def _views(tile: Any, handlers: TileHandlers) -> list[Any]:
    identity, asks = tile["id"], tile["asks"].to(str)
    table = command(
        rx.cond(tile["as_table"].to(bool), t("tile.as_chart"), t("tile.as_table")),
        icon_name="table-2",
        key="T",
        on_click=handlers.on_table(identity),
        custom_attrs={"data-view-table": "true"},
    )
    items: list[Any] = [rx.cond(_has_table(tile), table)]
    if handlers.on_large is not None:
        items.append(command(t("tile.large"), icon_name="maximize-2", on_click=handlers.on_large(identity)))
    if handlers.on_rows is not None:
        rows = command(t("tile.rows"), icon_name="list", on_click=handlers.on_rows(identity))
        items.append(rx.cond(asks == METRIC, rows))
    if handlers.on_values is not None:
        items.append(
            rx.cond(
                tile["drill"].to(str) != "",
                command(t("tile.filter_by"), icon_name="list-filter", on_click=handlers.on_values(identity)),
            )
        )
    if handlers.on_how is not None:
        how = command(t("tile.how"), icon_name="sigma", on_click=handlers.on_how(identity))
        items.append(rx.cond(asks != TEXT, how))
    return items


def _files(tile: Any, handlers: TileHandlers) -> list[Any]:
    def file(name: str, icon_name: str) -> rx.Component:
        href = tile[f"{name}_href"].to(str)
        return command_link(t(f"tile.{name}"), href=href, icon_name=icon_name, outside=True)

    items: list[Any] = [
        rx.cond(
            tile["csv_href"].to(str) != "",
            rx.fragment(divider(), file("csv", "download"), file("xlsx", "file-spreadsheet"), file("png", "image")),
        )
    ]
    if handlers.base_url is not None:
        call = 'curl -G "' + handlers.base_url + tile["call"].to(str)
        items.append(
            rx.cond(
                tile["call"].to(str) != "",
                command(
                    t("tile.call"), icon_name="terminal", on_click=handlers.on_copied, custom_attrs={"data-copy": call}
                ),
            )
        )
    return items
