"""Identifiers: UUID version 7 (RFC 9562), so rows sort by the time they were made."""

from __future__ import annotations

import secrets
from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    """Return a fresh, time-ordered identifier."""
    return uuid_utils.compat.uuid7()


def new_token(size_bytes: int = 32) -> str:
    """Return an unguessable URL-safe token with ``size_bytes`` bytes of entropy."""
    return secrets.token_urlsafe(size_bytes)
