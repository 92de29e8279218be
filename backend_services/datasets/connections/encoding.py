"""From the drivers' values to lines of JSON that a copy is made of. Pure: no I/O."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final

JsonCell = str | int | float | bool | None
_BIGGEST: Final = 2**63


def lines_of(rows: Sequence[Sequence[Any]], names: Sequence[str]) -> bytes:
    """Return ``rows`` as lines of JSON with ``names`` as keys."""
    return b"".join(
        json.dumps(
            {name: cell(value) for name, value in zip(names, row, strict=True)},
            ensure_ascii=False,
            separators=(",", ":"),
        ).encode("utf-8", "replace")
        + b"\n"
        for row in rows
    )


def cell(value: Any) -> JsonCell:  # noqa: PLR0911 - a table of types
    """Return a value as JSON has it. What is no number (NaN, infinity) is empty; digits are kept as text."""
    match value:
        case None | bool():
            return value
        case str():
            return value.replace("\x00", "")
        case int():
            return value if -_BIGGEST <= value < _BIGGEST else str(value)
        case float():
            return value if math.isfinite(value) else None
        case Decimal():
            return f"{value:f}" if value.is_finite() else None
        case datetime():
            at = value.astimezone(UTC) if value.tzinfo is not None else value
            return at.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case dict() | list() | tuple():
            return json.dumps(value, default=str, ensure_ascii=False)
        case _:
            return str(value)
