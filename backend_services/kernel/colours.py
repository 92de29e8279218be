"""Contrast of colours after WCAG 2.2, and a tenant's accent in both colour modes."""

from __future__ import annotations

from dataclasses import dataclass

LEAST_CONTRAST = 4.5
WHITE, INK = "#FFFFFF", "#04222A"
LIGHT_GROUNDS = ("#FFFFFF", "#F4F6F7")
"""Surface and canvas of the light mode; an accent is refused unless it can be read on both."""
DARK_GROUNDS = ("#141C20", "#0D1316", "#1B252A")
LIGHTER_BY = 0.05


@dataclass(frozen=True, slots=True)
class Accent:
    """An accent with the colour of text on it, in both modes."""

    light: str
    on_light: str
    dark: str
    on_dark: str


def luminance(colour: str) -> float:
    """Return the relative luminance of ``#RRGGBB``, 0 to 1."""
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def is_readable(colour: str, grounds: tuple[str, ...] = LIGHT_GROUNDS) -> bool:
    """Return whether text in ``colour`` can be read on all ``grounds``."""
    return all(contrast(colour, ground) >= LEAST_CONTRAST for ground in grounds)


def accent_of(colour: str) -> Accent | None:
    """Return the accent made of a tenant's colour; ``None`` where there is none or it cannot be read.

    In the dark mode the colour is mixed with white until it can be read there.
    """
    if not colour or not is_readable(colour):
        return None
    dark, share = colour, 0.0
    while not is_readable(dark, DARK_GROUNDS):
        share += LIGHTER_BY
        dark = _mixed(colour, WHITE, share)
    return Accent(light=colour, on_light=_text_on(colour), dark=dark, on_dark=_text_on(dark))


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - the sRGB curve


def _mixed(colour: str, other: str, share: float) -> str:
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return "#" + "".join(f"{round(mine + (theirs - mine) * min(share, 1.0)):02X}" for mine, theirs in pairs)


def _text_on(colour: str) -> str:
    return max((WHITE, INK), key=lambda text: contrast(text, colour))
