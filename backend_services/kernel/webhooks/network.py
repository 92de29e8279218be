"""The way to a webhook's server.

A name is resolved once, here, and the connection goes to the address that was judged: a name that resolves to another
address a moment later (DNS rebinding) leads nowhere. The certificate is still checked against the name.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import httpx

from backend_services.kernel.clock import elapsed_ms, monotonic_s
from backend_services.kernel.network import is_public, parse_address, parse_networks
from backend_services.kernel.webhooks.errors import WebhookAddressError, WebhookUnansweredError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend_services.kernel.webhooks.settings import WebhookSettings

MOST_READ: Final = 16_384
EXCERPT: Final = 500
_LONGEST: Final = 2000
_NAME: Final = re.compile(rb"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_.])?")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said.

    Attributes:
        excerpt: The beginning of its answer, for the log.
    """

    status: int
    excerpt: str
    took_ms: float

    @property
    def is_success(self) -> bool:
        """Return whether the server took the message."""
        return 200 <= self.status < 300  # noqa: PLR2004 - RFC 9110, section 15.3


def checked_url(text: str, settings: WebhookSettings) -> httpx.URL:
    """Return the address in ``text`` if a webhook could go there, as far as that is known without asking for its name.

    Raises:
        WebhookAddressError: It is no such address.
    """
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise WebhookAddressError from error
    schemes = {"https", "http"} if settings.allow_http else {"https"}
    if len(text) > _LONGEST or url.scheme not in schemes or not url.host or url.userinfo or url.fragment:
        raise WebhookAddressError
    try:
        parse_address(url.host)
    except ValueError:
        if _NAME.fullmatch(url.raw_host) is None:
            raise WebhookAddressError from None
        return url
    _require_reachable(url.host, settings)
    return url


def _require_reachable(address: str, settings: WebhookSettings) -> None:
    found = parse_address(address)
    if not is_public(found) and not any(found in one for one in parse_networks(settings.networks)):
        raise WebhookAddressError


async def _pinned(url: httpx.URL, settings: WebhookSettings) -> str:
    """Return the first address of the URL's host if all of its addresses may be reached."""
    port = url.port or (443 if url.scheme == "https" else 80)
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(url.raw_host.decode(), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise WebhookUnansweredError(params={"reason": "name_unknown"}) from error
    addresses = [str(one[4][0]) for one in found]
    if not addresses:
        raise WebhookUnansweredError(params={"reason": "name_unknown"})
    for one in addresses:
        _require_reachable(one, settings)
    return addresses[0]


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


async def post(text: str, *, body: bytes, headers: Mapping[str, str], settings: WebhookSettings) -> Answer:
    """Send ``body`` to an address and return what was answered, whatever it was.

    Raises:
        WebhookAddressError: The address may not be reached.
        WebhookUnansweredError: Nobody answered in time; ``params["reason"]`` says why.
    """
    url = checked_url(text, settings)
    began_s = monotonic_s()
    try:
        async with asyncio.timeout(settings.timeout_s):
            address = await _pinned(url, settings)
            return await _exchange(url, address, body=body, headers=headers, began_s=began_s)
    except TimeoutError as error:
        raise WebhookUnansweredError(params={"reason": "timeout"}) from error
    except httpx.TimeoutException as error:
        raise WebhookUnansweredError(params={"reason": "timeout"}) from error
    except (httpx.TransportError, ssl.SSLError) as error:
        raise WebhookUnansweredError(params={"reason": "unreachable"}) from error


async def _exchange(url: httpx.URL, address: str, *, body: bytes, headers: Mapping[str, str], began_s: float) -> Answer:
    named = {"Host": url.netloc.decode(), **headers}
    async with httpx.AsyncClient(trust_env=False, follow_redirects=False, verify=_tls(), timeout=None) as client:  # noqa: S113 - the caller bounds the whole exchange
        request = client.build_request(
            "POST",
            url.copy_with(host=address),
            content=body,
            headers=named,
            extensions={"sni_hostname": url.raw_host.decode()},
        )
        response = await client.send(request, stream=True)
        try:
            read = bytearray()
            async for piece in response.aiter_raw(chunk_size=4096):
                read += piece
                if len(read) >= MOST_READ:
                    break
        finally:
            await response.aclose()
    excerpt = bytes(read[: EXCERPT * 4]).decode("utf-8", "replace").replace("\x00", "")[:EXCERPT]
    return Answer(status=response.status_code, excerpt=excerpt, took_ms=round(elapsed_ms(began_s), 3))
