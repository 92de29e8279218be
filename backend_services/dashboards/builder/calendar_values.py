"""Names of weekdays and months in both languages, for columns that hold them as texts: "Sat", "januar". Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from babel import Locale

from backend_services.dashboards.builder.normalise import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SHORTEST: Final = 3
_FURTHER: Final = {"tues": ("days", 1), "thur": ("days", 3), "thurs": ("days", 3), "sept": ("months", 9)}


@lru_cache(maxsize=1)
def _known() -> dict[str, tuple[str, int]]:
    """Return folded name or its short form → which part of the calendar it is."""
    found: dict[str, tuple[str, int]] = dict(_FURTHER)
    for kind, place, name in _names():
        found[fold(name)] = (kind, place)
        found.setdefault(fold(name)[:_SHORTEST], (kind, place))
    return found


def _names() -> Iterator[tuple[str, int, str]]:
    for language in ("en", "sl"):
        locale = Locale.parse(language)
        for kind in ("days", "months"):
            for place, name in getattr(locale, kind)["format"]["wide"].items():
                yield kind, place, name


def names_of(values: Sequence[str]) -> list[tuple[str, str]]:
    """Return (name in either language, value) for a column of weekdays or of months; nothing for other columns."""
    known = [(value, _known().get(fold(value).strip("."))) for value in values]
    if len(values) < 2 or len({place[0] for _, place in known if place}) != 1 or not all(place for _, place in known):  # noqa: PLR2004 - one value tells nothing
        return []
    return [
        (name, value)
        for value, part in known
        for kind, place, name in _names()
        if (kind, place) == part and fold(name) != fold(value)
    ]
