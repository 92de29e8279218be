"""Columns that tables share. A domain's table derives from one of these with ``table=True``."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime
from sqlmodel import Field, SQLModel

from backend_services.kernel.clock import now
from backend_services.kernel.ids import new_id


class Row(SQLModel):
    """A row with a time-ordered key and its two times (UTC)."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    created_at: datetime = Field(default_factory=now, sa_type=DateTime(timezone=True), nullable=False)
    updated_at: datetime = Field(
        default_factory=now, sa_type=DateTime(timezone=True), nullable=False, sa_column_kwargs={"onupdate": now}
    )


class TenantRow(Row):
    """A row that belongs to a tenant; its table must be under row-level security."""

    tenant_id: UUID = Field(nullable=False, index=True, foreign_key="tenants.id", ondelete="CASCADE")
