"""Tables of idempotency."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend_services.kernel.models import TenantRow


class IdempotencyKey(TenantRow, table=True):
    """A key that a client sent with a request that creates, and what was answered.

    Attributes:
        owner: Whose key it is (user or API key), so that two callers of a tenant do not meet.
        fingerprint: SHA-256 of method, route and body; the same key with another request is refused.
        status: Of the stored answer; empty while the first request is still being carried out.
    """

    __tablename__ = "idempotency_keys"
    __table_args__ = (UniqueConstraint("tenant_id", "owner", "key", name="uq_idempotency_keys_tenant_id_owner_key"),)

    owner: str = Field(nullable=False)
    key: str = Field(nullable=False)
    fingerprint: str = Field(nullable=False)
    status: int | None = Field(default=None, nullable=True)
    headers: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    body: str = Field(default="", nullable=False)
    locked_until: datetime = Field(sa_type=DateTime(timezone=True), nullable=False)
    expires_at: datetime = Field(sa_type=DateTime(timezone=True), nullable=False, index=True)
