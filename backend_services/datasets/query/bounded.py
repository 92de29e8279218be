"""Free SQL in children with hard limits: what a person wrote never runs in the process that serves the others."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from signal import SIGABRT, SIGXCPU
from typing import TYPE_CHECKING, Any, Final, Protocol

import structlog

from backend_services.datasets.query.errors import (
    QueryBusyError,
    QueryMemoryLimitError,
    QueryProcessEndedError,
    QueryTimeoutError,
    ResultTooLargeError,
    SourceUnreadableError,
)
from backend_services.datasets.query.refusals import OUT_OF_MEMORY, refusal
from backend_services.datasets.query.settings import get_query_settings
from backend_services.kernel.children.child import ChildEndedError
from backend_services.kernel.children.frames import FrameError
from backend_services.kernel.children.pool import BusyError, ChildKind, ChildPool, LateError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.datasets.query.settings import QuerySettings
    from backend_services.kernel.errors import DomainError

_MODULE: Final = "backend_services.datasets.query.statement"

log = structlog.get_logger(__name__)

_pool: ChildPool | None = None


class Taker(Protocol):
    """Takes an answer in a thread, piece by piece. What it raises ends the statement."""

    def begin(self, names: list[str], types: list[str]) -> None:
        """Take the columns: names, and what DuckDB calls their types."""

    def add(self, rows: Sequence[Sequence[Any]]) -> None:
        """Take further rows."""

    def add_lines(self, lines: Sequence[str]) -> None:
        """Take further rows as lines of CSV."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that the guard let through and rewrote.

    Attributes:
        path: The one file that it may read.
        columns: Of the file.
        zone: IANA name; instants are shown in it.
        most: Rows that are wanted at most.
        lines: Whether rows may come as lines of CSV.
    """

    path: str
    columns: tuple[str, ...]
    sql: str
    zone: str
    most: int
    lines: bool = False


def get_children() -> ChildPool:
    """Return this process's children for free SQL; none of them runs before the first statement."""
    global _pool  # noqa: PLW0603 - one pool a process is the point
    if _pool is None:
        _pool = ChildPool(_kind(get_query_settings()))
    return _pool


def close_children() -> None:
    """End this process's children; the next statement begins a new one."""
    global _pool  # noqa: PLW0603
    if _pool is not None:
        _pool.close()
        _pool = None


def _kind(settings: QuerySettings) -> ChildKind:
    longest_s = max(settings.timeout_s, settings.export_timeout_s)
    numbers = (settings.sql_memory_mb, settings.memory_mb, settings.threads, longest_s)
    return ChildKind(
        module=_MODULE,
        arguments=tuple(map(str, numbers)),
        most=settings.sql_processes,
        requests=settings.sql_statements,
        idle_s=settings.idle_s,
        waiting=settings.max_waiting,
        most_bytes=settings.max_result_bytes,
    )


async def run(statement: Statement, taker: Taker, *, timeout_s: float) -> None:
    """Run a statement in a child and hand its answer to ``taker``.

    Raises:
        QueryBusyError: Too many are waiting.
        QueryTimeoutError: It took longer than ``timeout_s``; its process was ended.
        QueryMemoryLimitError: It needed more memory than allowed.
        QueryProcessEndedError: Its process ended before it answered.
        ResultTooLargeError: One piece of the answer is larger than an answer may be.
        SourceUnreadableError: The file is missing or damaged.
        SqlFailedError: DuckDB cannot run it.
    """
    limit_mb = get_query_settings().sql_memory_mb
    reader = _Reader(taker, limit_mb=limit_mb)
    body = json.dumps(asdict(statement)).encode()
    try:
        await get_children().run(body, reader.take, about=statement.path, timeout_s=timeout_s)
    except BusyError as error:
        raise QueryBusyError(retry_after_s=1.0) from error
    except LateError as error:
        raise QueryTimeoutError(timeout_s) from error
    except FrameError as error:
        raise ResultTooLargeError from error
    except ChildEndedError as error:
        raise _ended(error, timeout_s=timeout_s, limit_mb=limit_mb) from error
    if reader.refused is not None:
        raise reader.refused


class _Reader:
    """Reads the pieces of an answer, in a thread."""

    def __init__(self, taker: Taker, *, limit_mb: int) -> None:
        self._taker = taker
        self._limit_mb = limit_mb
        self.refused: DomainError | None = None

    def take(self, part: bytes) -> None:
        match json.loads(part.decode("utf-8", "surrogatepass")):
            case ["columns", names, types]:
                self._taker.begin(names, types)
            case ["rows", rows]:
                self._taker.add(rows)
            case ["lines", lines]:
                self._taker.add_lines(lines)
            case ["failed", str(name), str(said)]:
                self._refuse(name, said)
            case ["unreadable", str(said)]:
                log.warning("dataset not readable", error=said.splitlines()[0] if said else "")
                self.refused = SourceUnreadableError()
            case other:
                raise FrameError(str(type(other)))

    def _refuse(self, name: str, said: str) -> None:
        self.refused = refusal(name, said, memory_mb=self._limit_mb)
        if name in OUT_OF_MEMORY:
            raise self.refused  # a child that had no memory left is not asked again


def _ended(error: ChildEndedError, *, timeout_s: float, limit_mb: int) -> DomainError:
    """Return what a process means that ended by itself: DuckDB aborts where it finds no memory to say so."""
    if error.number is SIGXCPU:
        return QueryTimeoutError(timeout_s)
    if error.number is SIGABRT or "bad_alloc" in error.complaint or "MemoryError" in error.complaint:
        return QueryMemoryLimitError(limit_mb)
    return QueryProcessEndedError()
