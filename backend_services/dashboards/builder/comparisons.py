"""Finds numeric conditions: "customers with more than 10 orders", "price over 1000", "med 5 in 10", "late". Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import durations, kinds
from backend_services.dashboards.builder.cues import Cue
from backend_services.dashboards.builder.lexicon import NUMBERS, PLEASANTRIES, SCALES
from backend_services.dashboards.builder.normalise import number, words_of
from backend_services.datasets.catalogue import Operator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from backend_services.dashboards.builder.cues import Mark
    from backend_services.dashboards.builder.reading import Parse
    from backend_services.dashboards.builder.retrieve import Candidate, Mention

_MONEY: Final = words_of("euro euros eur evrov evri evra evro \u20ac dollars dollar usd $")
_SPACERS: Final = words_of("of in v z s is are je so the a was with total")
_REACH: Final = 3
_LOOK_BACK: Final = 5
_HAVING: Final = words_of("have has had having with of ima imajo imel imela imelo imeli z s")
_INSIDE: Final = words_of("and in to do - pa")


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison that still looks for its field.

    Attributes:
        counts: It is about how many rows there are: "with more than 300 flights".
        single: It is about each row: "cars with 8 cylinders".
    """

    operator: Operator
    values: tuple[float, ...]
    target: Mention | None
    money: bool
    first: int
    last: int
    counts: bool = False
    single: bool = False


def find(parse: Parse) -> list[Condition]:
    """Return the numeric conditions of a question, each with the mention it is about."""
    found = []
    for mark in parse.having(Cue.COMPARE, Cue.BETWEEN):
        condition = _between(parse, mark) if mark.cue is Cue.BETWEEN else _comparison(parse, mark)
        if condition is not None:
            found.append(condition)
    return [*found, *_exactly(parse), *_punctual(parse, found)]


def _punctual(parse: Parse, compared: list[Condition]) -> Iterator[Condition]:
    """Yield "late", "on time" and the like, where no number says how late."""
    told = {one.target.first for one in compared if one.target is not None}
    for mention in parse.mentions:
        operator = parse.punctual.get(mention.first)
        if operator is not None and mention.first not in told:
            yield Condition(operator, (0.0,), mention, money=False, first=mention.first, last=mention.last, single=True)


def _exactly(parse: Parse) -> Iterator[Condition]:
    """Yield numbers that rows have: "cars with 8 cylinders"."""
    compared = {place for mark in parse.having(Cue.COMPARE, Cue.BETWEEN) for place in range(mark.last, mark.last + 4)}
    for mention in parse.mentions:
        place = mention.first - 1
        told = (place > 0 and parse.tokens[place - 1].folded in _HAVING) or mention.last in parse.rows
        free = place not in compared and parse.date_at(place) is None and parse.mention_at(place) is None
        if place >= 0 and told and free and parse.tokens[place].is_number and _numeric(parse, mention):
            value = number(parse.tokens[place].folded)
            if value is not None and not kinds.counts_rows(parse, mention):
                yield Condition(Operator.EQ, (value,), mention, money=False, first=place, last=place + 1, single=True)


def _quantity(parse: Parse, place: int) -> tuple[float, int, bool] | None:
    """Return a number at ``place`` with its scale, the place after it, and whether it is money."""
    tokens = parse.tokens
    money = False
    while place < len(tokens) and tokens[place].folded in _MONEY:
        money, place = True, place + 1
    if place >= len(tokens) or parse.date_at(place) is not None:
        return None
    told = durations.spelled(tokens, place)
    if told is not None:
        return *told, money
    token = tokens[place]
    value = number(token.folded) if token.is_number else NUMBERS.get(token.folded)
    if value is None:
        return None
    place += 1
    if place < len(tokens) and tokens[place].folded in SCALES:
        value *= SCALES[tokens[place].folded]
        place += 1
    while place < len(tokens) and tokens[place].folded in _MONEY:
        money, place = True, place + 1
    return float(value), place, money


def _comparison(parse: Parse, mark: Mark) -> Condition | None:
    operator = Operator(mark.value)
    for place in range(mark.last, min(mark.last + _REACH, len(parse.tokens))):
        found = _quantity(parse, place)
        if found is not None:
            value, last, money = found
            target, counts = _target(parse, mark.first, last), _is_rows(parse, last)
            return Condition(operator, (value,), target, money, mark.first, last, counts=counts)
        if parse.tokens[place].folded not in PLEASANTRIES:
            break
    before = _quantity(parse, mark.first - 1) if mark.first else None
    if before is not None and operator is Operator.GTE:
        target = _target(parse, mark.first - 1, mark.last)
        return Condition(operator, (before[0],), target, before[2], mark.first - 1, mark.last)
    return None


def _between(parse: Parse, mark: Mark) -> Condition | None:
    low = _quantity(parse, mark.last)
    if low is None or low[1] >= len(parse.tokens) or parse.tokens[low[1]].folded not in _INSIDE:
        return None
    high = _quantity(parse, low[1] + 1)
    if high is None:
        return None
    values = (min(low[0], high[0]), max(low[0], high[0]))
    target = _target(parse, mark.first, high[1])
    return Condition(Operator.BETWEEN, values, target, low[2] or high[2], mark.first, high[1])


def _is_rows(parse: Parse, place: int) -> bool:
    """Return whether what is compared are the rows, by the name of the table: "more than 300 flights"."""
    while place < len(parse.tokens) and parse.tokens[place].folded in _SPACERS and parse.mention_at(place) is None:
        place += 1
    return place in parse.subjects


def _target(parse: Parse, first: int, last: int) -> Mention | None:
    """Return the mention a condition is about: right after the number, else the nearest before it."""
    place = last
    while place < len(parse.tokens) and parse.tokens[place].folded in _SPACERS and parse.mention_at(place) is None:
        place += 1
    after = parse.mention_at(place)
    if after is not None and _numeric(parse, after) and not is_unit(parse, after):
        return after
    for place in range(first - 1, max(first - 1 - _LOOK_BACK, -1), -1):
        before = parse.mention_at(place)
        if before is not None:
            return before if _numeric(parse, before) else None
    return None


def is_unit(parse: Parse, mention: Mention) -> bool:
    """Return whether a word after a number only repeats what is compared: "weight over 2000 *lbs*"."""
    if not mention.first or not (
        parse.tokens[mention.first - 1].is_number or durations.is_said(parse.tokens, mention.first)
    ):
        return False
    if mention.last - mention.first == 1 and durations.seconds_of(parse.tokens[mention.first].folded) is not None:
        return any(one.of_kind("measure") for one in parse.mentions if one.last < mention.first)
    field = mention.candidates[0].field_id
    return any(one.last < mention.first and one.candidates[0].field_id == field for one in parse.mentions)


def _numeric(parse: Parse, mention: Mention) -> bool:
    """Return whether a mention can be compared with a number."""
    if mention.of_kind("measure") or numeric_dimension(parse, mention) is not None:
        return True
    return mention.candidates[0].kind == "dimension" and _countable(parse, mention)


def _countable(parse: Parse, mention: Mention) -> bool:
    """Return whether "more than 5 <mention>" can count the values of a dimension."""
    before = parse.tokens[mention.first - 1] if mention.first else None
    return before is not None and before.is_number


def numeric_dimension(parse: Parse, mention: Mention) -> Candidate | None:
    """Return the dimension of numbers that a mention names."""
    for one in mention.of_kind("dimension"):
        dimension = parse.index.catalogue.dimension(one.field_id)
        if dimension is not None and dimension.type.is_number:
            return one
    return None
