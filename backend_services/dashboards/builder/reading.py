"""Takes a question apart: what each word is, before anything is decided. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import (
    cues,
    dates,
    joined,
    punctuality,
    retrieve,
    rewording,
    translation,
    unexplained,
)
from backend_services.dashboards.builder import subjects as subjects_of
from backend_services.dashboards.builder.cues import Cue, Mark
from backend_services.dashboards.builder.lexicon import (
    AND,
    COMMON,
    DONE,
    FILTER_WORDS,
    NUMBERS,
    PLEASANTRIES,
)
from backend_services.dashboards.builder.normalise import (
    correct,
    language_of,
    tokens_of,
    words_of,
)
from backend_services.dashboards.builder.retrieve import Candidate, Index, Mention

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from backend_services.dashboards.builder.dates import DateFind
    from backend_services.dashboards.builder.normalise import Token
    from backend_services.dashboards.builder.unexplained import Unknown
    from backend_services.datasets.catalogue import Grain, Operator

_GIVES_WAY: Final = frozenset(
    {Cue.CHART, Cue.SHARE, Cue.LISTING, Cue.TREND, Cue.OVERVIEW, Cue.LATER, Cue.RATE, Cue.RATIO}
)
_CUES: Final = tuple(sorted(word for word in cues.WORDS | dates.WORDS if word.isalpha()))
_DID: Final = words_of("do does did")
_HAVE: Final = words_of("je so smo ste")
_ORDERED: Final = words_of("narocil narocila narocili narocilo")
_ACTS: Final = words_of("place ship pay buy purchase sell")
_SKIPPED: Final = PLEASANTRIES - AND - FILTER_WORDS


@dataclass(slots=True)
class Parse:
    """A question taken apart.

    Attributes:
        units: Place of a word such as "month" that stands alone → its grain.
        name_hits: Places of words that name the table itself.
        verbs: Places of words that say what is done, whatever else is called so.
        subjects: Places of words that name what the rows are, of several.
        rows: Places of all words that name what the rows are.
        punctual: Place of a mention such as "late" → how the delay compares with none.
        per_rows: Places of those by which a mean is asked for: "distance per flight".
        unsaid: Everyday words that are a value too but most likely did not mean it here.
    """

    tokens: tuple[Token, ...]
    index: Index
    mentions: list[Mention] = field(default_factory=list)
    dates: tuple[DateFind, ...] = ()
    marks: list[Mark] = field(default_factory=list)
    units: dict[int, Grain] = field(default_factory=dict)
    name_hits: frozenset[int] = frozenset()
    unsaid: tuple[Mention, ...] = ()
    verbs: frozenset[int] = frozenset()
    language: str = "en"
    subjects: frozenset[int] = frozenset()
    rows: frozenset[int] = frozenset()
    per_rows: frozenset[int] = frozenset()
    punctual: Mapping[int, Operator] = field(default_factory=dict)

    def having(self, *wanted: Cue) -> list[Mark]:
        """Return the marks of these cues, in order."""
        return [mark for mark in self.marks if mark.cue in wanted]

    def mention_at(self, place: int) -> Mention | None:
        """Return the mention that covers the token at ``place``."""
        return next((one for one in self.mentions if one.first <= place < one.last), None)

    def mark_at(self, place: int) -> Mark | None:
        """Return the mark that covers the token at ``place``."""
        return next((one for one in self.marks if one.first <= place < one.last), None)

    def date_at(self, place: int) -> DateFind | None:
        """Return the date that covers the token at ``place``."""
        return next((one for one in self.dates if one.first <= place < one.last), None)

    def lead(self, first: int) -> tuple[list[Mark], Mention | None]:
        """Return the marks that lead up to ``first``, nearest first, and the mention it is joined to by "and"."""
        found: list[Mark] = []
        place = first - 1
        while place >= 0:
            mark = self.mark_at(place)
            if mark is not None:
                found.append(mark)
                place = mark.first - 1
                continue
            token = self.tokens[place]
            if self._joins(token):
                joined = self.mention_at(place - 1) if place else None
                if joined is not None and not found:
                    return found, joined
                if token.folded not in FILTER_WORDS:
                    break
            elif (
                not (
                    token.folded in _SKIPPED
                    or token.folded.startswith(COMMON)
                    or self.is_done_with(token)
                    or token.is_number
                    or token.folded in NUMBERS
                    or token.folded == "of"
                    or self._calls_the_table(place)
                )
                or self.date_at(place) is not None
                or self.mention_at(place) is not None
            ):
                break
            place -= 1
        return found, None

    def _calls_the_table(self, place: int) -> bool:
        """Return whether a word only names the table: "number of *employees in* construction"."""
        called = self.name_hits - self.subjects
        return place in called or (self.tokens[place].folded in FILTER_WORDS and place - 1 in called)

    def _joins(self, token: Token) -> bool:
        """Return whether a word joins two things: "in" does in Slovenian only."""
        return token.folded in AND and (token.folded != "in" or self.language == "sl")

    def unknown(self) -> list[Unknown]:
        """Return the words that nothing explains, neighbours together."""
        return unexplained.spans(self)

    def is_unknown(self, token: Token) -> bool:
        """Return whether nothing explains a word."""
        return unexplained.is_unknown(self, token)

    def is_done_with(self, token: Token) -> bool:
        """Return whether a verb only leads to a value: "paid by PayPal", "plačanih s kartico"."""
        if token.folded not in DONE:
            return False
        place = token.position + 1
        while place < len(self.tokens) and (self.tokens[place].folded in FILTER_WORDS or self._is_by(place)):
            place += 1
        after = self.mention_at(place)
        return after is not None and bool(after.of_kind("value"))

    def _is_by(self, place: int) -> bool:
        mark = self.mark_at(place)
        return mark is not None and mark.cue is Cue.BY


def parse(text: str, index: Index, *, today: date, pins: Mapping[str, Candidate] | None = None) -> Parse:
    """Take a question apart against one catalogue.

    Args:
        text: The question.
        index: Names of the catalogue.
        today: Day that "last month" is counted from.
        pins: Folded words whose meaning is settled: by the person, by embeddings, by a look into the values.
    """
    said = rewording.reworded(tokens_of(text), index.known, index.answers)
    tokens = correct(translation.translated(said, index), index.known, index.by_stem, index.vocabulary)
    found = _read(text, tokens, index, today=today, pins=pins)
    spread = joined.spread(tokens, found.marks, found.mentions)
    if spread is not None:
        tokens = spread
        found = _read(text, tokens, index, today=today, pins=pins)
    doubted = {token.position for token in tokens if found.is_unknown(token) and not token.corrected}
    if not doubted:
        return found
    again = correct(tokens, cues.WORDS, index.by_stem, _CUES, doubted=doubted)
    return found if again == tokens else _read(text, again, index, today=today, pins=pins)


def _read(
    text: str, tokens: tuple[Token, ...], index: Index, *, today: date, pins: Mapping[str, Candidate] | None
) -> Parse:
    pinned = _pinned(tokens, pins or {})
    punctual = punctuality.find(tokens, index, pinned)
    verbs = frozenset((_verbs(tokens) | punctual.verbs) - _places(pinned))
    pinned = [*pinned, *punctual.mentions]
    titled = subjects_of.title_hits(tokens, index.name)
    taken = _places(pinned) | verbs | titled
    several = retrieve.named(tokens, index, taken=taken, shortest=2)
    taken |= _places(several)
    for parted in (retrieve.parts_of_values, retrieve.parts_of_names):
        parts = parted(tokens, index, taken=taken)
        several = (*several, *parts)
        taken |= _places(parts)
    found_dates = tuple(one for one in dates.find(tokens, today) if taken.isdisjoint(range(one.first, one.last)))
    taken |= _places(found_dates)
    marks = _marks(tokens, index, taken)
    taken |= _places(marks)
    ordered = _ordered_units(tokens, marks, taken)
    taken |= ordered
    single = tuple(
        one for one in retrieve.named(tokens, index, taken=taken) if not subjects_of.are_rows(tokens, one, index, marks)
    )
    taken |= _places(single)
    units = _units(tokens, taken - ordered)
    grouped = {mark.last for mark in marks if mark.cue is Cue.BY}
    name_hits = subjects_of.name_hits(tokens, index.name, taken | set(units) | grouped)
    stems = index.subjects
    subjects = frozenset(
        token.position
        for token in tokens
        if token.position not in taken | set(units) | grouped
        and not stems.isdisjoint((*token.keys, token.stem))
        and subjects_of.is_several(token)
    )
    name_hits |= subjects | titled
    per_rows = subjects_of.per_rows(tokens, index, marks, taken=taken | set(units))
    rows = frozenset(one for one in name_hits if not stems.isdisjoint((*tokens[one].keys, tokens[one].stem)))
    beside = name_hits if single or several else subjects
    part = retrieve.partly_named(tokens, index, taken=taken | set(units) | beside | per_rows)
    quiet, unsaid = retrieve.quiet_values(tokens, index, taken=taken, beside=(*several, *single, *part))
    mentions = joined.merged(tokens, sorted((*pinned, *several, *single, *part, *quiet), key=lambda one: one.first))
    language = language_of(text)
    return Parse(
        tokens, index, mentions, found_dates, marks, units, frozenset(name_hits), unsaid, verbs, language, subjects,
        rows, per_rows, dict(punctual.operators),
    )  # fmt: skip


def _verbs(tokens: tuple[Token, ...]) -> set[int]:
    """Return the places of verbs that a thing may be called like too: "how many orders did customers *place*"."""
    asked = next((one.position for one in tokens if one.folded in _DID), len(tokens))
    ordered = {
        one.position
        for one in tokens[2:]
        if one.folded in _ORDERED
        and tokens[one.position - 1].folded in _HAVE
        and tokens[one.position - 2].folded not in PLEASANTRIES | cues.WORDS
    }
    return ordered | {one.position for one in tokens if one.folded in _ACTS and one.position > asked + 1}


def _ordered_units(tokens: tuple[Token, ...], marks: list[Mark], taken: set[int]) -> set[int]:
    """Return the places of words such as "days" in "10 days with the most rain", whatever else is called so."""
    starts = {mark.first for mark in marks if mark.cue in {Cue.TOP, Cue.BOTTOM}}
    found = set()
    for token in tokens:
        before = tokens[token.position - 1] if token.position else None
        after = token.position + 1
        while after < len(tokens) and after not in starts and tokens[after].folded in FILTER_WORDS:
            after += 1
        counted = before is not None and (before.is_number or before.folded in NUMBERS)
        extreme = token.position > 1 and token.position - 2 in starts and token.position - 1 not in taken
        if token.position not in taken and token.folded in dates.UNITS and (extreme or (counted and after in starts)):
            found.add(token.position)
    return found


def _units(tokens: tuple[Token, ...], taken: set[int]) -> dict[int, Grain]:
    """Return the places of steps in time such as "month" that are not ``taken``."""
    free = (token for token in tokens if token.position not in taken)
    return {token.position: dates.UNITS[token.folded] for token in free if token.folded in dates.UNITS}


def _places(spans: Iterable[Mention | Mark | DateFind]) -> set[int]:
    return {place for span in spans for place in range(span.first, span.last)}


def _pinned(tokens: tuple[Token, ...], pins: Mapping[str, Candidate]) -> list[Mention]:
    found = []
    for words, candidate in pins.items():
        wanted = [token.folded for token in tokens_of(words)]
        for first in range(len(tokens) - len(wanted) + 1):
            if [token.folded for token in tokens[first : first + len(wanted)]] == wanted:
                last = first + len(wanted)
                found.append(Mention(first, last, " ".join(one.text for one in tokens[first:last]), (candidate,)))
    return found


def _marks(tokens: tuple[Token, ...], index: Index, taken: set[int]) -> list[Mark]:
    """Return the cues, less those single words that the catalogue itself uses as a name."""
    found: list[Mark] = []
    for mark in cues.scan(tokens, taken):
        single = mark.last - mark.first == 1
        if single and mark.cue in _GIVES_WAY and retrieve.named((tokens[mark.first],), index, taken=()):
            continue
        last = tokens[mark.last - 1]
        plural = last.folded not in cues.WORDS
        if mark.cue is Cue.GRAIN and plural and retrieve.named((last,), index, taken=()):
            found.append(Mark(Cue.BY, "", mark.first, mark.last - 1))
            continue
        if mark.cue is Cue.GRAIN and index.catalogue.default_time is None:
            if not single:
                found.append(Mark(Cue.BY, "", mark.first, mark.last - 1))
            continue
        found.append(mark)
    return found
