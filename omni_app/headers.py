"""The headers that keep a browser on our side, and the policy of what its pages may run (CSP level 3)."""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_INLINE = re.compile(rb"<script(?P<attributes>[^>]*)>(?P<code>.*?)</script>", re.DOTALL | re.IGNORECASE)
_HASHED = re.compile(r"^/assets/[^/]+-[A-Za-z0-9_-]{8,}\.[a-z0-9]+(\.[a-z0-9]+)?$")
IMMUTABLE = b"public, max-age=31536000, immutable"
SAME_FOR_ALL = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
HSTS = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")


def inline_script_hashes(folder: Path) -> tuple[str, ...]:
    """Return the CSP source of every inline script in the built pages below ``folder``."""
    found: set[str] = set()
    for page in folder.rglob("*.html"):
        for script in _INLINE.finditer(page.read_bytes()):
            if b"src=" not in script["attributes"].lower() and script["code"].strip():
                found.add(f"'sha256-{base64.b64encode(sha256(script['code']).digest()).decode()}'")
    return tuple(sorted(found))


def content_security_policy(script_hashes: tuple[str, ...], host: str) -> bytes:
    """Return the policy for pages of ``host``: our own scripts and no others, no eval, no framing."""
    known_host = host if re.fullmatch(r"[A-Za-z0-9.\-\[\]:]{1,255}", host) else ""
    sockets = f" ws://{known_host} wss://{known_host}" if known_host else ""
    parts = (
        "default-src 'self'",
        " ".join(("script-src 'self'", *script_hashes)),
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        f"connect-src 'self'{sockets}",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
    return "; ".join(parts).encode("ascii")


def cache_control(path: str, content_type: bytes, status: int) -> bytes:
    """Return how long an answer that says nothing about it may be kept; empty where the browser shall decide."""
    if path.startswith(("/api/", "/auth/")):
        return b"no-store"
    if status != HTTPStatus.OK:
        return b""
    if _HASHED.match(path):
        return IMMUTABLE
    return b"no-cache" if content_type.startswith(b"text/html") else b"public, max-age=3600"
