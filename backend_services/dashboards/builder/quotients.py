"""One figure over another: "a per b", "a as a percentage of b", averages over the rows or over things. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import measures
from backend_services.dashboards.builder.cues import Cue
from backend_services.dashboards.builder.lexicon import AND
from backend_services.dashboards.builder.subjects import PER
from backend_services.datasets.catalogue import Aggregation

if TYPE_CHECKING:
    from backend_services.dashboards.builder.draft import Draft
    from backend_services.dashboards.builder.reading import Parse
    from backend_services.datasets.catalogue import Catalogue, GroupBy

_COUNTED_PER: Final = 50
_TWO: Final = 2


def read(parse: Parse, draft: Draft) -> None:
    """Read "ratio of a to b", "a as a share of b" and "average number of a per b" as a quotient."""
    catalogue = parse.index.catalogue
    if parse.per_rows:
        _averaged_over_rows(parse, draft)
    if _is_share_of_other(parse, draft):
        draft.ratio, draft.share = True, False
    draft.ratio |= _is_one_per_other(parse, draft)
    if draft.ratio and len(draft.measures) > 1:
        _divide(draft, catalogue, draft.measures[0], draft.measures[1])
        return
    averaged = any(mark.value == Aggregation.AVG for mark in parse.having(Cue.AGGREGATE))
    counted = [one for one in draft.measures if (m := catalogue.measure(one)) and m.aggregation in measures.COUNTS]
    if averaged and counted and len(draft.groups) == 1 and not draft.superlative:
        below = _number_of(draft.groups[0], parse)
        ratio = measures.ratio_of(catalogue, counted[0], below) if below is not None else None
        if ratio:
            draft.measures, draft.groups = [ratio], []
            draft.asked.setdefault(ratio, draft.asked.get(counted[0], ""))


def _divide(draft: Draft, catalogue: Catalogue, above: str, below: str) -> None:
    ratio = measures.ratio_of(catalogue, *_alike(catalogue, above, below))
    if ratio:
        draft.asked.setdefault(ratio, " / ".join(draft.asked.get(one, "") for one in (above, below)))
        draft.measures[:2] = [ratio]


def _alike(catalogue: Catalogue, above: str, below: str) -> tuple[str, str]:
    """Return both measures as means where one of them is a mean and the other a sum: a sum over a mean is neither."""
    folds = {(catalogue.measure(one), one) for one in (above, below)}
    if {one.aggregation for one, _ in folds if one is not None} != {Aggregation.AVG, Aggregation.SUM}:
        return above, below
    return (
        measures.folded_as(catalogue, above, Aggregation.AVG),
        measures.folded_as(catalogue, below, Aggregation.AVG),
    )


def _number_of(group: GroupBy, parse: Parse) -> str | None:
    """Return the measure that counts what is grouped by: many things, or steps in time that each have one value.

    "Average number of cars per year" is one number, "by year" one for each.
    """
    catalogue = parse.index.catalogue
    dimension = catalogue.dimension(group.field)
    if dimension is None or catalogue.measure(f"{group.field}__count_distinct") is None:
        return None
    per = any(parse.tokens[mark.first].folded in PER for mark in parse.having(Cue.GRAIN))
    if dimension.type.is_time and (group.grain is not dimension.grain or not per):
        return None
    if not dimension.type.is_time and dimension.distinct < _COUNTED_PER:
        return None
    return measures.folded_as(catalogue, dimension.id, Aggregation.COUNT_DISTINCT)


def _averaged_over_rows(parse: Parse, draft: Draft) -> None:
    """Fold what is asked for "per flight" as its mean over the flights."""
    catalogue = parse.index.catalogue
    for place, name in enumerate(draft.measures):
        folded = measures.folded_as(catalogue, name, Aggregation.AVG)
        draft.measures[place] = folded
        draft.asked.setdefault(folded, draft.asked.get(name, ""))


def _is_share_of_other(parse: Parse, draft: Draft) -> bool:
    """Return whether one measure is a part of the other: "tips as a percentage of the bill"."""
    marks = parse.having(Cue.SHARE)
    named = [one for one in parse.mentions if one.candidates[0].kind == "measure"]
    if not marks or len(draft.measures) != _TWO or len(named) != _TWO:
        return False
    joins = AND if parse.language == "sl" else AND - {"in"}
    if any(parse.tokens[place].folded in joins for place in range(named[0].last, named[1].first)):
        return False
    return marks[0].first < named[1].first and {draft.asked.get(one) for one in draft.measures} == {
        one.text for one in named
    }


def _is_one_per_other(parse: Parse, draft: Draft) -> bool:
    """Return whether "per" stands right between the two measures asked for: "fuel cost per kilometre"."""
    if len(draft.measures) != _TWO:
        return False
    for mark in parse.having(Cue.BY):
        above, below = parse.mention_at(mark.first - 1), parse.mention_at(mark.last)
        sides = [{one.field_id for one in side.of_kind("measure")} if side else set() for side in (above, below)]
        if parse.tokens[mark.first].folded in PER and all(
            field in side for field, side in zip(draft.measures, sides, strict=True)
        ):
            return True
    return False
