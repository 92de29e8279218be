"""Which pages may act with a person's cookie."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from backend_services.kernel.settings import get_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def origin_allowed(headers: Mapping[str, str]) -> bool:
    """Return whether the request comes from a page of this install.

    A browser sends ``Origin`` with every POST and every websocket; a request without one does not come from a page
    that could be trusted with a cookie.
    """
    origin = headers.get("origin", "").rstrip("/").lower()
    if not origin or origin == "null":
        return False
    settings = get_settings()
    listed = {part.strip().rstrip("/").lower() for part in settings.allowed_origins.split(",") if part.strip()}
    if origin in listed or origin == settings.base_url.lower():
        return True
    parts = urlsplit(origin)
    return parts.scheme in {"http", "https"} and parts.netloc == headers.get("host", "").lower()
