"""The outermost layer of the web process, pure ASGI: what holds for every request, whoever answers it.

Request ids, the client's address behind trusted proxies, origins, limits of bodies, headers, metrics and counting.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request

from backend_services.kernel import usage
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import elapsed_ms, monotonic_s
from backend_services.kernel.ids import new_id
from backend_services.kernel.metrics import PAGES_OPEN, REQUEST_SECONDS, REQUESTS, REQUESTS_OPEN
from backend_services.kernel.refusals import refusal_of
from backend_services.kernel.settings import get_settings
from omni_app.headers import HSTS, SAME_FOR_ALL, cache_control, content_security_policy, inline_script_hashes
from state.api import problems
from state.api.deps import COOKIE, authenticate
from state.api.origins import SAFE_METHODS, origin_allowed

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
CLOSED_PATH = "/_upload"
UPLOADS = re.compile(r"^/api/v1/(ingestion/uploads|datasets/[0-9a-fA-F-]{36}/versions)/?$")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_POLICY_VIOLATION = 1008

_FOREIGN = b"access-control-"


class Outer:
    """Stands around the whole web application."""

    def __init__(self, app: ASGIApp, *, pages: Path | None = None) -> None:
        """Stand around ``app``; ``pages`` is the folder of the built front end."""
        self._app = app
        self._script_hashes = inline_script_hashes(pages) if pages is not None and pages.is_dir() else ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or hold one websocket."""
        if scope["type"] == "http":
            _identify(scope)
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            _identify(scope)
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not origin_allowed(Headers(scope=scope)):
            await receive()
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION, "reason": "origin"})
            return
        with PAGES_OPEN.track_inprogress():
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        started_s = monotonic_s()
        status = HTTPStatus.INTERNAL_SERVER_ERROR.value

        async def dress(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": self._headers(scope, status, message.get("headers", []))}
            await send(message)

        try:
            with REQUESTS_OPEN.track_inprogress():
                refused = await _refusal(scope)
                if refused is not None:
                    await refused(scope, receive, dress)
                    return
                await self._app(scope, _Limited(receive, _limit_bytes(scope)), dress)
        finally:
            _count(scope, status, elapsed_ms(started_s))

    def _headers(self, scope: Scope, status: int, given: Any) -> list[tuple[bytes, bytes]]:
        headers = [(name, value) for name, value in given if name.lower() not in {b"server", b"x-powered-by"}]
        names = {name.lower(): value for name, value in headers}
        content_type = names.get(b"content-type", b"")
        own_frames = b"frame-ancestors" in names.get(b"content-security-policy", b"")  # says who may frame it, better
        same = [one for one in SAME_FOR_ALL if not (own_frames and one[0] == b"x-frame-options")]
        added = [*same, (b"x-request-id", str(scope["omni.request_id"]).encode("ascii"))]
        if status == HTTPStatus.NOT_MODIFIED:
            pass  # a browser puts these headers over those of the page it kept, and this answer names no type
        elif content_type.startswith(b"text/html"):
            host = Headers(scope=scope).get("host", "")
            added.append((b"content-security-policy", content_security_policy(self._script_hashes, host)))
        else:
            added.append((b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"))
        if scope.get("scheme") == "https":
            added.append(HSTS)
        kept = b"" if b"cache-control" in names else cache_control(scope["path"], content_type, status)
        if kept:
            added.append((b"cache-control", kept))
        return [*headers, *((name, value) for name, value in added if name not in names)]


class _Limited:
    """Counts a body while it streams and ends it at the limit."""

    def __init__(self, receive: Receive, limit_bytes: int) -> None:
        self._receive = receive
        self._left = limit_bytes

    async def __call__(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message


def _is_upload(scope: Scope) -> bool:
    return scope["method"] in {"POST", "PUT"} and UPLOADS.match(scope["path"]) is not None


def _limit_bytes(scope: Scope) -> int:
    settings = get_settings()
    return settings.max_upload_bytes if _is_upload(scope) else settings.max_body_bytes


async def _refusal(scope: Scope) -> problems.Problem | None:
    """Return the answer to a request that no route should see."""
    request = Request(scope)
    if scope["method"] not in METHODS:
        return problems.refusal(request, status=405, code="method_not_allowed")
    path = unquote(scope["path"])
    if path.startswith(CLOSED_PATH) or _CONTROL.search(path):
        return problems.refusal(request, status=404, code="route_not_found")
    if scope["method"] not in SAFE_METHODS and _acts_by_cookie(request) and not origin_allowed(request.headers):
        return problems.refusal(request, status=403, code="origin_refused")
    return _refused_body(request) or await _refused_uploader(request)


def _refused_body(request: Request) -> problems.Problem | None:
    length = request.headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit():
        return problems.refusal(request, status=400, code="bad_request")
    if int(length) > _limit_bytes(request.scope):
        return problems.refusal(request, status=413, code="body_too_large")
    return None


async def _refused_uploader(request: Request) -> problems.Problem | None:
    """Ask who uploads before a byte of a large body is read."""
    if not _is_upload(request.scope):
        return None
    try:
        await authenticate(request)
    except Exception as error:
        refused = refusal_of(error)
        if refused is None:
            raise
        return await problems.domain_error(request, refused)
    return None


def _acts_by_cookie(request: Request) -> bool:
    by_itself = "authorization" in request.headers or "x-api-key" in request.headers
    return COOKIE in request.cookies and not by_itself


def _identify(scope: Scope) -> None:
    """Give the request its id and the client's real address; only trusted proxies are believed."""
    headers = Headers(scope=scope)
    scope["headers"] = list(scope["headers"])
    peer = scope["client"][0] if scope.get("client") else ""
    trusted = trusted_networks(get_settings().trusted_proxies)
    request_id = new_id().hex
    if _is_in(peer, trusted):
        given = headers.get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else request_id
        scheme = headers.get("x-forwarded-proto", "").lower()
        if scheme in {"http", "https"}:
            scope["scheme"] = scheme if scope["type"] == "http" else {"http": "ws", "https": "wss"}[scheme]
        peer = client_address(peer, headers.getlist("x-forwarded-for"), trusted)
        scope["client"] = (peer, scope["client"][1])
    scope["omni.request_id"] = request_id
    scope["omni.client_ip"] = peer


def client_address(peer: str, forwarded: list[str], trusted: tuple[Network, ...]) -> str:
    """Return the last address in ``X-Forwarded-For`` that is not one of our proxies."""
    hops = [hop.strip() for line in forwarded for hop in line.split(",")]
    for hop in reversed(hops):
        try:
            ipaddress.ip_address(hop)
        except ValueError:
            return peer
        peer = hop
        if not _is_in(hop, trusted):
            return peer
    return peer


@lru_cache(maxsize=8)
def trusted_networks(written: str) -> tuple[Network, ...]:
    """Return the networks in the setting ``trusted_proxies``."""
    return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in written.split(",") if part.strip())


def _is_in(address: str, networks: tuple[Network, ...]) -> bool:
    if not networks:
        return False
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(found in network for network in networks)


def _count(scope: Scope, status: int, latency_ms: float) -> None:
    path = scope["path"]
    route = _route_of(scope)
    method = scope["method"] if scope["method"] in METHODS else "OTHER"
    REQUESTS.labels(method, route, str(status)).inc()
    REQUEST_SECONDS.labels(method, route).observe(latency_ms / 1000)
    actor = scope.get("state", {}).get("actor")
    if isinstance(actor, Actor) and path.startswith("/api/"):
        usage.record(
            tenant_id=actor.tenant_id,
            method=method,
            route=route,
            status=status,
            latency_ms=latency_ms,
            api_key_id=actor.api_key_id,
            user_id=actor.user_id,
        )


def _route_of(scope: Scope) -> str:
    """Return the matched route's template; pages, files and misses each count as one, so labels stay few."""
    template = getattr(scope.get("route"), "path_format", None) or getattr(scope.get("route"), "path", None)
    if isinstance(template, str) and template:
        return template
    if scope["path"].startswith(("/api/", "/auth/")):
        return "unmatched"
    return "file" if "." in scope["path"].rsplit("/", maxsplit=1)[-1] else "page"


def with_paths_in_one_line(app: ASGIApp) -> ASGIApp:
    """Return ``app`` for which a line end in a path stays encoded: no mount of Starlette's matches beyond one."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if "\n" in scope.get("path", ""):
            scope = {**scope, "path": scope["path"].replace("\n", "%0A")}
        await app(scope, receive, send)

    return served


def without_foreign_permissions(app: ASGIApp) -> ASGIApp:
    """Return ``app`` without Reflex's CORS headers: it puts them around everything else, and no other site may read."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        async def say(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [one for one in message.get("headers", []) if not one[0].lower().startswith(_FOREIGN)]
                message = {**message, "headers": headers}
            await send(message)

        await app(scope, receive, say if scope["type"] == "http" else send)

    return served
