"""The deterministic planner: a question and a catalogue become queries with charts, or what stands in the way. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import charts, following, measures
from backend_services.dashboards.builder.cues import Cue
from backend_services.dashboards.builder.draft import Ambiguity, Draft, Note
from backend_services.dashboards.builder.interpret import interpret
from backend_services.dashboards.builder.overview import overview_queries
from backend_services.dashboards.builder.reading import Parse, parse
from backend_services.dashboards.builder.unexplained import Unknown
from backend_services.dashboards.spec import ChartKind
from backend_services.datasets.catalogue import Derivation, Filter, MetricQuery, Operator, Sort

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

    from backend_services.dashboards.builder.retrieve import Candidate, Index

ROWS_LISTED: Final = 100
_JOINTS: Final = frozenset({"and", "in", "ter", ","})
_SURE_LEFTOVER: Final = 0.34


@dataclass(frozen=True, slots=True)
class PlannedTile:
    """One figure to be."""

    query: MetricQuery
    chart: ChartKind
    series: str | None
    draft: Draft


@dataclass(slots=True)
class Plan:
    """What a question comes to on one dataset.

    Attributes:
        missing: Words that name nothing there and without which an answer would be another question's.
        recognised: Whether anything at all was recognised.
    """

    index: Index
    dataset_id: UUID
    tiles: list[PlannedTile] = field(default_factory=list)
    ambiguities: list[Ambiguity] = field(default_factory=list)
    missing: list[Unknown] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    via: set[str] = field(default_factory=set)
    confidence: float = 0.0
    coverage: float = 0.0
    recognised: bool = False


def make_plan(
    text: str, index: Index, dataset_id: UUID, *, today: date, pins: Mapping[str, Candidate] | None = None
) -> Plan:
    """Return what ``text`` asks of one dataset."""
    whole = parse(text, index, today=today, pins=pins)
    plan = Plan(index, dataset_id)
    clauses = [whole]
    pieces = _clauses(text, whole)
    if len(pieces) > 1:
        clauses = [parse(piece, index, today=today, pins=pins) for piece in pieces]
    drafts = [interpret(clause) for clause in clauses]
    if len(drafts) > 1:
        _share_period(drafts)
    for draft in drafts:
        plan.ambiguities.extend(one for one in draft.ambiguities if one not in plan.ambiguities)
        plan.missing.extend(_missing(draft))
        plan.via |= draft.via
    plan.recognised = any(_says_something(draft) for draft in drafts)
    if plan.recognised and not plan.missing:
        for draft in drafts:
            plan.tiles.extend(_tiles(draft, index, dataset_id))
    for draft in drafts:
        plan.notes.extend(one for one in draft.notes if one not in plan.notes)
    plan.confidence = round(sum(one.confidence for one in drafts) / len(drafts), 3)
    words, understood = sum(one.words for one in drafts), sum(one.understood for one in drafts)
    plan.coverage = min(1.0, understood / words) if words else 0.0
    return plan


def _says_something(draft: Draft) -> bool:
    return bool(
        draft.measures or draft.groups or draft.included or draft.excluded or draft.conditions or draft.part
        or draft.overview or draft.listing
    )  # fmt: skip


def _missing(draft: Draft) -> list[Unknown]:
    """Return the unknown words that matter; the others become a note."""
    found = []
    nothing_asked = not draft.measures and not draft.listing and not draft.overview
    mostly_unknown = len(draft.unknown) / max(1, draft.words) > _SURE_LEFTOVER
    for one in draft.unknown:
        if mostly_unknown or one.place in {"by", "filter"} or nothing_asked or one.is_head:
            found.append(one)
        else:
            draft.note("left_out", words=one.text)
    return found


def _share_period(drafts: list[Draft]) -> None:
    """Let a period said once, at the end, hold for every clause."""
    said = [draft for draft in drafts if draft.period is not None]
    if len(said) == 1 and said[0] is drafts[-1]:
        for draft in drafts:
            draft.period, draft.period_asked = said[0].period, said[0].period_asked


def _clauses(text: str, whole: Parse) -> list[str]:
    """Split "revenue by country and orders by month" where both sides ask for a measure in their own way."""
    for token in whole.tokens:
        place = token.position
        taken = whole.mention_at(place) or whole.mark_at(place) or whole.date_at(place)
        if token.folded not in _JOINTS or taken is not None:
            continue
        if _is_whole(whole, 0, place) and _is_whole(whole, place + 1, len(whole.tokens), starts=True):
            return [text[: token.start].strip(), text[token.end :].strip()]
    return [text]


def _is_whole(whole: Parse, first: int, last: int, *, starts: bool = False) -> bool:
    """Return whether the tokens name a measure and how to group it; ``starts``: the measure must come first."""
    places = [
        one.first
        for one in whole.mentions
        if first <= one.first and one.last <= last and one.candidates[0].kind == "measure"
    ]
    places += [mark.first for mark in whole.having(Cue.AGGREGATE) if first <= mark.first < last]
    grouped = [mark.first for mark in whole.having(Cue.BY, Cue.GRAIN, Cue.TREND) if first <= mark.first < last]
    if not places or not grouped:
        return False
    return not starts or min(places) <= first + 2


def _tiles(draft: Draft, index: Index, dataset_id: UUID) -> list[PlannedTile]:
    if draft.overview and not draft.groups:
        return [_tile(one, index, dataset_id) for one in overview_queries(draft, index)]
    if not draft.groups and len(draft.measures) > 1 and not draft.listing:
        return [_tile(one, index, dataset_id) for one in _one_number_each(draft)]
    return [_tile(draft, index, dataset_id)]


def _one_number_each(draft: Draft) -> list[Draft]:
    return [
        replace(draft, measures=[one], having=[having for having in draft.having if having.field == one])
        for one in draft.measures
    ]


def _tile(draft: Draft, index: Index, dataset_id: UUID) -> PlannedTile:
    query = compose(draft, index, dataset_id)
    chart = charts.choose(query, draft, index.catalogue)
    if chart is not ChartKind.PIE:  # a pie's figures are shares already
        follow = following.wanted(draft, query.measures, index.catalogue)
        query = following.in_order(query.model_copy(update={"derived": follow}), draft)
        chart = charts.choose(query, draft, index.catalogue)
    return PlannedTile(query, chart, charts.series_of(query, chart), draft)


def compose(draft: Draft, index: Index, dataset_id: UUID) -> MetricQuery:
    """Return the draft as a question in catalogue terms."""
    catalogue = index.catalogue
    listing = draft.listing and not draft.measures and not draft.groups
    if not draft.measures and not listing:
        chosen = measures.ranked_by(catalogue) if draft.superlative else measures.default_measure(catalogue)
        draft.measures.append(chosen)
        draft.default_measure = True
    asked = () if listing else tuple(dict.fromkeys(draft.measures))
    limit = draft.limit
    timed = any(one.grain is not None for one in draft.groups)
    grown = draft.superlative and Derivation.GROWTH in draft.follows
    if limit is not None and timed and len(draft.groups) > 1 and not grown:
        draft.note("top_over_time", n=str(limit))
        limit = None
    return MetricQuery(
        dataset_id=dataset_id,
        measures=asked[:12],
        dimensions=tuple(draft.groups[:6]),
        filters=tuple(filters_of(draft)),
        having=tuple(draft.having[:12]),
        part=tuple(draft.part[:12]),
        period=draft.period,
        sort=tuple(_sort(draft, asked, index, limited=limit is not None)),
        limit=min(limit or (ROWS_LISTED if listing else 1000), 10_000),
    )


def filters_of(draft: Draft) -> list[Filter]:
    """Return the conditions on rows: wanted values, unwanted ones, comparisons."""
    found = []
    for name, values in draft.included.items():
        operator = Operator.EQ if len(values) == 1 else Operator.IN
        found.append(Filter(field=name, operator=operator, values=tuple(values)))
    for name, values in draft.excluded.items():
        operator = Operator.NE if len(values) == 1 else Operator.NOT_IN
        found.append(Filter(field=name, operator=operator, values=tuple(values)))
    return [*found, *draft.conditions]


def _sort(draft: Draft, asked: tuple[str, ...], index: Index, *, limited: bool) -> list[Sort]:
    if draft.sort:
        return draft.sort
    if draft.newest and not asked and index.catalogue.default_time:
        return [Sort(field=index.catalogue.default_time, descending=True)]
    if not asked or not draft.groups:
        return []
    first = index.catalogue.dimension(draft.groups[0].field)
    ordered = first is not None and (first.type.is_time or first.type.is_number)
    if ordered and not (draft.superlative and limited):
        return [Sort(field=draft.groups[0].field)]
    return [Sort(field=asked[0], descending=draft.descending)]
