"""What every kind of database offers, in terms of no driver."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from backend_services.datasets.catalogue import FieldType

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from datetime import date, datetime
    from pathlib import Path


class ConnectionKind(StrEnum):
    """Kinds of databases."""

    FIRESTORE = "firestore"
    MONGODB = "mongodb"
    MYSQL = "mysql"
    POSTGRESQL = "postgresql"
    SQLITE = "sqlite"


class Tls(StrEnum):
    """How the channel is protected.

    ``verify`` checks certificate and host name; ``require`` encrypts only, so whoever sits between can read it;
    ``disable`` sends everything, the password's proof included, in the open.
    """

    DISABLE = "disable"
    REQUIRE = "require"
    VERIFY = "verify"


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect and as whom.

    Attributes:
        address: The address that ``host`` was resolved to and that was found allowed; drivers connect to this one.
        path: Of a SQLite file, which has no server.
    """

    host: str = ""
    address: str = ""
    port: int = 0
    database: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    tls: Tls = Tls.VERIFY
    ca_certificate: str = ""
    path: Path | None = None


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a server says of itself; ``can_write`` is whether the login may change data."""

    version: str
    can_write: bool


@dataclass(frozen=True, slots=True)
class RemoteTable:
    """A table or view; ``rows`` is the server's estimate, ``None`` where it has none."""

    schema: str
    name: str
    is_view: bool
    rows: int | None


@dataclass(frozen=True, slots=True)
class RemoteColumn:
    """A column of a table.

    Attributes:
        native: Its type in the words of the server.
        stored_as: The type that a copy of it has, in DuckDB's words.
    """

    name: str
    native: str
    type: FieldType
    stored_as: str


@dataclass(frozen=True, slots=True)
class Since:
    """What an incremental copy reads: rows from ``value`` of ``column`` on, and those that have none that is kept."""

    column: RemoteColumn
    value: int | date | datetime


class Reader(Protocol):
    """An open connection that only reads."""

    async def facts(self) -> ServerFacts:
        """Return what the server says of itself."""

    async def tables(self, *, limit: int) -> tuple[RemoteTable, ...]:
        """Return the tables and views that the login may read, by schema and name."""

    async def columns(self, schema: str, table: str) -> tuple[RemoteColumn, ...]:
        """Return the columns of a table; none if there is no such table."""

    def rows(
        self, schema: str, table: str, columns: Sequence[RemoteColumn], *, size: int, since: Since | None = None
    ) -> AsyncGenerator[Sequence[Sequence[Any]]]:
        """Yield the rows in pieces of about ``size``, none held on this side any longer than its piece.

        With ``since`` only what an incremental copy needs. Databases without declared types are not asked for that.
        """

    async def close(self) -> None:
        """End it."""


class Adapter(Protocol):
    """Opens connections of one kind."""

    async def __call__(self, target: Target, *, connect_timeout_s: float, timeout_s: float) -> Reader:
        """Return an open connection.

        Raises:
            ServerError: It cannot be had; the class says why.
        """
