"""Words that two others share, said again for each: "min and max temperature". Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder.cues import Cue, scan
from backend_services.dashboards.builder.lexicon import AND
from backend_services.dashboards.builder.normalise import keys_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.dashboards.builder.cues import Mark
    from backend_services.dashboards.builder.normalise import Token
    from backend_services.dashboards.builder.retrieve import Candidate, Mention

_FOLDS: Final = frozenset({Cue.AGGREGATE, Cue.TOP, Cue.BOTTOM})
_EXTREMES: Final = {Cue.TOP: "maximum", Cue.BOTTOM: "minimum"}
_LINKS: Final = frozenset({"of", "the"})
_WHOLE: Final = 0.9
_COUNTS: Final = frozenset({"count", "count_distinct"})


def spread(tokens: Sequence[Token], marks: Sequence[Mark], mentions: Sequence[Mention]) -> tuple[Token, ...] | None:
    """Return the tokens with the shared name after each of two ways to fold it, or ``None`` where there are none."""
    folds = {one.first: one for one in marks if one.cue in _FOLDS and one.value not in _COUNTS}
    for mark in folds.values():
        following = mark.last + 1
        if following >= len(tokens) or tokens[mark.last].folded not in AND:
            continue
        second = folds.get(following)
        start = second.last if second is not None else following
        named = next((one for one in mentions if one.first == start and one.of_kind("measure")), None)
        if named is None or (second is None and not _begins_with_fold(tokens, named)):
            continue
        name = tokens[named.first if second is not None else following + 1 : named.last]
        again = _fold(tokens, second) if second is not None else tokens[following : following + 1]
        before = (*tokens[: mark.first], *_fold(tokens, mark), *name, tokens[mark.last])
        found = (*before, *again, *name, *tokens[named.last :])
        return tuple(replace(one, position=place) for place, one in enumerate(found))
    return None


def _begins_with_fold(tokens: Sequence[Token], named: Mention) -> bool:
    """Return whether a name holds the second fold itself: "najnižja in *najvišja temperatura*"."""
    first = replace(tokens[named.first], position=0)
    return named.last - named.first > 1 and any(one.cue in _FOLDS for one in scan((first,), ()))


def _fold(tokens: Sequence[Token], mark: Mark) -> tuple[Token, ...]:
    """Return the words of a fold; "lowest and highest" beside each other order nothing."""
    said = tuple(tokens[mark.first : mark.last])
    word = _EXTREMES.get(mark.cue)
    if word is None:
        return said
    return (replace(said[-1], keys=said[-1].keys | keys_of(word), folded=word),)


def merged(tokens: Sequence[Token], mentions: Sequence[Mention]) -> list[Mention]:
    """Return the mentions with neighbours that name one and the same field together taken for one: "oceno gostov"."""
    found: list[Mention] = []
    for one in mentions:
        last = found[-1] if found else None
        beside = last is not None and all(tokens[place].folded in _LINKS for place in range(last.last, one.first))
        both = _shared(last, one) if last is not None and beside else ()
        if last is not None and both:
            text = " ".join(token.text for token in tokens[last.first : one.last])
            found[-1] = replace(last, last=one.last, text=text, candidates=both)
        else:
            found.append(one)
    return found


def _shared(first: Mention, second: Mention) -> tuple[Candidate, ...]:
    """Return what both may stand for, where neither is there for something that the other cannot be."""
    if second.candidates[0].score >= _WHOLE and first.candidates[0].score >= _WHOLE:
        same = first.candidates == second.candidates and first.candidates[0].kind == "measure"
        return first.candidates if same and first.last == second.first else ()
    fields = {(one.kind, one.field_id) for one in second.candidates if one.kind != "value"}
    both = [one for one in first.candidates if (one.kind, one.field_id) in fields]
    return tuple(replace(one, score=max(one.score, _WHOLE)) for one in both)
