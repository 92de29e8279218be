"""A server that speaks Firestore's protocol, for tests: gRPC, tokens and TLS are real, the documents lie in memory.

It is not Google's: what the adapter sends is checked against the documented calls, not against the product itself. The
emulators that can be had without it know neither names of collections nor cursors.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt
from google.auth.exceptions import GoogleAuthError
from google.cloud.firestore_v1 import _helpers
from google.cloud.firestore_v1.types import document as documents
from google.cloud.firestore_v1.types import firestore as calls

from tests.factories.certificates import signed

SERVICE = "google.firestore.v1.Firestore"
PROJECT = "projects/shop/databases/(default)/documents"


class Account:
    """A service account with a key of its own."""

    def __init__(self) -> None:
        """Make the key."""
        self._key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
        self._info = {
            "client_email": "omni@shop.example",
            "private_key_id": "1",
            "token_uri": "https://elsewhere.example",
        }

    @property
    def public_pem(self) -> str:
        """Return the public half in PEM."""
        kind = serialization.PublicFormat.SubjectPublicKeyInfo
        return self._key.public_key().public_bytes(serialization.Encoding.PEM, kind).decode()

    @property
    def json(self) -> str:
        """Return what a person downloads and pastes."""
        private = self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return json.dumps({"type": "service_account", **self._info, "private_key": private.decode()})


@dataclass
class FirestoreServer:
    """The running server.

    Attributes:
        account: Whose tokens are taken; without one nobody signs in.
        forbidden: Collections that nobody may read.
        queries: What was asked.
    """

    account: Account | None = None
    collections: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)
    queries: list[Any] = field(default_factory=list)
    port: int = 0

    async def _require(self, parent: str, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        if self.account is not None:
            said = dict(context.invocation_metadata() or ()).get("authorization", "")
            try:
                jwt.decode(
                    str(said).removeprefix("Bearer "),
                    certs=self.account.public_pem,
                    audience="https://firestore.googleapis.com/",
                )
            except (ValueError, GoogleAuthError):
                await context.abort(grpc.StatusCode.UNAUTHENTICATED, "Request had invalid authentication credentials.")
        if parent != PROJECT:
            await context.abort(grpc.StatusCode.NOT_FOUND, f"The database {parent} does not exist.")

    async def list_collection_ids(
        self, request: calls.ListCollectionIdsRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> calls.ListCollectionIdsResponse:
        """Answer with the names of collections, page by page."""
        await self._require(request.parent, context)
        begin = int(request.page_token or 0)
        names = sorted(self.collections)
        end = begin + (request.page_size or 2)
        return calls.ListCollectionIdsResponse(
            collection_ids=names[begin:end], next_page_token=str(end) if end < len(names) else ""
        )

    async def run_query(
        self, request: calls.RunQueryRequest, context: grpc.aio.ServicerContext[Any, Any]
    ) -> AsyncIterator[calls.RunQueryResponse]:
        """Answer with documents in the order of their names."""
        await self._require(request.parent, context)
        query = request.structured_query
        self.queries.append(query)
        table = query.from_[0].collection_id
        if table in self.forbidden:
            await context.abort(grpc.StatusCode.PERMISSION_DENIED, "Missing or insufficient permissions.")
        assert [one.field.field_path for one in query.order_by] == ["__name__"]
        after = query.start_at.values[0].reference_value if query.start_at.values else ""
        wanted = [one.field_path.strip("`") for one in query.select.fields]
        paths = {f"{PROJECT}/{table}/{name}": content for name, content in self.collections.get(table, {}).items()}
        for path in [one for one in sorted(paths) if one > after][: query.limit]:
            content = {key: value for key, value in paths[path].items() if not wanted or key in wanted}
            fields = _helpers.encode_dict(content)
            yield calls.RunQueryResponse(document=documents.Document(name=path, fields=fields))
        yield calls.RunQueryResponse(done=True)


@asynccontextmanager
async def running(server: FirestoreServer, *, tls_name: str = "") -> AsyncIterator[str]:
    """Let ``server`` listen on a free port of this machine for a while; gives its certificate in PEM, if it has one."""
    listening = grpc.aio.server()
    handlers = {
        "ListCollectionIds": grpc.unary_unary_rpc_method_handler(
            server.list_collection_ids,
            request_deserializer=calls.ListCollectionIdsRequest.deserialize,
            response_serializer=calls.ListCollectionIdsResponse.serialize,
        ),
        "RunQuery": grpc.unary_stream_rpc_method_handler(
            server.run_query,
            request_deserializer=calls.RunQueryRequest.deserialize,
            response_serializer=calls.RunQueryResponse.serialize,
        ),
    }
    listening.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    pem = b""
    if tls_name:
        private, pem = signed(tls_name)
        server.port = listening.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(private, pem)]))
    else:
        server.port = listening.add_insecure_port("127.0.0.1:0")
    await listening.start()
    try:
        yield pem.decode()
    finally:
        await listening.stop(None)
