"""From a question taken apart to a draft: groups, grains, periods, order, what was left out. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import (
    comparing,
    comparisons,
    conditions,
    durations,
    following,
    kinds,
    measures,
    parts,
    quotients,
    superlatives,
    wished,
)
from backend_services.dashboards.builder.cues import Cue
from backend_services.dashboards.builder.draft import Draft
from backend_services.dashboards.builder.lexicon import (
    AND,
    CHART_FILLER,
    ENTITY_COUNT,
    FILTER_WORDS,
    PLEASANTRIES,
)
from backend_services.dashboards.builder.normalise import words_of
from backend_services.dashboards.builder.slots import Slots
from backend_services.dashboards.builder.unexplained import Unknown
from backend_services.dashboards.spec import ChartKind
from backend_services.datasets.catalogue import Aggregation, Filter, Grain, GroupBy, Operator

if TYPE_CHECKING:
    from backend_services.dashboards.builder.comparisons import Condition
    from backend_services.dashboards.builder.dates import DateFind
    from backend_services.dashboards.builder.reading import Parse
    from backend_services.dashboards.builder.retrieve import Mention

_SMALL_WORDS: Final = PLEASANTRIES | FILTER_WORDS | AND | CHART_FILLER
_YEARS_OF_NUMBER: Final = "year"
_YEAR_OVER_YEAR: Final = words_of("year yoy medletno leta leto")
_THAN: Final = words_of("than kot od")
_YEARS: Final = words_of("year leto")


def interpret(parse: Parse) -> Draft:
    """Return what one clause of a question asks for."""
    draft = Draft(words=sum(token.folded not in _SMALL_WORDS for token in parse.tokens))
    draft.understood += sum(mark.last - mark.first for mark in parse.marks) + len(parse.units) + len(parse.name_hits)
    tested = comparisons.find(parse)
    slots = Slots(parse, draft)
    units = {one.first for one in parse.mentions if tested and comparisons.is_unit(parse, one)}
    targets = [one.target for one in tested if one.target is not None]
    slots.fill(units | set(parse.punctual) | {one.first for one in targets if _only_tested(parse, one, units)})
    _intents(parse, draft)
    _grains(parse, draft)
    _periods(parse, draft)
    comparing.with_previous(parse, draft)
    comparing.between_two(parse, draft)
    _counts(parse, draft)
    _on_average(parse, slots, draft)
    _loose(slots, draft, tested=bool(tested))
    _fill_grains(parse, draft)
    kinds.rows_of_answers(parse, draft)
    kinds.part_of_yes(parse, draft)
    kinds.where_most(parse, draft)
    kinds.compounds(parse, draft)
    kinds.newest(parse, draft)
    kinds.compared(parse, draft)
    kinds.whole_dimension(parse, draft)
    superlatives.read(parse, slots, draft)
    kinds.done_most(parse, draft)
    kinds.closing(parse, draft)
    conditions.apply(parse, draft, tested)
    _rows_listed(parse, draft)
    parts.read(parse, draft)
    quotients.read(parse, draft)
    kinds.only_measure(parse, draft)
    wished.read(parse, draft)
    for one in parse.unsaid:
        draft.note("value_unused", words=one.text)
    draft.unknown += parse.unknown()
    _unused(parse, draft, tested)
    return draft


def _only_tested(parse: Parse, target: Mention, units: set[int]) -> bool:
    """Return whether a mention is there for its condition only: something else is asked for."""
    if any(one.of_kind("measure") for one in parse.mentions if one is not target and one.first not in units):
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
                if mark.value in following.ALONG_TIME:
                    draft.follows.add(following.ALONG_TIME[mark.value])
            case _:
                pass


def _grains(parse: Parse, draft: Draft) -> None:
    """Group by time where a grain, a trend or "which month" asks for it."""
    time = parse.index.catalogue.default_time
    grains = [Grain(mark.value) for mark in parse.having(Cue.GRAIN)]
    for place, grain in parse.units.items():
        told = durations.is_said(parse.tokens, place) or (place and parse.tokens[place - 1].is_number)
        if told and parse.having(Cue.COMPARE, Cue.BETWEEN):
            continue  # "late by more than 2 hours"
        marks, joined = parse.lead(place)
        if any(mark.cue is Cue.SHARE for mark in marks):
            continue  # "share of months in which …"
        lead = {mark.cue for mark in (marks if marks or joined is None else parse.lead(joined.first)[0])}
        tested = Cue.AGGREGATE not in lead and bool(parse.having(Cue.COMPARE))
        if (
            tested
            or superlatives.extreme_mark(parse, place)
            or superlatives.counted_unit(parse, place)
            or lead & {Cue.WHICH, Cue.TOP, Cue.BOTTOM, Cue.BY}
        ):
            grains.append(grain)
    follows = any(mark.value in following.ALONG_TIME for mark in parse.having(Cue.LATER))
    trend = follows or bool(parse.having(Cue.TREND))
    if trend and not grains and time:
        yearly = any(parse.tokens[place].folded in _YEAR_OVER_YEAR for place in _compared_places(parse))
        most = follows and bool(parse.having(Cue.TOP, Cue.BOTTOM))  # "which region grew most": from year to year
        grains.append(Grain.YEAR if yearly or most else _trend_grain(parse))
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
    marks = [
        mark
        for mark in parse.having(Cue.LATER)
        if mark.value == comparing.COMPARISON or parse.tokens[mark.last - 1].keys & _YEARS
    ]
    return [place for mark in marks for place in range(mark.first, mark.last)]


def _fill_grains(parse: Parse, draft: Draft) -> None:
    """Give every time that is grouped by a grain."""
    for place, one in enumerate(draft.groups):
        dimension = parse.index.catalogue.dimension(one.field)
        if dimension is not None and dimension.type.is_time and one.grain is None:
            draft.groups[place] = GroupBy(field=one.field, grain=_trend_grain(parse))


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
        _refuse_steps(parse, draft)
    elif all(one.field != year for one in draft.groups):
        draft.groups.insert(0, GroupBy(field=year))


def _unused(parse: Parse, draft: Draft, tested: list[Condition]) -> None:
    """Miss what was said but took no part: a mean of nothing, a number that narrows nothing."""
    folds = {mark.value for mark in parse.having(Cue.AGGREGATE)}
    counted = all((one := parse.index.catalogue.measure(name)) and one.aggregation in measures.COUNTS
                  for name in draft.measures)  # fmt: skip
    if folds and folds.isdisjoint(measures.COUNTS) and counted and not draft.overview:
        draft.unknown = [replace(one, is_head=True) for one in draft.unknown]
    used = {place for one in tested for place in range(one.first, one.last)}
    for token in parse.tokens:
        place = token.position
        known = place in used or parse.mention_at(place) or parse.mark_at(place) or parse.date_at(place)
        compared = place > 0 and parse.tokens[place - 1].folded in _THAN
        if token.is_number and not known and compared:
            draft.unknown.append(Unknown(token.text, "filter", place, is_head=True))


def _refuse_steps(parse: Parse, draft: Draft) -> None:
    """Miss the time where there is none, rather than answer without it: "tips by month"."""
    if draft.groups and not parse.having(Cue.GRAIN, Cue.LATER) and not parse.units:
        draft.note("no_time")  # "how do tips change by sex"
        return
    marks = parse.having(Cue.GRAIN, Cue.TREND, Cue.LATER)
    places = {place for mark in marks for place in range(mark.first, mark.last)} | set(parse.units)
    words = " ".join(parse.tokens[place].text for place in sorted(places))
    draft.unknown.append(Unknown(words, "by", min(places, default=0)))


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
        draft.unknown.append(Unknown(words, "filter", found.first))
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
            draft.unknown.append(Unknown(words, "filter", found.first))


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


def _on_average(parse: Parse, slots: Slots, draft: Draft) -> None:
    """Fold what "on average" stands behind: "air time on average by destination"."""
    told = [one for one in parse.having(Cue.AGGREGATE) if one.value == Aggregation.AVG and one not in slots.deciding]
    if not told:
        return
    for place, name in slots.measured:
        free = not any(mark.cue is Cue.AGGREGATE for mark in parse.lead(place)[0])
        if place < told[0].first and free and name in draft.measures:
            folded = measures.folded_as(parse.index.catalogue, name, Aggregation.AVG)
            draft.measures[draft.measures.index(name)] = folded
            draft.asked.setdefault(folded, draft.asked.get(name, ""))


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


def _rows_listed(parse: Parse, draft: Draft) -> None:
    """Read "list orders over …" as the rows themselves where the only measure counts them."""
    counting = measures.row_count(parse.index.catalogue)
    if draft.listing and not draft.groups and draft.measures == [counting]:
        draft.measures = []
