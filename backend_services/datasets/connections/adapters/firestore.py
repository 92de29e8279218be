"""Firestore: the collections at the root of a project's database, read with a service account."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC
from typing import Any, Final

import grpc
from google.api_core.exceptions import (
    DeadlineExceeded,
    GoogleAPICallError,
    NotFound,
    PermissionDenied,
    ServiceUnavailable,
    Unauthenticated,
)
from google.auth.exceptions import GoogleAuthError
from google.auth.jwt import Credentials
from google.cloud.firestore_v1.services.firestore import FirestoreAsyncClient
from google.cloud.firestore_v1.services.firestore.transports import FirestoreGrpcAsyncIOTransport

from backend_services.datasets.connections.documents import SAMPLED, columns_of, row_of, tops_of
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
NAME: Final = "_id"
_AUDIENCE: Final = "https://firestore.googleapis.com/"
"""For whom tokens are signed, whatever the address: they are made here, and no other server is asked for one."""
_MAX_MESSAGE_BYTES: Final = 64_000_000


async def connect(target: Target, *, connect_timeout_s: float, timeout_s: float) -> Reader:
    """Open a channel to ``project`` or ``project/database``; the password is the service account's JSON."""
    credentials = _credentials(target.password)
    reader = FirestoreReader(_channel(target), credentials, target.database, timeout_s=timeout_s)
    try:
        async with _refusals(), asyncio.timeout(connect_timeout_s):
            await reader.greet()
    except BaseException:
        await reader.close()
        raise
    return reader


def _credentials(secret: str) -> Credentials | None:
    """Return what signs tokens; nothing for an emulator, which asks for none."""
    if not secret:
        return None
    try:
        found: Credentials = Credentials.from_service_account_info(json.loads(secret), audience=_AUDIENCE)  # type: ignore[no-untyped-call]
    except (ValueError, KeyError, TypeError, GoogleAuthError) as error:
        raise ServerLoginError from error
    return found


def _channel(target: Target) -> grpc.aio.Channel:
    """Return the channel to the address that was judged, its certificate checked against the name."""
    host = f"[{target.address}]" if ":" in target.address else target.address
    options: list[tuple[str, Any]] = [
        ("grpc.enable_http_proxy", 0),
        ("grpc.max_receive_message_length", _MAX_MESSAGE_BYTES),
    ]
    match target.tls:
        case Tls.DISABLE:
            return grpc.aio.insecure_channel(f"{host}:{target.port}", options)
        case Tls.REQUIRE:
            raise ServerTlsError(params={"reason": "the certificate cannot be left unchecked here"})
        case Tls.VERIFY:
            roots = target.ca_certificate.encode() or None
            options.append(("grpc.ssl_target_name_override", target.host))
            channel = grpc.ssl_channel_credentials(root_certificates=roots)
            return grpc.aio.secure_channel(f"{host}:{target.port}", channel, options)


class FirestoreReader:
    """An open channel to Firestore. Nothing but reading calls is ever made."""

    def __init__(
        self, channel: grpc.aio.Channel, credentials: Credentials | None, database: str, *, timeout_s: float
    ) -> None:
        """Read ``database`` (``project`` or ``project/database``); no call waits longer than ``timeout_s``."""
        project, _, name = database.partition("/")
        self._root = f"projects/{project}/databases/{name or '(default)'}/documents"
        self._channel = channel
        self._credentials = credentials
        self._timeout_s = timeout_s
        self._client = FirestoreAsyncClient(transport=FirestoreGrpcAsyncIOTransport(channel=channel))

    def _metadata(self) -> tuple[tuple[str, str], ...]:
        if self._credentials is None:
            return ()
        if not self._credentials.valid:
            self._credentials.refresh(None)  # type: ignore[no-untyped-call]
        token: Any = self._credentials.token
        return (("authorization", f"Bearer {token.decode()}"),)

    async def greet(self) -> None:
        """Connect and sign in."""
        await self._collections(limit=1)

    async def _collections(self, *, limit: int) -> list[str]:
        pages = await self._client.list_collection_ids(
            {"parent": self._root, "page_size": limit},
            retry=None,
            timeout=self._timeout_s,
            metadata=self._metadata(),
        )
        names: list[str] = []
        async for name in pages:
            names.append(name)
            if len(names) >= limit:
                break
        return names

    async def facts(self) -> ServerFacts:
        """Return what this is; which rights an account has cannot be asked, so reading ones are taken for granted."""
        return ServerFacts(version="Firestore", can_write=False)

    async def tables(self, *, limit: int) -> tuple[RemoteTable, ...]:
        """Return the collections at the root."""
        async with _refusals():
            names = await self._collections(limit=limit)
        return tuple(RemoteTable(schema="", name=one, is_view=False, rows=None) for one in sorted(names))

    async def columns(self, schema: str, table: str) -> tuple[RemoteColumn, ...]:
        """Return the fields of the first documents of a collection, and their names as ``_id``."""
        del schema
        async with _refusals():
            found = [document async for _, document in self._documents(table, limit=SAMPLED, after="", fields=())]
        return columns_of(found)

    async def rows(
        self, schema: str, table: str, columns: Sequence[RemoteColumn], *, size: int, since: Since | None = None
    ) -> AsyncGenerator[Sequence[Sequence[Any]]]:
        """Yield the documents as rows by name, a question for each piece; always all of them."""
        del schema, since
        fields, after = tops_of(columns), ""
        while True:
            part: list[tuple[Any, ...]] = []
            async with _refusals():
                async for path, document in self._documents(table, limit=size, after=after, fields=fields):
                    part.append(row_of(document, columns))
                    after = path
            if part:
                yield part
            if len(part) < size:
                return

    async def _documents(
        self, table: str, *, limit: int, after: str, fields: Sequence[str]
    ) -> AsyncIterator[tuple[str, Document]]:
        """Yield path and content of documents in the order of their names, beginning behind ``after``."""
        query: dict[str, Any] = {
            "from_": [{"collection_id": table}],
            "order_by": [{"field": {"field_path": "__name__"}, "direction": "ASCENDING"}],
            "limit": limit,
        }
        wanted = [one for one in fields if one != NAME]
        if fields:
            query["select"] = {"fields": [{"field_path": _quoted(one)} for one in wanted or ["__name__"]]}
        if after:
            query["start_at"] = {"values": [{"reference_value": after}], "before": False}
        answers = await self._client.run_query(
            {"parent": self._root, "structured_query": query},
            retry=None,
            timeout=self._timeout_s,
            metadata=self._metadata(),
        )
        async for answer in answers:
            if answer.document.name:
                path = answer.document.name
                values = {name: _value(one) for name, one in type(answer).pb(answer).document.fields.items()}
                yield path, {NAME: path.rpartition("/")[2], **values}

    async def close(self) -> None:
        """Close the channel."""
        await self._channel.close()


def _quoted(name: str) -> str:
    """Return a field's name as a path says it: https://firebase.google.com/docs/firestore/quotas#limits."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _value(value: Any) -> Any:  # noqa: PLR0911 - a table of types
    """Return a value of the protocol as Python has it."""
    kind = value.WhichOneof("value_type")
    match kind:
        case None | "null_value":
            return None
        case "timestamp_value":
            return value.timestamp_value.ToDatetime(tzinfo=UTC)
        case "map_value":
            return {name: _value(one) for name, one in value.map_value.fields.items()}
        case "array_value":
            return [_value(one) for one in value.array_value.values]
        case "geo_point_value":
            return {"latitude": value.geo_point_value.latitude, "longitude": value.geo_point_value.longitude}
        case "reference_value":
            return value.reference_value.partition("/documents/")[2]
        case _:
            return getattr(value, kind)


@asynccontextmanager
async def _refusals() -> AsyncIterator[None]:
    """Turn what the driver raises into refusals that say what is wrong; none carries the account's key."""
    try:
        yield
    except (TimeoutError, DeadlineExceeded) as error:
        raise ServerTimeoutError from error
    except (Unauthenticated, GoogleAuthError) as error:
        raise ServerLoginError from error
    except PermissionDenied as error:
        raise ServerRightsError from error
    except NotFound as error:
        raise ServerDatabaseError from error
    except ServiceUnavailable as error:
        raise _unreached(str(error.message)) from error
    except GoogleAPICallError as error:
        raise ServerError(params={"reason": str(error.message)[:300]}) from error


def _unreached(said: str) -> ServerError:
    """Return the refusal for a server that cannot be spoken to; the driver tells why in words only."""
    reason = said.rpartition("last error: ")[2]
    words = reason.casefold()
    if any(one in words for one in ("ssl", "tls", "certificate", "hostname verification")):
        return ServerTlsError(params={"reason": reason[:200]})
    return ServerRefusedError() if "refused" in words else ServerLostError()
