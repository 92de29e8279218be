"""What DuckDB's errors mean to the person who asked."""

from __future__ import annotations

from typing import Final

import structlog

from backend_services.datasets.query.errors import QueryMemoryLimitError, SourceUnreadableError, SqlFailedError
from backend_services.datasets.query.growth import TOO_LONG
from backend_services.kernel.errors import DomainError

log = structlog.get_logger(__name__)

OUT_OF_MEMORY: Final = frozenset({"OutOfMemoryException", "MemoryError"})
_UNREADABLE: Final = "IOException"
_OF_FILES_TOO: Final = frozenset({"InvalidInputException", "SerializationException"})
"""Raised for damaged files and for bad input alike."""
_OF_FILES: Final = ("parquet", "thrift", "snappy")
_LONGEST: Final = 300


def refusal(name: str, said: str, *, memory_mb: int) -> DomainError:
    """Return the refusal for the exception of this ``name``, which ``said`` something, under a limit of memory."""
    if name in OUT_OF_MEMORY:
        return QueryMemoryLimitError(memory_mb)
    text = said.lower()
    if name == _UNREADABLE or (name in _OF_FILES_TOO and any(one in text for one in _OF_FILES)):
        log.warning("dataset not readable", error=said.splitlines()[0] if said else name)
        return SourceUnreadableError()
    return _failed(said)


def _failed(said: str) -> SqlFailedError:
    """Return the refusal for a query that DuckDB cannot run: its first sentence, without paths or positions."""
    if TOO_LONG in said:
        return SqlFailedError(reason=TOO_LONG)
    first = said.split("\n\nLINE", maxsplit=1)[0].strip()
    return SqlFailedError(reason=" ".join(first.split())[:_LONGEST])
