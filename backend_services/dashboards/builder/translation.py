"""Words that a catalogue has only in the other language, shortened or derived, taken for those. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import dates, vocabulary
from backend_services.dashboards.builder.lexicon import (
    AND,
    DONE,
    ENTITY_COUNT,
    FILTER_WORDS,
    MONEY,
    NUMBERS,
    PLEASANTRIES,
    SCALES,
)
from backend_services.dashboards.builder.normalise import keys_of, stem_of
from backend_services.dashboards.builder.retrieve import ROOT

if TYPE_CHECKING:
    from backend_services.dashboards.builder.normalise import Token
    from backend_services.dashboards.builder.retrieve import Index

_SMALL: Final = frozenset().union(
    *(PLEASANTRIES, AND, FILTER_WORDS, MONEY, DONE, ENTITY_COUNT, NUMBERS, SCALES, dates.MONTHS, dates.UNITS)
)
_SUFFIX: Final = 4


def translated(tokens: tuple[Token, ...], index: Index) -> tuple[Token, ...]:
    """Return the tokens with words that the catalogue only has in the other language, or shortened, taken for those."""
    return tuple(_as_named(token, index) for token in tokens)


def _as_named(token: Token, index: Index) -> Token:
    known = token.folded in index.known or token.stem in index.by_stem or not token.keys.isdisjoint(index.known)
    if known or not token.folded.isalpha() or token.folded in _SMALL:
        return token
    others = vocabulary.equivalents(token.keys, token.stem)
    others = (*others, *(found for word in (token.folded, *others) for found in _derived(word, index)))
    same = [word for word in others if word in index.by_key or stem_of(word) in index.by_stem]
    short = vocabulary.meant((token.folded, *sorted(token.keys), *others), index.shorts)
    adjective = next((f"{one}n" for one in (token.stem, *map(stem_of, others)) if f"{one}n" in index.by_stem), None)
    meant = same[0] if same else adjective or short
    if meant is None:
        return token
    keys = token.keys.union(*(keys_of(word) for word in (*same, *([short] if short else []))))
    return replace(token, keys=keys, stem=adjective if meant == adjective else stem_of(meant), corrected=meant)


def _derived(word: str, index: Index) -> tuple[str, ...]:
    """Return the one word of the catalogue that a noun was made from: "readmissions" from "readmitted"."""
    if len(word) < ROOT:
        return ()
    found = {one for one in index.roots.get(word[:ROOT], ()) if abs(len(one) - len(word)) <= _SUFFIX}
    return tuple(sorted(found)) if len({stem_of(one)[: ROOT + 1] for one in found}) == 1 else ()
