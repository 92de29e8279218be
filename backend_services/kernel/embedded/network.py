"""Ports: free ones on loopback, and what keeps a server from listening on one that was asked for."""

from __future__ import annotations

import errno
import socket

LOOPBACK = "127.0.0.1"
_PRIVILEGED = 1024


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def obstacle(host: str, port: int) -> str:
    """Return why a server cannot listen on ``host`` and ``port``, with the way out; empty when it can."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        return f"The host {host!r} is not known here. Give --host an address of this machine, such as {LOOPBACK}."
    codes = [_bind(family, address) for family, _, _, _, address in found]
    if errno.EADDRINUSE in codes:
        return f"Port {port} on {host} is taken, perhaps by another Omni. Stop that, or choose another --port."
    if errno.EACCES in codes or errno.EPERM in codes:
        return f"This account may not listen on port {port}. Choose a --port of {_PRIVILEGED} or above, such as 8080."
    if 0 not in codes:  # a name such as localhost may also stand for a family of addresses that is switched off
        return f"This machine has no address {host}. Give --host one that it has, such as {LOOPBACK} or 0.0.0.0."
    return ""


def _bind(family: int, address: tuple[object, ...]) -> int:
    """Return the error number of listening there, or 0."""
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            probe.bind(address)
    except OSError as error:
        return error.errno or errno.EADDRNOTAVAIL
    return 0
