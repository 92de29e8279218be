"""The platform's own tables: read in PostgreSQL, under row-level security, in a transaction that cannot write."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend_services.datasets.query.errors import QueryMemoryError, QueryTimeoutError, SqlFailedError
from backend_services.kernel.db import transaction

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from backend_services.kernel.actor import Actor

_CANCELLED, _OUT_OF_MEMORY, _TOO_MUCH = "57014", "53200", "54000"
_MEMORY_KB = 65_536


async def fetch(actor: Actor, sql: str, *, timeout_s: float) -> tuple[tuple[str, ...], Sequence[Sequence[Any]]]:
    """Return names of the columns and the rows.

    Raises:
        QueryTimeoutError: It took longer than ``timeout_s``.
        SqlFailedError: PostgreSQL cannot run it.
    """
    try:
        async with transaction(actor) as session:
            connection = await session.connection()
            await _confine(connection, timeout_s=timeout_s)
            result = await connection.exec_driver_sql(sql)
            return tuple(result.keys()), result.fetchall()
    except DBAPIError as error:
        raise _refusal(error, timeout_s=timeout_s) from error


async def stream(actor: Actor, sql: str, *, timeout_s: float, size: int) -> AsyncIterator[list[Sequence[Any]]]:
    """Yield the rows in pieces of ``size`` without holding them all; the names come first, as a piece of one row."""
    try:
        async with transaction(actor) as session:
            connection = await session.connection()
            await _confine(connection, timeout_s=timeout_s)
            async with connection.stream(text(sql.replace(":", "\\:"))) as result:
                yield [tuple(result.keys())]
                async for part in result.partitions(size):
                    yield list(part)
    except DBAPIError as error:
        raise _refusal(error, timeout_s=timeout_s) from error


async def _confine(connection: AsyncConnection, *, timeout_s: float) -> None:
    """Forbid writing and long running for the rest of this transaction."""
    await connection.execute(
        text(
            "SELECT set_config('transaction_read_only', 'on', true),"
            " set_config('statement_timeout', :timeout_ms, true),"
            " set_config('work_mem', :memory_kb, true)"
        ),
        {"timeout_ms": str(int(timeout_s * 1000)), "memory_kb": str(_MEMORY_KB)},
    )


def _refusal(error: DBAPIError, *, timeout_s: float) -> Exception:
    """Return the refusal for an error of PostgreSQL; the connection being gone is not the query's fault."""
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    if error.connection_invalidated or not isinstance(state, str):
        return error
    if state == _CANCELLED:
        return QueryTimeoutError(timeout_s)
    if state in {_OUT_OF_MEMORY, _TOO_MUCH}:
        return QueryMemoryError()
    if state.startswith(("22", "42")):
        return SqlFailedError(reason=_first_line(error))
    return error


def _first_line(error: DBAPIError) -> str:
    said = str(error.orig).rsplit("Error'>: ", maxsplit=1)[-1]
    return said.splitlines()[0][:300]
