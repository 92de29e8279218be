"""Maps: places as circles whose area is their value, over quiet outlines. No map service is asked."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from backend_services.dashboards import formats
from backend_services.dashboards.figure import layout
from backend_services.dashboards.figure.layout import safe
from backend_services.dashboards.places import LEAST_SPAN, ROOM, outlines, plane_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.dashboards.places import Located, Place, Plane

LEAST_SIZE, MOST_SIZE = 7, 38
FINEST = 320
"""Points of an outline across the picture: finer ones nobody would see."""
AROUND = 1.5
QUIET_SLOT = 8
HEIGHT = 380
HOVER = "%{customdata[1]}<br>%{customdata[2]}<extra></extra>"


def map_traces(located: Located, places: Sequence[Place], language: str) -> list[dict[str, Any]]:
    """Return the circles, and the outlines in the palette's quiet colour."""
    plane = plane_for(places)
    spots = [plane.at(one.latitude, one.longitude) for one in places]
    largest = max((abs(one.value) for one in places if one.value is not None), default=0.0)
    circles = {
        "type": "scatter",
        "mode": "markers",
        "name": safe(located.measure.label),
        "x": [round(x, 4) for x, _ in spots],
        "y": [round(y, 4) for _, y in spots],
        "marker": {"size": [_size(one, largest) for one in places], "opacity": 0.72, "line": {"width": 1}},
        "customdata": [
            [one.key, safe(one.name), safe(formats.full(one.value, located.measure.unit, language))] for one in places
        ],
        "hovertemplate": HOVER,
        "cliponaxis": True,
    }
    pad = [{"type": "scatter", "visible": "legendonly"} for _ in range(QUIET_SLOT - 2)]
    return [circles, *pad, _outline_trace(plane, box_of(places))]


def _size(place: Place, largest: float) -> float:
    if place.value is None or largest <= 0:
        return LEAST_SIZE
    return round(LEAST_SIZE + (MOST_SIZE - LEAST_SIZE) * math.sqrt(abs(place.value) / largest), 1)


def box_of(places: Sequence[Place]) -> tuple[float, float, float, float]:
    """Return left, bottom, right and top of the plane around the places, with some room."""
    plane = plane_for(places)
    spots = [plane.at(one.latitude, one.longitude) for one in places]
    xs, ys = [x for x, _ in spots], [y for _, y in spots]
    wide, high = max(max(xs) - min(xs), LEAST_SPAN), max(max(ys) - min(ys), LEAST_SPAN)
    across, up = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2
    half_x, half_y = wide * (0.5 + ROOM), high * (0.5 + ROOM)
    return across - half_x, up - half_y, across + half_x, up + half_y


def _outline_trace(plane: Plane, box: tuple[float, float, float, float]) -> dict[str, Any]:
    left, bottom, right, top = box
    wide, high = right - left, top - bottom
    reach = max(wide, high) * AROUND
    around = (left - reach, bottom - reach, right + reach, top + reach)
    xs: list[float | None] = []
    ys: list[float | None] = []
    for line in outlines(plane, around, apart=max(wide, high) / FINEST):
        xs += [*(round(x, 3) for x, _ in line), None]
        ys += [*(round(y, 3) for _, y in line), None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": xs,
        "y": ys,
        "line": {"width": 1},
        "opacity": 0.55,
        "hoverinfo": "skip",
        "connectgaps": False,
        "meta": {"role": "compare"},
    }


def map_layouts(
    places: Sequence[Place], language: str, *, height: int | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the layout and that for phones: both directions of one scale, no axes."""
    left, bottom, right, top = box_of(places)
    bare = {"visible": False, "fixedrange": True, "showgrid": False, "zeroline": False}
    frame = layout.frame(language=language, height=height or HEIGHT, hovermode="closest")
    wide = frame | {
        "xaxis": bare | {"range": [left, right], "constrain": "range"},
        "yaxis": bare | {"range": [bottom, top], "scaleanchor": "x", "scaleratio": 1, "constrain": "range"},
    }
    return wide, wide | {"height": height or layout.PHONE_HEIGHT + 40}
