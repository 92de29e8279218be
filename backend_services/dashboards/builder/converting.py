"""Lengths of time in the unit of a column: "more than 2 hours" is 120 in one of minutes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder.durations import MINUTE
from backend_services.dashboards.builder.measures import words_in
from backend_services.dashboards.builder.normalise import words_of
from backend_services.datasets.catalogue import EACH

if TYPE_CHECKING:
    from backend_services.datasets.catalogue import Catalogue, Measure

_CODES: Final = {"ms": 0.001, "s": 1.0, "sec": 1.0, "min": MINUTE, "h": 3600.0}
_NAMED: Final = (
    (words_of("ms millis milliseconds milisekunde milisekund"), 0.001),
    (words_of("seconds secs sekunde sekund"), 1.0),
    (words_of("minutes mins minute minut"), MINUTE),
    (words_of("hours hrs ure ur"), 3600.0),
)
_SHORT: Final = {"min": MINUTE, "sec": 1.0, "s": 1.0, "h": 3600.0, "hr": 3600.0}
"""Abbreviations that are a unit at the end of a name that speaks of time: ``delay_min``, but not ``temp_min``."""
_OF_TIME: Final = words_of(
    "time duration delay wait waiting latency cas trajanje zamuda cakanje runtime elapsed late lateness"
)


def in_unit_of(
    catalogue: Catalogue, field_id: str, values: tuple[float, ...], seconds: float
) -> tuple[float, ...] | None:
    """Return ``values``, told in units of so many seconds, in the unit of a column.

    ``None`` where its unit is not known, rather than a guess; minutes are then taken for its own, as delays are told.
    """
    measure = catalogue.measure(field_id.removesuffix(EACH))
    own = _unit_of(measure) if measure is not None else None
    if own is None:
        return values if seconds == MINUTE else None
    return tuple(round(value * seconds / own, 6) for value in values)


def _unit_of(measure: Measure) -> float | None:
    """Return how many seconds the unit of a measure is, by its unit, else by its name."""
    known = _CODES.get(measure.unit.code.casefold())
    if known is not None:
        return known
    words = words_in(measure)
    named = [seconds for told, seconds in _NAMED if not told.isdisjoint(words)]
    if named:
        return named[0] if len(named) == 1 else None
    last = (measure.column or measure.id).casefold().replace("_", " ").split()[-1:]
    return _SHORT.get(last[0]) if last and not words.isdisjoint(_OF_TIME) else None
