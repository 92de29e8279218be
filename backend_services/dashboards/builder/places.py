"""Names of countries and continents in both languages, and ISO 3166 codes, for values such as "DE". Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from babel import Locale

from backend_services.dashboards.builder.normalise import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

_LEAST_SHARE = 0.5
_CODE_LENGTH = 2
_CONTINENTS = frozenset({"002", "003", "005", "009", "019", "142", "150"})


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """Return folded name or code → code."""
    found: dict[str, str] = {}
    for language in ("sl", "en"):
        for code, name in Locale.parse(language).territories.items():
            if len(code) == _CODE_LENGTH and code.isalpha():
                found[fold(code)] = code
                found[fold(name)] = code
            elif code in _CONTINENTS:
                found[fold(name)] = code
    return found


def names_of(values: Sequence[str]) -> list[tuple[str, str]]:
    """Return (name in either language, value) for a column of countries; nothing for other columns."""
    codes = _codes()
    known = {value: codes[fold(value)] for value in values if fold(value) in codes}
    if not values or len(known) < _LEAST_SHARE * len(values):
        return []
    found = []
    for value, code in known.items():
        for language in ("en", "sl"):
            name = Locale.parse(language).territories[code]
            if fold(name) != fold(value):
                found.append((name, value))
    return found
