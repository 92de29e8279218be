"""Secrets and signatures of webhooks (Standard Webhooks, version 1). Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32


def new_secret() -> str:
    """Return a fresh secret as it is shown and handed to verifying libraries."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, *, message_id: str, timestamp_s: int, body: bytes) -> str:
    """Return one signature: the scheme's version, a comma, and base64 of the HMAC."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp_s}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


def headers_of(keys: Iterable[str], *, message_id: str, timestamp_s: int, body: bytes) -> dict[str, str]:
    """Return the headers of a message, signed with each of ``keys``."""
    signed = " ".join(signature(one, message_id=message_id, timestamp_s=timestamp_s, body=body) for one in keys)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Omni-Webhooks/1",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": signed,
    }
