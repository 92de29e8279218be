"""What the rows of a table are, told by its name and by its time: "Hospital admissions", "datum vožnje". Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder.cues import Cue, Mark, scan
from backend_services.dashboards.builder.lexicon import FILTER_WORDS
from backend_services.dashboards.builder.normalise import fold, keys_of, tokens_of, words_of
from backend_services.datasets.catalogue import Aggregation, FieldType

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.dashboards.builder.normalise import Token
    from backend_services.dashboards.builder.retrieve import Index, Mention
    from backend_services.datasets.catalogue import Catalogue, Measure

_TIME_WORDS: Final = words_of(
    "date datum time cas ts timestamp at on day dan dt dttm datetime created ustvarjeno start end from to od do utc"
    " local"
)
_HOW_MANY: Final = words_of("most fewest least najvec najmanj")
PER: Final = words_of("per na")
_SEVERAL_ENDINGS: Final = ("s", "ov", "ev")
_PLURAL_ENDINGS: Final = ("s", "e", "i", "a")


def is_several(token: Token) -> bool:
    """Return whether a word speaks of more than one."""
    return len(keys_of(token.text)) > 1 or token.folded.endswith(_SEVERAL_ENDINGS)


def stems(catalogue: Catalogue, name: str) -> frozenset[str]:
    """Return the stems of what the rows are: "Hospital *admissions*", "*Ocene* dijakov", "datum *vožnje*"."""
    time = catalogue.dimension(catalogue.default_time or "")
    words = tokens_of(time.column.replace("_", " ")) if time is not None else ()
    dated = [one for one in words if one.keys.isdisjoint(_TIME_WORDS)]
    events = {key for one in dated for key in (*one.keys, one.stem)} if len(dated) == 1 < len(words) else set()
    return _named_after(name) | events


def _named_after(name: str) -> frozenset[str]:
    said = tokens_of(name.replace("_", " ").rpartition(":")[2])
    last = next((one.position for one in said if one.position and one.folded in FILTER_WORDS | {"of"}), len(said))
    ends = {one.position: one for one in (*said[:1], *said[max(last - 1, 0) : last])}
    several = [one for one in ends.values() if len(one.keys) > 1 and one.folded.endswith(_PLURAL_ENDINGS)]
    return frozenset(key for one in several for key in (*one.keys, one.stem))


def are_rows(tokens: tuple[Token, ...], mention: Mention, index: Index, marks: Sequence[Mark]) -> bool:
    """Return whether a plural speaks of the rows, though a number of theirs is called so: "flights", their ``flight``.

    A column in the plural is meant itself, the ``bookings`` of a table of hotels, and one that is added up or averaged.
    """
    token = tokens[mention.first]
    best = mention.candidates[0]
    measure = index.catalogue.measure(best.field_id) if best.kind == "measure" else None
    called = index.subjects.isdisjoint((*token.keys, token.stem))
    if called or mention.last - mention.first > 1:
        return False
    led = any(one.last == mention.first and one.cue in {Cue.WHICH, Cue.BY} for one in marks)
    thing = index.catalogue.dimension(best.field_id) if best.kind == "dimension" else None
    numbered = thing is not None and thing.type is FieldType.INTEGER and not _groups(tokens, mention, marks)
    if best.kind == "dimension" and not numbered:
        named = thing is not None and not token.keys.isdisjoint(keys_of(thing.column))
        return not named and not led and _tells_measure(tokens, mention, index)  # "highest stock price"
    if measure is None and not numbered:
        return False
    if not is_several(token):  # "which flight", "distance per flight", "flight distance"
        return led or _tells_measure(tokens, mention, index)
    folded = any(one.last == mention.first and _is_of_values(one, tokens) for one in marks)
    if folded or (measure is not None and _is_count(measure)):
        return False
    spelled = token.corrected in index.called or index.names_exactly(token.corrected)
    return spelled if token.corrected else not index.names_exactly(token.folded)


def _is_count(measure: Measure) -> bool:
    return measure.column is None or measure.aggregation is Aggregation.COUNT_DISTINCT


def _groups(tokens: tuple[Token, ...], mention: Mention, marks: Sequence[Mark]) -> bool:
    """Return whether a word is what to group by: "distance *by* flight", but not "distance *per* flight"."""
    before = (one for one in marks if one.last == mention.first and one.cue is Cue.BY)
    return any(tokens[one.first].folded not in PER for one in before)


def _tells_measure(tokens: tuple[Token, ...], mention: Mention, index: Index) -> bool:
    """Return whether the next word is of a measure's name: the *flight* distance."""
    after = tokens[mention.last] if mention.last < len(tokens) else None
    if after is None or after.folded in FILTER_WORDS | {"of"}:
        return False
    return any(one.kind == "measure" for one in index.matching(after))


def per_rows(tokens: tuple[Token, ...], index: Index, marks: Sequence[Mark], *, taken: set[int]) -> frozenset[int]:
    """Return the places of the rows' name after "per": "average distance per flight" is a mean over the flights."""
    after = {one.last for one in marks if one.cue is Cue.BY and tokens[one.first].folded in PER}
    return frozenset(
        place
        for place in after
        if place < len(tokens)
        and place not in taken
        and not index.subjects.isdisjoint((*tokens[place].keys, tokens[place].stem))
    )


def _is_of_values(mark: Mark, tokens: tuple[Token, ...]) -> bool:
    """Return whether a cue folds or orders values: "total tips", "best marks", but not "most flights"."""
    if mark.cue is Cue.AGGREGATE:
        return not mark.value.startswith(Aggregation.COUNT)
    return mark.cue in {Cue.TOP, Cue.BOTTOM} and tokens[mark.last - 1].folded not in _HOW_MANY


def title_hits(tokens: tuple[Token, ...], name: str) -> set[int]:
    """Return the places of a table's whole name in "overview of Demo company: orders": no word of it is a value."""
    if not any(mark.cue is Cue.OVERVIEW for mark in scan(tokens, ())):
        return set()
    said = [token.folded for token in tokens_of(name.replace("_", " ")) if token.folded.isalnum()]
    plain = [token for token in tokens if token.folded.isalnum()]
    for first in range(len(plain) - len(said) + 1):
        part = plain[first : first + len(said)]
        if len(said) > 1 and [token.folded for token in part] == said:
            return {token.position for token in part}
    return set()


def words_of_name(name: str) -> frozenset[str]:
    """Return the words of a table's name and their stems."""
    said = [token for token in tokens_of(name.replace("_", " ")) if token.folded not in FILTER_WORDS]
    return frozenset(key for token in said for key in (*token.keys, token.stem))


def name_hits(tokens: tuple[Token, ...], name: str, taken: set[int]) -> set[int]:
    """Return the places of words that name the table itself, but for those already ``taken``."""
    words = {key for token in tokens_of(name.replace("_", " ")) for key in token.keys}
    stems = {token.stem for token in tokens_of(name.replace("_", " "))}
    return {
        token.position
        for token in tokens
        if token.position not in taken
        and (not token.corrected or token.corrected in words)
        and (token.keys & words or token.stem in stems)
        and fold(token.text).isalpha()
    }
