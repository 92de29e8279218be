"""DuckDB, locked down: one database in memory for each stored version, which knows that one file and nothing else.

It may open exactly that file, cannot load extensions, write, reach the network or be unlocked again. Queries run
in threads, as many at a time as the settings say; one that takes too long or that nobody waits for is interrupted.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import duckdb
import structlog

from backend_services.datasets.query.errors import (
    QueryBusyError,
    QueryTimeoutError,
    SourceUnreadableError,
)
from backend_services.datasets.query.opening import locked_down
from backend_services.datasets.query.refusals import refusal
from backend_services.kernel.clock import monotonic_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend_services.datasets.query.settings import QuerySettings

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class FileKey:
    """Which stored version: the tenant is part of it, so no mistake of a caller shares a database between tenants."""

    tenant_id: str
    dataset_id: str
    version: int


@dataclass(slots=True)
class _Open:
    """An open database and who uses it."""

    connection: duckdb.DuckDBPyConnection
    users: int = 0
    used_at_s: float = 0.0
    evicted: bool = False


class DuckPool:
    """The open databases of a process, least recently used out first."""

    def __init__(self, settings: QuerySettings) -> None:
        """Take the limits; nothing is opened yet."""
        self._settings = settings
        self._lock = threading.Lock()
        self._open: OrderedDict[FileKey, _Open] = OrderedDict()
        self._executor = ThreadPoolExecutor(max_workers=settings.concurrency, thread_name_prefix="omni-query")
        self._waiting = 0

    @property
    def open_count(self) -> int:
        """Return how many databases are open."""
        return len(self._open)

    @property
    def memory_mb(self) -> int:
        """Return the memory that the queries on one database may use together, in MB."""
        return self._settings.memory_mb

    async def run(
        self,
        key: FileKey,
        path: Path,
        columns: tuple[str, ...],
        work: Callable[[duckdb.DuckDBPyConnection], Answer],
        *,
        timeout_s: float,
    ) -> Answer:
        """Run ``work`` on a cursor of the database of ``key`` in a thread and return what it returns.

        Raises:
            QueryBusyError: Too many are waiting.
            QueryTimeoutError: It took longer than ``timeout_s``.
            QueryMemoryError: It needed more memory than allowed.
            SourceUnreadableError: The file is missing or damaged.
            SqlFailedError: DuckDB cannot run it.
        """
        if self._waiting >= self._settings.max_waiting:
            raise QueryBusyError(retry_after_s=1.0)
        self._waiting += 1
        task = _Task(self, key, path, columns, timeout_s=timeout_s)
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._executor, task.run, work)
        loop.call_later(self._settings.idle_s + timeout_s, self.close_idle)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            task.cancel()
            future.cancel()
            with contextlib.suppress(Exception):
                await asyncio.wait({future}, timeout=1.0)
            raise
        finally:
            self._waiting -= 1

    def acquire(self, key: FileKey, path: Path, columns: tuple[str, ...]) -> _Open:
        """Return the open database of ``key``, opening it first if needed. Give it back with :meth:`release`."""
        with self._lock:
            found = self._open.get(key)
            if found is None:
                found = _Open(_opened(path, columns, self._settings))
                self._open[key] = found
            self._open.move_to_end(key)
            found.users += 1
            found.used_at_s = monotonic_s()
            while len(self._open) > self._settings.pool_size:
                _, oldest = self._open.popitem(last=False)
                _evict(oldest)
            return found

    def release(self, opened: _Open) -> None:
        """Give a database back."""
        with self._lock:
            opened.users -= 1
            opened.used_at_s = monotonic_s()
            if opened.evicted and opened.users == 0:
                opened.connection.close()

    def close_idle(self) -> None:
        """Close databases that nobody has used for a while, and give their memory back."""
        before_s = monotonic_s() - self._settings.idle_s
        with self._lock:
            for key in [key for key, one in self._open.items() if one.users == 0 and one.used_at_s <= before_s]:
                _evict(self._open.pop(key))

    def close(self) -> None:
        """Close everything; a query that still runs keeps its database until it ends."""
        with self._lock:
            while self._open:
                _evict(self._open.popitem()[1])
        self._executor.shutdown(wait=False, cancel_futures=True)


def _evict(opened: _Open) -> None:
    opened.evicted = True
    if opened.users == 0:
        opened.connection.close()


def _opened(path: Path, columns: tuple[str, ...], settings: QuerySettings) -> duckdb.DuckDBPyConnection:
    try:
        return locked_down(path, columns, threads=settings.threads, memory_mb=settings.memory_mb)
    except duckdb.Error as error:
        log.warning("dataset not readable", path=path.name, error=str(error))
        raise SourceUnreadableError from error


class _Task:
    """One query on its way through a thread."""

    def __init__(self, pool: DuckPool, key: FileKey, path: Path, columns: tuple[str, ...], *, timeout_s: float) -> None:
        self._pool = pool
        self._source = (key, path, columns)
        self._timeout_s = timeout_s
        self._cancelled = threading.Event()
        self._late = threading.Event()
        self._cursor: duckdb.DuckDBPyConnection | None = None

    def cancel(self) -> None:
        """Stop the query, or keep it from beginning."""
        self._cancelled.set()
        if self._cursor is not None:
            self._cursor.interrupt()

    def _expire(self) -> None:
        self._late.set()
        if self._cursor is not None:
            self._cursor.interrupt()

    def run(self, work: Callable[[duckdb.DuckDBPyConnection], Answer]) -> Answer:
        """Do the work in this thread."""
        opened = self._pool.acquire(*self._source)
        timer = threading.Timer(self._timeout_s, self._expire)
        timer.daemon = True
        try:
            with contextlib.closing(opened.connection.cursor()) as cursor:
                self._cursor = cursor
                if self._cancelled.is_set():
                    raise asyncio.CancelledError
                timer.start()
                return work(cursor)
        except duckdb.InterruptException as error:
            if self._late.is_set():
                raise QueryTimeoutError(self._timeout_s) from error
            raise asyncio.CancelledError from error
        except duckdb.Error as error:
            raise refusal(type(error).__name__, str(error), memory_mb=self._pool.memory_mb) from error
        finally:
            timer.cancel()
            self._cursor = None
            self._pool.release(opened)
