"""What an incremental copy reads, and when it reads everything after all. Pure.

A column whose values only grow says what is new. A copy reads again from a little before the greatest value that it
has (the overlap) and replaces that part of the table, so rows that came late or were corrected there are right too.
Rows that are older and change later are seen by a full copy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from backend_services.datasets.catalogue import FieldType
from backend_services.datasets.connections.errors import CursorColumnError
from backend_services.datasets.connections.ports import Since
from backend_services.datasets.connections.schemas import CopyMode
from backend_services.datasets.naming import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.datasets.connections.ports import RemoteColumn

Value = int | date | datetime
CURSOR_TYPES: Final = frozenset({FieldType.INTEGER, FieldType.DATE, FieldType.DATETIME})
_DAY_S: Final = 86_400


class Reason(StrEnum):
    """Why a copy that should be incremental read everything."""

    FIRST = "first"
    COLUMNS_CHANGED = "columns_changed"
    VERSION_REPLACED = "version_replaced"
    NONE = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the present version is known to hold; from the history of copying.

    Attributes:
        file_key: Of the version's Parquet file.
    """

    cursor_column: str
    watermark: str | None
    signature: list[list[str]]
    file_key: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What one copying did, as the history keeps it.

    Attributes:
        watermark: Greatest value of the cursor column so far, as text.
        read_rows: Rows that the server sent; ``rows`` is how many the version has.
    """

    mode: CopyMode
    reason: Reason
    cursor_column: str
    watermark: str | None
    signature: list[list[str]]
    read_rows: int
    rows: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a copy reads.

    Attributes:
        cursor: The column whose greatest value is noted; ``None`` for full copies.
        since: Where to begin; ``None`` for everything.
        kept: What is taken over from the present version up to there.
    """

    cursor: RemoteColumn | None = None
    since: Since | None = None
    kept: Kept | None = None
    reason: Reason = Reason.NONE


def signature_of(columns: Sequence[RemoteColumn]) -> list[list[str]]:
    """Return what must stay the same for a version to be gone on from."""
    return [[one.name, one.native, one.stored_as] for one in columns]


def plan_of(
    columns: Sequence[RemoteColumn], *, cursor_column: str, overlap: int, kept: Kept | None, has_version: bool
) -> Plan:
    """Return what to read of a table with ``columns`` when ``kept`` is there already.

    Raises:
        CursorColumnError: The column is not there, or its values cannot tell what is new.
    """
    cursor = next((one for one in columns if one.name == cursor_column), None)
    if cursor is None or cursor.type not in CURSOR_TYPES or not all(one.stored_as for one in columns):
        raise CursorColumnError(params={"column": cursor_column})
    if kept is None:
        return Plan(cursor=cursor, reason=Reason.VERSION_REPLACED if has_version else Reason.FIRST)
    if kept.signature != signature_of(columns):
        return Plan(cursor=cursor, reason=Reason.COLUMNS_CHANGED)
    if kept.cursor_column != cursor_column or kept.watermark is None:
        return Plan(cursor=cursor, reason=Reason.FIRST)
    since = Since(column=cursor, value=before(parsed(kept.watermark, cursor.type), overlap))
    return Plan(cursor=cursor, since=since, kept=kept)


def before(value: Value, overlap: int) -> Value:
    """Return where to begin reading: ``overlap`` before ``value``, in seconds for times and in units for numbers."""
    try:
        match value:
            case datetime():
                return value - timedelta(seconds=overlap)
            case date():
                return value - timedelta(days=-(-overlap // _DAY_S))
            case _:
                return value - overlap
    except OverflowError:
        return value.replace(year=1, month=1, day=2)  # type: ignore[union-attr] # only times overflow


def greatest(values: Sequence[Any], *, than: Value | None) -> Value | None:
    """Return the greatest of ``values`` and ``than``; what is empty does not count."""
    there = [one for one in values if one is not None]
    if than is not None:
        there.append(than)
    return max(there, default=None)


def written(value: Value | None) -> str | None:
    """Return a value as it is kept with the history."""
    return None if value is None else str(value)


def parsed(text: str, kind: FieldType) -> Value:
    """Return a kept value; times with an offset stay instants."""
    match kind:
        case FieldType.DATE:
            return date.fromisoformat(text)
        case FieldType.DATETIME:
            return datetime.fromisoformat(text)
        case _:
            return int(text)


def merged_sql(columns: Sequence[tuple[str, RemoteColumn]], *, old: str, new: str, since: Since) -> str:
    """Return the query over two Parquet files: what is before ``since`` in the old one, and all of the new one.

    ``columns`` are pairs of the stored name and the server's column.
    """
    name = next(stored for stored, one in columns if one.name == since.column.name)
    kept = ", ".join(f"CAST({quoted(stored)} AS {one.stored_as}) AS {quoted(stored)}" for stored, one in columns)
    fresh = ", ".join(quoted(stored) for stored, _ in columns)
    bound = f"CAST({literal(str(since.value))} AS {since.column.stored_as})"
    return (
        f"SELECT {kept} FROM read_parquet({literal(old)}) "  # noqa: S608 - quoted
        f"WHERE CAST({quoted(name)} AS {since.column.stored_as}) < {bound} "
        f"UNION ALL SELECT {fresh} FROM read_parquet({literal(new)})"
    )
