"""Places on the earth: countries by code or name in both languages, outlines, and the plane that they are drawn on.

Outlines are those of Natural Earth (public domain) at 1:50 million, kept in the installation: no map service is asked.
Pure but for reading that file once.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from babel import Locale

from backend_services.dashboards import formats
from backend_services.dashboards.columns import amount, dimension_columns, drawn_columns

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backend_services.dashboards.arrangement import Reading
    from backend_services.dashboards.spec import Tile
    from backend_services.datasets.catalogue import QueryResult, ResultColumn, Scalar

WORLD: Final = Path(__file__).parent / "figure" / "world.json"
PAIR: Final = 2
REGION_LON, REGION_LAT = 120.0, 70.0
LEAST_SPAN = 1.5
ROOM = 0.15
MAX_LAT, MAX_LON = 90.0, 180.0
_ALIASES: Final = {
    "uk": "GB", "great britain": "GB", "england": "GB", "velika britanija": "GB", "usa": "US", "u.s.": "US",
    "u.s.a.": "US", "united states of america": "US", "america": "US", "amerika": "US", "czech republic": "CZ",
    "russian federation": "RU", "south korea": "KR", "republic of korea": "KR", "viet nam": "VN", "macedonia": "MK",
    "makedonija": "MK", "holland": "NL", "bosna in hercegovina": "BA", "bosnia": "BA", "uae": "AE", "turkey": "TR",
}  # fmt: skip
_EARTH: Final = (1.340264, -0.081106, 0.000893, 0.003796)
"""Coefficients of Equal Earth (Šavrič, Patterson, Jenny 2018): areas keep their size."""


@dataclass(frozen=True, slots=True)
class Place:
    """A point of a map: degrees, how much there is, its name, and the raw values it stands for."""

    latitude: float
    longitude: float
    value: float | None
    name: str
    key: Scalar | None


@dataclass(frozen=True, slots=True)
class Located:
    """The places of an answer; ``lost`` are the names that are no country, or no degrees, known here."""

    places: tuple[Place, ...]
    measure: ResultColumn
    lost: tuple[str, ...]


def locate(tile: Tile, result: QueryResult, reading: Reading) -> Located | None:
    """Return where the groups of ``result`` lie, or ``None`` where it has neither coordinates nor names."""
    groups, measures = dimension_columns(result), drawn_columns(tile, result)
    numbers = [one for one in groups if one.type.is_number]
    names = [one for one in groups if not one.type.is_number]
    if not measures or (len(numbers) < PAIR and not names):
        return None
    at = {column.name: index for index, column in enumerate(result.columns)}
    places, lost = [], []
    for row in result.rows:
        said = " · ".join(formats.cell(row[at[one.name]], one, reading.language) for one in names)
        key = row[at[names[0].name]] if names else None
        spot = (
            _degrees(row[at[numbers[0].name]], row[at[numbers[1].name]])
            if len(numbers) >= PAIR
            else country_at(str(key or ""))
        )
        if spot is None:
            lost.append(said or formats.MISSING)
            continue
        name = said or f"{formats.number(spot[0], reading.language)}, {formats.number(spot[1], reading.language)}"
        places.append(Place(*spot, amount(row[at[measures[0].name]]), name, key))
    return Located(places=tuple(places), measure=measures[0], lost=tuple(lost))


def _degrees(latitude: Scalar | None, longitude: Scalar | None) -> tuple[float, float] | None:
    north, east = amount(latitude), amount(longitude)
    if north is None or east is None or abs(north) > MAX_LAT or abs(east) > MAX_LON:
        return None
    return north, east


@lru_cache(maxsize=1)
def _world() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(WORLD.read_text(encoding="utf-8"))
    return found


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """Return two-letter codes by every name that a country goes by here."""
    countries = _world()["countries"]
    found = dict(_ALIASES)
    for code, (three, _, _) in countries.items():
        found[code.lower()] = found[three.lower()] = code
        for language in ("en", "sl"):
            name = Locale(language).territories.get(code)
            if name:
                found[name.casefold()] = code
    return found


def country_at(name: str) -> tuple[float, float] | None:
    """Return the latitude and longitude of the middle of a country, named by its code or in English or Slovenian."""
    code = _codes().get(name.strip().casefold())
    found = _world()["countries"].get(code)
    return None if found is None else (float(found[2]), float(found[1]))


@dataclass(frozen=True, slots=True)
class Plane:
    """How degrees become places on a plane: a region keeps its shapes, the world its areas."""

    whole: bool
    middle: float

    def at(self, latitude: float, longitude: float) -> tuple[float, float]:
        """Return where a place lies; both directions are of one scale."""
        if not self.whole:
            return longitude * math.cos(math.radians(self.middle)), latitude
        a1, a2, a3, a4 = _EARTH
        theta = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(latitude)))
        square = theta * theta
        sixth = square**3
        y = theta * (a1 + a2 * square + sixth * (a3 + a4 * square))
        slope = a1 + 3 * a2 * square + sixth * (7 * a3 + 9 * a4 * square)
        x = 2 * math.sqrt(3) * math.radians(longitude) * math.cos(theta) / (3 * slope)
        return math.degrees(x), math.degrees(y)


def plane_for(places: Sequence[Place]) -> Plane:
    """Return the plane for these places."""
    north, east = [one.latitude for one in places], [one.longitude for one in places]
    whole = max(east) - min(east) > REGION_LON or max(north) - min(north) > REGION_LAT
    return Plane(whole=whole, middle=(max(north) + min(north)) / 2)


def outlines(
    plane: Plane, box: tuple[float, float, float, float], *, apart: float
) -> Iterator[list[tuple[float, float]]]:
    """Yield the coasts and borders inside ``box`` (left, bottom, right, top), no two points closer than ``apart``."""
    world = _world()
    scale = float(world["scale"])
    left, bottom, right, top = box
    for arc in world["arcs"]:
        line: list[tuple[float, float]] = []
        east = north = 0
        last = len(arc) - 2
        for index in range(0, len(arc), 2):
            if index and abs(arc[index]) > MAX_LON * scale:  # over the edge of the map, not back across all of it
                if len(line) > 1:
                    yield line
                line = []
            east, north = east + arc[index], north + arc[index + 1]
            x, y = plane.at(north / scale, east / scale)
            inside = left <= x <= right and bottom <= y <= top
            far = not line or math.hypot(x - line[-1][0], y - line[-1][1]) >= apart or index == last
            if inside and far:
                line.append((x, y))
            elif not inside and line:
                yield [*line, (x, y)]
                line = []
        if len(line) > 1:
            yield line
