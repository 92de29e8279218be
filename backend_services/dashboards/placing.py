"""Where the tiles of a dashboard stand: in which order, beside which, how wide and how high. Pure.

Tiles follow each other in rows of twelve columns; one that does not fit beside the others begins a row. So the order
and the widths say where everything stands, and each rule here gives a new specification. What a rule cannot do, such as
moving the first tile to the front, leaves the specification as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from backend_services.dashboards.errors import DashboardFullError, TileNotFoundError
from backend_services.dashboards.sizes import rows_of, usual_rows, within_columns, within_rows
from backend_services.dashboards.spec import MAX_COLUMNS, MAX_TILES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.dashboards.spec import DashboardSpec, Tile


class Step(StrEnum):
    """One small change of where a tile stands, or of how large it is."""

    EARLIER = "earlier"
    LATER = "later"
    UP = "up"
    DOWN = "down"
    NARROWER = "narrower"
    WIDER = "wider"
    SHORTER = "shorter"
    TALLER = "taller"
    OWN_HEIGHT = "own_height"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tile stands; rows and columns count from 0."""

    tile_id: str
    row: int
    column: int
    width: int


def places(spec: DashboardSpec) -> tuple[Place, ...]:
    """Return where each tile stands, in order."""
    found: list[Place] = []
    row = column = 0
    for tile in spec.tiles:
        if column + tile.width > MAX_COLUMNS:
            row, column = row + 1, 0
        found.append(Place(tile.id, row, column, tile.width))
        column += tile.width
    return tuple(found)


def stepped(spec: DashboardSpec, tile_id: str, step: Step) -> DashboardSpec:
    """Return the dashboard with a tile one step further.

    Raises:
        TileNotFoundError: It has no such tile.
    """
    at = index_of(spec, tile_id)
    match step:
        case Step.EARLIER:
            end = at - 1
        case Step.LATER:
            end = at + 1
        case Step.UP | Step.DOWN:
            end = _in_row_beside(places(spec), at, rows=-1 if step is Step.UP else 1)
        case _:
            return _with(spec, at, _sized(spec.tiles[at], step))
    return _at(spec, at, end)


def placed(spec: DashboardSpec, tile_id: str, *, beside: str, after: bool) -> DashboardSpec:
    """Return the dashboard with a tile directly before or after another one.

    Raises:
        TileNotFoundError: It lacks one of the two.
    """
    start, other = index_of(spec, tile_id), index_of(spec, beside)
    if start == other:
        return spec
    end = other + after
    return _at(spec, start, end - (start < end))


def resized(spec: DashboardSpec, tile_id: str, *, columns: int | None = None, rows: int | None = None) -> DashboardSpec:
    """Return the dashboard with a tile of another size, or of the nearest that it can have; ``None`` leaves as it is.

    Raises:
        TileNotFoundError: It has no such tile.
    """
    at = index_of(spec, tile_id)
    tile = spec.tiles[at]
    width = tile.width if columns is None else within_columns(columns)
    height = tile.height if rows is None else within_rows(rows, tile.chart)
    return _with(spec, at, tile.model_copy(update={"width": width, "height": height}))


def added(spec: DashboardSpec, tile: Tile, *, behind: str | None = None) -> DashboardSpec:
    """Return the dashboard with one tile more, at the end or behind another one.

    Raises:
        DashboardFullError: It has as many as it can have.
        TileNotFoundError: There is none that it could stand behind.
    """
    if len(spec.tiles) >= MAX_TILES:
        raise DashboardFullError(params={"most": MAX_TILES})
    at = len(spec.tiles) if behind is None else index_of(spec, behind) + 1
    return spec.model_copy(update={"tiles": (*spec.tiles[:at], tile, *spec.tiles[at:])})


def duplicated(spec: DashboardSpec, tile_id: str) -> tuple[DashboardSpec, str]:
    """Return the dashboard with a copy behind a tile, and the id of the copy.

    Raises:
        DashboardFullError: It has as many as it can have.
        TileNotFoundError: It has no such tile.
    """
    name = free_id(spec)
    copy = spec.tiles[index_of(spec, tile_id)].model_copy(update={"id": name})
    return added(spec, copy, behind=tile_id), name


def without(spec: DashboardSpec, tile_id: str) -> DashboardSpec:
    """Return the dashboard without a tile.

    Raises:
        TileNotFoundError: It has no such tile.
    """
    at = index_of(spec, tile_id)
    return spec.model_copy(update={"tiles": (*spec.tiles[:at], *spec.tiles[at + 1 :])})


def free_id(spec: DashboardSpec) -> str:
    """Return an id that no tile has, such as ``tile-3``."""
    taken = {tile.id for tile in spec.tiles}
    return next(name for name in (f"tile-{number}" for number in range(1, len(taken) + 2)) if name not in taken)


def index_of(spec: DashboardSpec, tile_id: str) -> int:
    """Return at which place of the order a tile stands, from 0.

    Raises:
        TileNotFoundError: There is no such tile.
    """
    for index, tile in enumerate(spec.tiles):
        if tile.id == tile_id:
            return index
    raise TileNotFoundError(params={"tile": tile_id})


def _sized(tile: Tile, step: Step) -> Tile:
    width, height = tile.width, tile.height
    now_rows = rows_of(tile) or usual_rows(tile.chart)
    match step:
        case Step.NARROWER | Step.WIDER:
            width = within_columns(width + (1 if step is Step.WIDER else -1))
        case Step.SHORTER | Step.TALLER:
            height = within_rows(now_rows + (1 if step is Step.TALLER else -1), tile.chart)
        case _:
            height = None
    return tile.model_copy(update={"width": width, "height": height})


def _at(spec: DashboardSpec, start: int, end: int) -> DashboardSpec:
    if start == end or not 0 <= end < len(spec.tiles):
        return spec
    tiles = list(spec.tiles)
    tiles.insert(end, tiles.pop(start))
    return spec.model_copy(update={"tiles": tuple(tiles)})


def _with(spec: DashboardSpec, at: int, tile: Tile) -> DashboardSpec:
    if tile == spec.tiles[at]:
        return spec
    return spec.model_copy(update={"tiles": (*spec.tiles[:at], tile, *spec.tiles[at + 1 :])})


def _in_row_beside(found: Sequence[Place], at: int, *, rows: int) -> int:
    """Return the place of the tile in the row above or below that stands nearest; without such a row, its own."""
    mine = found[at]
    row = [index for index, one in enumerate(found) if one.row == mine.row + rows]
    return min(row, key=lambda index: abs(found[index].column - mine.column), default=at)
