"""Kinds of questions that no single cue tells: newest rows, sales, comparisons, compounds. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import comparing, measures
from backend_services.dashboards.builder.cues import Cue
from backend_services.dashboards.builder.draft import Ambiguity
from backend_services.dashboards.builder.lexicon import AND, ENTITY_COUNT, NEWEST, NUMBERS, SOLD
from backend_services.dashboards.builder.normalise import phrase_of, words_of
from backend_services.dashboards.builder.retrieve import Candidate, named
from backend_services.dashboards.builder.subjects import is_several
from backend_services.dashboards.builder.unexplained import is_latest
from backend_services.datasets.catalogue import Aggregation, FieldType, Grain, GroupBy, UnitKind
from backend_services.datasets.lexicon import concept_of

if TYPE_CHECKING:
    from backend_services.dashboards.builder.draft import Draft
    from backend_services.dashboards.builder.normalise import Token
    from backend_services.dashboards.builder.reading import Parse
    from backend_services.dashboards.builder.retrieve import Mention

FEW: Final = 20
_WHERE: Final = words_of("where kje")
_PLACES: Final = words_of("country continent region state city municipality location")
_MOST: Final = 1000
_HOW_MUCH: Final = words_of("how what kako koliko kolk kaj")
_REACH: Final = 3
_MEANS: Final = frozenset({Aggregation.AVG, Aggregation.MEDIAN, Aggregation.MIN, Aggregation.MAX, Aggregation.LAST})
_WHOLE_NAME: Final = 0.9
_AMOUNTS: Final = words_of("total amount sum value price cost skupaj skupni znesek vrednost cena")


def counts_rows(parse: Parse, mention: Mention | None) -> bool:
    """Return whether a mention is called as the rows are ("orders")."""
    best = next(iter(mention.of_kind("measure")), None) if mention is not None else None
    return best is not None and best.field_id == measures.row_count(parse.index.catalogue)


def is_called_row(parse: Parse, mention: Mention) -> bool:
    """Return whether a mention is one of the rows, whatever their identifier or date is called too: "per order"."""
    rows = measures.row_count(parse.index.catalogue)
    own = parse.index.catalogue.measure(rows)
    called = phrase_of(own.label.en).words if own is not None else ()
    words = parse.tokens[mention.first : mention.last]
    best = mention.candidates[0]
    if len(words) == 1 and best.kind == "measure" and _has_amount_of(phrase_of(best.field_id).words, words[0]):
        return True
    return len(words) == 1 == len(called) and bool(words[0].keys & called[0])


def is_bearer(parse: Parse, mention: Mention) -> bool:
    """Return whether a mention is what each row has the figure of: the patient of ``patient_age``.

    Only the first word of an averaged figure's longer name is one, and only where several are spoken of.
    """
    best = mention.candidates[0]
    measure = parse.index.catalogue.measure(best.field_id) if best.kind == "measure" else None
    if measure is None or mention.last - mention.first > 1:
        return False
    token = parse.tokens[mention.first]
    words = phrase_of(measure.id).words
    counted = any(one.cue is Cue.AGGREGATE and one.value == Aggregation.COUNT for one in parse.lead(mention.first)[0])
    several = token.folded.endswith("s") and len(token.keys) > 1
    if measure.aggregation is Aggregation.SUM:
        return counted and best.score < _WHOLE_NAME and _has_amount_of(words, token)
    if measure.aggregation is not Aggregation.AVG:
        return False
    if counted and several and len(words) == 1:
        return True  # "number of prices"
    return len(words) > 1 and bool(token.keys & words[0]) and (counted or several) and best.score < _WHOLE_NAME


def is_amount_of_rows(parse: Parse, mention: Mention) -> bool:
    """Return whether a plural only says what the rows are, by the name of their amount: "more than 60 bills"."""
    best, token = mention.candidates[0], parse.tokens[mention.first]
    measure = parse.index.catalogue.measure(best.field_id) if best.kind == "measure" else None
    single = mention.last - mention.first == 1 and best.score < _WHOLE_NAME and is_several(token)
    summed = measure is not None and measure.aggregation is Aggregation.SUM
    return single and summed and _has_amount_of(phrase_of(best.field_id).words, token)


def is_total_of_rows(parse: Parse, mention: Mention) -> bool:
    """Return whether the rows' name is a part of their amount's: "total of *bills*"."""
    measure, last = parse.index.catalogue.measure(mention.candidates[0].field_id), parse.tokens[mention.last - 1]
    said = any(one.folded == "of" for one in parse.tokens[mention.first : mention.last])
    summed = measure is not None and measure.aggregation is Aggregation.SUM
    return said and summed and is_several(last) and _has_amount_of(phrase_of(measure.id if measure else "").words, last)


def _has_amount_of(words: tuple[frozenset[str], ...], token: Token) -> bool:
    """Return whether a name is the amount of what ``token`` says: the bills of ``total_bill`` are rows."""
    rest = [keys for keys in words if keys.isdisjoint(_AMOUNTS)]
    return len(rest) == 1 < len(words) and bool(token.keys & rest[0])


def newest(parse: Parse, draft: Draft) -> None:
    """Read "the last 20 orders" as the newest rows."""
    rows = measures.row_count(parse.index.catalogue)
    if draft.groups or any(one != rows for one in draft.measures):
        return
    for token in parse.tokens:
        if token.folded not in NEWEST or parse.date_at(token.position) is not None:
            continue
        count = 0
        for following in parse.tokens[token.position + 1 : token.position + 1 + _REACH]:
            number = int(following.folded) if following.folded.isdigit() else NUMBERS.get(following.folded, 0)
            count = count or number
            called = following.keys & ENTITY_COUNT or following.position in parse.name_hits
            if called or counts_rows(parse, parse.mention_at(following.position)):
                draft.measures, draft.listing, draft.newest = [], True, True
                draft.limit = min(count or FEW, _MOST)
                draft.understood += following.position - token.position
                return


def closing(parse: Parse, draft: Draft) -> None:
    """Read "employment at the end of each year" as the last value of each stretch of time, not as its sum."""
    catalogue = parse.index.catalogue
    latest = any(is_latest(parse, token.position) and parse.date_at(token.position) is None for token in parse.tokens)
    if not (latest or parse.having(Cue.CLOSING)) or catalogue.default_time is None:
        return
    for place, name in enumerate(draft.measures):
        last = measures.folded_as(catalogue, name, Aggregation.LAST)
        draft.measures[place] = last
        draft.asked.setdefault(last, draft.asked.get(name, ""))


def only_measure(parse: Parse, draft: Draft) -> None:
    """Read "how much did AAPL grow" as the growth of the only number there is, not of how many rows there are.

    So is "AAPL since May" the course of that number.
    """
    catalogue = parse.index.catalogue
    only = measures.only_number(catalogue)
    if only is None or draft.measures or draft.listing or parse.rows:
        return
    how_much = bool(parse.tokens) and parse.tokens[0].folded in _HOW_MUCH
    one_number = draft.superlative or parse.having(Cue.AGGREGATE) or how_much
    course = bool(draft.included and draft.period) and not one_number
    if not (draft.follows or course):
        return
    draft.measures.append(only)
    draft.default_measure = True
    if course and not draft.groups and catalogue.default_time is not None:
        finest = measures.finest_grain(catalogue)
        draft.groups.append(GroupBy(field=catalogue.default_time, grain=Grain.DAY if finest is Grain.HOUR else finest))


def sold(parse: Parse, draft: Draft) -> None:
    """Read "how much did we sell" as the money that came in."""
    money = measures.money_measure(parse.index.catalogue)
    is_money = money is not None and money.unit.kind is UnitKind.CURRENCY
    asked = any(token.folded in SOLD for token in parse.tokens)
    tested = bool(parse.having(Cue.COMPARE, Cue.BETWEEN))
    if draft.measures or draft.listing or tested or not is_money or not asked or money is None:
        return
    draft.measures.append(money.id)
    draft.scores.append(0.9)
    draft.default_measure = True


def compared(parse: Parse, draft: Draft) -> None:
    """Part the answer by what is compared: "compare Germany and Austria by month".

    So are several values of a figure that is no sum: nobody wants one mean of the prices of two shares.
    """
    if not (comparing.is_asked(parse) or _has_means(parse, draft)):
        return
    grouped = {one.field for one in draft.groups}
    for name, values in draft.included.items():
        if len(values) > 1:
            draft.unsay(comparing.NOTE)
            if name not in grouped:
                draft.groups.append(GroupBy(field=name))


def _has_means(parse: Parse, draft: Draft) -> bool:
    found = [parse.index.catalogue.measure(one) for one in draft.measures]
    return bool(found) and all(one is not None and one.aggregation in _MEANS for one in found)


def whole_dimension(parse: Parse, draft: Draft) -> None:
    """Part the answer by a column all of whose values are named: "boys and girls" are no filter."""
    for name, values in draft.included.items():
        dimension = parse.index.catalogue.dimension(name)
        everything = dimension is not None and dimension.type is FieldType.TEXT and len(values) == dimension.distinct
        if everything and len(values) > 1 and all(one.field != name for one in draft.groups):
            draft.groups.append(GroupBy(field=name))


def rows_of_answers(parse: Parse, draft: Draft) -> None:
    """Count rows where a yes/no column's name swallowed them ("gift orders") or they are only called rows."""
    rows = measures.row_count(parse.index.catalogue)
    if draft.measures or (draft.listing and not (parse.subjects and draft.groups)) or draft.overview:
        return
    swallowed = False
    for mention in parse.mentions:
        dimension = parse.index.catalogue.dimension(mention.candidates[0].field_id)
        if mention.last - mention.first > 1 and dimension is not None and dimension.type is FieldType.BOOLEAN:
            last = parse.tokens[mention.last - 1]
            swallowed |= any(counts_rows(parse, one) for one in named((last,), parse.index, taken=()))
    called = any(
        token.keys & ENTITY_COUNT and parse.mention_at(token.position) is None and parse.mark_at(token.position) is None
        for token in parse.tokens
    )
    if swallowed or called or parse.subjects:
        draft.measures.append(rows)


def part_of_yes(parse: Parse, draft: Draft) -> None:
    """Read "refund rate" and "share of refunded orders" as the part of the rows that say yes."""
    catalogue = parse.index.catalogue
    rates = parse.having(Cue.RATE)
    for mention in parse.mentions:
        beside = any(mark.first == mention.last or mark.last == mention.first for mark in rates)
        answer = next((one.field_id for one in mention.of_kind("dimension") if _is_answer(parse, one.field_id)), None)
        told = answer is not None and draft.share and draft.included.get(answer) == [True]
        if answer is None or not (beside or told) or (len(parse.mentions) > 1 and not draft.groups and not beside):
            continue
        share = f"{answer}__{Aggregation.AVG}"
        if catalogue.measure(share) is None:
            continue
        own = {one.field_id for one in mention.of_kind("measure")} | {measures.row_count(catalogue)}
        draft.measures = [share, *(one for one in draft.measures if one not in own)]
        draft.included.pop(answer, None)
        draft.share = False
        draft.asked.setdefault(share, mention.text)
        return
    for mark in rates:
        draft.note("left_out", words=" ".join(token.text for token in parse.tokens[mark.first : mark.last]))


def _is_answer(parse: Parse, field_id: str) -> bool:
    dimension = parse.index.catalogue.dimension(field_id)
    return dimension is not None and dimension.type is FieldType.BOOLEAN


def _is_place(column: str) -> bool:
    concept = concept_of(column, numbers=False)
    return concept is not None and concept[0].key in _PLACES


def where_most(parse: Parse, draft: Draft) -> None:
    """Group "where do we have most customers" by place; of several kinds of place a person chooses one."""
    asked = next((mark for mark in parse.having(Cue.WHICH) if parse.tokens[mark.first].folded in _WHERE), None)
    if asked is None or draft.groups or not parse.having(Cue.TOP, Cue.BOTTOM):
        return
    places = [one.id for one in parse.index.catalogue.dimensions if not one.hidden and _is_place(one.column)]
    if not places:
        return
    text = parse.tokens[asked.first].text
    if len(places) > 1:
        draft.ambiguities.append(
            Ambiguity(text, "dimension", tuple(Candidate("dimension", one, _WHOLE_NAME) for one in places))
        )
    draft.groups.append(GroupBy(field=places[0]))
    draft.asked.setdefault(places[0], text)


def compounds(parse: Parse, draft: Draft) -> None:
    """Read "invoice amount" and "znesek računov" as one measure: rows are not counted beside it."""
    rows = measures.row_count(parse.index.catalogue)
    if rows not in draft.measures or len(draft.measures) < 2:  # noqa: PLR2004 - two stand side by side
        return
    for mention in parse.mentions:
        other = parse.mention_at(mention.last)
        if other is None or any(token.folded in AND for token in parse.tokens[mention.first : other.last]):
            continue
        first, second = counts_rows(parse, mention), counts_rows(parse, other)
        is_pair = first != second and bool(mention.of_kind("measure")) and bool(other.of_kind("measure"))
        counted = any(mark.cue is Cue.AGGREGATE and mark.value == "count" for mark in parse.lead(mention.first)[0])
        if is_pair and not counted:
            draft.measures.remove(rows)
            _fold_left(parse, draft, mention)
            return


def _fold_left(parse: Parse, draft: Draft, mention: Mention) -> None:
    """Fold the measure that is left as asked: "average invoice amount"."""
    asked = next((mark for mark in parse.lead(mention.first)[0] if mark.cue is Cue.AGGREGATE), None)
    if asked is not None:
        left = draft.measures[0]
        draft.measures[0] = measures.folded_as(parse.index.catalogue, left, Aggregation(asked.value))
        draft.asked.setdefault(draft.measures[0], draft.asked.get(left, ""))


def done_most(parse: Parse, draft: Draft) -> None:
    """Count the rows of "which products are returned the most"."""
    answers = {one.id for one in parse.index.catalogue.dimensions if one.type is FieldType.BOOLEAN}
    if draft.superlative and not draft.measures and not answers.isdisjoint(draft.included):
        draft.measures.append(measures.row_count(parse.index.catalogue))
