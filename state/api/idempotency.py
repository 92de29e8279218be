"""``Idempotency-Key`` on requests that create: the same request sent twice is carried out once.

A route asks for :data:`idempotent` among its dependencies. It claims the key before the work; :class:`AnswerKeeper`,
which stands around the application, keeps the answer and gives the claim back when nothing was done.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Header, Request
from starlette.responses import Response

from backend_services.kernel.actor import Actor
from backend_services.kernel.idempotency import service as keys
from backend_services.kernel.secrets.crypto import seal, unseal
from state.api.deps import authenticate

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

Claim = tuple[Actor, str]
CLAIM = "omni.idempotency_claim"
KEPT_HEADERS = frozenset({"content-type", "location", "etag"})
PURPOSE = "idempotency"
MAX_KEPT_BYTES = 1_000_000
FIRST_FAILURE = 400


class AlreadyAnsweredError(Exception):
    """The request was carried out before; carries the stored answer."""

    def __init__(self, answer: keys.StoredAnswer) -> None:
        """Carry ``answer``."""
        self.answer = answer
        super().__init__("already answered")


async def _claim(
    request: Request,
    actor: Annotated[Actor, Depends(authenticate)],
    idempotency_key: Annotated[
        str | None, Header(max_length=200, description="Send the same text again to repeat a request safely.")
    ] = None,
) -> None:
    if idempotency_key is None:
        return
    route = f"{request.url.path}?{request.url.query}"
    stored = await keys.claim(actor, idempotency_key, keys.fingerprint(request.method, route, await _body(request)))
    if stored is not None:
        raise AlreadyAnsweredError(stored)
    request.scope[CLAIM] = (actor, idempotency_key)


idempotent = Depends(_claim)


async def _body(request: Request) -> bytes:
    """Return what tells this body from another: the body itself, or the digest of an uploaded form."""
    if not request.headers.get("content-type", "").startswith("multipart/"):
        return await request.body()
    form = await request.form()
    parts: list[bytes] = []
    for name, value in form.multi_items():
        parts.append(name.encode())
        if isinstance(value, str):
            parts.append(value.encode())
            continue
        digest = sha256((value.filename or "").encode())
        while chunk := await value.read(1 << 20):
            digest.update(chunk)
        await value.seek(0)
        parts.append(digest.digest())
    return b"\0".join(parts)


async def replay(_: Request, error: AlreadyAnsweredError) -> Response:
    """Give the stored answer again."""
    headers = {**error.answer.headers, "Idempotency-Replayed": "true"}
    return Response(unseal(error.answer.body, PURPOSE), status_code=error.answer.status, headers=headers)


class AnswerKeeper:
    """Keeps the answers of requests that claimed a key."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand around ``app``."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; keep its answer before the last byte leaves, so whoever has it can repeat it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        kept = _Kept()

        async def keep(message: Message) -> None:
            if scope.get(CLAIM) is not None:
                await kept.take(message, scope[CLAIM])
            await send(message)

        try:
            await self._app(scope, receive, keep)
        except BaseException:
            if scope.get(CLAIM) is not None and not kept.settled:
                await keys.release(*scope[CLAIM])
            raise


class _Kept:
    def __init__(self) -> None:
        self.settled = False
        self._status = 500
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    async def take(self, message: Message, claim: Claim) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            pairs = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in message["headers"]]
            self._headers = {name: value for name, value in pairs if name in KEPT_HEADERS}
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._settle(claim)

    async def _settle(self, claim: Claim) -> None:
        self.settled = True
        actor, key = claim
        if self._status >= FIRST_FAILURE or len(self._body) > MAX_KEPT_BYTES:
            await keys.release(actor, key)
            return
        body = seal(bytes(self._body), PURPOSE)  # an answer may hold a key that is shown once
        answer = keys.StoredAnswer(status=self._status, body=body, headers=self._headers)
        await keys.store(actor, key, answer)
