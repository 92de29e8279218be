"""Catalogue retrieval: which measures, dimensions and values the words of a question name. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby, permutations, product
from typing import TYPE_CHECKING, Final, Literal

from backend_services.dashboards.builder import calendar_values, cues, glossary, places, subjects, tickers, vocabulary
from backend_services.dashboards.builder.lexicon import FILTER_WORDS, PLEASANTRIES, QUIET
from backend_services.dashboards.builder.normalise import Phrase, Token, fold, phrase_of, tokens_of, words_of
from backend_services.datasets.catalogue import FieldType

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from backend_services.datasets.catalogue import Catalogue, Dimension, Measure

Kind = Literal["measure", "dimension", "value"]

LONGEST_NAME: Final = 6
ROOT: Final = 6
"""Letters that a word and one made from it begin with."""
_CONNECTORS: Final = words_of("of the za od ob na v")
_COUNTING: Final = words_of("number count stevilo")
_LABEL, _SYNONYM, _ID, _COLUMN, _VALUE, _TRANSLATED = 1.0, 0.98, 0.97, 0.95, 0.97, 0.92
_BY_STEM, _REORDERED, _CORRECTED, _PARTIAL, _PART_OF_VALUE = 0.96, 0.97, 0.93, 0.5, 0.9
_MOST_PARTIAL: Final = 6
_SHORTEST_PLAIN_VALUE: Final = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """What words may stand for."""

    kind: Kind
    field_id: str
    score: float
    value: str | None = None
    via: str = "lexicon"


@dataclass(frozen=True, slots=True)
class Mention:
    """Tokens ``first`` up to, not including, ``last`` and what they may stand for, best first."""

    first: int
    last: int
    text: str
    candidates: tuple[Candidate, ...]

    def of_kind(self, *kinds: Kind) -> tuple[Candidate, ...]:
        """Return the candidates of these kinds, best first."""
        return tuple(one for one in self.candidates if one.kind in kinds)


@dataclass(frozen=True, slots=True)
class _Entry:
    phrase: Phrase
    kind: Kind
    field_id: str
    weight: float
    value: str | None = None


@dataclass(slots=True)
class Index:
    """The names of one catalogue, ready to be looked up."""

    catalogue: Catalogue
    name: str
    by_key: dict[str, list[_Entry]] = field(default_factory=dict)
    by_stem: dict[str, list[_Entry]] = field(default_factory=dict)
    vocabulary: tuple[str, ...] = ()
    known: frozenset[str] = frozenset()
    answers: frozenset[str] = frozenset()
    shorts: frozenset[str] = frozenset()
    roots: dict[str, tuple[str, ...]] = field(default_factory=dict)
    subjects: frozenset[str] = frozenset()
    called: frozenset[str] = frozenset()

    def matching(self, token: Token) -> list[_Entry]:
        """Return the entries that have a word like ``token``."""
        found = [entry for key in sorted(token.keys) for entry in self.by_key.get(key, ())]
        found += self.by_stem.get(token.stem, ())
        return list({id(entry): entry for entry in found}.values())

    def names_exactly(self, word: str) -> bool:
        """Return whether something is called just so, uninflected."""
        return any(fold(entry.phrase.text) == word for entry in self.by_key.get(word, ()))


def build_index(catalogue: Catalogue, name: str) -> Index:
    """Return the index of a catalogue; hidden fields are left out."""
    index = Index(catalogue, name)
    words: set[str] = set()
    for entry in (*_entries(catalogue), *_things(catalogue, name)):
        if not entry.phrase.words:
            continue
        for keys, stem in zip(entry.phrase.words, entry.phrase.stems, strict=True):
            for key in keys:
                index.by_key.setdefault(key, []).append(entry)
            index.by_stem.setdefault(stem, []).append(entry)
            words |= keys
    rows = {one.folded for one in tokens_of(name) if one.folded.isalpha() and len(one.folded) >= ROOT}
    index.vocabulary = tuple(sorted(words | rows | {word for word in cues.WORDS if word.isalpha()}))
    index.known = frozenset(words | cues.WORDS)
    index.shorts = frozenset(
        word
        for entry in _entries(catalogue)
        if entry.kind != "value"
        for word in fold(entry.phrase.text).replace("_", " ").split()
        if vocabulary.is_short(word)
    )
    index.roots = {root: tuple(found) for root, found in groupby(sorted(index.by_key), key=lambda word: word[:ROOT])}
    index.subjects = subjects.stems(catalogue, name)
    index.called = subjects.words_of_name(name)
    index.answers = frozenset(
        stem for entry in _entries(catalogue) if _is_answer(entry, catalogue) for stem in entry.phrase.stems[:1]
    )
    return index


def _things(catalogue: Catalogue, name: str) -> Iterator[_Entry]:
    """Yield the table's name for its only text, where that comes again with the time: the ``symbol`` of "Stocks"."""
    texts = [one for one in catalogue.dimensions if not one.hidden and one.type is FieldType.TEXT]
    if catalogue.default_time is None or len(texts) != 1 or not subjects.stems(catalogue, name):
        return
    if len(tokens_of(name)) == 1:
        yield _Entry(phrase_of(name), "dimension", texts[0].id, _COLUMN)


def _is_answer(entry: _Entry, catalogue: Catalogue) -> bool:
    """Return whether an entry is a value, or a column of yes and no, named in one word."""
    if len(entry.phrase.words) != 1:
        return False
    dimension = catalogue.dimension(entry.field_id) if entry.kind == "dimension" else None
    return entry.kind == "value" or (dimension is not None and dimension.type is FieldType.BOOLEAN)


def _entries(catalogue: Catalogue) -> Iterator[_Entry]:
    names: set[Phrase] = set()
    for measure in catalogue.measures:
        if not measure.hidden:
            for entry in _names(measure, "measure"):
                names.add(entry.phrase)
                yield entry
    for dimension in catalogue.dimensions:
        if not dimension.hidden:
            for entry in _names(dimension, "dimension"):
                names.add(entry.phrase)
                yield entry
    for dimension in catalogue.dimensions:
        if not dimension.hidden:
            yield from _values(dimension, names)


def _values(dimension: Dimension, names: set[Phrase]) -> Iterator[_Entry]:
    """Yield the values as they are written, then their other names, as far as no field is called so."""
    calendar = calendar_values.names_of(dimension.values)
    for name, value in calendar:
        yield _Entry(phrase_of(name), "value", dimension.id, _VALUE, value)
    for value in dimension.values:
        yield _Entry(phrase_of(value, is_value=True), "value", dimension.id, _VALUE, value)
        for name in () if calendar else glossary.names_of(value):
            phrase = phrase_of(name, is_value=True)
            if phrase not in names:
                yield _Entry(phrase, "value", dimension.id, _TRANSLATED, value)
    for name, value in (*places.names_of(dimension.values), *tickers.names_of(dimension.values)):
        yield _Entry(phrase_of(name), "value", dimension.id, _VALUE, value)


def _names(one: Measure | Dimension, kind: Kind) -> Iterator[_Entry]:
    seen: set[Phrase] = set()
    names = [(one.label.en, _LABEL), (one.label.sl, _LABEL)]
    names += [(word, _SYNONYM) for word in (*one.synonyms.en, *one.synonyms.sl)]
    names += [(one.id, _ID), (one.column or "", _COLUMN)]
    names += [(spelled, _COLUMN) for spelled in (*_spelled_out(one.id), *_initials(one.id))]
    for text, weight in names:
        phrase = phrase_of(text)
        if phrase.words and phrase not in seen:
            seen.add(phrase)
            yield _Entry(phrase, kind, one.id, weight)


def _initials(field_id: str) -> Iterator[str]:
    """Yield the first letters of a longer name, as people shorten it: "mpg" for "miles per gallon"."""
    words = field_id.split("_")
    if len(words) >= _SHORTEST_PLAIN_VALUE and all(word.isalpha() for word in words):
        yield "".join(word[0] for word in words)


def _spelled_out(field_id: str) -> Iterator[str]:
    """Yield a column's name with its abbreviations written out, and without the word that only says what it holds."""
    words = [part for word in field_id.split("_") for part in vocabulary.taken_apart(word)]
    if len(words) > field_id.count("_") + 1:
        yield " ".join(words)
    for full in product(*(vocabulary.spelled_out(word) or (word,) for word in words)):
        if list(full) != words:
            yield " ".join(full)
        if len(full) > 1 and full[-1] in vocabulary.SPELLED_OUT:
            yield " ".join(full[:-1])


def named(tokens: Sequence[Token], index: Index, *, taken: Collection[int], shortest: int = 1) -> tuple[Mention, ...]:
    """Return the full names in a question, longest first, without tokens already ``taken``."""
    used = set(taken)
    found: list[Mention] = []
    for length in range(min(LONGEST_NAME, len(tokens)), shortest - 1, -1):
        for first in range(len(tokens) - length + 1):
            places = range(first, first + length)
            if used.isdisjoint(places):
                candidates = _full(tokens[first : first + length], index)
                if candidates:
                    used.update(places)
                    found.append(Mention(first, first + length, _text(tokens, first, first + length), candidates))
    return tuple(sorted(found, key=lambda one: one.first))


def parts_of_names(tokens: Sequence[Token], index: Index, *, taken: Collection[int]) -> tuple[Mention, ...]:
    """Return runs of words that stand in the names of one column only: "length of stay" in "Length of stay days"."""
    used = set(taken)
    found = []
    for length in range(min(LONGEST_NAME, len(tokens)), 1, -1):
        for first in range(len(tokens) - length + 1):
            span = [one for one in tokens[first : first + length] if one.folded not in _CONNECTORS]
            whole = len(span) > 1 and {tokens[first], tokens[first + length - 1]} <= set(span)
            if not whole or not used.isdisjoint(range(first, first + length)) or not _tells(span):
                continue
            hits = {(entry.kind, entry.field_id): entry for entry in _names_with_run(span, index)}
            if len({_column_of(entry, index) for entry in hits.values()}) == 1:
                used.update(range(first, first + length))
                ranked = tuple(Candidate(kind, name, _PART_OF_VALUE) for kind, name in hits)
                found.append(Mention(first, first + length, _text(tokens, first, first + length), ranked))
    return tuple(found)


def _column_of(entry: _Entry, index: Index) -> str:
    one = index.catalogue.measure(entry.field_id) or index.catalogue.dimension(entry.field_id)
    return (one.column if one else None) or entry.field_id


def _names_with_run(span: Sequence[Token], index: Index) -> Iterator[_Entry]:
    for entry in index.matching(span[0]):
        if entry.kind == "value":
            continue
        kept = [place for place in range(len(entry.phrase.words)) if entry.phrase.words[place].isdisjoint(_CONNECTORS)]
        for start in range(len(kept) - len(span) + 1):
            if all(_same(token, entry.phrase, kept[start + place]) for place, token in enumerate(span)):
                yield entry
                break


def parts_of_values(tokens: Sequence[Token], index: Index, *, taken: Collection[int]) -> tuple[Mention, ...]:
    """Return runs of words that stand in one value only, such as "earl grey" in "Earl Grey 100 g"."""
    used = set(taken)
    found = []
    for length in range(min(LONGEST_NAME, len(tokens)), 1, -1):
        for first in range(len(tokens) - length + 1):
            span = tokens[first : first + length]
            if used.isdisjoint(range(first, first + length)) and _tells(span):
                hits = {(entry.field_id, entry.value): entry for entry in _with_run(span, index)}
                if len(hits) == 1:
                    (entry,) = hits.values()
                    used.update(range(first, first + length))
                    candidate = Candidate("value", entry.field_id, _PART_OF_VALUE, entry.value)
                    found.append(Mention(first, first + length, _text(tokens, first, first + length), (candidate,)))
    return tuple(found)


def _tells(span: Sequence[Token]) -> bool:
    """Return whether a run of words is more than small words and cues."""
    plain = [one for one in span if one.folded[:1].isalpha() and one.folded not in PLEASANTRIES | cues.WORDS]
    return span[0] in plain and len(plain) > 1


def _with_run(span: Sequence[Token], index: Index) -> Iterator[_Entry]:
    for entry in index.matching(span[0]):
        if entry.kind != "value":
            continue
        for start in range(len(entry.phrase.words) - len(span) + 1):
            if all(_same(token, entry.phrase, start + place) for place, token in enumerate(span)):
                yield entry
                break


def partly_named(tokens: Sequence[Token], index: Index, *, taken: Collection[int]) -> tuple[Mention, ...]:
    """Return single words that are a part of a name, such as "revenue" of "net revenue"."""
    found = []
    for token in tokens:
        if token.position in taken or token.folded in PLEASANTRIES or not token.folded.isalpha():
            continue
        candidates: dict[tuple[str, str], Candidate] = {}
        for entry in index.matching(token):
            if entry.kind == "value" and not token.text[:1].isupper():
                continue
            share = 1 / len(entry.phrase.words)
            head = 0.1 if _same(token, entry.phrase, len(entry.phrase.words) - 1) else 0.0
            score = entry.weight * (_PARTIAL + 0.3 * share + head) * (_CORRECTED if token.corrected else 1)
            _keep(candidates, entry, score)
        best = _ranked(candidates)[:_MOST_PARTIAL]
        if best:
            found.append(Mention(token.position, token.position + 1, token.text, best))
    return tuple(found)


def quiet_values(
    tokens: Sequence[Token], index: Index, *, taken: Collection[int], beside: Sequence[Mention]
) -> tuple[tuple[Mention, ...], tuple[Mention, ...]]:
    """Return the everyday words that name a value, and those that could but most likely do not.

    "business customers" and "orders from business" mean the value, "a business report" does not.
    """
    starts = {one.first for one in beside}
    meant: list[Mention] = []
    unsaid: list[Mention] = []
    for token in tokens:
        place = token.position
        if token.folded not in QUIET or place in taken:
            continue
        exact = [
            entry
            for entry in index.matching(token)
            if entry.kind == "value" and len(entry.phrase.words) == 1 and token.keys & entry.phrase.words[0]
        ]
        candidates: dict[tuple[str, str], Candidate] = {}
        for entry in exact:
            _keep(candidates, entry, entry.weight)
        if not candidates:
            continue
        mention = Mention(place, place + 1, token.text, _ranked(candidates))
        after_filter = place > 0 and tokens[place - 1].folded in FILTER_WORDS
        (meant if place + 1 in starts or after_filter else unsaid).append(mention)
    return tuple(meant), tuple(unsaid)


def _text(tokens: Sequence[Token], first: int, last: int) -> str:
    return " ".join(token.text for token in tokens[first:last])


def _full(span: Sequence[Token], index: Index) -> tuple[Candidate, ...]:
    if len(span) > 1 and (span[0].folded in _CONNECTORS or span[-1].folded in _CONNECTORS):
        return ()
    content = span if len(span) == 1 else [token for token in span if token.folded not in _CONNECTORS]
    candidates: dict[tuple[str, str], Candidate] = {}
    for spelled in {id(one): one for one in (span, content)}.values():
        for entry in index.matching(spelled[0]):
            if len(entry.phrase.words) != len(spelled) or not _written_so(spelled, entry):
                continue
            quality = _quality(spelled, entry.phrase)
            if quality:
                _keep(candidates, entry, entry.weight * quality)
    return _ranked(candidates)


def _written_so(span: Sequence[Token], entry: _Entry) -> bool:
    """Return whether a short value or one that is an everyday word is written as in the table."""
    if entry.kind != "value" or len(span) > 1:
        return True
    token = span[0]
    if token.folded in PLEASANTRIES or len(token.folded) < _SHORTEST_PLAIN_VALUE or token.folded in cues.WORDS:
        return token.text == entry.value and not token.text.islower()
    return True


def _quality(span: Sequence[Token], phrase: Phrase) -> float:
    """Return how well ``span`` spells ``phrase``: 0 not at all, 1 word by word."""
    straight = _in_order(span, phrase, range(len(span)))
    counts = span[0].folded in _COUNTING  # "number of orders" is no "order number"
    numbered = any(token.is_number for token in span)  # "top 10 books" are no "Book 10"
    if straight or counts or numbered or not 1 < len(span) <= 3:  # noqa: PLR2004 - six orders are quickly tried
        return straight
    orders = permutations(range(len(span)))
    return _REORDERED * max((_in_order(span, phrase, order) for order in orders), default=0.0)


def _in_order(span: Sequence[Token], phrase: Phrase, order: Sequence[int]) -> float:
    quality = 1.0
    for token, place in zip(span, order, strict=True):
        if token.keys & phrase.words[place]:
            quality *= _CORRECTED if token.corrected else 1.0
        elif token.stem == phrase.stems[place]:
            quality *= _BY_STEM
        else:
            return 0.0
    return quality


def _same(token: Token, phrase: Phrase, place: int) -> bool:
    return bool(token.keys & phrase.words[place]) or token.stem == phrase.stems[place]


def _keep(candidates: dict[tuple[str, str], Candidate], entry: _Entry, score: float) -> None:
    key = (entry.kind + ":" + entry.field_id, entry.value or "")
    if key not in candidates or candidates[key].score < score:
        candidates[key] = Candidate(entry.kind, entry.field_id, round(score, 4), entry.value)


def _ranked(candidates: dict[tuple[str, str], Candidate]) -> tuple[Candidate, ...]:
    return tuple(sorted(candidates.values(), key=lambda one: -one.score))
