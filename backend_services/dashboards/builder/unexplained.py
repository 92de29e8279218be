"""Words of a question that name nothing in the catalogue, and what each of them would have meant. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import durations, measures
from backend_services.dashboards.builder.cues import Cue
from backend_services.dashboards.builder.lexicon import (
    AND,
    CHART_FILLER,
    COMMON,
    ENTITY_COUNT,
    FILTER_WORDS,
    MONEY,
    NEWEST,
    NUMBERS,
    PLEASANTRIES,
    SCALES,
)
from backend_services.dashboards.builder.normalise import words_of

if TYPE_CHECKING:
    from backend_services.dashboards.builder.normalise import Token
    from backend_services.dashboards.builder.reading import Parse

_WHOLE_NAME, _PART_OF_NAME = 0.9, 0.8
_UNIT_REACH: Final = 4
_INSIDE: Final = frozenset({"in", "v"})
_ARTICLES: Final = words_of("a an the any some")
_HAVE: Final = words_of("have has had having with without ima imata imajo imel imela imelo imeli imele z s brez")
_HOW: Final = words_of("how kako")
_IS: Final = words_of("is are was were be been being je so bil bila bilo bili bile")
_VERB_ENDINGS: Final = ("jo", "mo", "li", "la", "lo", "te", "ti")


@dataclass(frozen=True, slots=True)
class Unknown:
    """Words that name nothing in the catalogue.

    Attributes:
        place: Where they stand: after "by", after "in"/"for", or as the thing asked for.
        is_head: Without them another thing would be asked for: a measure right after them, inflected or after "of",
            ("cena elektrike"), or the rows that they narrow ("cancelled flights").
    """

    text: str
    place: str
    first: int
    is_head: bool = False


def spans(parse: Parse) -> list[Unknown]:
    """Return the words that nothing explains, neighbours together."""
    found: list[list[Token]] = []
    for token in parse.tokens:
        if not is_unknown(parse, token):
            continue
        if found and found[-1][-1].position == token.position - 1:
            found[-1].append(token)
        else:
            found.append([token])
    return [
        Unknown(
            " ".join(one.text for one in span),
            _place_of(parse, span[0].position),
            span[0].position,
            is_head=_is_head(parse, span[-1].position)
            or _is_asked_for(parse, span)
            or _narrows_rows(parse, span)
            or _is_told(parse, span),
        )
        for span in found
    ]


def _is_asked_for(parse: Parse, span: list[Token]) -> bool:
    """Return whether the words are what is folded, counted or grouped, narrow what stands before, or are a name.

    "average *wage* in construction", "how many *passengers* flew", "*CO2 emissions* by number of cylinders", "cena
    *kave*", "price of *Acme*".
    """
    first = span[0].position
    grouped = parse.mark_at(span[-1].position + 1)
    if grouped is not None and grouped.cue in {Cue.BY, Cue.GRAIN} and not _is_anything_named(parse, first):
        return True
    how = first > 0 and parse.tokens[first - 1].folded in _HOW  # "how *heavy* are bills"
    if how or any(one.text[:1].isupper() for one in span if one.position):
        return True
    marks, joined = parse.lead(first)
    if marks and joined is None and marks[0].cue is Cue.AGGREGATE and marks[0].last == first:
        return True
    before = parse.mention_at(first - 1) if first else None
    if before is None:
        return False
    lead = parse.lead(before.first)[0]
    if lead and lead[0].cue is Cue.BY and before.candidates[0].score < _PART_OF_NAME:
        return True  # "by departure *airport*", where only a "scheduled departure" is there
    return parse.language == "sl" and before.candidates[0].kind == "measure"


def _is_anything_named(parse: Parse, last: int) -> bool:
    """Return whether a field, the rows or what to fold stand before the token at ``last``."""
    said = (*(one.first for one in parse.mentions), *(one.first for one in parse.having(Cue.AGGREGATE)), *parse.rows)
    return any(place < last for place in said)


def _is_told(parse: Parse, span: list[Token]) -> bool:
    """Return whether the words are told of the rows, or stand beside a value.

    "flights that were *cancelled*", "which cars have a *sunroof*", "*Acme* and IBM".
    """
    first, following = span[0].position, span[-1].position + 1
    joins = following < len(parse.tokens) and parse.tokens[following].folded in AND
    beside = parse.mention_at(following + 1) if joins else None
    if beside is not None and beside.candidates[0].kind == "value" and not _is_anything_named(parse, first):
        return True
    before = _word_before(parse, first)
    if before in _HAVE:
        return any(place < first for place in parse.rows)
    ends = following == len(parse.tokens) or parse.date_at(following) is not None
    after = parse.mark_at(following)
    ends = ends or (after is not None and after.cue in {Cue.BY, Cue.GRAIN})
    return before in _IS and ends and any(place < first for place in parse.rows)


def _word_before(parse: Parse, place: int) -> str:
    """Return the word before ``place`` that is no article."""
    place -= 1
    while place >= 0 and parse.tokens[place].folded in _ARTICLES:
        place -= 1
    return parse.tokens[place].folded if place >= 0 else ""


def _narrows_rows(parse: Parse, span: list[Token]) -> bool:
    """Return whether the words tell the rows further, or are what is asked of them.

    "*cancelled* flights", "*električni* avti", "*price* of Japanese cars"; no verb: "airlines that *fly* flights".
    """
    first, following = span[0].position, span[-1].position + 1
    inside = following < len(parse.tokens) and parse.tokens[following].folded in _INSIDE
    sector = parse.mention_at(following + 1) if inside else None
    if sector is not None and sector.candidates[0].kind == "measure" and parse.mention_at(first - 1) is None:
        return True  # "*layoffs* in manufacturing"
    of = parse.language == "en" and following < len(parse.tokens) and parse.tokens[following].folded == "of"
    if of and any(one.of_kind("measure") for one in parse.mentions):
        return False
    place = following + of
    while (value := parse.mention_at(place)) is not None and value.candidates[0].kind == "value":
        place = value.last
    if place not in parse.rows:
        return False
    subject = parse.mention_at(first - 1) if first else None
    return subject is None and (parse.language == "en" or first == 0 or not _is_verb(span[-1]))


def _is_verb(token: Token) -> bool:
    """Return whether a Slovenian word is a verb: by its ending, or by its lemma, an infinitive."""
    lemmas = token.keys - {token.folded}
    return token.folded.endswith(_VERB_ENDINGS) or any(one.endswith(("ti", "ci")) for one in lemmas)


def _is_head(parse: Parse, last: int) -> bool:
    following = last + 1
    rate = parse.mark_at(following)
    if rate is not None and rate.cue is Cue.RATE:
        return True
    of = following < len(parse.tokens) and parse.tokens[following].folded == "of"
    measure = parse.mention_at(following + of)
    narrowed = parse.language == "en" and not of and parse.tokens[last].folded.isalpha()
    if measure is not None and measure.candidates[0].kind == "measure" and narrowed:
        return True  # "minibar sales" are not the sales
    if measure is None or measure.candidates[0].kind != "measure":
        return False
    if measure.candidates[0].score < _WHOLE_NAME:
        return True  # "gross revenue", where only "net revenue" is there
    if of or parse.language != "sl" or measure.last - measure.first > 1:
        return of
    return not parse.index.names_exactly(parse.tokens[measure.first].folded)


def is_unknown(parse: Parse, token: Token) -> bool:
    """Return whether nothing explains a word."""
    place = token.position
    if not token.folded[:1].isalpha() or token.folded in CHART_FILLER:
        return False
    if place in parse.verbs or place in parse.per_rows or _is_unit(parse, place) or is_latest(parse, place):
        return False
    if token.folded in PLEASANTRIES | FILTER_WORDS | AND or token.folded in NUMBERS or token.folded in SCALES:
        return False
    explained = parse.mention_at(place) or parse.mark_at(place) or parse.date_at(place)
    how = place > 0 and parse.tokens[place - 1].folded == "how"  # "how *light* is the lightest"
    said = (how or token.folded.startswith(COMMON)) and parse.having(Cue.TOP, Cue.BOTTOM)
    if said or explained is not None or place in parse.units or place in parse.name_hits:
        return False
    if token.folded in MONEY and measures.is_sold(parse.index.catalogue):
        return False
    return not (parse.is_done_with(token) or token.keys & ENTITY_COUNT)


def is_latest(parse: Parse, place: int) -> bool:
    """Return whether a word asks for the last value along the time: "latest price", "zadnja cena"."""
    after = parse.mention_at(place + 1)
    free = parse.index.catalogue.default_time is not None and parse.mark_at(place) is None
    return free and parse.tokens[place].folded in NEWEST and after is not None and after.candidates[0].kind == "measure"


def _is_unit(parse: Parse, place: int) -> bool:
    """Return whether a word only says what a number counts: "more than 300 seconds"."""
    counted = (place > 0 and parse.tokens[place - 1].is_number) or durations.is_said(parse.tokens, place)
    tests = parse.having(Cue.COMPARE, Cue.BETWEEN) if counted else []
    return any(0 <= place - mark.last <= _UNIT_REACH for mark in tests)


def _place_of(parse: Parse, first: int) -> str:
    marks, joined = parse.lead(first)
    if marks and marks[0].cue is Cue.BY:
        return "by"
    if joined is not None and not marks:
        return _place_of(parse, joined.first)
    before = _word_before(parse, first)
    if (marks and marks[0].cue is Cue.NEGATION) or (before in FILTER_WORDS and (parse.mentions or parse.rows)):
        return "filter"
    return "thing"
