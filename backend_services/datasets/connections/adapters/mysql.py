"""MySQL and MariaDB."""

from __future__ import annotations

import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import aiomysql
from pymysql.constants import CLIENT
from pymysql.err import Error, OperationalError

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
from backend_services.datasets.connections.ports import Reader, RemoteColumn, RemoteTable, ServerFacts, Since, Target

_TABLES: Final = """
SELECT table_schema, table_name, table_type <> 'BASE TABLE', table_rows FROM information_schema.tables
WHERE table_schema NOT IN ('information_schema', 'mysql', 'performance_schema', 'sys')
ORDER BY 1, 2 LIMIT %s
"""
_COLUMNS: Final = """
SELECT column_name, column_type, data_type, numeric_precision, numeric_scale FROM information_schema.columns
WHERE table_schema = %s AND table_name = %s AND table_schema NOT IN ('mysql', 'performance_schema', 'sys')
ORDER BY ordinal_position
"""
_TYPES: Final[dict[str, tuple[FieldType, str]]] = {
    "bigint": (FieldType.INTEGER, "BIGINT"),
    "date": (FieldType.DATE, "DATE"),
    "datetime": (FieldType.DATETIME, "TIMESTAMP"),
    "double": (FieldType.DECIMAL, "DOUBLE"),
    "float": (FieldType.DECIMAL, "DOUBLE"),
    "int": (FieldType.INTEGER, "BIGINT"),
    "mediumint": (FieldType.INTEGER, "BIGINT"),
    "smallint": (FieldType.INTEGER, "BIGINT"),
    "timestamp": (FieldType.DATETIME, "TIMESTAMPTZ"),
    "tinyint": (FieldType.INTEGER, "BIGINT"),
    "year": (FieldType.INTEGER, "BIGINT"),
}
_SHAPES: Final = frozenset(
    {
        "geomcollection", "geometry", "geometrycollection", "linestring", "multilinestring", "multipoint",
        "multipolygon", "point", "polygon",
    }
)  # fmt: skip
_BYTES: Final = frozenset({"binary", "blob", "longblob", "mediumblob", "tinyblob", "varbinary"})
_WRITING: Final = ("ALL PRIVILEGES", "ALTER", "CREATE", "DELETE", "DROP", "INSERT", "UPDATE")
_MAX_DIGITS: Final = 38
_NO_ENCRYPTION: Final = 2026
_NO_TLS: Final = frozenset({_NO_ENCRYPTION, 3159})
_REFUSALS: Final[tuple[tuple[frozenset[int], type[ServerError]], ...]] = (
    (frozenset({1045, 1251, 1698, 2054, 2061}), ServerLoginError),
    (frozenset({1044, 1049}), ServerDatabaseError),
    (frozenset({1142, 1143, 1227, 1370}), ServerRightsError),
    (frozenset({1969, 3024}), ServerTimeoutError),
    (frozenset({1053, 1317, 1927, 2006, 2013}), ServerLostError),
    (frozenset({2002, 2003, 2005}), ServerRefusedError),
)
"""Numbers of errors: https://dev.mysql.com/doc/mysql-errors/8.4/en/, https://mariadb.com/docs/server/reference/error-codes."""


async def connect(target: Target, *, connect_timeout_s: float, timeout_s: float) -> Reader:
    """Open a connection that cannot write, on which every time is in UTC."""
    context = tls_context(target.tls, host=target.host, ca_certificate=target.ca_certificate)
    async with _refusals():
        connection = _Connection(
            host=target.address,
            port=target.port,
            user=target.username,
            password=target.password,
            db=target.database,
            ssl=context,
            connect_timeout=connect_timeout_s,
            charset="utf8mb4",
            local_infile=False,
            autocommit=True,
            program_name="omni",
            cursorclass=_Cursor,
        )
        await connection._connect()  # noqa: SLF001 - what the driver's own connect() does
        reader = MysqlReader(connection)
        try:
            await reader.confine(timeout_s)
        except BaseException:
            await reader.close()
            raise
    return reader


class _Connection(aiomysql.Connection):  # type: ignore[misc] # the driver has no types
    """Keeps what was asked for: the driver would go on in the open with a server that offers no encryption."""

    async def _request_authentication(self) -> None:
        if self._ssl_context is not None and not self.server_capabilities & CLIENT.SSL:
            raise OperationalError(_NO_ENCRYPTION, "the server offers no encryption")
        await super()._request_authentication()


class _Cursor(aiomysql.Cursor):  # type: ignore[misc] # the driver has no types
    """Asks for no warnings: they cost a statement each, and tell nothing that a copy needs."""

    async def _show_warnings(self, conn: aiomysql.Connection) -> None:
        del conn


class _Stream(aiomysql.SSCursor):  # type: ignore[misc] # the driver has no types
    """Gives rows as they come; asks for no warnings."""

    async def _show_warnings(self, conn: aiomysql.Connection) -> None:
        del conn


class MysqlReader:
    """An open connection to MySQL or MariaDB."""

    def __init__(self, connection: aiomysql.Connection) -> None:
        """Read through ``connection``."""
        self._connection = connection

    @property
    def _is_mariadb(self) -> bool:
        return "mariadb" in str(self._connection.get_server_info()).lower()

    async def confine(self, timeout_s: float) -> None:
        """Forbid writing and long running for the rest of this connection."""
        limit = (
            f"SET SESSION max_statement_time = {timeout_s:.3f}"
            if self._is_mariadb
            else f"SET SESSION max_execution_time = {int(timeout_s * 1000)}"
        )
        modes = "SET SESSION sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'"
        async with self._connection.cursor() as cursor:
            for statement in ("SET SESSION TRANSACTION READ ONLY", "SET SESSION time_zone = '+00:00'", modes, limit):
                await cursor.execute(statement)

    async def facts(self) -> ServerFacts:
        """Return what the server says of itself."""
        async with _refusals(), self._connection.cursor() as cursor:
            await cursor.execute("SHOW GRANTS")
            grants = [str(row[0]).upper().partition(" ON ")[0] for row in await cursor.fetchall()]
        version = str(self._connection.get_server_info())
        named = version if self._is_mariadb else f"MySQL {version}"
        return ServerFacts(version=named, can_write=any(word in one for one in grants for word in _WRITING))

    async def tables(self, *, limit: int) -> tuple[RemoteTable, ...]:
        """Return the tables and views that the login may read."""
        async with _refusals(), self._connection.cursor() as cursor:
            await cursor.execute(_TABLES, (limit,))
            rows = await cursor.fetchall()
        return tuple(RemoteTable(schema=one[0], name=one[1], is_view=bool(one[2]), rows=one[3]) for one in rows)

    async def columns(self, schema: str, table: str) -> tuple[RemoteColumn, ...]:
        """Return the columns of a table."""
        async with _refusals(), self._connection.cursor() as cursor:
            await cursor.execute(_COLUMNS, (schema, table))
            rows = await cursor.fetchall()
        return tuple(_column(*map(_text, one)) for one in rows)

    async def rows(
        self, schema: str, table: str, columns: Sequence[RemoteColumn], *, size: int, since: Since | None = None
    ) -> AsyncGenerator[Sequence[Sequence[Any]]]:
        """Yield the rows of a table as the server sends them."""
        chosen = ", ".join(_value(one) for one in columns)
        sql = f"SELECT {chosen} FROM {_quoted(schema)}.{_quoted(table)}"  # noqa: S608 - quoted names and our own words
        async with _refusals():
            cursor = await self._connection.cursor(_Stream)
            if since is None:
                await cursor.execute(sql)
            else:
                await cursor.execute(sql.replace("%", "%%") + f" WHERE {_newer(since.column)}", (_sent(since.value),))
            while part := await cursor.fetchmany(size):
                yield [tuple(_read(value, one) for value, one in zip(row, columns, strict=True)) for row in part]

    async def close(self) -> None:
        """End it, also when the server does not answer any more."""
        with suppress(OSError, Error):
            self._connection.close()


def _text(value: Any) -> Any:
    """Return a text of the server's own tables, which some versions send as bytes."""
    return value.decode() if isinstance(value, bytes) else value


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _column(name: str, native: str, base: str, digits: int | None, scale: int | None) -> RemoteColumn:
    base, native = base.lower(), native.lower()
    kind, stored = _TYPES.get(base, (FieldType.TEXT, "VARCHAR"))
    match base:
        case "decimal" | "numeric":
            kind = FieldType.DECIMAL
            stored = f"DECIMAL({digits},{scale})" if (digits or 99) <= _MAX_DIGITS else "DOUBLE"
        case "bigint" if "unsigned" in native:
            stored = "DECIMAL(20,0)"
        case "tinyint" | "bit" if native in {"tinyint(1)", "bit(1)"}:
            kind, stored = FieldType.BOOLEAN, "BOOLEAN"
        case _:
            pass
    return RemoteColumn(name=name, native=native, type=kind, stored_as=stored)


def _value(column: RemoteColumn) -> str:
    name, base = _quoted(column.name), column.native.partition("(")[0].strip()
    if base in _SHAPES:
        return f"ST_AsText({name})"
    if base in _BYTES or (base == "bit" and column.type is FieldType.TEXT):
        return f"HEX({name})"
    return f"{name} + 0" if column.type is FieldType.BOOLEAN else name


def _newer(column: RemoteColumn) -> str:
    """Return the condition for rows from the parameter on and for those whose value is empty in a copy."""
    name = _quoted(column.name).replace("%", "%%")
    early = f" OR {name} < '0001-01-02'" if column.type.is_time else ""
    return f"{name} >= %s OR {name} IS NULL{early}"


def _sent(value: int | date | datetime) -> int | date | datetime:
    """Return a value as the session takes it: in UTC, without saying so."""
    return value.replace(tzinfo=None) if isinstance(value, datetime) else value


def _read(value: Any, column: RemoteColumn) -> Any:
    """Return a value as the column's type says; a date of zeros, which is none, becomes empty."""
    if value is None:
        return None
    match column.type:
        case FieldType.BOOLEAN:
            return bool(value)
        case FieldType.DATE | FieldType.DATETIME if not isinstance(value, date):
            return None
        case FieldType.DATETIME if column.stored_as == "TIMESTAMPTZ" and isinstance(value, datetime):
            return value.replace(tzinfo=UTC)
        case FieldType.TEXT if isinstance(value, timedelta):
            return str(value)
        case _:
            return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


@asynccontextmanager
async def _refusals() -> AsyncIterator[None]:
    """Turn what the driver raises into refusals that say what is wrong; none carries the password."""
    try:
        yield
    except ssl.SSLError as error:
        raise ServerTlsError(params={"reason": str(error.reason or "")}) from error
    except TimeoutError as error:
        raise ServerTimeoutError from error
    except Error as error:
        raise _refusal(error) from error
    except OSError as error:
        raise ServerLostError from error


def _below(error: Error) -> ServerError | None:
    """Return the refusal for what the driver wrapped, if that tells more."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return ServerTlsError(params={"reason": str(cause.reason or "")})
        if isinstance(cause, TimeoutError):
            return ServerTimeoutError()
        cause = cause.__cause__ or cause.__context__
    return None


def _refusal(error: Error) -> ServerError:
    below = _below(error)
    if below is not None:
        return below
    number = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    if number in _NO_TLS or "SSL" in str(error):
        return ServerTlsError(params={"reason": "TLS"})
    for numbers, refusal in _REFUSALS:
        if number in numbers:
            return refusal()
    return ServerError(params={"reason": str(error.args[-1] if error.args else "")[:300]})
