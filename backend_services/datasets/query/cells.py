"""From an engine's value to one of an answer. Pure and light: the child that runs free SQL begins with it."""

from __future__ import annotations

import json
import math
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

Cell = str | int | float | bool | None

SAFE_INTEGER: Final = 2**53
"""Integers beyond this lose digits in JSON readers (RFC 8259 §6), so they travel as text."""


def cell_converter(zone: ZoneInfo) -> Callable[[Any], Cell]:
    """Return the function from an engine's value to one of an answer; instants are shown in ``zone``."""

    def convert(value: Any) -> Cell:
        if value is None or type(value) is str or type(value) is bool:
            return value
        if isinstance(value, int):
            return value if -SAFE_INTEGER <= value <= SAFE_INTEGER else str(value)
        if isinstance(value, float):
            return value if math.isfinite(value) else None
        return _other(value, zone=zone)

    return convert


def _other(value: Any, *, zone: ZoneInfo) -> Cell:  # noqa: PLR0911 - a table of types
    match value:
        case Decimal():
            return _decimal(value)
        case datetime():
            return (value.astimezone(zone) if value.tzinfo is not None else value).isoformat()
        case date() | time():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case UUID():
            return str(value)
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case _:
            return json.dumps(value, default=str, ensure_ascii=False)


def _decimal(value: Decimal) -> Cell:
    """Return a decimal as a number, or as text where a double would lose digits before the point or cents."""
    if not value.is_finite():
        return None
    if abs(value) > SAFE_INTEGER:
        plain = f"{value:f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    return int(value) if value.as_tuple().exponent == 0 else float(value)
