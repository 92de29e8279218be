"""What is largest or smallest: a thing among others, a stretch of time, single rows, a plain extreme. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import simplemma

from backend_services.dashboards.builder import cues, measures
from backend_services.dashboards.builder.cues import Cue
from backend_services.dashboards.builder.lexicon import COMMON, FALLEN, NUMBERS
from backend_services.dashboards.builder.normalise import fold, keys_of, words_of
from backend_services.datasets.catalogue import EACH, Aggregation, Grain, GroupBy, Sort
from backend_services.datasets.lexicon import concept_of

if TYPE_CHECKING:
    from backend_services.dashboards.builder.cues import Mark
    from backend_services.dashboards.builder.draft import Draft
    from backend_services.dashboards.builder.normalise import Token
    from backend_services.dashboards.builder.reading import Parse
    from backend_services.dashboards.builder.retrieve import Mention
    from backend_services.dashboards.builder.slots import Slots
    from backend_services.datasets.catalogue import Measure

FEW: Final = 10
_WHEN: Final = words_of("when kdaj")
_HOW: Final = words_of("how kako koliko")
_OF_ONE: Final = ("longest", "shortest", "tallest", "najdalj", "najkraj")
_HEIGHT: Final = ("highest", "lowest", "najvisj", "najnizj")


def read(parse: Parse, slots: Slots, draft: Draft) -> None:
    """Put in order what "top", "highest" and the like are about."""
    marks = parse.having(Cue.TOP, Cue.BOTTOM)
    marks = marks or [mark for place in parse.units if (mark := extreme_mark(parse, place)) is not None]
    if not marks:
        return
    mark = marks[0]
    near = cues.number_near(parse.tokens, mark)
    if near is not None and (parse.mention_at(near[1]) or parse.date_at(near[1])) is not None:
        near = None  # a part of a name, such as "PM2.5", or of "most from 2005 to 2009"
    near = near or _number_of(parse, slots)
    timed = _which_time(parse) or _when(parse, draft)
    if not slots.entities and not timed and _single_rows(parse, slots, draft, mark, near):
        return
    if not (slots.entities or near or timed):
        _as_extreme(parse, slots, draft, mark)
        return
    if not draft.measures and any(parse.tokens[one].folded.startswith(COMMON) for one in _beside(parse, mark)):
        draft.measures.append(measures.row_count(parse.index.catalogue))
    draft.superlative = True
    fallen = any(token.folded in FALLEN for token in parse.tokens)
    draft.descending = (mark.cue is Cue.TOP) is not fallen
    _of_one_row(parse, slots, draft)
    entity = slots.entities[0][0] if slots.entities else None
    plural = entity is not None and _is_plural(parse, entity)
    draft.limit = near[0] if near is not None else FEW if plural else 1


def _beside(parse: Parse, mark: Mark) -> range:
    """Return the places of a cue and of the word after it: "most *common*", "*najpogostejša*"."""
    return range(mark.first, min(mark.last + 1, len(parse.tokens)))


def counted_unit(parse: Parse, place: int) -> int | None:
    """Return the number of "10 days with the most rain"."""
    count = _number_at(parse, place - 1)
    return count if count and parse.having(Cue.TOP, Cue.BOTTOM) else None


def extreme_mark(parse: Parse, place: int) -> Mark | None:
    """Return what puts a word in order through what stands before it: "highest temperature month".

    The measure may be called so itself: "najvišja temperatura".
    """
    before = parse.mention_at(place - 1)
    if before is None or not before.of_kind("measure"):
        return None
    inside = cues.scan(parse.tokens[before.first : before.first + 1], ()) if before.last - before.first > 1 else ()
    marks = (*(mark for mark in parse.marks if mark.last == before.first), *inside)
    return next((mark for mark in marks if mark.cue in {Cue.TOP, Cue.BOTTOM}), None)


def _number_at(parse: Parse, place: int) -> int | None:
    word = parse.tokens[place].folded if place >= 0 else ""
    return int(word) if word.isdigit() else NUMBERS.get(word)


def _number_of(parse: Parse, slots: Slots) -> tuple[int, int] | None:
    """Return the number right before the thing put in order: "which three categories", "3 vodje z največ urami"."""
    for place in parse.units:
        counted = counted_unit(parse, place)
        if counted:
            return counted, place - 1
    things = [mention.first for mention, _ in slots.entities]
    for first in (*things, *sorted(parse.rows)):
        count = _number_at(parse, first - 1)
        if count:
            return count, first - 1
    return None


def _which_time(parse: Parse) -> bool:
    return (
        any(mark.cue in {Cue.WHICH, Cue.TOP, Cue.BOTTOM} for place in parse.units for mark in parse.lead(place)[0])
        or any(extreme_mark(parse, place) for place in parse.units)
        or any(mark.cue is Cue.WHICH for mark in parse.marks if mark.last in parse.units)
    )


def _when(parse: Parse, draft: Draft) -> bool:
    """Group "when was the price highest" by the finest steps of the time, of a day at least; return whether it is."""
    asked = bool(parse.tokens) and parse.tokens[0].folded in _WHEN
    time, finest = parse.index.catalogue.default_time, measures.finest_grain(parse.index.catalogue)
    if not asked or time is None or not draft.measures:
        return False
    if not draft.groups:
        grain = Grain.DAY if finest in {None, Grain.HOUR} else finest
        draft.groups.append(GroupBy(field=time, grain=grain))
    return all(one.field == time for one in draft.groups)


def _is_plural(parse: Parse, entity: Mention) -> bool:
    words = parse.tokens[entity.first : entity.last]
    if parse.language == "sl" and any(one.keys == {one.folded} for one in words):
        return False  # the head of "način plačila" is its first word
    token = words[-1]
    if parse.language == "sl" and fold(simplemma.lemmatize(token.text.casefold(), lang="sl")) == token.folded:
        return False
    singular = {key for key in keys_of(token.text) if key != token.folded}
    return bool(singular) and not token.folded.endswith("o")


def _single_rows(parse: Parse, slots: Slots, draft: Draft, mark: Mark, near: tuple[int, int] | None) -> bool:
    """List the rows that have most or least of something: "which car is the heaviest", "5 longest flights".

    A number before the measure itself asks for rows too: "three largest bills".
    """
    place = next((one for one in sorted(parse.rows) if _is_ranked(parse, one, near)), None)
    folded = any(one.value for one in parse.having(Cue.AGGREGATE))
    if (place is None and near is None) or draft.groups or folded or parse.tokens[0].folded in _HOW:
        return False
    rows = measures.row_count(parse.index.catalogue)
    asked = [field_id for _, field_id in slots.measured if field_id != rows]
    if len(asked) != 1 or parse.index.catalogue.dimension(f"{asked[0]}{EACH}") is None:
        return False
    draft.measures, draft.listing, draft.superlative = [], True, True
    draft.descending = mark.cue is Cue.TOP
    draft.sort = [Sort(field=f"{asked[0]}{EACH}", descending=draft.descending)]
    draft.asked.setdefault(f"{asked[0]}{EACH}", draft.asked.get(asked[0], ""))
    draft.limit = near[0] if near is not None else FEW if place is not None and _are_several(parse, place) else 1
    return True


def _are_several(parse: Parse, place: int) -> bool:
    token = parse.tokens[place]
    return len(keys_of(token.text)) > 1 and token.folded.endswith(("s", "i", "e"))


def _is_ranked(parse: Parse, place: int, near: tuple[int, int] | None) -> bool:
    """Return whether the rows' name is what is put in order, rather than what a figure is of."""
    if near is not None and near[1] == place - 1:
        return True
    lead = {mark.cue for mark in parse.lead(place)[0]}
    after = parse.mention_at(place + 1)
    if after is not None and after.candidates[0].kind == "measure" and Cue.WHICH not in lead:
        return False  # "highest stock price"
    return bool(lead & {Cue.WHICH, Cue.TOP, Cue.BOTTOM}) or extreme_mark(parse, place) is not None


def _of_one_row(parse: Parse, slots: Slots, draft: Draft) -> None:
    """Fold the highest price of each thing, not the mean of its prices; a length is of one row anyhow."""
    catalogue = parse.index.catalogue
    if parse.having(Cue.AGGREGATE) or len(slots.measured) != 1:
        return
    name = slots.measured[0][1]
    measure = catalogue.measure(name)
    if name not in draft.measures or measure is None or measure.column is None:
        return
    said = [parse.tokens[mark.last - 1] for mark in parse.having(Cue.TOP, Cue.BOTTOM)]
    length = measure.aggregation is Aggregation.SUM and any(one.folded.startswith(_OF_ONE) for one in said)
    if not (length or _is_highest_price(parse, measure, said)):
        return
    folded = measures.folded_as(catalogue, name, Aggregation.MAX if draft.descending else Aggregation.MIN)
    draft.measures = [folded if one == name else one for one in draft.measures]
    draft.asked.setdefault(folded, draft.asked.get(name, ""))


def _is_highest_price(parse: Parse, measure: Measure, said: list[Token]) -> bool:
    """Return whether the highest price is asked for in these words: the "cheapest product" is so by its mean."""
    concept = concept_of(measure.column or "", numbers=True)
    priced = measure.aggregation is Aggregation.AVG and concept is not None and concept[0].key == "price"
    following = [parse.tokens[one.position + 1] for one in said if one.position + 1 < len(parse.tokens)]
    reworded = any(one.start == after.start for one, after in zip(said, following, strict=False))
    return priced and not reworded and any(one.folded.startswith(_HEIGHT) for one in said)


def _as_extreme(parse: Parse, slots: Slots, draft: Draft, mark: Mark) -> None:
    """Read "highest temperature (by month)" as the maximum, where there is nothing to put in order."""
    asked = Aggregation.MAX if mark.cue is Cue.TOP else Aggregation.MIN
    for place, field_id in slots.measured:
        between = range(mark.last, place)
        if field_id in draft.measures and place >= mark.last and all(parse.mention_at(one) is None for one in between):
            folded = measures.folded_as(parse.index.catalogue, field_id, asked)
            position = draft.measures.index(field_id)
            draft.measures[position] = folded
            draft.asked.setdefault(folded, draft.asked.get(field_id, ""))
            return
    if draft.groups and not slots.measured:
        draft.superlative, draft.descending, draft.limit = True, mark.cue is Cue.TOP, FEW
