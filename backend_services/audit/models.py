"""Tables of the audit log."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from backend_services.kernel.clock import now
from backend_services.kernel.ids import new_id


class AuditEvent(SQLModel, table=True):
    """One thing that was done. Rows are only ever added; the database refuses to change or delete them."""

    __tablename__ = "audit_events"
    __table_args__: ClassVar[tuple[Any, ...]] = (
        Index("ix_audit_events_sequence", "tenant_id", "sequence"),
        Index("ix_audit_events_action", "tenant_id", "action", "created_at"),
        Index("ix_audit_events_subject", "tenant_id", "subject_id"),
        {"postgresql_partition_by": "RANGE (created_at)"},
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_type=DateTime(timezone=True), primary_key=True)
    tenant_id: UUID = Field(nullable=False, foreign_key="tenants.id")
    sequence: int = Field(sa_type=BigInteger, nullable=False)
    actor_kind: str = Field(sa_type=String(16), nullable=False)
    actor_label: str = Field(default="", sa_type=Text, nullable=False)
    user_id: UUID | None = Field(default=None)
    api_key_id: UUID | None = Field(default=None)
    session_id: UUID | None = Field(default=None)
    action: str = Field(sa_type=String(96), nullable=False)
    subject_type: str = Field(default="", sa_type=String(48), nullable=False)
    subject_id: str = Field(default="", sa_type=String(96), nullable=False)
    subject_label: str = Field(default="", sa_type=Text, nullable=False)
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    request_id: str = Field(default="", sa_type=String(64), nullable=False)
    ip: str = Field(default="", sa_type=String(64), nullable=False)
    previous_hash: str = Field(sa_type=String(64), nullable=False)
    hash: str = Field(sa_type=String(64), nullable=False)


class AuditHead(SQLModel, table=True):
    """The end of a tenant's chain: the next event follows it, and a chain cut short disagrees with it."""

    __tablename__ = "audit_heads"

    tenant_id: UUID = Field(primary_key=True, foreign_key="tenants.id", ondelete="CASCADE")
    sequence: int = Field(default=0, sa_type=BigInteger, nullable=False)
    hash: str = Field(sa_type=String(64), nullable=False)
