"""From a question taken apart to a draft: groups, grains, periods, order, what was left out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import comparing, conditions, cues, kinds, measures
from backend_services.dashboards.builder.cues import Cue
from backend_services.dashboards.builder.draft import Draft
from backend_services.dashboards.builder.lexicon import (
    AND,
    CHART_FILLER,
    ENTITY_COUNT,
    FILTER_WORDS,
    NUMBERS,
    PLEASANTRIES,
)
from backend_services.dashboards.builder.normalise import keys_of, words_of
from backend_services.dashboards.builder.slots import Slots
from backend_services.dashboards.spec import ChartKind
from backend_services.datasets.catalogue import Aggregation, Filter, Grain, GroupBy, Operator, RelativePeriod

if TYPE_CHECKING:
    from backend_services.dashboards.builder.cues import Mark
    from backend_services.dashboards.builder.dates import DateFind
    from backend_services.dashboards.builder.reading import Parse
    from backend_services.dashboards.builder.retrieve import Mention

FEW: Final = 10
_SMALL_WORDS: Final = PLEASANTRIES | FILTER_WORDS | AND | CHART_FILLER
_YEARS_OF_NUMBER: Final = "year"
_COUNTED_PER: Final = 50
_PER: Final = words_of("per na")
_YEAR_OVER_YEAR: Final = words_of("year yoy medletno")


def interpret(parse: Parse) -> Draft:
    """Return what one clause of a question asks for."""
    draft = Draft(words=sum(token.folded not in _SMALL_WORDS for token in parse.tokens))
    draft.understood += sum(mark.last - mark.first for mark in parse.marks) + len(parse.units) + len(parse.name_hits)
    tested = conditions.find(parse)
    slots = Slots(parse, draft)
    slots.fill({one.target.first for one in tested if one.target is not None and _only_tested(parse, one.target)})
    _intents(parse, draft)
    _grains(parse, draft)
    _periods(parse, draft)
    _counts(parse, draft)
    _loose(slots, draft, tested=bool(tested))
    _fill_grains(parse, draft)
    kinds.rows_of_answers(parse, draft)
    kinds.part_of_yes(parse, draft)
    kinds.where_most(parse, draft)
    kinds.compounds(parse, draft)
    kinds.newest(parse, draft)
    kinds.compared(parse, draft)
    kinds.whole_dimension(parse, draft)
    _superlatives(parse, slots, draft)
    kinds.done_most(parse, draft)
    conditions.apply(parse, draft, tested)
    _rows_listed(parse, draft)
    _per(parse, draft)
    for one in parse.unsaid:
        draft.note("value_unused", words=one.text)
    draft.unknown = parse.unknown()
    return draft


def _only_tested(parse: Parse, target: Mention) -> bool:
    """Return whether a mention is there for its condition only: something else is asked for."""
    if any(one.of_kind("measure") for one in parse.mentions if one is not target):
        return True
    return not any(mark.cue is Cue.AGGREGATE for mark in parse.lead(target.first)[0])


def _intents(parse: Parse, draft: Draft) -> None:
    for mark in parse.marks:
        match mark.cue:
            case Cue.CHART:
                draft.chart = ChartKind(mark.value)
            case Cue.SHARE:
                draft.share = True
            case Cue.RATIO:
                draft.ratio = True
            case Cue.LISTING:
                draft.listing = True
            case Cue.OVERVIEW:
                draft.overview = True
            case Cue.LATER:
                draft.note(f"later_{mark.value}")
            case _:
                pass


def _grains(parse: Parse, draft: Draft) -> None:
    """Group by time where a grain, a trend or "which month" asks for it."""
    time = parse.index.catalogue.default_time
    grains = [Grain(mark.value) for mark in parse.having(Cue.GRAIN)]
    for place, grain in parse.units.items():
        marks, joined = parse.lead(place)
        lead = {mark.cue for mark in (marks if marks or joined is None else parse.lead(joined.first)[0])}
        tested = Cue.AGGREGATE not in lead and bool(parse.having(Cue.COMPARE))
        if (
            tested
            or _extreme_mark(parse, place)
            or _counted_unit(parse, place)
            or lead & {Cue.WHICH, Cue.TOP, Cue.BOTTOM, Cue.BY}
        ):
            grains.append(grain)
    trend = parse.having(Cue.TREND) or any(
        mark.value in {"growth", "running_total"} for mark in parse.having(Cue.LATER)
    )
    if trend and not grains and time:
        yearly = any(parse.tokens[place].folded in _YEAR_OVER_YEAR for place in _compared_places(parse))
        grains.append(Grain.YEAR if yearly else _trend_grain(parse))
    if time is None:
        if grains or trend:
            _number_years(parse, draft)
        return
    existing = next((place for place, one in enumerate(draft.groups) if one.field == time), None)
    if existing is not None:
        draft.groups[existing] = GroupBy(field=time, grain=grains[0] if grains else _trend_grain(parse))
    elif grains:
        draft.groups.insert(0, GroupBy(field=time, grain=grains[0]))


def _compared_places(parse: Parse) -> list[int]:
    marks = [mark for mark in parse.having(Cue.LATER) if mark.value == comparing.COMPARISON]
    return [place for mark in marks for place in range(mark.first, mark.last)]


def _fill_grains(parse: Parse, draft: Draft) -> None:
    """Give every time that is grouped by a grain."""
    for place, one in enumerate(draft.groups):
        dimension = parse.index.catalogue.dimension(one.field)
        if dimension is not None and dimension.type.is_time and one.grain is None:
            draft.groups[place] = GroupBy(field=one.field, grain=_trend_grain(parse))


def _counted_unit(parse: Parse, place: int) -> int | None:
    """Return the number of "10 days with the most rain"."""
    word = parse.tokens[place - 1].folded if place else ""
    count = int(word) if word.isdigit() else NUMBERS.get(word)
    return count if count and parse.having(Cue.TOP, Cue.BOTTOM) else None


def _extreme_mark(parse: Parse, place: int) -> Mark | None:
    """Return what puts a unit of time in order through what stands before it: "highest temperature month".

    The measure may be called so itself: "najvišja temperatura".
    """
    before = parse.mention_at(place - 1)
    if before is None or not before.of_kind("measure"):
        return None
    inside = cues.scan(parse.tokens[before.first : before.first + 1], ()) if before.last - before.first > 1 else ()
    marks = (*(mark for mark in parse.marks if mark.last == before.first), *inside)
    return next((mark for mark in marks if mark.cue in {Cue.TOP, Cue.BOTTOM}), None)


def _trend_grain(parse: Parse) -> Grain:
    """Return the grain of a trend: days for a month or less, else months; never finer than the data."""
    finest = measures.finest_grain(parse.index.catalogue)
    if finest in {Grain.QUARTER, Grain.YEAR}:
        return finest
    short = {Grain.DAY, Grain.WEEK, Grain.MONTH}
    for found in parse.dates:
        period = found.period
        if period.kind in {"this", "previous", "to_date"} and period.grain in short:
            return Grain.DAY
        if period.kind == "last" and period.grain in {Grain.DAY, Grain.WEEK}:
            return Grain.DAY
    return Grain.MONTH


def _year_dimension(parse: Parse) -> str | None:
    """Return the dimension that holds a year as a number, for tables without a time."""
    for dimension in parse.index.catalogue.dimensions:
        if dimension.type.is_number and not dimension.hidden:
            names = {dimension.id, dimension.column.casefold(), dimension.label.en.casefold()}
            if _YEARS_OF_NUMBER in names:
                return dimension.id
    return None


def _number_years(parse: Parse, draft: Draft) -> None:
    year = _year_dimension(parse)
    if year is None:
        draft.note("no_time")
    elif all(one.field != year for one in draft.groups):
        draft.groups.insert(0, GroupBy(field=year))


def _periods(parse: Parse, draft: Draft) -> None:
    for found in parse.dates:
        draft.understood += found.last - found.first
        words = " ".join(token.text for token in parse.tokens[found.first : found.last])
        if found.assumed:
            draft.note("year_assumed", words=words, start=(found.period.start or found.period.end or "")[:10])
        if parse.index.catalogue.default_time is None:
            _years_as_filter(parse, draft, found, words)
        elif draft.period is None:
            draft.period, draft.period_asked = found.period, words
            if found.width and comparing.is_asked(parse):
                comparing.part(parse, draft, found.width)
        elif not comparing.with_earlier(parse, draft, found, words):
            draft.note("second_period", words=words)


def _years_as_filter(parse: Parse, draft: Draft, found: DateFind, words: str) -> None:
    year = _year_dimension(parse)
    if year is None or found.years is None:
        draft.note("no_time_for", words=words)
        return
    draft.asked.setdefault(year, words)
    low, high = found.years
    match low, high:
        case int(), int():
            same = low == high
            operator, values = (Operator.EQ, (low,)) if same else (Operator.BETWEEN, (low, high))
            draft.conditions.append(Filter(field=year, operator=operator, values=values))
        case int(), None:
            draft.conditions.append(Filter(field=year, operator=Operator.GTE, values=(low,)))
        case None, int():
            draft.conditions.append(Filter(field=year, operator=Operator.LTE, values=(high,)))
        case _:
            draft.note("no_time_for", words=words)


def _counts(parse: Parse, draft: Draft) -> None:
    """Read "how many" without a countable name, "how many rows", "number of records": rows are counted."""
    kinds.sold(parse, draft)
    for mark in parse.having(Cue.AGGREGATE):
        if Aggregation(mark.value) not in measures.COUNTS or draft.measures:
            continue
        following = parse.tokens[mark.last].keys if mark.last < len(parse.tokens) else frozenset()
        named = mark.last in parse.name_hits or following & ENTITY_COUNT or mark.last in parse.units
        if named or not any(one.place == "thing" for one in parse.unknown()):
            field_id = measures.row_count(parse.index.catalogue)
            draft.measures.append(field_id)
            draft.scores.append(0.9 if named else 0.8)
            draft.asked.setdefault(field_id, " ".join(token.text for token in parse.tokens[mark.first : mark.last]))


def _loose(slots: Slots, draft: Draft, *, tested: bool) -> None:
    """Group by the dimensions that nothing introduced; a condition with nothing else asks for rows."""
    for mention, field_id in slots.loose:
        _group(draft, field_id)
        slots.entities.append((mention, field_id))
    if tested and not draft.groups and not draft.measures:
        draft.listing = True


def _group(draft: Draft, field_id: str) -> None:
    if all(one.field != field_id for one in draft.groups):
        draft.groups.append(GroupBy(field=field_id))


def _superlatives(parse: Parse, slots: Slots, draft: Draft) -> None:
    marks = parse.having(Cue.TOP, Cue.BOTTOM)
    marks = marks or [mark for place in parse.units if (mark := _extreme_mark(parse, place)) is not None]
    if not marks:
        return
    mark = marks[0]
    near = cues.number_near(parse.tokens, mark)
    if near is not None and parse.mention_at(near[1]) is not None:
        near = None  # a part of a name, such as "PM2.5"
    near = near or _number_of(parse, slots)
    ordered = bool(slots.entities) or bool(near) or _which_time(parse)
    if not ordered:
        _as_extreme(parse, slots, draft, mark)
        return
    draft.superlative = True
    draft.descending = mark.cue is Cue.TOP
    if near is not None:
        draft.limit = near[0]
        return
    entity = slots.entities[0][0] if slots.entities else None
    plural = entity is not None and _is_plural(parse, entity)
    draft.limit = FEW if plural else 1


def _number_of(parse: Parse, slots: Slots) -> tuple[int, int] | None:
    """Return the number right before the thing put in order: "which three categories", "3 vodje z največ urami"."""
    for place in parse.units:
        counted = _counted_unit(parse, place)
        if counted:
            return counted, place - 1
    for mention, _ in slots.entities:
        word = parse.tokens[mention.first - 1].folded if mention.first else ""
        count = int(word) if word.isdigit() else NUMBERS.get(word)
        if count:
            return count, mention.first - 1
    return None


def _which_time(parse: Parse) -> bool:
    return (
        any(mark.cue in {Cue.WHICH, Cue.TOP, Cue.BOTTOM} for place in parse.units for mark in parse.lead(place)[0])
        or any(_extreme_mark(parse, place) for place in parse.units)
        or any(mark.cue is Cue.WHICH for mark in parse.marks if mark.last in parse.units)
    )


def _is_plural(parse: Parse, entity: Mention) -> bool:
    words = parse.tokens[entity.first : entity.last]
    if parse.language == "sl" and any(one.keys == {one.folded} for one in words):
        return False  # the head of "način plačila" is its first word
    token = words[-1]
    singular = {key for key in keys_of(token.text) if key != token.folded}
    return bool(singular) and not token.folded.endswith("o")


def _as_extreme(parse: Parse, slots: Slots, draft: Draft, mark: Mark) -> None:
    """Read "highest temperature (by month)" as the maximum, where there is nothing to put in order."""
    asked = Aggregation.MAX if mark.cue is Cue.TOP else Aggregation.MIN
    for place, field_id in slots.measured:
        between = range(mark.last, place)
        if place >= mark.last and all(parse.mention_at(one) is None for one in between):
            folded = measures.folded_as(parse.index.catalogue, field_id, asked)
            position = draft.measures.index(field_id)
            draft.measures[position] = folded
            draft.asked.setdefault(folded, draft.asked.get(field_id, ""))
            return
    if draft.groups and not slots.measured:
        draft.superlative, draft.descending, draft.limit = True, mark.cue is Cue.TOP, FEW


def _rows_listed(parse: Parse, draft: Draft) -> None:
    """Read "list orders over …" as the rows themselves where the only measure counts them."""
    counting = measures.row_count(parse.index.catalogue)
    if draft.listing and not draft.groups and draft.measures == [counting]:
        draft.measures = []


def _per(parse: Parse, draft: Draft) -> None:
    """Read "ratio of a to b" and "average number of a per b" as a quotient."""
    catalogue = parse.index.catalogue
    draft.ratio |= _is_one_per_other(parse, draft)
    if draft.ratio and len(draft.measures) > 1:
        ratio = measures.ratio_of(catalogue, draft.measures[0], draft.measures[1])
        if ratio:
            draft.asked.setdefault(ratio, " / ".join(draft.asked.get(one, "") for one in draft.measures[:2]))
            draft.measures[:2] = [ratio]
        return
    averaged = any(mark.value == Aggregation.AVG for mark in parse.having(Cue.AGGREGATE))
    counted = [one for one in draft.measures if (m := catalogue.measure(one)) and m.aggregation in measures.COUNTS]
    if averaged and counted and len(draft.groups) == 1 and not draft.superlative:
        below = catalogue.measure(f"{draft.groups[0].field}__count_distinct")
        dimension = catalogue.dimension(draft.groups[0].field)
        if below is None or dimension is None or dimension.type.is_time:
            return
        own = measures.folded_as(catalogue, dimension.id, Aggregation.COUNT_DISTINCT)
        ratio = measures.ratio_of(catalogue, counted[0], own)
        if ratio and dimension.distinct >= _COUNTED_PER:
            draft.measures, draft.groups = [ratio], []
            draft.asked.setdefault(ratio, draft.asked.get(counted[0], ""))


def _is_one_per_other(parse: Parse, draft: Draft) -> bool:
    """Return whether "per" stands right between the two measures asked for: "fuel cost per kilometre"."""
    if len(draft.measures) != 2:  # noqa: PLR2004 - one over the other
        return False
    for mark in parse.having(Cue.BY):
        above, below = parse.mention_at(mark.first - 1), parse.mention_at(mark.last)
        sides = [{one.field_id for one in side.of_kind("measure")} if side else set() for side in (above, below)]
        if parse.tokens[mark.first].folded in _PER and all(
            field in side for field, side in zip(draft.measures, sides, strict=True)
        ):
            return True
    return False


def default_period(parse: Parse) -> RelativePeriod | None:
    """Return the period that the whole question names, for clauses that name none."""
    return parse.dates[0].period if parse.dates and parse.index.catalogue.default_time else None
