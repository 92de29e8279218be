"""Words that a catalogue has only in the other language, shortened or derived, taken for those. Pure."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import cues, dates, vocabulary
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
from backend_services.dashboards.builder.normalise import keys_of, stem_of, words_of
from backend_services.dashboards.builder.retrieve import ROOT

if TYPE_CHECKING:
    from backend_services.dashboards.builder.normalise import Token
    from backend_services.dashboards.builder.retrieve import Index

_SMALL: Final = frozenset().union(
    *(PLEASANTRIES, AND, FILTER_WORDS, MONEY, DONE, ENTITY_COUNT, NUMBERS, SCALES, dates.MONTHS, dates.UNITS)
)
_SUFFIX: Final = 4
_ENDS: Final = {"departure": "origin", "arrival": "destination"}
_TERMINALS: Final = words_of("airport station port terminal letalisce letalisc postaja postaj pristanisce pristanisc")


def translated(tokens: tuple[Token, ...], index: Index) -> tuple[Token, ...]:
    """Return the tokens with words that the catalogue only has in the other language, or shortened, taken for those."""
    found = [_as_named(token, index) for token in tokens]
    for place, (token, after) in enumerate(pairwise(tokens)):
        end = _end_of_journey(token, after)
        if end is not None and end in index.by_key:
            found[place] = replace(token, keys=token.keys | keys_of(end), stem=stem_of(end), corrected=end)
    return tuple(found)


def _end_of_journey(token: Token, after: Token) -> str | None:
    """Return what a "departure airport" is called otherwise."""
    if after.keys.isdisjoint(_TERMINALS) and after.stem not in _TERMINALS:
        return None
    words = {token.folded, *token.keys, *_other_words(token)}
    return next((end for word, end in _ENDS.items() if word in words), None)


def _other_words(token: Token) -> tuple[str, ...]:
    """Return what else a word is called; a Slovenian adjective as its noun is: "ciljni" as "cilj"."""
    noun = token.stem[:-1] if token.stem.endswith("n") and len(token.stem) > _SUFFIX else token.stem
    found = (*vocabulary.equivalents(token.keys, token.stem), *vocabulary.equivalents((), noun))
    return tuple(dict.fromkeys(found))


def _as_named(token: Token, index: Index) -> Token:
    if _is_known(token, index) or not token.folded.isalpha() or token.folded in _SMALL:
        return token
    others = _other_words(token)
    others = (*others, *(found for word in (token.folded, *others) for found in _derived(word, index)))
    same = [word for word in others if word in index.by_key or stem_of(word) in index.by_stem]
    same = same or [word for word in others if word in index.called]
    short = vocabulary.meant((token.folded, *sorted(token.keys), *others), index.shorts)
    adjective = next((f"{one}n" for one in (token.stem, *map(stem_of, others)) if f"{one}n" in index.by_stem), None)
    meant = same[0] if same else adjective or short
    if meant is None:
        return token
    keys = token.keys.union(*(keys_of(word) for word in (*same, *([short] if short else []))))
    return replace(token, keys=keys, stem=adjective if meant == adjective else stem_of(meant), corrected=meant)


def _is_known(token: Token, index: Index) -> bool:
    """Return whether the catalogue or the words of questions have a word; "letov" is no form of "leto"."""
    said = token.folded in index.known and (token.folded in index.by_key or token.folded in cues.ALONE)
    if said or token.stem in index.by_stem:
        return True
    return any(key in index.by_key or key in cues.STARTS for key in token.keys)


def _derived(word: str, index: Index) -> tuple[str, ...]:
    """Return the one word of the catalogue that a noun was made from: "readmissions" from "readmitted"."""
    if len(word) < ROOT:
        return ()
    found = {one for one in index.roots.get(word[:ROOT], ()) if abs(len(one) - len(word)) <= _SUFFIX}
    return tuple(sorted(found)) if len({stem_of(one)[: ROOT + 1] for one in found}) == 1 else ()
