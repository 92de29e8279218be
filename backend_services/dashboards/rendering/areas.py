"""Heat maps and maps with matplotlib, in the light theme. Runs in the drawing process only."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING, Any

from backend_services.dashboards.rendering.canvas import width_mm
from backend_services.dashboards.rendering.schemas import MM_PER_INCH
from backend_services.dashboards.shades import Limits, colour_at, ink_on

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

PALETTE = ("#0B6274", "#C7860A", "#9A8BC1", "#186ED7", "#AC2F3B", "#5C2941", "#224808", "#717D85")
COMPARE, INK, SURFACE = "#717D85", "#15222A", "#FFFFFF"
CHART_MM, MOST_CHART_MM = 58.0, 200.0
MM_PER_PIXEL = CHART_MM / 286
"""A chart as high as most are on the page is as high as most are on paper."""
CELL_PT = 6.0
SIZE = 0.55
"""Points of a mark for each of its pixels on the page."""


def is_grid(figure: dict[str, Any]) -> bool:
    """Return whether the figure's bars are the cells of a heat map."""
    return any("coloraxis" in one.get("marker", {}) for one in figure["data"])


def is_map(figure: dict[str, Any]) -> bool:
    """Return whether the figure's points are places on the earth."""
    return figure["layout"].get("xaxis", {}).get("visible") is False


def height_of(figure: dict[str, Any]) -> float:
    """Return a chart's height in millimetres: maps, and heat maps of many rows, are higher, as on the page."""
    if not figure or not (is_grid(figure) or is_map(figure)):
        return CHART_MM
    return min(max(CHART_MM, MM_PER_PIXEL * float(figure["layout"]["height"])), MOST_CHART_MM)


def draw_grid(axes: Axes, trace: dict[str, Any], layout: dict[str, Any]) -> None:
    """Draw the cells of a heat map, each as dark as its value; values are written where all of them fit."""
    limits = Limits(float(layout["coloraxis"]["cmin"]), float(layout["coloraxis"]["cmax"]))
    places = {value: index for index, value in enumerate(layout["xaxis"]["categoryarray"])}
    texts = [unescape(str(one)) for one in trace["text"]]
    room = axes.get_window_extent().width / axes.figure.dpi * MM_PER_INCH / max(len(places), 1)
    is_told = max((width_mm(one, CELL_PT) for one in texts), default=0.0) < room
    cells = zip(trace["x"], trace["base"], trace["y"], trace["marker"]["color"], texts, strict=True)
    for label, base, height, value, words in cells:
        colour = colour_at(value, limits)
        axes.bar(places[label], height, width=1.0 - float(layout["bargap"]), bottom=base, color=colour, linewidth=0)
        if is_told:
            place = (places[label], base + height / 2)
            axes.text(*place, words, ha="center", va="center", fontsize=CELL_PT, color=ink_on(colour))
    axes.spines["bottom"].set_visible(False)


def draw_map(axes: Axes, visible: Sequence[dict[str, Any]], layout: dict[str, Any]) -> None:
    """Draw places as circles over quiet outlines, both directions of one scale."""
    axes.set_axis_off()
    for trace in visible:
        xs, ys = (_numbers(trace[name]) for name in "xy")
        if "lines" in trace.get("mode", ""):
            axes.plot(xs, ys, color=COMPARE, linewidth=0.5, alpha=trace.get("opacity", 1.0), zorder=1)
            continue
        areas = [(size * SIZE) ** 2 for size in trace["marker"]["size"]]
        alpha = trace["marker"].get("opacity", 1.0)
        axes.scatter(xs, ys, s=areas, color=PALETTE[0], alpha=alpha, edgecolors=SURFACE, linewidths=0.6, zorder=2)
    axes.set_xlim(*layout["xaxis"]["range"])
    axes.set_ylim(*layout["yaxis"]["range"])
    axes.set_aspect("equal", adjustable="datalim")


def _numbers(values: Sequence[float | None]) -> list[float]:
    return [float("nan") if one is None else float(one) for one in values]
