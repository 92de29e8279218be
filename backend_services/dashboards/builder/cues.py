"""Finds the words that say how to ask: aggregations, grains, "by", "top", "more than", charts. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import durations, lexicon
from backend_services.dashboards.builder.normalise import words_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from backend_services.dashboards.builder.normalise import Token


class Cue(StrEnum):
    """What a cue word asks for."""

    AGGREGATE = "aggregate"
    BETWEEN = "between"
    BOTTOM = "bottom"
    BY = "by"
    CHART = "chart"
    CLOSING = "closing"
    COMPARE = "compare"
    GRAIN = "grain"
    LATER = "later"
    LISTING = "listing"
    NEGATION = "negation"
    OVERVIEW = "overview"
    RATE = "rate"
    RATIO = "ratio"
    SHARE = "share"
    TOP = "top"
    TREND = "trend"
    WHICH = "which"


@dataclass(frozen=True, slots=True)
class Mark:
    """A cue that tokens ``first`` up to, not including, ``last`` give."""

    cue: Cue
    value: str
    first: int
    last: int


_NEEDS_CONTEXT: Final = words_of("line lines area bar bars crta stolpci table tabela tabelo")
_CHART_LEAD: Final = words_of("as a kot in v an obliki grafikonu with s z")
_MOST_OF_ALL: Final = ("najvi", "najve", "najbol", "najmoc", "najdalj", "najpog")
_LEAST_OF_ALL: Final = ("najni", "najman", "najsla", "najkraj")
_NUMBER_REACH: Final = 3
_MOVED: Final = words_of("lost gained fall")
_BY_HOW_MUCH: Final = words_of("most least")


def _patterns() -> dict[str, list[tuple[tuple[str, ...], Cue, str]]]:
    table: list[tuple[str, Cue, str]] = [
        (lexicon.BY, Cue.BY, ""),
        (lexicon.NEGATION, Cue.NEGATION, ""),
        (lexicon.TOP, Cue.TOP, ""),
        (lexicon.BOTTOM, Cue.BOTTOM, ""),
        (lexicon.BETWEEN, Cue.BETWEEN, ""),
        (lexicon.WHICH, Cue.WHICH, ""),
        (lexicon.CLOSING, Cue.CLOSING, ""),
        (lexicon.LISTING, Cue.LISTING, ""),
        (lexicon.OVERVIEW, Cue.OVERVIEW, ""),
        (lexicon.SHARE, Cue.SHARE, ""),
        (lexicon.RATE, Cue.RATE, ""),
        (lexicon.RATIO, Cue.RATIO, ""),
        (lexicon.TREND, Cue.TREND, ""),
        *((words, Cue.AGGREGATE, aggregation.value) for aggregation, words in lexicon.AGGREGATIONS.items()),
        *((words, Cue.GRAIN, grain.value) for grain, words in lexicon.GRAINS.items()),
        *((words, Cue.CHART, chart.value) for chart, words in lexicon.CHARTS.items()),
        *((words, Cue.COMPARE, operator.value) for operator, words in lexicon.COMPARISONS.items()),
        *((words, Cue.LATER, what) for what, words in lexicon.LATER.items()),
    ]
    found: dict[str, list[tuple[tuple[str, ...], Cue, str]]] = {}
    for alternatives, cue, value in table:
        for alternative in alternatives.split("|"):
            words = tuple(alternative.split())
            found.setdefault(words[0], []).append((words, cue, value))
    for patterns in found.values():
        patterns.sort(key=lambda one: -len(one[0]))
    return found


PATTERNS: Final = _patterns()
STARTS: Final = frozenset(PATTERNS)
"""First words of the cues."""
WORDS: Final = frozenset().union(
    (word for patterns in PATTERNS.values() for words, _, _ in patterns for word in words),
    *(lexicon.NUMBERS, lexicon.SCALES, lexicon.AND, lexicon.PLEASANTRIES, lexicon.FILTER_WORDS, lexicon.CHART_FILLER),
)


ALONE: Final = STARTS.union(
    lexicon.NUMBERS, lexicon.SCALES, lexicon.AND, lexicon.PLEASANTRIES, lexicon.FILTER_WORDS, lexicon.CHART_FILLER
)
"""Words that mean something on their own, not only inside a longer cue."""


def scan(tokens: Sequence[Token], taken: Collection[int]) -> tuple[Mark, ...]:
    """Return the cues of a question, longest first at each place, leaving out tokens already ``taken``."""
    found: list[Mark] = []
    position = 0
    while position < len(tokens):
        mark = None if position in taken else _mark_at(tokens, position, taken)
        if mark is not None:
            found.append(mark)
        position = mark.last if mark is not None else position + 1
    return tuple(found)


def _mark_at(tokens: Sequence[Token], at: int, taken: Collection[int]) -> Mark | None:
    token = tokens[at]
    options = [pattern for key in sorted(token.keys) for pattern in PATTERNS.get(key, ())]
    exact = {token.folded, token.corrected}
    if token.folded.startswith(_MOST_OF_ALL):
        options.append(((token.folded,), Cue.TOP, ""))
    if token.folded.startswith(_LEAST_OF_ALL):
        options.append(((token.folded,), Cue.BOTTOM, ""))
    options.sort(key=lambda one: (-len(one[0]), one[0][0] not in exact))
    for words, cue, value in options:
        last = at + len(words)
        if last > len(tokens) or any(place in taken for place in range(at, last)):
            continue
        if all(
            word in tokens[at + offset].keys or word == tokens[at + offset].folded for offset, word in enumerate(words)
        ) and _fits(tokens, at, last, cue):
            return Mark(cue, value, at, last)
    return None


def _fits(tokens: Sequence[Token], first: int, last: int, cue: Cue) -> bool:
    """Return whether the words around allow the reading as ``cue``."""
    match cue:
        case Cue.COMPARE:
            following = [token.is_number for token in tokens[last : last + _NUMBER_REACH]]
            before = first > 0 and tokens[first - 1].is_number
            worded = last < len(tokens) and tokens[last].folded in lexicon.NUMBERS
            return any(following) or before or worded or durations.spelled(tokens, last) is not None
        case Cue.BETWEEN:
            return sum(token.is_number for token in tokens[last : last + 2 * _NUMBER_REACH]) > 1
        case Cue.LATER if tokens[first].folded in _MOVED:
            return any(token.folded in _BY_HOW_MUCH for token in tokens[last : last + _NUMBER_REACH])
        case Cue.CHART:
            if last - first > 1 or tokens[first].folded not in _NEEDS_CONTEXT:
                return True
            before = first > 0 and tokens[first - 1].folded in _CHART_LEAD
            after = last < len(tokens) and tokens[last].folded in lexicon.CHART_FILLER
            return before or after or first == 0 or last == len(tokens)
        case _:
            return True


def number_near(tokens: Sequence[Token], mark: Mark) -> tuple[int, int] | None:
    """Return a whole number said right after or right before ``mark``, and its place."""
    for place in (mark.last, mark.last + 1, mark.first - 1):
        if not 0 <= place < len(tokens):
            continue
        word = tokens[place].folded
        count = int(word) if word.isdigit() else lexicon.NUMBERS.get(word)
        if count and word != "en":
            return count, place
        if place == mark.last and word not in lexicon.PLEASANTRIES:
            continue
    return None
