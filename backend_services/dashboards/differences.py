"""What differs between two specifications, tile by tile and value by value. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from backend_services.dashboards.library_schemas import Difference, FieldChange, TileChange

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_services.dashboards.spec import DashboardSpec, Tile


def difference(before: DashboardSpec, after: DashboardSpec, *, numbers: tuple[int, int]) -> Difference:
    """Return what changed from ``before`` to ``after``; ``numbers`` are those of the two versions."""
    whole = _changes(_without_tiles(before), _without_tiles(after))
    return Difference(before=numbers[0], after=numbers[1], dashboard=whole, tiles=tuple(_tiles(before, after)))


def _tiles(before: DashboardSpec, after: DashboardSpec) -> Iterator[TileChange]:
    old, new = {tile.id: tile for tile in before.tiles}, {tile.id: tile for tile in after.tiles}
    stayed_before = [one for one in old if one in new]
    stayed_after = [one for one in new if one in old]
    moved = _out_of_order(stayed_before, stayed_after)
    for tile in after.tiles:
        if tile.id not in old:
            yield TileChange(tile_id=tile.id, title=tile.title, kind="added")
            continue
        fields = _changes(_plain(old[tile.id]), _plain(tile))
        if fields:
            yield TileChange(tile_id=tile.id, title=tile.title, kind="changed", moved=tile.id in moved, fields=fields)
        elif tile.id in moved:
            yield TileChange(tile_id=tile.id, title=tile.title, kind="moved", moved=True)
    for tile in before.tiles:
        if tile.id not in new:
            yield TileChange(tile_id=tile.id, title=tile.title, kind="removed")


def _out_of_order(before: list[str], after: list[str]) -> set[str]:
    """Return the fewest names that must be taken out and put back to make ``before`` into ``after``."""
    place = {name: index for index, name in enumerate(before)}
    runs: list[list[str]] = []
    for name in after:
        fitting = [run for run in runs if place[run[-1]] < place[name]]
        runs.append([*_longest(fitting), name])
    return set(after) - set(_longest(runs))


def _longest(runs: list[list[str]]) -> list[str]:
    return max(runs, key=len) if runs else []


def _plain(tile: Tile) -> dict[str, Any]:
    return tile.model_dump(mode="json")


def _without_tiles(spec: DashboardSpec) -> dict[str, Any]:
    return spec.model_dump(mode="json", exclude={"tiles", "spec_version"})


def _changes(before: dict[str, Any], after: dict[str, Any]) -> tuple[FieldChange, ...]:
    old, new = dict(_flat(before)), dict(_flat(after))
    paths = [*old, *(path for path in new if path not in old)]
    return tuple(
        FieldChange(path=path, before=_text(old, path), after=_text(new, path))
        for path in paths
        if old.get(path) != new.get(path)
    )


def _flat(value: dict[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values by path; lists are values, for a person thinks of "the measures", not of the second one."""
    for name, inner in value.items():
        path = f"{above}.{name}" if above else name
        if isinstance(inner, dict):
            yield from _flat(inner, path)
        elif inner not in (None, [], ""):
            yield path, inner


def _text(values: dict[str, Any], path: str) -> str | None:
    if path not in values:
        return None
    value = values[path]
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
