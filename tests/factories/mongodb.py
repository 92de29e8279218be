"""A server that speaks MongoDB's wire protocol, for tests: frames, SCRAM and TLS are real, mongomock answers.

It is no mongod: what the adapter sends is checked against the documented protocol, not against the product itself.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

import bson
import mongomock

_OP_REPLY, _OP_QUERY, _OP_MSG = 1, 2004, 2013
_ITERATIONS = 4096
_MOST_BYTES = 48_000_000  # what a real server takes in one message
Document = dict[str, Any]


@dataclass
class MongoServer:
    """The running server.

    Attributes:
        users: Password by ``name@database``; without any nobody signs in.
        writers: Those who may write.
        forbidden: Collections that nobody may read; ``slow`` ones end with the server's time limit.
        raw: Documents of collections that mongomock would not take; answered as they are.
        commands: Names of all commands that were sent.
    """

    users: dict[str, str] = field(default_factory=dict)
    writers: set[str] = field(default_factory=set)
    forbidden: set[str] = field(default_factory=set)
    slow: set[str] = field(default_factory=set)
    raw: dict[str, list[Document]] = field(default_factory=dict)
    commands: list[str] = field(default_factory=list)
    pipelines: list[list[Document]] = field(default_factory=list)
    store: Any = field(default_factory=mongomock.MongoClient)
    port: int = 0


class _RefusedError(Exception):
    def __init__(self, code: int, said: str) -> None:
        super().__init__(said)
        self.code = code


class _Session:
    """One connection to it."""

    def __init__(self, server: MongoServer) -> None:
        self._server = server
        self._user = ""
        self._cursors: dict[int, list[Document]] = {}
        self._scram: dict[str, str] = {}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer until the client leaves."""
        try:
            while True:
                length, request, _, code = struct.unpack("<iiii", await reader.readexactly(16))
                # not this protocol, a TLS greeting for instance
                if code not in {_OP_QUERY, _OP_MSG} or not 16 <= length <= _MOST_BYTES:
                    return
                body = await reader.readexactly(length - 16)
                writer.write(self._answer(request, code, body))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    def _answer(self, request: int, code: int, body: bytes) -> bytes:
        if code == _OP_QUERY:
            name_end = body.index(b"\x00", 4)
            reply = bson.encode(self._done(bson.decode(body[name_end + 9 :])))
            payload = struct.pack("<iqii", 8, 0, 0, 1) + reply
            return struct.pack("<iiii", 16 + len(payload), 1, request, _OP_REPLY) + payload
        assert (code, body[4]) == (_OP_MSG, 0)
        size = struct.unpack("<i", body[5:9])[0]
        options = bson.codec_options.CodecOptions(tz_aware=False)
        reply = bson.encode(self._done(bson.decode(body[5 : 5 + size], codec_options=options)))
        payload = struct.pack("<iB", 0, 0) + reply
        return struct.pack("<iiii", 16 + len(payload), 1, request, _OP_MSG) + payload

    def _done(self, command: Document) -> Document:
        name = next(iter(command))
        self._server.commands.append(name)
        try:
            handler = getattr(self, f"_do_{name.lower()}", None)
            if handler is None:
                self._refuse(59, f"no such command: '{name}'")
            free = {"hello", "ismaster", "saslstart", "saslcontinue", "ping", "buildinfo", "connectionstatus"}
            if self._server.users and not self._user and name.lower() not in free - {"ping"}:
                self._refuse(13, f"command {name} requires authentication")
            return {**handler(command), "ok": 1.0}
        except _RefusedError as error:
            return {"ok": 0.0, "code": error.code, "errmsg": str(error), "codeName": "Refused"}

    def _refuse(self, code: int, said: str) -> NoReturn:
        raise _RefusedError(code, said)

    def _do_ismaster(self, command: Document) -> Document:
        del command
        return {
            "ismaster": True,
            "isWritablePrimary": True,
            "helloOk": True,
            "maxBsonObjectSize": 16_777_216,
            "maxMessageSizeBytes": 48_000_000,
            "maxWriteBatchSize": 100_000,
            "minWireVersion": 0,
            "maxWireVersion": 21,
            "saslSupportedMechs": ["SCRAM-SHA-256"],
        }

    _do_hello = _do_ismaster

    def _do_saslstart(self, command: Document) -> Document:
        said = bytes(command["payload"]).decode()
        parts = dict(one.split("=", 1) for one in said[3:].split(","))
        source = str(command["$db"])
        known = f"{parts['n']}@{source}"
        if command["mechanism"] != "SCRAM-SHA-256" or known not in self._server.users:
            raise _RefusedError(18, "Authentication failed.")
        salt = secrets.token_bytes(28)
        first = f"r={parts['r']}{secrets.token_hex(8)},s={base64.b64encode(salt).decode()},i={_ITERATIONS}"
        salted = hashlib.pbkdf2_hmac("sha256", self._server.users[known].encode(), salt, _ITERATIONS)
        self._scram = {"bare": said[3:], "first": first, "salted": salted.hex(), "user": known}
        return {"conversationId": 1, "done": False, "payload": first.encode()}

    def _do_saslcontinue(self, command: Document) -> Document:
        said = bytes(command["payload"]).decode()
        without, _, proof = said.rpartition(",p=")
        salted = bytes.fromhex(self._scram["salted"])
        message = f"{self._scram['bare']},{self._scram['first']},{without}".encode()
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        signature = hmac.digest(hashlib.sha256(client_key).digest(), message, "sha256")
        expected = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        if not hmac.compare_digest(expected, base64.b64decode(proof)):
            raise _RefusedError(18, "Authentication failed.")
        self._user = self._scram["user"]
        server = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), message, "sha256")
        return {"conversationId": 1, "done": True, "payload": b"v=" + base64.b64encode(server)}

    def _do_ping(self, command: Document) -> Document:
        del command
        return {}

    _do_endsessions = _do_killcursors = _do_ping

    def _do_buildinfo(self, command: Document) -> Document:
        del command
        return {"version": "7.0.99"}

    def _do_connectionstatus(self, command: Document) -> Document:
        assert command["showPrivileges"]
        actions = ["find", "insert"] if self._user in self._server.writers else ["find", "listCollections"]
        users = [{"user": self._user}] if self._user else []
        return {"authInfo": {"authenticatedUsers": users, "authenticatedUserPrivileges": [{"actions": actions}]}}

    def _do_listcollections(self, command: Document) -> Document:
        assert command["authorizedCollections"]
        names = [*self._server.store[command["$db"]].list_collection_names(), *self._server.raw]
        batch = [{"name": one, "type": "view" if one.startswith("v_") else "collection"} for one in names]
        return {"cursor": {"id": 0, "ns": f"{command['$db']}.$cmd.listCollections", "firstBatch": batch}}

    def _do_count(self, command: Document) -> Document:
        if command["count"] in self._server.raw:
            return {"n": len(self._server.raw[command["count"]])}
        return {"n": self._server.store[command["$db"]][command["count"]].estimated_document_count()}

    def _do_aggregate(self, command: Document) -> Document:
        name = str(command["aggregate"])
        if name in self._server.forbidden:
            raise _RefusedError(13, f"not authorized on {name}")
        if name in self._server.slow:
            assert command["maxTimeMS"] > 0
            raise _RefusedError(50, "operation exceeded time limit")
        self._server.pipelines.append(command["pipeline"])
        found = self._server.raw.get(name)
        if found is None:
            found = list(self._server.store[command["$db"]][name].aggregate(command["pipeline"]))
        size = command.get("cursor", {}).get("batchSize", 101)
        self._cursors[1] = found[size:]
        return {"cursor": {"id": int(bool(found[size:])), "ns": f"{command['$db']}.{name}", "firstBatch": found[:size]}}

    def _do_getmore(self, command: Document) -> Document:
        size = command.get("batchSize", 101)
        batch, self._cursors[1] = self._cursors[1][:size], self._cursors[1][size:]
        namespace = f"{command['$db']}.{command['collection']}"
        return {"cursor": {"id": int(bool(self._cursors[1])), "ns": namespace, "nextBatch": batch}}


@asynccontextmanager
async def running(server: MongoServer, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[MongoServer]:
    """Let ``server`` listen on a free port of this machine for a while."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _Session(server).serve(reader, writer)

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
