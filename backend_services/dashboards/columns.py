"""Which columns of an answer group, which are amounts, which a chart draws. Pure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from backend_services.dashboards.spec import MetricSource
from backend_services.datasets.catalogue import Derivation

if TYPE_CHECKING:
    from backend_services.dashboards.spec import Tile
    from backend_services.datasets.catalogue import QueryResult, ResultColumn, Scalar


def dimension_columns(result: QueryResult) -> tuple[ResultColumn, ...]:
    """Return the columns that group; for free SQL, those that hold no number or come before the first that does."""
    declared = tuple(one for one in result.columns if one.role == "dimension")
    if declared or any(one.role == "measure" for one in result.columns):
        return declared
    groups = tuple(one for one in result.columns if not one.type.is_number)
    if groups or len(result.columns) < 2:  # noqa: PLR2004 - one number alone is a measure
        return groups
    return result.columns[:1]


def measure_columns(result: QueryResult) -> tuple[ResultColumn, ...]:
    """Return the columns that are drawn as amounts."""
    declared = tuple(one for one in result.columns if one.role == "measure")
    if declared:
        return declared
    groups = {one.name for one in dimension_columns(result)}
    return tuple(one for one in result.columns if one.type.is_number and one.name not in groups)


def follows(tile: Tile) -> frozenset[str]:
    """Return the names of the columns that the tile's question derives from others."""
    if not isinstance(tile.source, MetricSource):
        return frozenset()
    return frozenset(one.name for one in tile.source.query.derived)


def parts(tile: Tile) -> frozenset[str]:
    """Return the names of the columns that tell a part of a measure."""
    if not isinstance(tile.source, MetricSource):
        return frozenset()
    return frozenset(one.name for one in tile.source.query.derived if one.kind is Derivation.PART)


def drawn_columns(tile: Tile, result: QueryResult) -> tuple[ResultColumn, ...]:
    """Return the measures that a chart draws: what is derived from others, where there is any, instead of them."""
    measures, derived = measure_columns(result), follows(tile)
    return tuple(one for one in measures if one.name in derived) or measures


def amount(value: Scalar | None) -> float | None:
    """Return a cell as a number that can be drawn; big ones come as text."""
    if value is None:
        return None
    try:
        found = float(value)
    except (OverflowError, ValueError):
        return None
    return found if math.isfinite(found) else None
