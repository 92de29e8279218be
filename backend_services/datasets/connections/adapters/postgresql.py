"""PostgreSQL, and what speaks its protocol."""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from backend_services.datasets.catalogue import FieldType
from backend_services.datasets.connections.errors import (
    ServerDatabaseError,
    ServerError,
    ServerLoginError,
    ServerLostError,
    ServerRefusedError,
    ServerRightsError,
    ServerTimeoutError,
    ServerTlsError,
)
from backend_services.datasets.connections.network import tls_context
from backend_services.datasets.connections.ports import (
    Reader,
    RemoteColumn,
    RemoteTable,
    ServerFacts,
    Since,
    Target,
    Tls,
)
from backend_services.datasets.naming import quoted

_TABLES: Final = """
SELECT n.nspname, c.relname, c.relkind IN ('v', 'm'), CASE WHEN c.reltuples >= 0 THEN c.reltuples::bigint END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND has_schema_privilege(n.oid, 'USAGE') AND has_any_column_privilege(c.oid, 'SELECT')
ORDER BY 1, 2 LIMIT $1
"""
_COLUMNS: Final = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), b.typname, a.atttypmod
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
JOIN pg_type b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND has_column_privilege(c.oid, a.attnum, 'SELECT')
ORDER BY a.attnum
"""
_FACTS: Final = """
SELECT current_setting('server_version'),
  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) OR EXISTS (
    SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
      AND has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE'))
"""
_TYPES: Final[dict[str, tuple[FieldType, str]]] = {
    "bool": (FieldType.BOOLEAN, "BOOLEAN"),
    "date": (FieldType.DATE, "DATE"),
    "float4": (FieldType.DECIMAL, "DOUBLE"),
    "float8": (FieldType.DECIMAL, "DOUBLE"),
    "int2": (FieldType.INTEGER, "BIGINT"),
    "int4": (FieldType.INTEGER, "BIGINT"),
    "int8": (FieldType.INTEGER, "BIGINT"),
    "timestamp": (FieldType.DATETIME, "TIMESTAMP"),
    "timestamptz": (FieldType.DATETIME, "TIMESTAMPTZ"),
}
_MAX_DIGITS: Final = 38


async def connect(target: Target, *, connect_timeout_s: float, timeout_s: float) -> Reader:
    """Open a connection that cannot write."""
    context = tls_context(target.tls, host=target.host, ca_certificate=target.ca_certificate)
    async with _refusals():
        connection = await asyncpg.connect(
            host=target.address,
            port=target.port,
            user=target.username,
            password=target.password,
            database=target.database,
            ssl=False if target.tls is Tls.DISABLE else context,
            passfile="/nonexistent",
            timeout=connect_timeout_s,
            server_settings={
                "application_name": "omni",
                "default_transaction_read_only": "on",
                "statement_timeout": str(int(timeout_s * 1000)),
                "idle_in_transaction_session_timeout": "60000",
            },
        )
    return PostgresReader(connection)


class PostgresReader:
    """An open connection to PostgreSQL."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        """Read through ``connection``."""
        self._connection = connection

    async def facts(self) -> ServerFacts:
        """Return what the server says of itself."""
        async with _refusals():
            row = await self._connection.fetchrow(_FACTS)
        return ServerFacts(version=f"PostgreSQL {row[0]}", can_write=bool(row[1]))

    async def tables(self, *, limit: int) -> tuple[RemoteTable, ...]:
        """Return the tables and views that the login may read."""
        async with _refusals():
            rows = await self._connection.fetch(_TABLES, limit)
        return tuple(RemoteTable(schema=one[0], name=one[1], is_view=one[2], rows=one[3]) for one in rows)

    async def columns(self, schema: str, table: str) -> tuple[RemoteColumn, ...]:
        """Return the columns of a table that the login may read."""
        async with _refusals():
            rows = await self._connection.fetch(_COLUMNS, schema, table)
        return tuple(_column(*one) for one in rows)

    async def rows(
        self, schema: str, table: str, columns: Sequence[RemoteColumn], *, size: int, since: Since | None = None
    ) -> AsyncGenerator[Sequence[Sequence[Any]]]:
        """Yield the rows of a table out of one snapshot."""
        chosen = ", ".join(_value(one) for one in columns)
        sql = f"SELECT {chosen} FROM {quoted(schema)}.{quoted(table)}"  # noqa: S608 - quoted names and our own words
        if since is not None:
            sql += f" WHERE {_newer(since.column)}"
        values = () if since is None else (since.value,)
        async with _refusals(), self._connection.transaction(isolation="repeatable_read", readonly=True):
            cursor = await self._connection.cursor(sql, *values)
            while part := await cursor.fetch(size):
                yield [tuple(row) for row in part]

    async def close(self) -> None:
        """End it, also when the server does not answer any more."""
        self._connection.terminate()


def _column(name: str, native: str, base: str, modifier: int) -> RemoteColumn:
    kind, stored = _TYPES.get(base, (FieldType.TEXT, "VARCHAR"))
    if base == "numeric":
        kind, stored = FieldType.DECIMAL, _numeric(modifier)
    return RemoteColumn(name=name, native=native, type=kind, stored_as=stored)


def _numeric(modifier: int) -> str:
    """Return where a ``numeric`` fits: its own digits if it has a bound that we have too, else doubles."""
    digits, scale = (modifier - 4) >> 16 & 0xFFFF, ((modifier - 4) & 0x7FF ^ 1024) - 1024
    fits = modifier >= 0 and digits <= _MAX_DIGITS and 0 <= scale <= digits
    return f"DECIMAL({digits},{scale})" if fits else "DOUBLE"


def _newer(column: RemoteColumn) -> str:
    """Return the condition for rows from ``$1`` on and for those whose value is empty, or becomes empty, in a copy."""
    name = quoted(column.name)
    early = f" OR {name} < '0001-01-02'" if column.type.is_time else ""
    return f"{name} >= $1 OR {name} IS NULL{early}"


def _value(column: RemoteColumn) -> str:
    """Return how a column is read: what Python has no value for (infinity, years before 1) becomes empty."""
    name = quoted(column.name)
    if column.type.is_time:
        inside = f"{name} >= '0001-01-02' AND {name} < '9999-12-31'"
        return f"CASE WHEN isfinite({name}) AND {inside} THEN {name} END"
    return f"CAST({name} AS text)" if column.type is FieldType.TEXT else name


@asynccontextmanager
async def _refusals() -> AsyncIterator[None]:
    """Turn what the driver raises into refusals that say what is wrong; none carries the password."""
    try:
        yield
    except ssl.SSLError as error:
        raise ServerTlsError(params={"reason": str(error.reason or "")}) from error
    except TimeoutError as error:
        raise ServerTimeoutError from error
    except asyncpg.PostgresError as error:
        raise _refusal(error) from error
    except ConnectionError as error:
        if "SSL" in str(error):
            raise ServerTlsError(params={"reason": str(error)}) from error
        refused = isinstance(error, ConnectionRefusedError)
        raise (ServerRefusedError() if refused else ServerLostError()) from error
    except asyncpg.InterfaceError as error:
        raise ServerLostError from error
    except OSError as error:
        raise ServerRefusedError from error


def _refusal(error: asyncpg.PostgresError) -> ServerError:
    state = error.sqlstate or ""
    if state.startswith("28"):
        encrypted = "no pg_hba.conf entry" in str(error) and "no encryption" in str(error)
        return ServerTlsError(params={"reason": "no encryption"}) if encrypted else ServerLoginError()
    match state:
        case "3D000":
            return ServerDatabaseError()
        case "42501":
            return ServerRightsError()
        case "57014":
            return ServerTimeoutError()
        case _ if state.startswith(("08", "57P")):
            return ServerLostError()
        case _:
            return ServerError(params={"reason": str(error).splitlines()[0][:300]})
