"""A DuckDB of its own for one conversion: limited in memory, threads and time, and it can be stopped."""

from __future__ import annotations

import errno
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb

from backend_services.datasets.errors import BadFileError, DiskFullError, IngestionTooSlowError, TooManyColumnsError
from backend_services.datasets.settings import DatasetSettings
from backend_services.kernel.clock import monotonic_s

_FULL_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FULL_SIGNS = ("No space left on device", "Disk quota exceeded", "File too large", "max_temp_directory_size")


class ConversionStoppedError(Exception):
    """The conversion was told to stop; whoever told knows why."""


def is_disk_full(error: BaseException) -> bool:
    """Return whether an exception means that there is no room left."""
    if isinstance(error, OSError):
        return error.errno in _FULL_ERRNOS
    return isinstance(error, duckdb.Error) and any(sign in str(error) for sign in _FULL_SIGNS)


class Engine:
    """Runs statements; ``stop`` may be called from another thread."""

    def __init__(self, *, temp_dir: Path, settings: DatasetSettings) -> None:
        self._connection = duckdb.connect(
            ":memory:",
            config={
                "threads": settings.threads,
                "async_threads": 0,  # a COPY that fails while these still write may wait for ever (duckdb#23885)
                "memory_limit": f"{settings.memory_mb}MB",
                "temp_directory": str(temp_dir / "spill"),
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
                "enable_external_file_cache": "false",
            },
        )
        for setting in ("enable_progress_bar = true", "enable_progress_bar_print = false", "TimeZone = 'UTC'"):
            self._connection.execute(f"SET {setting}")
        self._threads = settings.threads
        self._deadline_s = monotonic_s() + settings.timeout_s
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._closed = False
        self._base = 0.0
        self._share = 0.0
        self._most = 0.0

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the database."""
        with self._lock:
            self._closed = True
            self._connection.close()

    def stage(self, base: float, share: float) -> None:
        """Say which stretch of the whole work the next statements are, both between 0 and 1."""
        self._base, self._share = base, share

    @property
    def fraction(self) -> float:
        """How much of the whole work is done; never less than it was."""
        within = 0.0
        with self._lock:
            if not self._closed and not self._stopped.is_set():
                within = max(0.0, self._connection.query_progress()) / 100.0
        self._most = max(self._most, min(1.0, self._base + self._share * min(1.0, within)))
        return self._most

    def stop(self) -> None:
        """End the running statement and refuse further ones."""
        self._stopped.set()
        with self._lock:
            if not self._closed:
                self._connection.interrupt()

    def check_time(self) -> None:
        """End the running statement when the time is over; called while it runs."""
        if monotonic_s() > self._deadline_s:
            self.stop()

    def one_thread(self) -> None:
        """Run the next statements on one thread, which keeps the order of rows."""
        self.run("SET threads = 1")

    def all_threads(self) -> None:
        """Run the next statements on as many threads as the settings allow."""
        self.run(f"SET threads = {self._threads}")

    def run(self, sql: str, parameters: list[object] | None = None) -> list[tuple[object, ...]]:
        """Run a statement and return its rows.

        Raises:
            ConversionStoppedError: ``stop`` was called.
            DiskFullError: There is no room left.
            IngestionTooSlowError: The time is over.
            BadFileError: DuckDB cannot read the file.
        """
        self.raise_if_stopped()
        try:
            return self._connection.execute(sql, parameters).fetchall()
        except duckdb.InterruptException:
            self.raise_if_stopped()
            raise
        except duckdb.Error as error:
            if is_disk_full(error):
                raise DiskFullError from error
            raise

    def raise_if_stopped(self) -> None:
        """Refuse to go on after ``stop``."""
        if monotonic_s() > self._deadline_s:
            raise IngestionTooSlowError
        if self._stopped.is_set():
            raise ConversionStoppedError

    def describe(self, relation: str, *, max_columns: int) -> list[tuple[str, str]]:
        """Return name and type of each column of a relation.

        Raises:
            BadFileError: It cannot be read.
            TooManyColumnsError: There are more than ``max_columns``.
        """
        try:
            rows = self.run(f"DESCRIBE SELECT * FROM {relation}")  # noqa: S608 - made by this package
        except duckdb.Error as error:
            raise BadFileError from error
        if len(rows) > max_columns:
            raise TooManyColumnsError(params={"limit": max_columns})
        return [(str(row[0]), str(row[1])) for row in rows]
