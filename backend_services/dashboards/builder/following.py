"""What follows from a measure's figures: growth, running totals and shares, where they mean something. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend_services.dashboards.spec import ChartKind
from backend_services.datasets.catalogue import Aggregation, Derivation, Derived, Sort

if TYPE_CHECKING:
    from backend_services.dashboards.builder.draft import Draft
    from backend_services.datasets.catalogue import Catalogue, GroupBy, MetricQuery

ALONG_TIME: Final = {"growth": Derivation.GROWTH, "running_total": Derivation.RUNNING_TOTAL}
"""Words of the lexicon's ``LATER`` that are computed along the time."""
_ADD_UP: Final = frozenset({Aggregation.COUNT, Aggregation.SUM})
_MOST: Final = 6
_OF_AMOUNTS: Final = frozenset({ChartKind.HISTOGRAM, ChartKind.PIE, ChartKind.SCATTER})


def wanted(draft: Draft, asked: tuple[str, ...], catalogue: Catalogue) -> tuple[Derived, ...]:
    """Return the further columns that the question asks for; the draft's note about one that is computed goes.

    A superlative is about the growth ("which region grew most"), otherwise about the plain figures.
    """
    if draft.part:
        return tuple(Derived(kind=Derivation.PART, of=name) for name in asked[:_MOST])
    found: list[Derived] = []
    if any(one.grain is not None for one in draft.groups):
        if Derivation.PREVIOUS in draft.follows and not draft.superlative:
            found += [Derived(kind=Derivation.PREVIOUS, of=name, back=draft.back) for name in asked]
        if Derivation.CHANGE in draft.follows:
            found += [Derived(kind=Derivation.CHANGE, of=name, back=draft.back) for name in asked]
        for word, kind in ALONG_TIME.items():
            if kind not in draft.follows or (draft.superlative and kind is not Derivation.GROWTH):
                continue
            fitting = [name for name in asked if kind is Derivation.GROWTH or _adds_up(name, catalogue)]
            back = 1 if kind is Derivation.RUNNING_TOTAL else draft.back
            found += [Derived(kind=kind, of=name, back=back) for name in fitting]
            if fitting:
                draft.unsay(f"later_{word}")
    if draft.share and draft.groups and all(one.grain is not None for one in draft.groups):
        draft.note("share_of_itself")
    elif draft.share and draft.groups and _may_show_shares(draft):
        found += [Derived(kind=Derivation.SHARE, of=name) for name in asked if _adds_up(name, catalogue)]
    return tuple(found[:_MOST])


def in_order(query: MetricQuery, draft: Draft) -> MetricQuery:
    """Return the question ordered by the growth that its superlative is about, or by the part instead of the whole."""
    parts = {one.of: one.name for one in query.derived if one.kind is Derivation.PART}
    if parts:
        sort = (one.model_copy(update={"field": parts.get(one.field, one.field)}) for one in query.sort)
        return query.model_copy(update={"sort": tuple(sort)})
    growth = next((one for one in query.derived if one.kind is Derivation.GROWTH), None)
    change = next((one for one in query.derived if one.kind is Derivation.CHANGE), None)
    growth = growth or change
    if growth is None or not draft.superlative:
        return query
    if len(query.dimensions) > 1 and change is None:
        draft.note("growth_of_steps")
    return query.model_copy(update={"sort": (Sort(field=growth.name, descending=draft.descending),)})


def fits(chart: ChartKind, query: MetricQuery) -> bool:
    """Return whether ``chart`` can show what follows: two units need a table, one unit along the time a line."""
    if not query.derived or chart is ChartKind.TABLE:
        return True
    if all(one.kind is Derivation.PART for one in query.derived):
        return chart not in _OF_AMOUNTS
    same_unit = all(one.kind is Derivation.RUNNING_TOTAL for one in query.derived)
    return same_unit and chart in {ChartKind.LINE, ChartKind.AREA} and len(query.dimensions) == 1


def kept(query: MetricQuery, *, measures: tuple[str, ...], groups: tuple[GroupBy, ...]) -> tuple[Derived, ...]:
    """Return what can still follow when a person changed the measures or groups of ``query``."""
    timed = any(one.grain is not None for one in groups)
    possible = {Derivation.PART, *((Derivation.SHARE,) if groups else ())}
    return tuple(one for one in query.derived if one.of in measures and (timed or one.kind in possible))


def parts_of(query: MetricQuery, old: str, new: str) -> MetricQuery:
    """Return the question whose parts of the measure ``old`` are those of ``new``, in the same order."""
    renamed = {one.name: one.model_copy(update={"of": new}) for one in query.derived if _is_part_of(one, old)}
    sort = (one.model_copy(update={"field": renamed[one.field].name}) if one.field in renamed else one
            for one in query.sort)  # fmt: skip
    derived = (renamed.get(one.name, one) for one in query.derived)
    return query.model_copy(update={"derived": tuple(derived), "sort": tuple(sort)})


def _is_part_of(one: Derived, measure: str) -> bool:
    return one.kind is Derivation.PART and one.of == measure


def _adds_up(name: str, catalogue: Catalogue) -> bool:
    measure = catalogue.measure(name)
    return measure is not None and measure.aggregation in _ADD_UP


def _may_show_shares(draft: Draft) -> bool:
    """Return whether no chart was wished that draws amounts; a part that conditions tell is no share of groups."""
    return draft.chart in {None, ChartKind.TABLE} and not draft.part
