"""Words that say how punctual something was: "late flights", "landed on time", "zamuja". Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder.measures import words_in
from backend_services.dashboards.builder.normalise import words_of
from backend_services.dashboards.builder.retrieve import Candidate, Mention
from backend_services.datasets.catalogue import EACH, Operator

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backend_services.dashboards.builder.normalise import Token
    from backend_services.dashboards.builder.retrieve import Index

_SCORE: Final = 0.9
_DELAY: Final = words_of("delay delays lateness zamuda zamude")
_WHOLE: Final = {"late": Operator.GT, "delayed": Operator.GT, "early": Operator.LT}
_BEGINNINGS: Final = {
    ("zamuja", "zamujen", "zamudil", "prepozn"): Operator.GT,
    ("punctual", "pravocas", "tocno"): Operator.LTE,
    ("predcas", "prezgod"): Operator.LT,
}
_PAIRS: Final = {
    ("on", "time"): Operator.LTE,
    ("on", "schedule"): Operator.LTE,
    ("po", "urniku"): Operator.LTE,
    ("without", "delay"): Operator.LTE,
    ("brez", "zamude"): Operator.LTE,
    ("with", "delay"): Operator.GT,
    ("z", "zamudo"): Operator.GT,
}
_OR: Final = words_of("or ali")
_HOW: Final = words_of("how koliko kako")
_ENDS: Final = {
    "arrival": ("land", "arriv", "pristal", "prispe", "prilete"),
    "departure": ("depart", "took", "take", "left", "leave", "odlete", "odpelja", "odsl", "vzlet"),
}


@dataclass(frozen=True, slots=True)
class Punctuality:
    """What a question says of it.

    Attributes:
        mentions: The words, each with the delays that they may be about.
        operators: Place of a mention → how the delay compares with none.
        verbs: Places of the verbs that tell which delay it is.
    """

    mentions: tuple[Mention, ...] = ()
    operators: tuple[tuple[int, Operator], ...] = ()
    verbs: frozenset[int] = frozenset()


def find(tokens: Sequence[Token], index: Index, pinned: Sequence[Mention]) -> Punctuality:
    """Return what is said, where the table has delays."""
    delays = _delays(index)
    found = list(_spans(tokens)) if delays else []
    if not found:
        return Punctuality()
    verbs: set[int] = set()
    for end, words in _ENDS.items():
        said = {one.position for one in tokens if one.folded.startswith(words)}
        own = tuple(name for name in delays if _is_of(index, name, end))
        if said and own:
            delays, verbs = own, verbs | {place for place in said if not tokens[place].folded.startswith(end)}
    mentions, operators = [], []
    for first, last, operator in found:
        settled = next((one for one in pinned if one.first == first), None)
        text = " ".join(one.text for one in tokens[first:last])
        made = Mention(first, last, text, tuple(Candidate("measure", name, _SCORE) for name in delays))
        mentions += [made] if settled is None else []
        operators.append((first, operator))
    return Punctuality(tuple(mentions), tuple(operators), frozenset(verbs))


def _delays(index: Index) -> tuple[str, ...]:
    """Return the measures that are delays of single rows."""
    return tuple(
        one.id
        for one in index.catalogue.measures
        if not one.hidden and not words_in(one).isdisjoint(_DELAY) and index.catalogue.dimension(f"{one.id}{EACH}")
    )


def _is_of(index: Index, name: str, end: str) -> bool:
    measure = index.catalogue.measure(name)
    return measure is not None and end in words_in(measure)


def _spans(tokens: Sequence[Token]) -> Iterator[tuple[int, int, Operator]]:
    """Yield first and last place and meaning; "on time or early" is one."""
    place = 0
    while place < len(tokens):
        found = _at(tokens, place)
        if found is None:
            place += 1
            continue
        first, (last, operator) = place, found
        while last < len(tokens) and tokens[last].folded in _OR and (more := _at(tokens, last + 1)) is not None:
            last, operator = more[0], _either(operator, more[1])
        yield first, last, operator
        place = last


def _at(tokens: Sequence[Token], place: int) -> tuple[int, Operator] | None:
    """Return where the words at ``place`` end and what they mean; "how late" asks for the delay itself."""
    if place >= len(tokens) or (place and tokens[place - 1].folded in _HOW):
        return None
    word, second, third = (*(one.folded for one in tokens[place : place + 3]), "", "")[:3]
    pair = _PAIRS.get((word, third if second == "a" else second))
    if pair is not None:
        return place + (3 if second == "a" else 2), pair
    meant = _WHOLE.get(word) or next((one for start, one in _BEGINNINGS.items() if word.startswith(start)), None)
    return (place + 1, meant) if meant is not None else None


def _either(first: Operator, second: Operator) -> Operator:
    return Operator.NE if {first, second} == {Operator.GT, Operator.LT} else Operator.LTE
