"""What a wished kind of figure makes of a question: the spread of a number, countries on a map. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.dashboards.builder import charts, measures
from backend_services.dashboards.builder.cues import Cue
from backend_services.dashboards.builder.lexicon import SPREAD
from backend_services.dashboards.spec import ChartKind
from backend_services.datasets.catalogue import EACH, GroupBy

if TYPE_CHECKING:
    from backend_services.dashboards.builder.draft import Draft
    from backend_services.dashboards.builder.reading import Parse
    from backend_services.datasets.catalogue import Catalogue


def read(parse: Parse, draft: Draft) -> None:
    """Give the draft the groups that its wished kind of figure means."""
    catalogue = parse.index.catalogue
    if draft.chart is None and not draft.groups and _asks_spread(parse):
        draft.chart, draft.share = ChartKind.HISTOGRAM, False
    match draft.chart:
        case ChartKind.HISTOGRAM:
            _spread(catalogue, draft)
        case ChartKind.MAP if not draft.groups:
            land = next((one for one in catalogue.dimensions if not one.hidden and charts.names_countries(one)), None)
            if land is not None:
                draft.groups.append(GroupBy(field=land.id))
        case _:
            return


def _asks_spread(parse: Parse) -> bool:
    return any(parse.tokens[mark.first].folded in SPREAD for mark in parse.having(Cue.SHARE))


def _spread(catalogue: Catalogue, draft: Draft) -> None:
    """Read "distribution of price" as how many rows each bin of prices has."""
    rows = measures.row_count(catalogue)
    numbers = [one for one in draft.groups if one.grain is None and _is_number(catalogue, one.field)]
    if len(draft.groups) == 1 and numbers:
        draft.measures = draft.measures or [rows]
        return
    if draft.groups:
        return
    asked = [one for one in draft.measures if one != rows]
    field = _single(catalogue, asked[0]) if len(asked) == 1 else None
    if field is None:
        return
    draft.asked.setdefault(field, draft.asked.get(asked[0], ""))
    draft.groups, draft.measures = [GroupBy(field=field)], [rows]


def _is_number(catalogue: Catalogue, field: str) -> bool:
    dimension = catalogue.dimension(field)
    return dimension is not None and dimension.type.is_number


def _single(catalogue: Catalogue, measure_id: str) -> str | None:
    """Return the dimension that is the number in each row which a measure folds."""
    measure = catalogue.measure(measure_id)
    if measure is None or measure.column is None:
        return None
    own = next((one.id for one in catalogue.dimensions if one.column == measure.column and not one.hidden), None)
    if own is not None:
        return own if _is_number(catalogue, own) else None
    base = next((one.id for one in catalogue.measures if one.column == measure.column), measure_id)
    each = f"{base}{EACH}"
    return each if _is_number(catalogue, each) else None
