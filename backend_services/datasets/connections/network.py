"""Which addresses connections may reach, and the channel to them.

A name is resolved once, here, and the driver connects to the address that was judged: a name that resolves to
another address a moment later (DNS rebinding) leads nowhere.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import Any

from backend_services.datasets.connections.errors import ServerForbiddenError, ServerNameError, ServerTlsError
from backend_services.datasets.connections.ports import Tls
from backend_services.kernel.network import parse_address, parse_networks


def may_reach(address: str, *, networks: str) -> bool:
    """Return whether connections may reach ``address``.

    Without ``networks`` everything may be reached but this machine, link-local addresses (where clouds keep their
    metadata) and what is no address of one machine.
    """
    plain = parse_address(address)
    allowed = parse_networks(networks)
    if allowed:
        return any(plain in one for one in allowed)
    closed = plain.is_loopback or plain.is_link_local or plain.is_multicast or plain.is_unspecified or plain.is_reserved
    return not closed


async def allowed_address(host: str, port: int, *, networks: str, timeout_s: float) -> str:
    """Return the first address of ``host`` if all of its addresses may be reached.

    Raises:
        ServerNameError: The name is not known, or nobody answered in time.
        ServerForbiddenError: One of its addresses may not be reached.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout_s):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError) as error:
        raise ServerNameError(params={"host": host}) from error
    addresses = [str(one[4][0]) for one in found]
    if not addresses:
        raise ServerNameError(params={"host": host})
    if not all(may_reach(one, networks=networks) for one in addresses):
        raise ServerForbiddenError(params={"host": host})
    return addresses[0]


class _NamedContext(ssl.SSLContext):
    """Checks the certificate against the name that a person gave, though the driver connects to its address."""

    expected = ""

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:
        """Begin a channel over buffers."""
        return super().wrap_bio(*args, **{**options, "server_hostname": self.expected})

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:
        """Begin a channel over a socket."""
        return super().wrap_socket(*args, **{**options, "server_hostname": self.expected})


def tls_context(mode: Tls, *, host: str, ca_certificate: str) -> ssl.SSLContext | None:
    """Return how to encrypt, or ``None`` for not at all.

    Raises:
        ServerTlsError: The authority's certificate cannot be read.
    """
    if mode is Tls.DISABLE:
        return None
    context = _NamedContext(ssl.PROTOCOL_TLS_CLIENT)
    context.expected = host
    if mode is Tls.REQUIRE:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    if not ca_certificate:
        context.load_default_certs()
        return context
    try:
        context.load_verify_locations(cadata=ca_certificate)
    except (ssl.SSLError, ValueError) as error:
        raise ServerTlsError from error
    return context
