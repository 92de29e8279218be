"""Lengths of time as they are said: "2 hours", "half an hour", "pol ure". Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder.lexicon import NUMBERS
from backend_services.dashboards.builder.normalise import words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.dashboards.builder.normalise import Token

MINUTE: Final = 60.0
_SAID: Final = (
    (words_of("second seconds sec secs sekunda sekunde sekundi sekundo sekund sekundah"), 1.0),
    (words_of("minute minutes min mins minuta minuti minuto minut minutah"), MINUTE),
    (words_of("hour hours hr hrs ura ure uri uro ur urah"), 3600.0),
)
_HALF: Final = words_of("half pol")
_ONE: Final = frozenset({"a", "an"})
_AND: Final = words_of("and in")


def seconds_of(word: str) -> float | None:
    """Return how many seconds the unit ``word`` is, or ``None`` where it is none."""
    return next((seconds for words, seconds in _SAID if word in words), None)


def spelled(tokens: Sequence[Token], place: int) -> tuple[float, int] | None:
    """Return the number that "half an hour", "an hour" or "pol ure" says, and the place of its unit."""
    words = [one.folded for one in tokens[place : place + 3]]
    if not words or words[0] not in _HALF | _ONE:
        return None
    value = 0.5 if words[0] in _HALF else 1.0
    unit = 2 if words[0] in _HALF and words[1:2] and words[1] in _ONE else 1
    return (value, place + unit) if len(words) > unit and seconds_of(words[unit]) is not None else None


def with_half(tokens: Sequence[Token], place: int) -> float:
    """Return the half that is said behind the unit at ``place``: "an hour *and a half*", "dve uri in pol"."""
    words = [one.folded for one in tokens[place + 1 : place + 4] if one.folded not in _ONE]
    return 0.5 if len(words) > 1 and words[0] in _AND and words[1] in _HALF else 0.0


def is_said(tokens: Sequence[Token], place: int) -> bool:
    """Return whether a word is of a length of time: each of "half an hour", the unit of "dve uri", a half behind it."""
    for first in range(max(place - 2, 0), place + 1):
        found = spelled(tokens, first)
        if found is not None and place <= found[1]:
            return True
    folded = tokens[place].folded
    if seconds_of(folded) is not None:
        return place > 0 and (tokens[place - 1].is_number or tokens[place - 1].folded in NUMBERS)
    return folded in _HALF and any(
        seconds_of(tokens[unit].folded) is not None and with_half(tokens, unit)
        for unit in range(max(place - 3, 0), place)
    )
