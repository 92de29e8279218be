"""A tile inside its dashboard: which period and filters reach it, and how its answer is to be read. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_services.dashboards.arrangement import Reading
from backend_services.dashboards.formats import TO
from backend_services.dashboards.spec import MetricSource, SqlSource, TextSource
from backend_services.datasets.catalogue import Aggregation, Derivation, Filter, MetricQuery, Operator, RelativePeriod

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from backend_services.dashboards.spec import Tile
    from backend_services.datasets.catalogue import Catalogue, Measure, SqlQuery

ADDITIVE = frozenset({Aggregation.COUNT, Aggregation.SUM})
_ADDING = frozenset({Derivation.CHANGE, Derivation.PREVIOUS, Derivation.SHARE})
SIGNS = {
    Operator.CONTAINS: "~",
    Operator.EQ: "=",
    Operator.GT: ">",
    Operator.GTE: "≥",
    Operator.IN: "=",
    Operator.LT: "<",
    Operator.LTE: "≤",
    Operator.NE: "≠",
    Operator.NOT_IN: "≠",
    Operator.STARTS_WITH: "^",
}


@dataclass(frozen=True, slots=True)
class Question:
    """What a tile asks once its dashboard's period and filters are in it.

    Attributes:
        period: The one that holds, from wherever it came.
        ignored: Fields of filters that the tile's dataset lacks.
        period_ignored: There is a period but the tile has no time, or is free SQL.
    """

    query: MetricQuery | SqlQuery
    period: RelativePeriod | None
    ignored: tuple[str, ...] = ()
    period_ignored: bool = False


def merged(own: Iterable[Filter], more: Iterable[Filter]) -> tuple[Filter, ...]:
    """Return both sets of filters; a field filtered in ``more`` loses its filter in ``own``."""
    added = tuple(more)
    fields = {one.field for one in added}
    return (*(one for one in own if one.field not in fields), *added)


def question_of(
    tile: Tile, catalogue: Catalogue, *, period: RelativePeriod | None, filters: tuple[Filter, ...]
) -> Question:
    """Return what ``tile`` asks under the dashboard's ``period`` and ``filters``, as far as they reach it."""
    if isinstance(tile.source, SqlSource):
        ignored = tuple(dict.fromkeys(one.field for one in filters))
        return Question(query=tile.source.query, period=None, ignored=ignored, period_ignored=period is not None)
    if isinstance(tile.source, TextSource):
        msg = "a text asks nothing"
        raise TypeError(msg)
    query = tile.source.query
    known = {one.id for one in catalogue.dimensions if not one.hidden}
    reached = tuple(one for one in filters if one.field in known)
    has_time = (query.time_field or catalogue.default_time) is not None
    own = query.period if period is None or not has_time else period
    asked = query.model_copy(update={"filters": (*query.filters, *reached), "period": own})
    return Question(
        query=asked,
        period=own,
        ignored=tuple(dict.fromkeys(one.field for one in filters if one.field not in known)),
        period_ignored=period is not None and not has_time,
    )


def reading_of(tile: Tile, catalogue: Catalogue, *, language: str, now: datetime) -> Reading:
    """Return how the tile's answer is read: which measures add up, which way is better, which order values have."""
    if not isinstance(tile.source, MetricSource):
        return Reading(language=language, now=now)
    found = [catalogue.measure(name) for name in tile.source.query.measures]
    measures = [one for one in found if one is not None]
    additive = {one.id for one in measures if _adds_up(one, tile.source.query, catalogue)}
    shares = {one.name for one in tile.source.query.derived if one.kind in _ADDING and one.of in additive}
    return Reading(
        language=language,
        now=now,
        additive=frozenset(additive | shares),
        better={one.id: one.higher_is_better for one in measures if one.higher_is_better is not None},
        order={one.id: one.values for one in catalogue.dimensions if one.values},
    )


def _adds_up(measure: Measure, query: MetricQuery, catalogue: Catalogue) -> bool:
    """Return whether the groups of a measure add up to the whole; those of a level do, but not along its time."""
    if measure.aggregation is not Aggregation.LAST:
        return measure.aggregation in ADDITIVE
    over = catalogue.dimension_over(measure)
    return over is not None and all(one.field != over.id for one in query.dimensions)


def filter_text(one: Filter, catalogue: Catalogue, language: str) -> str:
    """Return a filter in words and signs."""
    known = catalogue.dimension(one.field) or catalogue.measure(one.field)
    label = one.field if known is None else known.label.in_language(language)
    values = [str(value) for value in one.values]
    match one.operator:
        case Operator.BETWEEN:
            return f"{label}: {TO.join(values)}"
        case Operator.IS_NULL:
            return f"{label} = ∅"
        case Operator.NOT_NULL:
            return f"{label} ≠ ∅"
        case _:
            return f"{label} {SIGNS[one.operator]} {', '.join(values)}"
