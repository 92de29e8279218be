"""Draws a tile's Plotly figure with matplotlib, in the light theme. Runs in the drawing process only."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING, Any

from backend_services.dashboards.rendering.areas import (
    COMPARE,
    INK,
    PALETTE,
    SURFACE,
    draw_grid,
    draw_map,
    is_grid,
    is_map,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

GRID, AXIS, QUIET = "#E4E9EB", "#788790", "#46565F"
DASHES: dict[str, Any] = {
    "solid": "-",
    "dash": (0, (5, 3)),
    "dot": (0, (1.2, 2)),
    "dashdot": (0, (5, 2, 1.2, 2)),
    "longdash": (0, (9, 3)),
    "longdashdot": (0, (9, 3, 1.2, 3)),
}
SMALL = 7.0
FILL_OPACITY = 0.14
STACK_OPACITY = 0.85
GROUP_WIDTH = 0.72
BIN_GAP = 0.1
DRAWN = frozenset({"bar", "pie", "scatter"})


def can_draw(figure: dict[str, Any]) -> bool:
    """Return whether every visible trace is of a type that is drawn here; otherwise the tile is shown as a table."""
    kinds = [one.get("type", "scatter") for one in figure["data"] if one.get("visible", True) is True]
    return bool(kinds) and all(kind in DRAWN for kind in kinds)


def colour_of(index: int, trace: dict[str, Any]) -> str:
    """Return the palette's colour of a trace: by its place, or the quiet one for what is compared with."""
    return COMPARE if trace.get("meta", {}).get("role") == "compare" else PALETTE[index % len(PALETTE)]


def draw_chart(axes: Axes, figure: dict[str, Any]) -> None:
    """Draw ``figure`` into ``axes``: the same values, ticks and texts that the page shows."""
    data, layout = figure["data"], figure["layout"]
    visible = [(index, one) for index, one in enumerate(data) if one.get("visible", True) is True]
    kind = visible[0][1].get("type", "scatter")
    if kind == "pie":
        _pie(axes, visible[0][1])
        return
    if is_map(figure):
        draw_map(axes, [one for _, one in visible], layout)
        return
    _frame(axes)
    if is_grid(figure):
        draw_grid(axes, visible[0][1], layout)
        for name in "xy":
            _axis(axes, name, layout[f"{name}axis"], _places(layout[f"{name}axis"]))
        return
    places = {name: _places(layout.get(f"{name}axis", {})) for name in "xy"}
    if kind == "bar":
        _bars(axes, visible, places, stacked=layout.get("barmode") in {"relative", "stack"}, whole=_bar_room(layout))
    else:
        _points(axes, visible, places)
    for name in "xy":
        _axis(axes, name, layout.get(f"{name}axis", {}), places[name])
    for one in layout.get("annotations", ()):
        _annotate(axes, one, places)


def _frame(axes: Axes) -> None:
    axes.set_facecolor(SURFACE)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(AXIS)
    axes.spines["bottom"].set_linewidth(0.6)
    axes.tick_params(colors=QUIET, labelsize=SMALL, length=0, pad=3)
    axes.set_axisbelow(True)


def _places(axis: dict[str, Any]) -> dict[Any, int] | None:
    """Return category → position, or ``None`` for an axis of numbers."""
    if axis.get("type") != "category":
        return None
    return {value: index for index, value in enumerate(axis.get("categoryarray", ()))}


def _position(value: Any, places: dict[Any, int] | None) -> float:
    return float(value) if places is None else float(places[value])


def _axis(axes: Axes, name: str, axis: dict[str, Any], places: dict[Any, int] | None) -> None:
    values = axis.get("tickvals")
    set_ticks = axes.set_xticks if name == "x" else axes.set_yticks
    set_range = axes.set_xlim if name == "x" else axes.set_ylim
    if values is not None:
        shown = axis.get("showticklabels", True)
        texts = [unescape(str(one)) for one in axis.get("ticktext", values)]
        set_ticks([_position(value, places) for value in values], texts if shown else [""] * len(texts))
    if places is None and "range" in axis:
        set_range(*axis["range"])
    if places is not None:
        ends = (-0.6, len(places) - 0.4)
        set_range(*(reversed(ends) if axis.get("autorange") == "reversed" else ends))
    elif axis.get("showgrid", True):
        axes.grid(visible=True, axis="x" if name == "x" else "y", color=GRID, linewidth=0.6)
    title = axis.get("title", {})
    words = title.get("text", "") if isinstance(title, dict) else str(title)
    if words:
        (axes.set_xlabel if name == "x" else axes.set_ylabel)(unescape(words), fontsize=SMALL, color=QUIET)


def _bar_room(layout: dict[str, Any]) -> float:
    """Return how much of its place a group of bars takes: bins stand side by side, others apart."""
    gap = float(layout.get("bargap", 1.0))
    return 1.0 - gap if gap < BIN_GAP else GROUP_WIDTH


def _bars(
    axes: Axes,
    visible: Sequence[tuple[int, dict[str, Any]]],
    places: dict[str, dict[Any, int] | None],
    *,
    stacked: bool,
    whole: float,
) -> None:
    lying = visible[0][1].get("orientation") == "h"
    along, amounts = ("y", "x") if lying else ("x", "y")
    width = whole if stacked else whole / len(visible)
    up: dict[float, float] = {}
    down: dict[float, float] = {}
    for order, (index, trace) in enumerate(visible):
        shift = 0.0 if stacked else (order - (len(visible) - 1) / 2) * width
        shades = trace.get("marker", {}).get("opacity", 1)
        texts = trace.get("text") or []
        for at, (key, value) in enumerate(zip(trace[along], trace[amounts], strict=True)):
            if value is None:
                continue
            place, amount = _position(key, places[along]), float(value)
            heap = (up if amount >= 0 else down) if stacked else {}
            base = heap.get(place, 0.0)
            heap[place] = base + amount
            shade = shades[at] if isinstance(shades, list) else shades
            look = {"color": colour_of(index, trace), "alpha": shade, "linewidth": 0}
            thick = _thickness(trace, at, width)
            if lying:
                axes.barh(place + shift, amount, height=thick, left=base, **look)
            else:
                axes.bar(place + shift, amount, width=thick, bottom=base, **look)
            if lying and at < len(texts):
                _value_at_end(axes, amount, place, unescape(str(texts[at])))


def _thickness(trace: dict[str, Any], at: int, width: float) -> float:
    own = trace.get("width")
    if own is None:
        return width
    return float(own[at]) if isinstance(own, list) else float(own)


def _value_at_end(axes: Axes, amount: float, place: float, words: str) -> None:
    side = "left" if amount >= 0 else "right"
    shift = (3, 0) if amount >= 0 else (-3, 0)
    axes.annotate(
        words,
        (amount, place),
        xytext=shift,
        textcoords="offset points",
        ha=side,
        va="center",
        fontsize=SMALL,
        color=INK,
        annotation_clip=False,
    )


def _points(
    axes: Axes, visible: Sequence[tuple[int, dict[str, Any]]], places: dict[str, dict[Any, int] | None]
) -> None:
    below: dict[float, float] = {}
    for index, trace in visible:
        colour = colour_of(index, trace)
        xs = [_position(one, places["x"]) for one in trace.get("x", trace.get("lon", ()))]
        ys = [float("nan") if one is None else float(one) for one in trace.get("y", trace.get("lat", ()))]
        if "lines" not in trace.get("mode", "markers"):
            sizes = trace.get("marker", {}).get("size", 6)
            areas = [(one * 0.55) ** 2 for one in sizes] if isinstance(sizes, list) else (sizes * 0.55) ** 2
            axes.scatter(xs, ys, s=areas, color=colour, alpha=0.75, linewidths=0, clip_on=False)
            continue
        style = DASHES[trace.get("line", {}).get("dash", "solid")]
        if "stackgroup" in trace:
            heights = [0.0 if one != one else one for one in ys]  # noqa: PLR0124 - NaN differs from itself
            floor = [below.get(x, 0.0) for x in xs]
            tops = [low + high for low, high in zip(floor, heights, strict=True)]
            axes.fill_between(xs, floor, tops, color=colour, alpha=STACK_OPACITY, linewidth=0)
            below.update(zip(xs, tops, strict=True))
            continue
        axes.plot(xs, ys, color=colour, linewidth=1.5, linestyle=style, solid_capstyle="round")
        if trace.get("fill") == "tozeroy":
            axes.fill_between(xs, 0, ys, color=colour, alpha=FILL_OPACITY, linewidth=0)
        _dots(axes, trace, xs, ys, colour)


def _dots(axes: Axes, trace: dict[str, Any], xs: Sequence[float], ys: Sequence[float], colour: str) -> None:
    marker = trace.get("marker", {})
    sizes, symbols = marker.get("size", 0), marker.get("symbol", "circle")
    for at, (x, y) in enumerate(zip(xs, ys, strict=True)):
        size = sizes[at] if isinstance(sizes, list) else sizes
        symbol = symbols[at] if isinstance(symbols, list) else symbols
        if size:
            axes.plot(
                [x], [y], marker="*" if symbol == "star" else "o", markersize=size * 0.6, color=colour, clip_on=False
            )


def _annotate(axes: Axes, one: dict[str, Any], places: dict[str, dict[Any, int] | None]) -> None:
    if one.get("xref") != "x" or one.get("yref") != "y" or one.get("y") is None:
        return
    axes.annotate(
        unescape(one["text"]),
        (_position(one["x"], places["x"]), _position(one["y"], places["y"])),
        xytext=(5, float(one.get("yshift", 0)) * 0.6),
        textcoords="offset points",
        ha="left",
        va="center",
        fontsize=SMALL,
        color=INK,
        annotation_clip=False,
    )


def _pie(axes: Axes, trace: dict[str, Any]) -> None:
    hole = float(trace.get("hole", 0.0))
    names = [f"{unescape(a)}\n{unescape(b)}" for a, b in zip(trace["labels"], trace["text"], strict=True)]
    axes.pie(
        trace["values"],
        labels=names,
        colors=[PALETTE[index % len(PALETTE)] for index in range(len(names))],
        startangle=90,
        counterclock=False,
        labeldistance=1.12,
        textprops={"fontsize": SMALL, "color": INK},
        wedgeprops={"linewidth": 1.0, "edgecolor": SURFACE, "width": 1.0 - hole if hole else None},
    )
    axes.set_aspect("equal")
