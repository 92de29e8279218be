"""Several tiles from one question: "overview of sales" is numbers, a trend and two breakdowns. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import measures
from backend_services.datasets.catalogue import FieldType, Grain, GroupBy

if TYPE_CHECKING:
    from backend_services.dashboards.builder.draft import Draft
    from backend_services.dashboards.builder.retrieve import Index
    from backend_services.datasets.catalogue import Catalogue

NUMBERS: Final = 3
BREAKDOWNS: Final = 2
_FEWEST, _MOST = 2, 40
_FINE: Final = frozenset({Grain.HOUR, Grain.DAY, Grain.WEEK, None})


def overview_queries(draft: Draft, index: Index) -> list[Draft]:
    """Return the drafts of an overview's tiles; filters and period hold for all of them."""
    catalogue = index.catalogue
    chosen = _measures(draft, catalogue)
    base = replace(draft, chart=None, sort=[], limit=None, superlative=False, descending=True, having=[], follows=set())
    found = [replace(base, measures=[one], groups=[]) for one in chosen[:NUMBERS]]
    if catalogue.default_time:
        finest = measures.finest_grain(catalogue)
        grain = Grain.MONTH if finest in _FINE or finest is Grain.MONTH else finest
        found.append(
            replace(base, measures=chosen[:1], groups=[GroupBy(field=catalogue.default_time, grain=grain)], share=False)
        )
    found += [
        replace(base, measures=chosen[:1], groups=[GroupBy(field=one)], limit=12, share=False)
        for one in _breakdowns(draft, catalogue)
    ]
    return found


def _measures(draft: Draft, catalogue: Catalogue) -> list[str]:
    """Return the named measures, then the default, then others over further columns."""
    found = list(dict.fromkeys((*draft.measures, measures.default_measure(catalogue))))
    columns = {(one.column or one.id) for name in found if (one := catalogue.measure(name)) is not None}
    for measure in catalogue.measures:
        if len(found) >= NUMBERS:
            break
        column = measure.column or measure.id
        if not measure.hidden and column not in columns:
            columns.add(column)
            found.append(measure.id)
    return found


def _breakdowns(draft: Draft, catalogue: Catalogue) -> list[str]:
    fixed = {name for name, values in draft.included.items() if len(values) == 1}
    fitting = [
        one.id
        for one in catalogue.dimensions
        if not one.hidden
        and one.type in {FieldType.TEXT, FieldType.BOOLEAN}
        and _FEWEST <= (one.distinct or len(one.values)) <= _MOST
        and one.id not in fixed
    ]
    return fitting[:BREAKDOWNS]
