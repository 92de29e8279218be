"""SQLite files that a person uploaded. The file never changes, so nothing of it is locked or written."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote

from backend_services.datasets.catalogue import FieldType
from backend_services.datasets.connections.errors import ServerError, ServerTimeoutError, SqliteFileError
from backend_services.datasets.connections.ports import Reader, RemoteColumn, RemoteTable, ServerFacts, Since, Target
from backend_services.datasets.naming import quoted
from backend_services.kernel.clock import monotonic_s

HEADER: Final = b"SQLite format 3\x00"
_STEPS: Final = 20_000
_MAX_VALUE_BYTES: Final = 32_000_000
_TABLES: Final = (
    "SELECT name, type = 'view' FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' "
    "ESCAPE '\\' ORDER BY name LIMIT ?"
)
Done = TypeVar("Done")


def check_header(path: Path) -> None:
    """Refuse a file that does not begin as a SQLite database does.

    Raises:
        SqliteFileError: It is something else, or encrypted.
    """
    with path.open("rb") as file:
        if file.read(len(HEADER)) != HEADER:
            raise SqliteFileError


async def connect(target: Target, *, connect_timeout_s: float, timeout_s: float) -> Reader:
    """Open the file, read-only, in a thread of its own."""
    del connect_timeout_s
    if target.path is None:
        raise SqliteFileError
    reader = SqliteReader(target.path, timeout_s=timeout_s)
    try:
        await reader.facts()
    except BaseException:
        await reader.close()
        raise
    return reader


class SqliteReader:
    """An open SQLite file."""

    def __init__(self, path: Path, *, timeout_s: float) -> None:
        """Read ``path``; no statement runs longer than ``timeout_s``."""
        self._path = path
        self._timeout_s = timeout_s
        self._until_s = 0.0
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        self._connection: sqlite3.Connection | None = None

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None:
            return self._connection
        check_header(self._path)
        address = f"file:{quote(str(self._path))}?mode=ro&immutable=1"
        connection = sqlite3.connect(address, uri=True)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_VALUE_BYTES)
        connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        for pragma in ("query_only = ON", "trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0"):
            connection.execute(f"PRAGMA {pragma}")
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        connection.set_progress_handler(lambda: monotonic_s() > self._until_s, _STEPS)
        self._connection = connection
        return connection

    async def _run(self, work: Callable[[sqlite3.Connection], Done]) -> Done:
        def guarded() -> Done:
            self._until_s = monotonic_s() + self._timeout_s
            try:
                return work(self._open())
            except sqlite3.OperationalError as error:
                if "interrupted" in str(error):
                    raise ServerTimeoutError from error
                raise ServerError(params={"reason": str(error)[:300]}) from error
            except (sqlite3.Error, OverflowError) as error:
                raise SqliteFileError from error

        return await asyncio.get_running_loop().run_in_executor(self._thread, guarded)

    async def facts(self) -> ServerFacts:
        """Return which library reads the file; the file itself is never written."""
        await self._run(lambda one: one.execute("SELECT count(*) FROM sqlite_master").fetchone())
        return ServerFacts(version=f"SQLite {sqlite3.sqlite_version}", can_write=False)

    async def tables(self, *, limit: int) -> tuple[RemoteTable, ...]:
        """Return the tables and views."""
        rows = await self._run(lambda one: one.execute(_TABLES, (limit,)).fetchall())
        return tuple(RemoteTable(schema="", name=name, is_view=bool(view), rows=None) for name, view in rows)

    async def columns(self, schema: str, table: str) -> tuple[RemoteColumn, ...]:
        """Return the columns of a table; SQLite's types are hints, so what the values are is found when copying."""
        del schema
        rows = await self._run(
            lambda one: one.execute("SELECT name, type FROM pragma_table_info(?) ORDER BY cid", (table,)).fetchall()
        )
        return tuple(RemoteColumn(name=name, native=kind, type=_hinted(kind), stored_as="") for name, kind in rows)

    async def rows(
        self, schema: str, table: str, columns: Sequence[RemoteColumn], *, size: int, since: Since | None = None
    ) -> AsyncGenerator[Sequence[Sequence[Any]]]:
        """Yield the rows of a table, always all of them: the file never changes."""
        del schema, since
        chosen = ", ".join(quoted(one.name) for one in columns)
        sql = f"SELECT {chosen} FROM {quoted(table)}"  # noqa: S608 - quoted names
        cursor = await self._run(lambda one: one.execute(sql))
        while part := await self._run(lambda _: cursor.fetchmany(size)):
            yield part

    async def close(self) -> None:
        """Close the file and end the thread."""

        def close() -> None:
            if self._connection is not None:
                self._connection.close()

        self._until_s = 0.0
        await asyncio.get_running_loop().run_in_executor(self._thread, close)
        self._thread.shutdown(wait=False)


def _hinted(native: str) -> FieldType:
    """Return the type that a declaration hints at (https://sqlite.org/datatype3.html §3.1, and the usual words)."""
    word = native.upper()
    for part, kind in (
        ("BOOL", FieldType.BOOLEAN), ("DATETIME", FieldType.DATETIME), ("TIMESTAMP", FieldType.DATETIME),
        ("DATE", FieldType.DATE), ("INT", FieldType.INTEGER), ("REAL", FieldType.DECIMAL), ("FLOA", FieldType.DECIMAL),
        ("DOUB", FieldType.DECIMAL), ("DEC", FieldType.DECIMAL), ("NUM", FieldType.DECIMAL),
    ):  # fmt: skip
        if part in word:
            return kind
    return FieldType.TEXT
