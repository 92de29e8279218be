"""Kinds of questions that no single cue tells: newest rows, sales, comparisons, compounds. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import measures
from backend_services.dashboards.builder.cues import Cue
from backend_services.dashboards.builder.lexicon import AND, COMPARE, ENTITY_COUNT, NEWEST, NUMBERS, SOLD
from backend_services.dashboards.builder.retrieve import named
from backend_services.datasets.catalogue import Aggregation, FieldType, GroupBy, UnitKind

if TYPE_CHECKING:
    from backend_services.dashboards.builder.draft import Draft
    from backend_services.dashboards.builder.reading import Parse
    from backend_services.dashboards.builder.retrieve import Mention

FEW: Final = 20
_MOST: Final = 1000
_REACH: Final = 3


def counts_rows(parse: Parse, mention: Mention | None) -> bool:
    """Return whether a mention is called as the rows are ("orders")."""
    best = next(iter(mention.of_kind("measure")), None) if mention is not None else None
    return best is not None and best.field_id == measures.row_count(parse.index.catalogue)


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
    """Part the answer by what is compared: "compare Germany and Austria by month"."""
    if not any(token.folded in COMPARE for token in parse.tokens):
        return
    grouped = {one.field for one in draft.groups}
    for name, values in draft.included.items():
        if len(values) > 1 and name not in grouped:
            draft.groups.append(GroupBy(field=name))


def rows_of_answers(parse: Parse, draft: Draft) -> None:
    """Count rows where a yes/no column's name swallowed them ("gift orders") or they are only called rows."""
    rows = measures.row_count(parse.index.catalogue)
    if draft.measures or draft.listing or draft.overview:
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
    if swallowed or called:
        draft.measures.append(rows)


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
    """Count the rows of "which products are returned the most", and say that a part of the whole is not computed."""
    answers = {one.id for one in parse.index.catalogue.dimensions if one.type is FieldType.BOOLEAN}
    if draft.superlative and not draft.measures and not answers.isdisjoint(draft.included):
        draft.measures.append(measures.row_count(parse.index.catalogue))
    if draft.share and draft.included and all(one.field not in draft.included for one in draft.groups):
        draft.note("share_of_filter")
