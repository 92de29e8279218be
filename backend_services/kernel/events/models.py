"""Tables of events."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from backend_services.kernel.clock import now
from backend_services.kernel.ids import new_id

_TIMESTAMP = DateTime(timezone=True)


class OutboxEvent(SQLModel, table=True):
    """An event that waits for, or has been through, its listeners. Partitioned by month.

    Attributes:
        heard: Names of the listeners that are done with it.
        run_at: Not before this; also the relay's claim on it while listeners work. Empty when parked.
        delivered_at: When the last listener was done.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_tenant_id_created_at", "tenant_id", "created_at"),
        Index("ix_outbox_pending", "run_at", postgresql_where=text("delivered_at IS NULL")),
        {"postgresql_partition_by": "RANGE (created_at)"},
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_type=_TIMESTAMP, primary_key=True)
    tenant_id: UUID = Field(nullable=False, foreign_key="tenants.id", ondelete="CASCADE")
    name: str = Field(nullable=False)
    subject_id: UUID | None = Field(default=None, nullable=True)
    user_id: UUID | None = Field(default=None, nullable=True)
    data: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    heard: list[str] = Field(default_factory=list, sa_type=JSONB, nullable=False)
    attempts: int = Field(default=0, nullable=False)
    run_at: datetime | None = Field(default_factory=now, sa_type=_TIMESTAMP, nullable=True)
    delivered_at: datetime | None = Field(default=None, sa_type=_TIMESTAMP, nullable=True)
    error: str = Field(default="", nullable=False)
