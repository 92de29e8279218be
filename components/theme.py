"""Style sheets, fonts and the colour mode."""

from __future__ import annotations

import reflex as rx
from reflex.style import color_mode, set_color_mode
from reflex_base.event import EventSpec

STYLESHEETS = [
    "/styles/tokens.css",
    "/styles/parts.css",
    "/styles/app.css",
    "/styles/figures.css",
    "/styles/arrange.css",
]
MODES = ("system", "light", "dark")


def head() -> list[rx.Component]:
    """Return what every page has in its head: the mark, the fonts that appear first, the scripts."""
    return [
        rx.el.link(rel="icon", href="/favicon.ico", sizes="32x32"),
        rx.el.link(
            rel="preload",
            href="/fonts/ibm-plex-sans-latin.woff2",
            custom_attrs={"as": "font", "type": "font/woff2", "crossOrigin": "anonymous"},
        ),
        rx.el.script(src="/early.js"),
        rx.el.script(src="/omni.js", defer=True),
        rx.el.script(src="/arrange.js", defer=True),
    ]


def chosen(mode: str) -> rx.Var[str]:
    """Return ``true`` where ``mode`` is what the reader chose, for ``aria-pressed``."""
    return rx.cond(color_mode == mode, "true", "false")


def choose(mode: str) -> EventSpec:
    """Return the event that turns the page to ``system``, ``light`` or ``dark``; runs in the browser only."""
    return set_color_mode(mode)
