"""Answers as files: CSV and XLSX, written piece by piece to a file without a name, and sent from it."""

from __future__ import annotations

import asyncio
import codecs
import csv
import io
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

import xlsxwriter

from backend_services.datasets.query import postgres
from backend_services.datasets.query.cells import cell_converter
from backend_services.datasets.query.execution import in_child, in_duckdb
from backend_services.datasets.query.following import Growth, following, left
from backend_services.datasets.query.lines import csv_lines
from backend_services.datasets.query.schemas import ExportFormat
from backend_services.datasets.query.settings import get_query_settings
from backend_services.kernel.i18n import format_number, text
from backend_services.kernel.tabular import safe_cell

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from backend_services.datasets.catalogue import Freshness, QueryResult
    from backend_services.datasets.query.compile import Compiled
    from backend_services.datasets.query.view import View
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
    """Run the query and return its answer as a file, in pieces.

    The answer goes to a file without a name, so that a slow reader keeps no query waiting. CSV is sent while it is
    written; what fails after the first piece breaks the transfer off, so that half a file never looks like a whole.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the iterator below, or here when the query fails
    growth, is_csv = Growth(), export_format is ExportFormat.CSV
    writing = asyncio.ensure_future(_written_to(file, growth, actor, view, compiled, about, is_csv=is_csv))
    try:
        await growth.until(writing, file, most=_PIECE_BYTES if is_csv else None)
    except BaseException:
        await left(writing, file)
        raise
    return following(file, writing, growth, size=_PIECE_BYTES)


async def write_answer(answer: QueryResult, about: About, *, export_format: ExportFormat) -> AsyncIterator[bytes]:
    """Return an answer as a file, in pieces; its values are those of an answer already."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by the iterator below, or here when writing fails
    growth = Growth()
    writing = asyncio.ensure_future(asyncio.to_thread(_whole, file, growth, answer, about, export_format))
    try:
        await growth.until(writing, file, most=None)
    except BaseException:
        await left(writing, file)
        raise
    return following(file, writing, growth, size=_PIECE_BYTES)


def _whole(file: IO[bytes], growth: Growth, answer: QueryResult, about: About, export_format: ExportFormat) -> None:
    is_csv = export_format is ExportFormat.CSV
    writer: _Writer = _Csv(file, about, growth) if is_csv else _Xlsx(file, about)
    writer.header([one.name if is_csv else one.label for one in answer.columns])
    writer.rows(answer.rows)
    writer.close(truncated_at=len(answer.rows) if answer.truncated else None)


async def _written_to(
    file: IO[bytes], growth: Growth, actor: Actor, view: View, compiled: Compiled, about: About, *, is_csv: bool
) -> None:
    sink: _Sink
    if is_csv:
        sink = lined = _CsvSink(_Csv(file, about, growth), compiled, view)
        read = partial(_lines_from_duckdb, compiled=compiled, sink=lined)
    else:
        sink = _Sink(_Xlsx(file, about), compiled, view, labels=True)
        read = partial(_from_duckdb, compiled=compiled, sink=sink)
    timeout_s = get_query_settings().export_timeout_s
    if view.source.live:
        await _from_postgres(actor, compiled, sink, timeout_s=timeout_s)
    elif compiled.is_free:
        most = compiled.limit + 1
        await in_child(view, compiled.sql, sink, most=most, timeout_s=timeout_s, lines=is_csv)
        await asyncio.to_thread(sink.end)
    else:
        await in_duckdb(view, read, timeout_s=timeout_s)


def _from_duckdb(cursor: DuckDBPyConnection, compiled: Compiled, sink: _Sink) -> None:
    cursor.execute(compiled.sql)
    sink.begin([str(one[0]) for one in cursor.description or []])
    while part := cursor.fetchmany(_ROWS_AT_A_TIME):
        sink.add(part)
    sink.end()


def _lines_from_duckdb(cursor: DuckDBPyConnection, compiled: Compiled, sink: _CsvSink) -> None:
    """Let DuckDB write the lines, where it writes them as Python does."""
    described = cursor.execute(f"DESCRIBE {compiled.sql}").fetchall()
    statement = csv_lines(compiled.sql, [str(one[1]) for one in described])
    if statement is None:
        _from_duckdb(cursor, compiled, sink)
        return
    cursor.execute(statement)
    sink.begin([str(one[0]) for one in described])
    while part := cursor.fetchmany(_ROWS_AT_A_TIME):
        sink.add_lines([str(line) for (line,) in part])
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

    def begin(self, names: list[str], types: Sequence[str] = ()) -> None:
        del types  # a file says no types
        self._writer.header(self._labels or names)

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        room = max(0, self._limit - self._count)
        self._writer.rows(tuple(map(self._convert, row)) for row in rows[:room])
        self._count += len(rows)

    def add_lines(self, lines: Sequence[str]) -> None:
        msg = f"{len(lines)} lines came where rows were asked for"
        raise TypeError(msg)

    def end(self) -> None:
        self._writer.close(truncated_at=self._limit if self._count > self._limit else None)


class _CsvSink(_Sink):
    """Takes whole lines too."""

    def __init__(self, writer: _Csv, compiled: Compiled, view: View) -> None:
        super().__init__(writer, compiled, view, labels=False)
        self._csv = writer

    def add_lines(self, lines: Sequence[str]) -> None:
        self._csv.lines(lines[: max(0, self._limit - self._count)])
        self._count += len(lines)


def _statement(about: About, rows: int) -> str:
    return text("query.export_truncated", about.language, rows=format_number(rows, about.language))


def _written(value: Any) -> object:
    return str(value).lower() if isinstance(value, bool) else safe_cell(value)


class _Csv:
    """RFC 4180, UTF-8, decimal points, ISO dates: the same file for every language."""

    def __init__(self, file: IO[bytes], about: About, growth: Growth) -> None:
        self._about = about
        self._growth = growth
        if about.byte_order_mark:
            file.write(codecs.BOM_UTF8)
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
        self._csv = csv.writer(self._text)

    def header(self, names: Sequence[str]) -> None:
        self._csv.writerow([safe_cell(name) for name in names])

    def rows(self, rows: Iterable[Sequence[Any]]) -> None:
        self._csv.writerows([_written(value) for value in row] for row in rows)
        self._grown()

    def lines(self, lines: Iterable[str]) -> None:
        self._text.writelines(lines)
        self._grown()

    def _grown(self) -> None:
        self._text.flush()
        self._growth.note()

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
