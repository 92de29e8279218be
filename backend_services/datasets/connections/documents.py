"""Documents as rows: nested fields get dotted names, arrays become JSON text, and columns come from a sample. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from backend_services.datasets.catalogue import FieldType
from backend_services.datasets.connections.ports import RemoteColumn

SAMPLED: Final = 1000
"""How many documents from each end of a collection are looked at to learn its fields."""
_DEEPEST: Final = 12
_KINDS: Final[tuple[tuple[type, FieldType, str], ...]] = (
    (bool, FieldType.BOOLEAN, "bool"),
    (int, FieldType.INTEGER, "int"),
    (float, FieldType.DECIMAL, "double"),
    (Decimal, FieldType.DECIMAL, "decimal"),
    (datetime, FieldType.DATETIME, "date"),
    (str, FieldType.TEXT, "string"),
)


def flattened(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document's values by dotted name; a value that is an array, or lies too deep, is JSON text."""
    found: dict[str, Any] = {}
    _flatten(document, "", found, depth=0)
    return found


def _flatten(document: Mapping[str, Any], prefix: str, found: dict[str, Any], *, depth: int) -> None:
    for key, value in document.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value and depth < _DEEPEST:
            _flatten(value, f"{name}.", found, depth=depth + 1)
        elif isinstance(value, Mapping | list | tuple):
            found.setdefault(name, as_json(value))
        else:
            found.setdefault(name, value)


def as_json(value: Any) -> str:
    """Return a nested value as text; what JSON has no word for is written as its own text."""
    return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> str:
    if isinstance(value, bytes | bytearray):
        return bytes(value).hex()
    return value.isoformat() if isinstance(value, datetime) else str(value)


def columns_of(documents: Iterable[Mapping[str, Any]]) -> tuple[RemoteColumn, ...]:
    """Return the columns that documents have together, in the order in which they first appear.

    Types are what the values of the sample are; a copy finds them out anew from all values.
    """
    seen: dict[str, dict[str, FieldType]] = {}
    for document in documents:
        for name, value in flattened(document).items():
            kinds = seen.setdefault(name, {})
            if value is not None:
                native, kind = _kind_of(value)
                kinds[native] = kind
    return tuple(
        RemoteColumn(name=name, native=" | ".join(kinds) or "null", type=_common(kinds.values()), stored_as="")
        for name, kinds in seen.items()
    )


def _kind_of(value: Any) -> tuple[str, FieldType]:
    for type_, kind, native in _KINDS:
        if isinstance(value, type_):
            return native, kind
    return type(value).__name__, FieldType.TEXT


def _common(kinds: Iterable[FieldType]) -> FieldType:
    """Return the type that holds all of them."""
    found = set(kinds)
    if len(found) == 1:
        return found.pop()
    return FieldType.DECIMAL if found == {FieldType.INTEGER, FieldType.DECIMAL} else FieldType.TEXT


def row_of(document: Mapping[str, Any], columns: Sequence[RemoteColumn]) -> tuple[Any, ...]:
    """Return a document as a row; a field that it lacks is empty."""
    values = flattened(document)
    return tuple(values.get(one.name) for one in columns)


def tops_of(columns: Sequence[RemoteColumn]) -> tuple[str, ...]:
    """Return the top-level fields that columns come from, each once."""
    return tuple(dict.fromkeys(one.name.partition(".")[0] for one in columns))
