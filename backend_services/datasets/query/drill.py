"""From a figure to the rows behind it. Pure: no I/O."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from backend_services.datasets.catalogue import (
    Catalogue,
    FieldType,
    Filter,
    GroupBy,
    Measure,
    MetricQuery,
    Operator,
    Scalar,
)
from backend_services.datasets.query import bins, levels, part, periods
from backend_services.datasets.query.errors import FilterValueError, NotADateError, UnknownFieldError
from backend_services.datasets.query.groups import dimension_names
from backend_services.datasets.query.levels import LevelRows
from backend_services.datasets.query.view import View

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo


def with_measure(view: View, measure: Measure) -> View:
    """Return ``view`` with one more measure in its catalogue."""
    catalogue = view.source.catalogue
    more = catalogue.model_copy(update={"measures": (*catalogue.measures, measure)})
    return replace(view, source=replace(view.source, catalogue=more))


def rows_of(
    query: MetricQuery, *, cell: Mapping[str, Scalar | None], catalogue: Catalogue, zone: ZoneInfo
) -> MetricQuery:
    """Return the question for the rows behind the group that ``cell`` names: the same filters, and its dimensions.

    Conditions on figures are left out: they choose groups, not rows. Where a part of the rows is asked for, it is those
    rows. Where all figures are levels, the rows are those
    of the group's last period, for the others are in no figure.

    Raises:
        UnknownFieldError: ``cell`` names something that is no dimension of the query.
        NotADateError: The value of a time is none.
        CalendarRangeError: The group of a time reaches beyond the calendar.
        FilterValueError: The value of a bin is no number.
    """
    groups = dict(zip(dimension_names(query), query.dimensions, strict=True))
    unknown = [name for name in cell if name not in groups]
    if unknown:
        raise UnknownFieldError(unknown[0], nearest=list(groups))
    kept = tuple(one for one in query.filters if catalogue.dimension(one.field) is not None)
    picked = tuple(one for name, value in cell.items() for one in _picked(groups[name], value, zone=zone))
    rows = query.model_copy(
        update={
            "measures": (),
            "derived": (),
            "dimensions": (),
            "having": (),
            "sort": (),
            "filters": (*kept, *picked, *(query.part if part.is_asked(query) else ())),
            "part": (),
            "offset": 0,
        }
    )
    if not levels.only_levels(query.measures, catalogue):
        return rows
    return LevelRows(**dict(rows), counted=query.measures, groups=query.dimensions)


def _picked(group: GroupBy, value: Scalar | None, *, zone: ZoneInfo) -> tuple[Filter, ...]:
    if value is None:
        return (Filter(field=group.field, operator=Operator.IS_NULL),)
    if group.width is not None:
        return bins.inside(group, _edge(group, value))
    if group.grain is None:
        return (Filter(field=group.field, operator=Operator.EQ, values=(value,)),)
    if not isinstance(value, str):
        raise NotADateError(str(value))
    start = periods.parse_local(value, zone=zone)
    end = periods.shift(start, group.grain, 1)
    return (Filter(field=group.field, operator=Operator.BETWEEN, values=(start.isoformat(), end.isoformat())),)


def _edge(group: GroupBy, value: Scalar) -> float:
    """Return the lower edge of the bin that ``value`` names."""
    try:
        edge = math.nan if isinstance(value, bool) else float(value)
    except (OverflowError, ValueError):
        edge = math.nan
    if not math.isfinite(edge):
        raise FilterValueError(group.field, value=str(value), type=FieldType.DECIMAL)
    return edge
