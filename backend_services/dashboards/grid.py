"""An answer laid out in two directions: what lies down, what lies across, and the cells. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_services.dashboards import formats
from backend_services.dashboards.arrangement import distinct, without_gaps
from backend_services.dashboards.columns import amount, dimension_columns, drawn_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from backend_services.dashboards.arrangement import Reading
    from backend_services.dashboards.spec import Tile
    from backend_services.datasets.catalogue import QueryResult, ResultColumn, Scalar

MAX_DOWN, MAX_ACROSS = 31, 48
BOTH = 2

Key = "Scalar | None"


@dataclass(frozen=True, slots=True)
class Side:
    """One direction: raw values and what people read; ``total`` counts those that were left out too."""

    column: ResultColumn
    keys: tuple[Scalar | None, ...]
    labels: tuple[str, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells row by row; a cell without a value is ``None``, never 0."""

    measure: ResultColumn
    down: Side
    across: Side
    cells: tuple[tuple[float | None, ...], ...]

    @property
    def values(self) -> list[float]:
        """Return the values that there are."""
        return [value for row in self.cells for value in row if value is not None]

    @property
    def left_out(self) -> bool:
        """Return whether rows or columns are not shown."""
        return self.down.total > len(self.down.keys) or self.across.total > len(self.across.keys)


def sides(tile: Tile, result: QueryResult) -> tuple[ResultColumn, ResultColumn] | None:
    """Return what lies down and what across: the series, else the time, else the second dimension."""
    groups = dimension_columns(result)
    if len(groups) != BOTH:
        return None
    across = next((one for one in groups if one.name == tile.series), None)
    across = across or next((one for one in groups if one.type.is_time), groups[1])
    return next(one for one in groups if one is not across), across


def lay_out(tile: Tile, result: QueryResult, reading: Reading) -> Grid | None:
    """Return ``result`` as a grid, or ``None`` where it has not two dimensions and a number."""
    found, measures = sides(tile, result), drawn_columns(tile, result)
    if found is None or not measures:
        return None
    at = {column.name: index for index, column in enumerate(result.columns)}
    cells = {(row[at[found[0].name]], row[at[found[1].name]]): amount(row[at[measures[0].name]]) for row in result.rows}
    down = _side(found[0], _sizes(cells, 0), reading, most=MAX_DOWN)
    across = _side(found[1], _sizes(cells, 1), reading, most=MAX_ACROSS)
    rows = tuple(tuple(cells.get((one, other)) for other in across.keys) for one in down.keys)
    return Grid(measure=measures[0], down=down, across=across, cells=rows)


def _sizes(cells: Mapping[tuple[Scalar | None, Scalar | None], float | None], place: int) -> dict[Scalar | None, float]:
    sizes: dict[Scalar | None, float] = {}
    for key, value in cells.items():
        sizes[key[place]] = sizes.get(key[place], 0.0) + abs(value or 0.0)
    return sizes


def _side(column: ResultColumn, sizes: Mapping[Scalar | None, float], reading: Reading, *, most: int) -> Side:
    """Return one direction in the order that people expect: along time and numbers, else the largest first."""
    keys: Sequence[Scalar | None]
    if column.type.is_time:
        keys = _in_time(column, list(sizes))
        kept = keys[-most:]
    elif column.type.is_number:
        keys = sorted(sizes, key=lambda key: (key is None, amount(key) or 0.0))
        kept = keys[:most]
    else:
        keys = sorted(sizes, key=lambda key: (-sizes[key], str(key)))
        kept = keys[:most]
    labels = distinct([formats.cell(key, column, reading.language) for key in kept])
    return Side(column=column, keys=tuple(kept), labels=labels, total=len(keys))


def _in_time(column: ResultColumn, keys: Sequence[Scalar | None]) -> list[Scalar | None]:
    placed = {at: key for key in keys if key is not None and (at := formats.moment(key)) is not None}
    if not placed:
        return []
    times = tuple(sorted(placed))
    if column.grain is not None:
        times = without_gaps(times, column.grain)
    return [placed.get(at, at.isoformat()) for at in times]
