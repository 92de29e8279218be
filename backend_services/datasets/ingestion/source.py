"""A file as DuckDB reads it: a relation and, for each column, how it becomes typed values."""

from __future__ import annotations

from dataclasses import dataclass, field

from backend_services.datasets.ingestion.reading import Reading


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that was left out; see ``schemas.Reject``."""

    row: int
    reason: str
    column: str = ""
    content: str = ""


@dataclass(frozen=True, slots=True)
class SourceColumn:
    """A column of a relation.

    Attributes:
        expression: SQL of the raw value: a quoted name, or a path into nested data.
        name: In the stored table.
        original: In the file.
        native: The relation gives typed values; the reading only casts and cannot fail.
        spare: Made by a delimiter at the end of every line, it seems; left out when it is empty all the way down.
    """

    expression: str
    name: str
    original: str
    reading: Reading
    native: bool = False
    spare: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """What there is to convert.

    Attributes:
        relation: SQL of the rows, those left out that cannot be parted into columns.
        recording: The same, noting those rows in DuckDB's reject tables; empty where there are none.
        first_line: Lines of the file before the first data row.
        size_bytes: Of the file that the relation reads, where it is one of text.
        filled: SQL condition of the rows that hold anything; empty where all do.
        lenient: The same file read with less insistence on one kind of line end, should DuckDB refuse it.
        rejected: Rows left out before DuckDB saw them, counted in ``rejected_total``.
    """

    relation: str
    columns: tuple[SourceColumn, ...]
    recording: str = ""
    first_line: int = 0
    size_bytes: int = 0
    filled: str = ""
    lenient: Source | None = None
    rejected: tuple[RejectedRow, ...] = field(default=())
    rejected_total: int = 0
