"""Badges: icon and word, six tones; never a link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import reflex as rx

from components.ui.icon import icon

Tone = Literal["neutral", "ok", "warning", "danger", "info", "accent"]
TONES: dict[Tone, str] = {
    "neutral": "o-badge",
    "ok": "o-badge ok",
    "warning": "o-badge wa",
    "danger": "o-badge da",
    "info": "o-badge in",
    "accent": "o-badge ac",
}


def badge(word: rx.Var[str] | str, *, tone: Tone = "neutral", icon_name: str = "") -> rx.Component:
    """Return a badge. Usage: ``badge(t("keys.active"), tone="ok", icon_name="check")``."""
    return rx.el.span(*([icon(icon_name)] if icon_name else []), word, class_name=TONES[tone])


def state_badge(value: rx.Var[str], states: Mapping[str, tuple[rx.Var[str], Tone, str]]) -> rx.Component:
    """Return the badge of a state: ``states`` gives word, tone and icon by value."""
    cases = [(name, badge(word, tone=tone, icon_name=sign)) for name, (word, tone, sign) in states.items()]
    return rx.match(value, *cases, badge(value))
