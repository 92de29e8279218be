"""How large tiles are: twelve columns across, rows of one height down. Pure.

A tile without a height of its own is as high as its content asks. One with a height is at least so high; its figure, or
the part of its table that is seen at once, grows and shrinks with it. A row on the page is ``ROW_PX`` high, and between
two rows are ``GAP_PX``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend_services.dashboards.spec import MAX_COLUMNS, MAX_ROWS, MIN_COLUMNS, MIN_ROWS, ChartKind

if TYPE_CHECKING:
    from backend_services.dashboards.spec import Tile

ROW_PX: Final = 52
GAP_PX: Final = 16
SURROUNDINGS_PX: Final = 106
"""What a tile holds besides its figure: title, finding, source, the space between them."""

_USUAL: Final = {ChartKind.NUMBER: 2, ChartKind.PIVOT: 8, ChartKind.TABLE: 8, ChartKind.TEXT: 3}
_USUAL_FIGURE: Final = 6
_LEAST: Final = {ChartKind.NUMBER: 2, ChartKind.TEXT: 2}
_LEAST_FIGURE: Final = 4


def usual_rows(chart: ChartKind) -> int:
    """Return about how many rows a tile takes that has no height of its own."""
    return _USUAL.get(chart, _USUAL_FIGURE)


def least_rows(chart: ChartKind) -> int:
    """Return how many rows a tile needs so that its figure can still be read."""
    return _LEAST.get(chart, _LEAST_FIGURE)


def within_rows(rows: int, chart: ChartKind) -> int:
    """Return ``rows``, or the nearest number of rows that such a tile can have."""
    return min(max(rows, MIN_ROWS, least_rows(chart)), MAX_ROWS)


def within_columns(columns: int) -> int:
    """Return ``columns``, or the nearest number of columns that a tile can have."""
    return min(max(columns, MIN_COLUMNS), MAX_COLUMNS)


def rows_of(tile: Tile) -> int | None:
    """Return the rows that a tile takes at least, or ``None`` where it is as high as its content asks."""
    return None if tile.height is None else within_rows(tile.height, tile.chart)


def tile_px(rows: int) -> int:
    """Return how high a tile of so many rows is on the page, in pixels."""
    return rows * (ROW_PX + GAP_PX) - GAP_PX


def figure_px(tile: Tile) -> int | None:
    """Return how high the tile's figure is on the page, in pixels, or ``None`` where the figure says so itself."""
    rows = rows_of(tile)
    return None if rows is None else tile_px(rows) - SURROUNDINGS_PX
