"""How levels (population, stock, balance) are proposed to be folded: never added up over time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from backend_services.datasets.catalogue import Aggregation, Dimension, FieldType, Measure

_EVENTS: Final = frozenset({"created", "order_date", "invoice_date", "ship_date", "payment_date", "due_date"})
_CALENDAR: Final = ("year", "quarter", "month", "week")
_BOOKINGS: Final = frozenset({"order", "invoice", "transaction"})


@dataclass(frozen=True, slots=True)
class Traits:
    """What is known of a table's columns.

    Attributes:
        levels: Columns that hold levels.
        keys: Dimension id → what it is about.
        unique: Dimensions with another value in each row.
    """

    levels: frozenset[str]
    keys: Mapping[str, str]
    unique: frozenset[str]


def folded(
    measures: Iterable[Measure], dimensions: Iterable[Dimension], traits: Traits, *, default_time: str | None
) -> list[Measure]:
    """Return the measures with their levels folded as the table allows.

    Where periods repeat, a level is that of the last one. A table with one row for each thing is added up. Of bookings,
    and where it cannot be told which period is the last, the mean stays.
    """
    update = _update(list(dimensions), traits, default_time=default_time)
    return [
        one.model_copy(update=update) if one.column in traits.levels and one.aggregation is Aggregation.AVG else one
        for one in measures
    ]


def _update(dimensions: list[Dimension], traits: Traits, *, default_time: str | None) -> dict[str, object]:
    years = [one.id for one in dimensions if traits.keys.get(one.id) in _CALENDAR]
    if any(traits.keys.get(name) in _BOOKINGS for name in traits.unique):
        return {}
    things = [one for one in dimensions if one.id in traits.unique and one.type is FieldType.TEXT]
    if things or (default_time is None and not years):
        return {"aggregation": Aggregation.SUM}
    if default_time is not None:
        return {} if traits.keys.get(default_time) in _EVENTS else {"aggregation": Aggregation.LAST}
    numbers = {one.id for one in dimensions if one.type.is_number and traits.keys.get(one.id) == "year"}
    if len(years) > 1 or not numbers:
        return {}
    return {"aggregation": Aggregation.LAST, "over": years[0]}
