"""What a click on a figure means: the value or the stretch of time under it. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend_services.dashboards.spec import ChartKind, MetricSource, Tile
from backend_services.datasets.catalogue import Grain, GroupBy

UNPICKED = frozenset({ChartKind.HEATMAP, ChartKind.HISTOGRAM, ChartKind.MAP, ChartKind.PIVOT, ChartKind.SCATTER})
"""Kinds whose points stand for no single value of one field."""
KEY = 0
"""Place of the raw value in the data that a point of a figure carries."""
FOLDED = "__other__"


@dataclass(frozen=True, slots=True)
class Picked:
    """One place along the axis of a figure.

    Attributes:
        grain: Of time; ``value`` is then where the bucket begins.
    """

    field: str
    value: Any
    grain: Grain | None


def axis_of(tile: Tile) -> dict[str, str]:
    """Return the field along the axis of a tile's figure and its grain, both empty where there is none."""
    groups = tile.source.query.dimensions if isinstance(tile.source, MetricSource) else ()
    found = None if tile.chart in UNPICKED else _along(groups, tile.series)
    if found is None:
        return {"field": "", "grain": ""}
    return {"field": found.field, "grain": found.grain.value if found.grain else ""}


def _along(groups: Sequence[GroupBy], series: str | None) -> GroupBy | None:
    rest = [one for one in groups if one.field != series] or list(groups)
    return next((one for one in rest if one.grain is not None), rest[0] if rest else None)


def picked(tile: Mapping[str, Any], points: Sequence[Mapping[str, Any]]) -> Picked | None:
    """Return what was clicked: ``points`` as the browser sends them; what it made up is nothing."""
    axis = tile.get("axis") or {}
    data = (tile.get("figure") or {}).get("data") or []
    if not axis.get("field"):
        return None
    for point in points:
        value = _raw(data, point.get("curveNumber", 0), point.get("pointNumber"))
        if value is not None and value != FOLDED:
            return Picked(axis["field"], value, Grain(axis["grain"]) if axis["grain"] else None)
    return None


def _raw(data: Sequence[Mapping[str, Any]], curve: Any, number: Any) -> Any:
    if isinstance(number, list):  # a cell of a grid has a row and a column; the column lies along the axis
        return None
    if type(curve) is not int or type(number) is not int:
        return None
    if not 0 <= curve < len(data):
        return None
    carried = data[curve].get("customdata") or []
    if not 0 <= number < len(carried) or not isinstance(carried[number], list | tuple):
        return None
    return carried[number][KEY]
