"""How audit events are chained: each carries the SHA-256 of its own content and of the event before it."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

FIELDS = (
    "id",
    "created_at",
    "tenant_id",
    "sequence",
    "actor_kind",
    "actor_label",
    "user_id",
    "api_key_id",
    "session_id",
    "action",
    "subject_type",
    "subject_id",
    "subject_label",
    "details",
    "request_id",
    "ip",
)


def genesis(tenant_id: UUID) -> str:
    """Return what the first event of a tenant follows."""
    return sha256(f"omni audit {tenant_id}".encode()).hexdigest()


def canonical(content: Mapping[str, object]) -> bytes:
    """Return ``content`` as JSON with sorted keys and no spaces; the same content always gives the same bytes."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def link(previous_hash: str, content: Mapping[str, object]) -> str:
    """Return the hash of an event with ``content`` that follows ``previous_hash``."""
    return sha256(previous_hash.encode() + b"\n" + canonical(content)).hexdigest()
