"""MongoDB, and what speaks its protocol: one member of a deployment, asked directly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final, TypeVar

from bson.codec_options import CodecOptions, DatetimeConversion
from bson.datetime_ms import DatetimeMS
from bson.decimal128 import Decimal128
from bson.errors import InvalidBSON
from pymongo import MongoClient, ReadPreference
from pymongo.command_cursor import CommandCursor
from pymongo.database import Database
from pymongo.errors import (
    AutoReconnect,
    ConfigurationError,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)

from backend_services.datasets.connections.documents import SAMPLED, columns_of, row_of, tops_of
from backend_services.datasets.connections.errors import (
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

Document = dict[str, Any]
Done = TypeVar("Done")
_COUNTED: Final = 100
_WRITING: Final = frozenset({"anyAction", "insert", "update", "remove", "dropCollection", "createCollection"})
_REFUSALS: Final[dict[int, type[ServerError]]] = {
    11: ServerLoginError,
    13: ServerRightsError,
    18: ServerLoginError,
    50: ServerTimeoutError,
    91: ServerLostError,
    8000: ServerLoginError,
    11600: ServerLostError,
}
"""Codes of errors: https://www.mongodb.com/docs/manual/reference/error-codes/; 8000 is Atlas's."""


async def connect(target: Target, *, connect_timeout_s: float, timeout_s: float) -> Reader:
    """Open a connection to one server; a user of another database than the one that is read names it after ``@``."""
    user, _, source = target.username.rpartition("@") if "@" in target.username else (target.username, "", "")
    options: dict[str, Any] = {"tlsInsecure": True} if target.tls is Tls.REQUIRE else {}
    if user:
        options |= {"username": user, "password": target.password, "authSource": source or target.database}
    context = tls_context(target.tls, host=target.host, ca_certificate=target.ca_certificate)
    with _refusals():
        client: MongoClient[Document] = MongoClient(
            host=target.address,
            port=target.port,
            connect=False,
            directConnection=True,
            tls=target.tls is not Tls.DISABLE,
            connectTimeoutMS=int(connect_timeout_s * 1000),
            serverSelectionTimeoutMS=int(connect_timeout_s * 1000),
            socketTimeoutMS=int(timeout_s * 1000),
            appname="omni",
            retryReads=False,
            maxPoolSize=1,
            **options,
        )
    if context is not None:
        # the driver has no word for "connect to this address and check that name", so it is handed our channel
        client.options.pool_options._PoolOptions__ssl_context = context  # type: ignore[attr-defined] # noqa: SLF001
    reader = MongoReader(client, target.database, timeout_s=timeout_s)
    try:
        await reader.greet()
    except ServerLostError as error:
        await reader.close()
        if target.tls is Tls.DISABLE:
            raise
        # A server that speaks no TLS ends the talk within the handshake; which side notices first is chance.
        raise ServerTlsError(params={"reason": "closed"}) from error
    except BaseException:
        await reader.close()
        raise
    return reader


class MongoReader:
    """An open connection to MongoDB, in a thread of its own. Nothing but reading commands is ever sent."""

    def __init__(self, client: MongoClient[Document], database: str, *, timeout_s: float) -> None:
        """Read ``database`` through ``client``; no command runs longer than ``timeout_s`` at the server."""
        self._client = client
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mongodb")
        self._limit_ms = int(timeout_s * 1000)
        options: CodecOptions[Document] = CodecOptions(
            tz_aware=True,
            tzinfo=UTC,
            unicode_decode_error_handler="replace",
            datetime_conversion=DatetimeConversion.DATETIME_AUTO,
        )
        self._database: Database[Document] = client.get_database(
            database, codec_options=options, read_preference=ReadPreference.SECONDARY_PREFERRED
        )

    async def _run(self, work: Callable[[], Done]) -> Done:
        def guarded() -> Done:
            with _refusals():
                return work()

        return await asyncio.get_running_loop().run_in_executor(self._thread, guarded)

    async def greet(self) -> None:
        """Connect and sign in."""
        await self._run(lambda: self._database.command("ping", maxTimeMS=self._limit_ms))

    async def facts(self) -> ServerFacts:
        """Return what the server says of itself."""
        built = await self._run(lambda: self._client.admin.command("buildInfo"))
        status = await self._run(lambda: self._client.admin.command("connectionStatus", showPrivileges=True))
        info = status.get("authInfo", {})
        actions = {one for each in info.get("authenticatedUserPrivileges", ()) for one in each.get("actions", ())}
        is_anybody = not info.get("authenticatedUsers")
        return ServerFacts(version=f"MongoDB {built['version']}", can_write=is_anybody or bool(actions & _WRITING))

    async def tables(self, *, limit: int) -> tuple[RemoteTable, ...]:
        """Return the collections and views; how many documents they have only while they are few."""
        return await self._run(lambda: self._tables(limit))

    def _tables(self, limit: int) -> tuple[RemoteTable, ...]:
        listed = list(self._database.list_collections(nameOnly=True, authorizedCollections=True))
        listed = [one for one in listed if not one["name"].startswith("system.")]
        listed = sorted(listed, key=lambda one: str(one["name"]))[:limit]
        counted = {
            one["name"]: self._database[one["name"]].estimated_document_count(maxTimeMS=self._limit_ms)
            for one in listed[:_COUNTED]
            if one.get("type") != "view"
        }
        return tuple(
            RemoteTable(schema="", name=one["name"], is_view=one.get("type") == "view", rows=counted.get(one["name"]))
            for one in listed
        )

    async def columns(self, schema: str, table: str) -> tuple[RemoteColumn, ...]:
        """Return the fields of documents from both ends of a collection."""
        del schema
        found: list[Document] = []
        for order in (1, -1):
            pipeline: list[Document] = [{"$sort": {"_id": order}}, {"$limit": SAMPLED}]
            cursor = await self._aggregate(table, pipeline, size=SAMPLED)
            found += await self._run(lambda cursor=cursor: [_plain(one) for one in cursor])  # type: ignore[misc]
        return columns_of(found)

    async def rows(
        self, schema: str, table: str, columns: Sequence[RemoteColumn], *, size: int, since: Since | None = None
    ) -> AsyncGenerator[Sequence[Sequence[Any]]]:
        """Yield the documents as rows, always all of them: nothing is declared that could be gone on from."""
        del schema, since
        cursor = await self._aggregate(table, _projection(columns), size=size)
        while part := await self._run(lambda: [row_of(_plain(one), columns) for one in islice(cursor, size)]):
            yield part

    async def _aggregate(self, table: str, pipeline: list[Document], *, size: int) -> CommandCursor[Document]:
        return await self._run(
            lambda: self._database[table].aggregate(pipeline, batchSize=size, maxTimeMS=self._limit_ms)
        )

    async def close(self) -> None:
        """End it, also when the server does not answer any more: what still waits for it then fails."""
        await asyncio.to_thread(self._client.close)
        self._thread.shutdown(wait=False)


def _projection(columns: Sequence[RemoteColumn]) -> list[Document]:
    """Return the stage that has the server send only what is wanted; none where a name cannot be said in it."""
    tops = tops_of(columns)
    if any(not one or one.startswith("$") for one in tops):
        return []
    return [{"$project": dict.fromkeys(tops, 1) | ({} if "_id" in tops else {"_id": 0})}]


def _plain(value: Any) -> Any:  # noqa: PLR0911 - a table of types
    """Return a document with values as the rest of the program knows them."""
    match value:
        case dict():
            return {str(name): _plain(one) for name, one in value.items()}
        case list():
            return [_plain(one) for one in value]
        case DatetimeMS():  # before the year 1 or after 9999
            return None
        case Decimal128():
            return value.to_decimal()
        case datetime():
            return value.astimezone(UTC)
        case None | bool() | int() | float() | str() | bytes():
            return value
        case _:
            return str(value)


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what the driver raises into refusals that say what is wrong; none carries the password."""
    try:
        yield
    except OperationFailure as error:
        kind = _REFUSALS.get(error.code or 0)
        if kind is not None:
            raise kind from error
        reason = str((error.details or {}).get("errmsg", ""))[:300]
        raise ServerError(params={"reason": reason}) from error
    except (NetworkTimeout, ServerSelectionTimeoutError, AutoReconnect) as error:
        raise _unreached(str(error), is_late=isinstance(error, NetworkTimeout)) from error
    except (ConfigurationError, InvalidBSON, PyMongoError, OverflowError) as error:
        raise ServerError(params={"reason": str(error)[:300]}) from error
    except OSError as error:
        raise ServerLostError from error


def _unreached(said: str, *, is_late: bool) -> ServerError:
    """Return the refusal for a server that cannot be spoken to; the driver tells why in words only."""
    said = said.split(" (configured", maxsplit=1)[0]
    if "SSL" in said or "certificate" in said:
        return ServerTlsError(params={"reason": said[:200]})
    if "refused" in said:
        return ServerRefusedError()
    # "No servers found yet": the choice of a server ended a moment before the attempt to connect to it.
    if is_late or "timed out" in said or "No servers found yet" in said:
        return ServerTimeoutError()
    return ServerLostError()
