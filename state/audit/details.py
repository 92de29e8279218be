"""What an entry of the audit log changed, in words: one line for each thing, with what it was before. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from backend_services.kernel.i18n import format_number, has_text, text

NOTHING: Final = "\N{EN DASH}"
ARROW: Final = "\N{NO-BREAK SPACE}\N{RIGHTWARDS ARROW} "
_LONGEST: Final = 160
_SEAL: Final = 12
_FIGURES: Final = 1e15
"""From here on a number is written as it is stored: its groups say nothing, and a float has no more digits."""
_SEALS: Final = frozenset({"sha256", "hash", "fingerprint"})
_UNITS: Final = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))


def lines_of(details: Mapping[str, Any], language: str) -> list[dict[str, str]]:
    """Return ``label`` and ``text`` of everything that an entry says; a change as “before → after”."""
    before, after = details.get("before"), details.get("after")
    lines: list[dict[str, str]] = []
    if isinstance(before, Mapping) or isinstance(after, Mapping):
        was, now = _mapping(before), _mapping(after)
        lines += _changes(was, now, language, only_before=after is None)
    rest = {name: value for name, value in details.items() if not (name in {"before", "after"} and lines)}
    return lines + [_line(name, _shown(name, value, language), language) for name, value in rest.items()]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _changes(
    was: Mapping[str, Any], now: Mapping[str, Any], language: str, *, only_before: bool
) -> list[dict[str, str]]:
    lines = []
    for name in dict.fromkeys((*was, *now)):
        old, new = _shown(name, was.get(name), language), _shown(name, now.get(name), language)
        if name in was and name in now and old == new:
            continue
        changed = f"{old}{ARROW}{new}" if name in was else new
        shown = text("audit.was", language, value=old) if only_before else changed
        lines.append(_line(name, shown, language))
    return lines


def _line(name: str, shown: str, language: str) -> dict[str, str]:
    return {"label": label_of(name, language), "text": shown}


def label_of(name: str, language: str) -> str:
    """Return the name of a field for people; one without a text of its own as it is, in words."""
    key = f"audit.field.{name}"
    return text(key, language) if has_text(key, language) else name.replace("_", " ").strip().capitalize()


def _shown(name: str, value: Any, language: str) -> str:
    shown = _plain(name, value, language)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def _plain(name: str, value: Any, language: str) -> str:  # noqa: PLR0911 - one for each form
    match value:
        case None | "":
            return NOTHING
        case bool():
            return text("audit.yes" if value else "audit.no", language)
        case int() | float():
            return _size(value, language) if name.endswith("_bytes") else _number(name, value, language)
        case str():
            return value[:_SEAL] if name in _SEALS else _word(value, language)
        case Mapping() | list() | tuple() if not value:
            return NOTHING
        case Mapping():
            parts = (f"{label_of(str(key), language)}: {_plain(str(key), one, language)}" for key, one in value.items())
            return "; ".join(parts)
        case list() | tuple() if name == "changed":
            return ", ".join(label_of(str(one), language).lower() for one in value)
        case list() | tuple():
            return ", ".join(_plain(name, one, language) for one in value)
        case _:
            return str(value)


def _word(value: str, language: str) -> str:
    """Return a state or a role in the reader's language, anything else as it is."""
    for area in ("audit.value", "roles"):
        key = f"{area}.{value}"
        if value.isascii() and " " not in value and has_text(key, language):
            return text(key, language)
    return value


def _number(name: str, value: float, language: str) -> str:
    if name in {"port", "year"} or abs(value) >= _FIGURES:
        return str(value)
    return format_number(value, language)


def _size(value: float, language: str) -> str:
    if abs(value) >= _FIGURES:
        return str(value)
    for size, unit in _UNITS:
        if value >= size:
            return f"{format_number(value / size, language, decimals=1)}\N{NO-BREAK SPACE}{unit}"
    return f"{format_number(value, language)}\N{NO-BREAK SPACE}B"
