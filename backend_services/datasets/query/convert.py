"""From the engines' values to values of an answer. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from backend_services.datasets.catalogue import FieldType
from backend_services.datasets.query.cells import Cell, cell_converter
from backend_services.datasets.query.errors import ResultTooLargeError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

Row = tuple[Cell, ...]

Types = dict[str, FieldType]
_TYPES: Final[Types] = {
    "BIGINT": FieldType.INTEGER,
    "BOOLEAN": FieldType.BOOLEAN,
    "DATE": FieldType.DATE,
    "DECIMAL": FieldType.DECIMAL,
    "DOUBLE": FieldType.DECIMAL,
    "FLOAT": FieldType.DECIMAL,
    "HUGEINT": FieldType.INTEGER,
    "INTEGER": FieldType.INTEGER,
    "NUMBER": FieldType.DECIMAL,
    "SMALLINT": FieldType.INTEGER,
    "TINYINT": FieldType.INTEGER,
    "UBIGINT": FieldType.INTEGER,
    "UHUGEINT": FieldType.INTEGER,
    "UINTEGER": FieldType.INTEGER,
    "USMALLINT": FieldType.INTEGER,
    "UTINYINT": FieldType.INTEGER,
}


def type_named(name: str) -> FieldType:
    """Return the type of a column that the engine calls ``name``, such as ``DECIMAL(18,2)``."""
    bare = name.upper().split("(", maxsplit=1)[0].strip()
    if bare.startswith(("TIMESTAMP", "DATETIME")):
        return FieldType.DATETIME
    return _TYPES.get(bare, FieldType.TEXT)


def type_of_values(values: Iterable[Any]) -> FieldType:
    """Return the type of a column whose engine does not name it, from the first value that is not empty."""
    first = next((value for value in values if value is not None), None)
    for known, kind in _PYTHON_TYPES:
        if isinstance(first, known):
            return kind
    return FieldType.TEXT


_PYTHON_TYPES: Final[tuple[tuple[type, FieldType], ...]] = (
    (bool, FieldType.BOOLEAN),
    (int, FieldType.INTEGER),
    (float, FieldType.DECIMAL),
    (Decimal, FieldType.DECIMAL),
    (datetime, FieldType.DATETIME),
    (date, FieldType.DATE),
)


class Rows:
    """The rows of an answer as they come in, as long as their texts are not too long together."""

    def __init__(self, *, zone: ZoneInfo, max_bytes: int) -> None:
        """Begin with none."""
        self._convert = cell_converter(zone)
        self._room = max_bytes
        self._rows: list[Row] = []

    def add(self, rows: Iterable[Sequence[Any]]) -> None:
        """Take further rows in.

        Raises:
            ResultTooLargeError: The texts are longer than allowed together.
        """
        for row in rows:
            found = tuple(map(self._convert, row))
            self._room -= sum(len(value) for value in found if isinstance(value, str))
            if self._room < 0:
                raise ResultTooLargeError
            self._rows.append(found)

    def all(self) -> tuple[Row, ...]:
        """Return what came in."""
        return tuple(self._rows)


def rows_of(rows: Iterable[Sequence[Any]], *, zone: ZoneInfo, max_bytes: int) -> tuple[Row, ...]:
    """Return ``rows`` as an answer carries them.

    Raises:
        ResultTooLargeError: Their texts are longer than ``max_bytes`` together.
    """
    found = Rows(zone=zone, max_bytes=max_bytes)
    found.add(rows)
    return found.all()


def iso_utc(at: datetime) -> str:
    """Return an instant as ISO text in UTC."""
    return at.astimezone(UTC).isoformat()
