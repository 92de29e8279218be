"""Tables of metering."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index
from sqlmodel import Field, SQLModel

from backend_services.kernel.clock import now
from backend_services.kernel.ids import new_id


class ApiCall(SQLModel, table=True):
    """One call to the API. Partitioned by month.

    Attributes:
        route: The route's template, never the path with its ids.
    """

    __tablename__ = "api_calls"
    __table_args__ = (
        Index("ix_api_calls_tenant_id_created_at", "tenant_id", "created_at"),
        Index("ix_api_calls_tenant_id_api_key_id", "tenant_id", "api_key_id", "created_at"),
        {"postgresql_partition_by": "RANGE (created_at)"},
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_type=DateTime(timezone=True), primary_key=True)
    tenant_id: UUID = Field(nullable=False, foreign_key="tenants.id", ondelete="CASCADE")
    method: str = Field(nullable=False)
    route: str = Field(nullable=False)
    status: int = Field(nullable=False)
    latency_ms: float = Field(nullable=False)
    api_key_id: UUID | None = Field(default=None, nullable=True)
    user_id: UUID | None = Field(default=None, nullable=True)
