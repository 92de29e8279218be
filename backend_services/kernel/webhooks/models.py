"""Tables of webhooks: where messages go, and each message."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend_services.kernel.models import TenantRow

_TIME = DateTime(timezone=True)


class WebhookEndpoint(TenantRow, table=True):
    """A server of the tenant's that messages go to. Its secrets lie in ``secrets``, sealed.

    Attributes:
        maker_id: Who made it, and is told when it is switched off.
        before_until: Until when the secret before the last rotation signs too.
        failing_since: Since when nothing but failures came back.
    """

    __tablename__: ClassVar[str] = "webhook_endpoints"
    __table_args__ = (CheckConstraint("state IN ('active', 'disabled', 'paused')", name="ck_webhook_endpoints_state"),)

    maker_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL", index=True, nullable=True)
    name: str = Field(max_length=120, nullable=False)
    url: str = Field(max_length=2000, nullable=False)
    events: list[str] = Field(default_factory=list, sa_type=JSONB, nullable=False)
    state: str = Field(default="active", max_length=16, nullable=False)
    before_until: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
    failing_since: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
    last_at: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
    version: int = Field(default=1, nullable=False)


class WebhookDelivery(TenantRow, table=True):
    """One message to one endpoint; the unique key is what keeps it from being written twice.

    Attributes:
        body: The very bytes that are signed and sent, as text.
    """

    __tablename__: ClassVar[str] = "webhook_deliveries"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "message_id", name="uq_webhook_deliveries_once"),
        Index("ix_webhook_deliveries_endpoint_id_created_at", "endpoint_id", "created_at"),
        Index("ix_webhook_deliveries_waiting", "job_id", postgresql_where=text("state = 'waiting'")),
        CheckConstraint("state IN ('failed', 'sent', 'waiting')", name="ck_webhook_deliveries_state"),
    )

    endpoint_id: UUID = Field(foreign_key="webhook_endpoints.id", ondelete="CASCADE", nullable=False)
    message_id: str = Field(max_length=80, nullable=False)
    event: str = Field(max_length=64, nullable=False)
    body: str = Field(nullable=False)
    state: str = Field(default="waiting", max_length=16, nullable=False)
    attempts: int = Field(default=0, nullable=False)
    status: int | None = Field(default=None, nullable=True)
    reason: str = Field(default="", max_length=64, nullable=False)
    answer: str = Field(default="", max_length=500, nullable=False)
    took_ms: float | None = Field(default=None, nullable=True)
    job_id: UUID | None = Field(default=None, nullable=True)
    settled_at: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
