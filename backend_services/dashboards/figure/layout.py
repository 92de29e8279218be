"""The frame of a figure: axes with ticks written on the server, margins, heights. No colour anywhere."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING, Any

from backend_services.dashboards import formats
from backend_services.dashboards.arrangement import Axis
from backend_services.dashboards.sizes import figure_px

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.dashboards.arrangement import Arrangement
    from backend_services.dashboards.spec import Tile
    from backend_services.datasets.catalogue import Unit

HEIGHT = 286
BAR_HEIGHT = 300
PHONE_HEIGHT = 220
TICKS = 5
PHONE_TICKS = 3
HEAT_TICKS = 8
MARGIN = 8
LABEL_WIDTH = 7
MAX_LABEL = 18
MAX_LYING = 30
SAME = 1e-9
TINY = 1e-290
_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


def safe(text: str) -> str:
    """Return ``text`` so that Plotly, which understands some HTML, shows it as it is."""
    return escape(text, quote=False)


def clipped(text: str, most: int = MAX_LABEL) -> str:
    """Return ``text`` cut to ``most`` characters for an axis; the hover and the table have it whole."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def nice_ticks(low: float, high: float, *, count: int = TICKS) -> tuple[float, ...]:
    """Return about ``count`` round values that enclose ``low`` and ``high``."""
    if high - low <= max(max(abs(low), abs(high)) * SAME, TINY):
        low, high = (min(0.0, low), max(0.0, high)) if abs(low) > TINY else (0.0, 1.0)
    rough = (high - low) / max(1, count - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next((nice * power for nice in _NICE if nice * power >= rough * 0.999), 10.0 * power)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return tuple(float(f"{index * step:.12g}") for index in range(first, last + 1))


def value_axis(low: float, high: float, unit: Unit | None, language: str, *, from_zero: bool) -> dict[str, Any]:
    """Return the axis of the amounts: ticks and their texts, and the range they span."""
    if from_zero or (low >= 0 and low < high / 2):
        low, high = min(0.0, low), max(0.0, high)
    ticks = nice_ticks(low, high)
    return {
        "type": "linear",
        "tickmode": "array",
        "tickvals": list(ticks),
        "ticktext": [formats.short(tick, unit, language) for tick in ticks],
        "range": [ticks[0], ticks[-1]],
        "zeroline": ticks[0] <= 0 <= ticks[-1],
        "fixedrange": True,
        "automargin": True,
    }


def starts_above_zero(axis: dict[str, Any]) -> bool:
    """Return whether an axis of amounts does not show zero, which readers must be told."""
    low, high = axis["range"]
    return bool(low > 0 or high < 0)


def spread(labels: Sequence[str], count: int) -> list[int]:
    """Return which of ``labels`` stand at the axis: the last one and as many before it as there is room for."""
    if len(labels) <= count:
        return list(range(len(labels)))
    step = math.ceil((len(labels) - 1) / (count - 1))
    return sorted(range(len(labels) - 1, -1, -step))


def key_axis(arrangement: Arrangement, *, lying: bool, ticks: int = TICKS) -> dict[str, Any]:
    """Return the axis of times or categories; every tick has its text from here."""
    labels = [safe(label) for label in arrangement.labels]
    thinned = arrangement.axis in {Axis.TIME, Axis.BINS}
    shown = spread(labels, ticks) if thinned else list(range(len(labels)))
    axis: dict[str, Any] = {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": labels,
        "tickmode": "array",
        "tickvals": [labels[index] for index in shown],
        "ticktext": [safe(clipped(_marked(arrangement, index), MAX_LYING if lying else MAX_LABEL)) for index in shown],
        "fixedrange": True,
        "automargin": True,
    }
    if lying:
        axis |= {"autorange": "reversed", "showgrid": False, "showline": True, "ticks": ""}
    return axis


def _marked(arrangement: Arrangement, index: int) -> str:
    label = arrangement.labels[index]
    return f"{label} *" if index == arrangement.running else label


def number_axis(keys: Sequence[float], unit: Unit | None, language: str) -> dict[str, Any]:
    """Return a horizontal axis of plain numbers."""
    return value_axis(min(keys), max(keys), unit, language, from_zero=False)


def height_of(tile: Tile, usual: int) -> int:
    """Return how high the figure of ``tile`` is, in pixels: as its tile asks, else ``usual``."""
    return figure_px(tile) or usual


def frame(*, language: str, height: int, hovermode: str) -> dict[str, Any]:
    """Return what every figure's layout shares."""
    return {
        "height": height,
        "margin": {"l": MARGIN, "r": MARGIN, "t": MARGIN, "b": MARGIN},
        "separators": formats.separators(language),
        "hovermode": hovermode,
        "showlegend": False,
        "dragmode": False,
        "bargap": 0.4,
    }
