"""The colours of heat maps in both colour modes, and the ink that can be read on each of them. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from backend_services.kernel.colours import contrast

BLACK, WHITE = "#000000", "#FFFFFF"
"""One of the two has a contrast of 4.5 at least on whatever colour; a softer black has not on the tones between."""
LIGHT = (
    ("#E0F2F6", "#B3DDE6", "#81C4D1", "#4EA7B8", "#278596", "#116372", "#053F4B"),
    ("#0C515D", "#2C8494", "#87BFCB", "#ECEFF0", "#E7BC81", "#C17924", "#86430F"),
)
DARK = (
    ("#173239", "#1B4D57", "#206875", "#2A8898", "#42A8B9", "#6FCBD9", "#B0EAF1"),
    ("#79D5E3", "#3CA2B3", "#236572", "#2B3234", "#7B542D", "#C78A3B", "#F5C984"),
)
"""Sequential and diverging, as in the templates of the charts."""
INKS = {
    (BLACK, BLACK): BLACK,
    (WHITE, WHITE): WHITE,
    (BLACK, WHITE): "#000001",
    (WHITE, BLACK): "#FFFFFE",
}
"""Ink in the light and in the dark mode → what a figure says, one for both modes.

The two that change with the mode are turned by the style sheet (``figures.css``), which knows them by their last digit.
"""


class Limits(NamedTuple):
    """Where a scale begins and ends."""

    low: float
    high: float


def limits_of(values: Sequence[float]) -> Limits:
    """Return the ends of the scale: from zero where all lie above it, even about zero where some lie on each side."""
    low, high = min(values), max(values)
    if low < 0 < high:
        most = max(-low, high)
        return Limits(-most, most)
    return Limits(min(0, low), high)


def colour_at(value: float, limits: Limits, scales: tuple[tuple[str, ...], tuple[str, ...]] = LIGHT) -> str:
    """Return the colour of a cell: diverging about zero, else the further from the ground the further from zero."""
    low, high = limits if limits.low < limits.high else (limits.low - 0.5, limits.low + 0.5)  # as the library does
    sequential, diverging = scales
    scale = diverging if low < 0 < high else sequential if low >= 0 else sequential[::-1]
    return _between(scale, min(max((value - low) / (high - low), 0.0), 1.0))


def ink_on(colour: str) -> str:
    """Return black or white, whichever is read better."""
    return max((BLACK, WHITE), key=lambda ink: contrast(ink, colour))


def ink_of(value: float, limits: Limits) -> str:
    """Return what a figure says as the ink of a cell's value, right in both modes."""
    light, dark = (ink_on(colour_at(value, limits, scales)) for scales in (LIGHT, DARK))
    return INKS[light, dark]


def _between(scale: tuple[str, ...], share: float) -> str:
    place = share * (len(scale) - 1)
    index = min(int(place), len(scale) - 2)
    rest = place - index
    pairs = zip(_parts(scale[index]), _parts(scale[index + 1]), strict=True)
    return "#" + "".join(f"{round(before + (after - before) * rest):02X}" for before, after in pairs)


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))
