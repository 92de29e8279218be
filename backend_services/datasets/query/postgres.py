"""The platform's own tables: read in PostgreSQL, under row-level security, in a transaction that cannot write."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING, Any

from asyncpg import PostgresError
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from backend_services.datasets.query.errors import (
    QueryMemoryError,
    QueryTimeoutError,
    ResultTooLargeError,
    SqlFailedError,
)
from backend_services.datasets.query.growth import TOO_LONG
from backend_services.kernel.db import transaction

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from backend_services.kernel.actor import Actor

_CANCELLED, _OUT_OF_MEMORY, _TOO_MUCH = "57014", "53200", "54000"
_INTERNAL, _TOO_LONG = "XX000", "invalid memory alloc request size"
_MEMORY_KB = 65_536
_ROWS_AT_A_TIME = 200
_MAX_ROW_BYTES = 1_000_000
_ROW_TOO_LONG = f"a row is longer than {_MAX_ROW_BYTES} bytes"


async def fetch(
    actor: Actor, sql: str, *, timeout_s: float, most: int, max_bytes: int
) -> tuple[tuple[str, ...], list[Sequence[Any]]]:
    """Return names of the columns and at most ``most`` rows.

    Raises:
        QueryTimeoutError: It took longer than ``timeout_s``.
        ResultTooLargeError: The texts are longer than ``max_bytes`` together; no more than that was read.
        SqlFailedError: PostgreSQL cannot run it, or a value is beyond what can be written.
    """
    rows: list[Sequence[Any]] = []
    room = max_bytes
    parts = stream(actor, sql, timeout_s=timeout_s, size=_ROWS_AT_A_TIME)
    async with contextlib.aclosing(parts):
        names = tuple(str(name) for name in (await anext(parts))[0])
        async for part in parts:
            room -= sum(len(value) for row in part for value in row if isinstance(value, str))
            if room < 0:
                raise ResultTooLargeError
            rows.extend(part)
            if len(rows) >= most:
                break
    return names, rows[:most]


async def stream(actor: Actor, sql: str, *, timeout_s: float, size: int) -> AsyncGenerator[list[Sequence[Any]]]:
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
        raise _refusal(error, error.orig, timeout_s=timeout_s) from error
    except PostgresError as error:  # while rows are read, errors come as the driver raises them
        raise _refusal(error, error, timeout_s=timeout_s) from error
    except OverflowError as error:
        raise SqlFailedError(reason=str(error)) from error


def bounded(sql: str) -> str:
    """Return ``sql``, which a person wrote, failing at a row so long that a few would fill this process's memory."""
    row = 'CAST("answer" AS text)'
    failing = f"CAST(left({row}, 0) || '{_ROW_TOO_LONG}' AS boolean)"  # not before there is such a row
    return (
        f'SELECT "answer".* FROM ({sql}) AS "answer"'  # noqa: S608 - it has passed the guard
        f" WHERE CASE WHEN octet_length({row}) > {_MAX_ROW_BYTES} THEN {failing} ELSE true END"
    )


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


def _refusal(error: Exception, cause: object, *, timeout_s: float) -> Exception:
    """Return the refusal for an error of PostgreSQL; the connection being gone is not the query's fault."""
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    if (isinstance(error, DBAPIError) and error.connection_invalidated) or not isinstance(state, str):
        return error
    if state == _CANCELLED:
        return QueryTimeoutError(timeout_s)
    if state in {_OUT_OF_MEMORY, _TOO_MUCH} or (state == _INTERNAL and _TOO_LONG in str(cause)):
        return QueryMemoryError()
    if state.startswith(("22", "42")):
        return SqlFailedError(reason=_first_line(cause))
    return error


def _first_line(cause: object) -> str:
    said = str(cause).rsplit("Error'>: ", maxsplit=1)[-1]
    for ours in (TOO_LONG, _ROW_TOO_LONG):
        if ours in said:
            return ours
    return said.splitlines()[0][:300]
