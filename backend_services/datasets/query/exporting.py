"""Answers as files: CSV and XLSX, written row by row to a file without a name and sent in pieces."""

from __future__ import annotations

import asyncio
import codecs
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

import xlsxwriter

from backend_services.datasets.query import postgres
from backend_services.datasets.query.convert import cell_converter
from backend_services.datasets.query.execution import in_duckdb
from backend_services.datasets.query.schemas import ExportFormat
from backend_services.datasets.query.settings import get_query_settings
from backend_services.kernel.i18n import format_number, text
from backend_services.kernel.tabular import safe_cell

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from backend_services.datasets.catalogue import Freshness
    from backend_services.datasets.query.compile import Compiled, View
    from backend_services.kernel.actor import Actor

_ROWS_AT_A_TIME: Final = 2_000
_ROWS_AT_A_TIME_LIVE: Final = 200
_PIECE_BYTES: Final = 1 << 18
_MAX_CELL: Final = 32_767
"""Longest text of a cell in XLSX (ECMA-376 leaves it open; Excel's own limit)."""


@dataclass(frozen=True, slots=True)
class About:
    """What a file says about itself."""

    freshness: Freshness
    sql: str
    language: str
    byte_order_mark: bool


class _Writer(Protocol):
    """Takes a table row by row."""

    def header(self, names: Sequence[str]) -> None: ...

    def rows(self, rows: Iterable[Sequence[Any]]) -> None: ...

    def close(self, *, truncated_at: int | None) -> None: ...


async def write(
    actor: Actor, view: View, compiled: Compiled, about: About, *, export_format: ExportFormat
) -> AsyncIterator[bytes]:
    """Run the query, write all of its answer to a file, and return the file in pieces."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the iterator below, or here when the query fails
    try:
        writer: _Writer = _Csv(file, about) if export_format is ExportFormat.CSV else _Xlsx(file, about)
        labels = export_format is ExportFormat.XLSX
        sink = _Sink(writer, compiled, view, labels=labels)
        timeout_s = get_query_settings().export_timeout_s
        if view.source.live:
            await _from_postgres(actor, compiled, sink, timeout_s=timeout_s)
        else:
            await in_duckdb(view, lambda cursor: _from_duckdb(cursor, compiled, sink), timeout_s=timeout_s)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return _pieces(file)


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
            yield piece


def _from_duckdb(cursor: DuckDBPyConnection, compiled: Compiled, sink: _Sink) -> None:
    cursor.execute(compiled.sql)
    sink.begin([str(one[0]) for one in cursor.description or []])
    while part := cursor.fetchmany(_ROWS_AT_A_TIME):
        sink.add(part)
    sink.end()


async def _from_postgres(actor: Actor, compiled: Compiled, sink: _Sink, *, timeout_s: float) -> None:
    asked = postgres.bounded(compiled.sql) if compiled.is_free else compiled.sql
    parts = postgres.stream(actor, asked, timeout_s=timeout_s, size=_ROWS_AT_A_TIME_LIVE)
    sink.begin([str(name) for name in (await anext(parts))[0]])
    async for part in parts:
        await asyncio.to_thread(sink.add, part)
    await asyncio.to_thread(sink.end)


class _Sink:
    """Counts and converts rows on their way to the writer."""

    def __init__(self, writer: _Writer, compiled: Compiled, view: View, *, labels: bool) -> None:
        self._writer = writer
        self._limit = compiled.limit
        self._labels = [one.label for one in compiled.columns] if labels else []
        self._convert = cell_converter(view.zone)
        self._count = 0

    def begin(self, names: list[str]) -> None:
        self._writer.header(self._labels or names)

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        room = max(0, self._limit - self._count)
        self._writer.rows(tuple(map(self._convert, row)) for row in rows[:room])
        self._count += len(rows)

    def end(self) -> None:
        self._writer.close(truncated_at=self._limit if self._count > self._limit else None)


def _statement(about: About, rows: int) -> str:
    return text("query.export_truncated", about.language, rows=format_number(rows, about.language))


def _written(value: Any) -> object:
    return str(value).lower() if isinstance(value, bool) else safe_cell(value)


class _Csv:
    """RFC 4180, UTF-8, decimal points, ISO dates: the same file for every language."""

    def __init__(self, file: IO[bytes], about: About) -> None:
        self._about = about
        if about.byte_order_mark:
            file.write(codecs.BOM_UTF8)
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
        self._csv = csv.writer(self._text)

    def header(self, names: Sequence[str]) -> None:
        self._csv.writerow([safe_cell(name) for name in names])

    def rows(self, rows: Iterable[Sequence[Any]]) -> None:
        self._csv.writerows([_written(value) for value in row] for row in rows)

    def close(self, *, truncated_at: int | None) -> None:
        if truncated_at is not None:
            self._csv.writerow([_statement(self._about, truncated_at)])
        self._text.flush()
        self._text.detach()


class _Xlsx:
    """A workbook of two sheets: the data, and where they come from. Texts are never formulas or links."""

    def __init__(self, file: IO[bytes], about: About) -> None:
        self._about = about
        self._book = xlsxwriter.Workbook(
            file,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "nan_inf_to_errors": True,
            },
        )
        self._sheet = self._book.add_worksheet(text("query.export_sheet_data", about.language))
        self._bold = self._book.add_format({"bold": True})
        self._next = 0

    def header(self, names: Sequence[str]) -> None:
        for index, name in enumerate(names):
            self._sheet.write_string(0, index, name[:_MAX_CELL], self._bold)
        self._sheet.freeze_panes(1, 0)
        self._next = 1

    def rows(self, rows: Iterable[Sequence[Any]]) -> None:
        for row in rows:
            for index, value in enumerate(row):
                self._cell(index, value)
            self._next += 1

    def _cell(self, index: int, value: Any) -> None:
        match value:
            case None:
                return
            case bool():
                self._sheet.write_boolean(self._next, index, value)
            case int() | float():
                self._sheet.write_number(self._next, index, value)
            case _:
                self._sheet.write_string(self._next, index, str(value)[:_MAX_CELL])

    def close(self, *, truncated_at: int | None) -> None:
        about = self._about
        sheet = self._book.add_worksheet(text("query.export_sheet_source", about.language))
        lines = [
            about.freshness.dataset_name,
            text("query.export_version", about.language, version=about.freshness.dataset_version),
            text("query.export_as_of", about.language, instant=about.freshness.data_as_of),
            about.sql[:_MAX_CELL],
        ]
        if truncated_at is not None:
            lines.insert(0, _statement(about, truncated_at))
        for index, line in enumerate(lines):
            sheet.write_string(index, 0, line)
        self._book.close()
