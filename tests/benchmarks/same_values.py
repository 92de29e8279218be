"""Whether two answers have the same values: column order is free, and rows too unless an order was asked for. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import product
from typing import Any, Final

Rows = Sequence[Sequence[Any]]
Plain = str | float | bool | None
TOLERANCE: Final = 1e-6
_MIDNIGHT: Final = re.compile(r"^(\d{4}-\d{2}-\d{2})[T ]00:00(?::00(?:\.0+)?)?(?:Z|[+-]00:?00)?$")
_MOST_PAIRINGS: Final = 5_000


def agree(gold: Rows, shown: Rows, *, ordered: bool = False) -> bool:
    """Return whether every gold column is among the shown ones with the same rows.

    Further shown columns are let pass: those that the asked figures are computed from, and labels. They cannot hide
    a finer grouping, for the number of rows has to agree.

    Where an order was asked for (``ordered``), the last gold column has to come in it; ties may change places.
    """
    if len(gold) != len(shown):
        return False
    if not gold:
        return True
    wanted = [[plain(value) for value in column] for column in zip(*gold, strict=True)]
    there = [[plain(value) for value in column] for column in zip(*shown, strict=True)]
    fitting = [[place for place, column in enumerate(there) if _same_set(one, column)] for one in wanted]
    for tried, places in enumerate(product(*fitting)):
        if tried >= _MOST_PAIRINGS:
            return False
        if len(set(places)) == len(places) and _same_rows(wanted, [there[place] for place in places], ordered=ordered):
            return True
    return False


def plain(value: Any) -> Plain:
    """Return a value as both sides can hold it: numbers as floats, moments as ISO text, midnight as its day."""
    match value:
        case None | bool():
            return value
        case int() | float() | Decimal():
            return float(value)
        case datetime() | date():
            return plain(value.isoformat())
        case _:
            midnight = _MIDNIGHT.match(str(value))
            return midnight.group(1) if midnight else str(value)


def _key(values: Sequence[Plain]) -> list[tuple[str, str, float]]:
    """Return what rows are sorted by: texts first, so that nearly equal numbers cannot swap rows that differ."""
    texts = [(type(one).__name__, str(one), 0.0) for one in values if not isinstance(one, float)]
    return [*texts, *(("number", "", round(one, 6)) for one in values if isinstance(one, float))]


def _same_set(gold: Sequence[Any], shown: Sequence[Any]) -> bool:
    pairs = zip(sorted(gold, key=lambda one: _key([one])), sorted(shown, key=lambda one: _key([one])), strict=True)
    return all(same_value(one, other) for one, other in pairs)


def _same_rows(gold: Sequence[Sequence[Any]], shown: Sequence[Sequence[Any]], *, ordered: bool) -> bool:
    if ordered and not all(same_value(one, other) for one, other in zip(gold[-1], shown[-1], strict=True)):
        return False
    first, second = (sorted(zip(*columns, strict=True), key=_key) for columns in (gold, shown))
    return all(
        same_value(one, other)
        for row, twin in zip(first, second, strict=True)
        for one, other in zip(row, twin, strict=True)
    )


def same_value(gold: Plain, shown: Plain) -> bool:
    """Return whether two plain values are the same, numbers within :data:`TOLERANCE` of their size."""
    if isinstance(gold, float) and isinstance(shown, float):
        return math.isclose(gold, shown, rel_tol=TOLERANCE, abs_tol=1e-9)
    return type(gold) is type(shown) and gold == shown
