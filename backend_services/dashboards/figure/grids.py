"""Heat maps: cells of a grid, each as dark as its value, the value in the cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend_services.dashboards import formats, shades
from backend_services.dashboards.figure import layout
from backend_services.dashboards.figure.layout import safe

if TYPE_CHECKING:
    from backend_services.dashboards.grid import Grid

ROW_HEIGHT, PHONE_ROW_HEIGHT = 30, 28
ROOM_OF_AXIS = 44
LEAST_HEIGHT = 200
GAP = 0.03
NARROW = frozenset(".,i \N{NO-BREAK SPACE}")
TEXT_SIZE = 11
HOVER = "%{customdata[1]}<extra></extra>"


def heat_trace(grid: Grid, language: str) -> dict[str, Any]:
    """Return the cells as bars of height one, each standing on its row: the small bundle of Plotly draws these too.

    What is in ``marker.color`` are values; the template says with which colours they are painted. The ink of each text
    can be read on its cell in both modes (``shades``).
    """
    trace: dict[str, Any] = {
        "type": "bar",
        "x": [],
        "y": [],
        "base": [],
        "text": [],
        "customdata": [],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "insidetextfont": {"color": []},
        "hovertemplate": HOVER,
        "marker": {"color": [], "coloraxis": "coloraxis"},
    }
    limits = shades.limits_of(grid.values)
    for row, (key, name, values) in enumerate(zip(grid.down.keys, grid.down.labels, grid.cells, strict=True)):
        for other, label, value in zip(grid.across.keys, grid.across.labels, values, strict=True):
            if value is None:
                continue
            said = formats.full(value, grid.measure.unit, language)
            trace["x"].append(safe(label))
            trace["y"].append(1 - 2 * GAP)
            trace["base"].append(row + GAP)
            trace["text"].append(safe(formats.short(value, grid.measure.unit, language)))
            trace["marker"]["color"].append(value)
            trace["insidetextfont"]["color"].append(shades.ink_of(value, limits))
            trace["customdata"].append([key, f"{safe(name)} · {safe(label)}<br>{safe(said)}", other])
    trace["text"] = _equally_wide(trace["text"])
    return trace


def _equally_wide(texts: list[str]) -> list[str]:
    """Return ``texts`` with spaces about them, so that where one does not fit its cell, none is drawn.

    Cells that say their value among cells that do not look as if they were chosen.
    """
    widest = max(map(_halves, texts), default=0)
    return [f"{(pad := formats.NO_BREAK * ((widest - _halves(one)) // 2))}{one}{pad}" for one in texts]


def _halves(said: str) -> int:
    """Return about how wide a text is, in halves of a digit: signs and spaces are one, all else two."""
    return sum(1 if one in NARROW else 2 for one in said)


def heat_layouts(grid: Grid, language: str, *, height: int | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the layout and that for phones: one row for each group down, texts only where they fit.

    ``height`` in pixels is given where the tile has one; else the rows say how high the map is.
    """
    limits = shades.limits_of(grid.values)
    colours = {"showscale": False, "cmin": limits.low, "cmax": limits.high}
    wide, phone = (
        _layout(grid, language, row_height=row_height, ticks=ticks, height=height)
        for row_height, ticks in ((ROW_HEIGHT, layout.HEAT_TICKS), (PHONE_ROW_HEIGHT, layout.PHONE_TICKS))
    )
    return wide | {"coloraxis": colours}, phone | {"coloraxis": colours}


def _layout(grid: Grid, language: str, *, row_height: int, ticks: int, height: int | None) -> dict[str, Any]:
    rows = len(grid.down.keys)
    least = LEAST_HEIGHT if row_height == ROW_HEIGHT else LEAST_HEIGHT - 20
    height = height or max(least, rows * row_height + ROOM_OF_AXIS)
    labels = [safe(one) for one in grid.across.labels]
    shown = layout.spread(labels, ticks)
    frame = layout.frame(language=language, height=height, hovermode="closest")
    return frame | {
        "bargap": GAP,
        "barmode": "overlay",
        "uniformtext": {"mode": "hide", "minsize": TEXT_SIZE},
        "xaxis": {
            "type": "category",
            "categoryorder": "array",
            "categoryarray": labels,
            "range": [-0.5, len(labels) - 0.5],
            "tickmode": "array",
            "tickvals": [labels[index] for index in shown],
            "ticktext": [safe(layout.clipped(grid.across.labels[index])) for index in shown],
            "tickangle": 0,
            "showgrid": False,
            "fixedrange": True,
            "automargin": True,
        },
        "yaxis": {
            "type": "linear",
            "range": [rows, 0],
            "tickmode": "array",
            "tickvals": [index + 0.5 for index in range(rows)],
            "ticktext": [safe(layout.clipped(one, layout.MAX_LYING)) for one in grid.down.labels],
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "automargin": True,
        },
    }
