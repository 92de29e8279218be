"""Tables of subscriptions: what is sent to whom and when, and each delivery."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend_services.kernel.models import TenantRow

_TIME = DateTime(timezone=True)


class Subscription(TenantRow, table=True):
    """A standing order.

    Attributes:
        owner_id: Who made it; it ends with that account.
        content: Everything a person chose, as ``schemas.SubscriptionChange``.
        unsubscribed: Keys of recipients who took themselves off.
        state: ``active``, ``paused`` or ``disabled`` (after failures).
        next_at: When it is due next; ``None`` unless it is active.
        failures: Deliveries in a row that failed; five switch it off.
    """

    __tablename__: ClassVar[str] = "subscriptions"
    __table_args__ = (
        Index("ix_subscriptions_due", "next_at", postgresql_where=text("state = 'active'")),
        Index("ix_subscriptions_tenant_id_owner_id", "tenant_id", "owner_id"),
        CheckConstraint("state IN ('active', 'paused', 'disabled')", name="ck_subscriptions_state"),
    )

    owner_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True, nullable=False)
    dashboard_id: UUID = Field(foreign_key="dashboards.id", ondelete="CASCADE", index=True, nullable=False)
    title: str = Field(max_length=120, nullable=False)
    content: dict[str, Any] = Field(sa_type=JSONB, nullable=False)
    unsubscribed: list[str] = Field(default_factory=list, sa_type=JSONB, nullable=False)
    state: str = Field(default="active", max_length=16, nullable=False)
    next_at: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
    last_at: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
    failures: int = Field(default=0, nullable=False)
    version: int = Field(default=1, nullable=False)


class Delivery(TenantRow, table=True):
    """One file for one recipient of one occurrence; the unique key is what keeps it from being sent twice.

    Attributes:
        recipient: ``user:<id>`` or ``mail:<address>``.
        user_id: Whose rights it is made with: the recipient, or the owner for an address outside.
        digest: Of the figures in it, to tell whether they changed.
        expires_at: When the file is deleted.
    """

    __tablename__: ClassVar[str] = "subscription_deliveries"
    __table_args__ = (
        UniqueConstraint("subscription_id", "occurrence", "recipient", name="uq_subscription_deliveries_once"),
        Index("ix_subscription_deliveries_inbox", "tenant_id", "user_id", "created_at"),
        Index("ix_subscription_deliveries_expiring", "expires_at", postgresql_where=text("file_key IS NOT NULL")),
        Index("ix_subscription_deliveries_waiting", "job_id", postgresql_where=text("state = 'waiting'")),
        CheckConstraint(
            "state IN ('waiting', 'sent', 'skipped', 'refused', 'failed')", name="ck_subscription_deliveries_state"
        ),
    )

    subscription_id: UUID = Field(foreign_key="subscriptions.id", ondelete="CASCADE", nullable=False)
    occurrence: datetime = Field(sa_type=_TIME, nullable=False)
    recipient: str = Field(max_length=300, nullable=False)
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True, nullable=False)
    title: str = Field(max_length=120, nullable=False)
    channel: str = Field(max_length=16, nullable=False)
    state: str = Field(default="waiting", max_length=16, nullable=False)
    reason: str = Field(default="", max_length=64, nullable=False)
    job_id: UUID | None = Field(default=None, nullable=True)
    digest: str = Field(default="", max_length=64, nullable=False)
    file_key: str | None = Field(default=None, nullable=True)
    file_name: str = Field(default="", nullable=False)
    media_type: str = Field(default="", nullable=False)
    size_bytes: int = Field(default=0, nullable=False)
    settled_at: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
    read_at: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
    expires_at: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
