"""Table of embeds."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend_services.kernel.models import TenantRow

_TIME = DateTime(timezone=True)


class Embed(TenantRow, table=True):
    """A dashboard, or one tile of it, shown on another site.

    Attributes:
        owner_id: Who made it.
        reader_id: Whose present rights it reads with.
        mode: ``link`` (the secret opens it) or ``signed`` (tokens signed with the secret open it).
        content: Everything a person chose, as ``schemas.EmbedChange``.
        sealed: The secret, sealed.
        sealed_before: The secret before the last rotation, good until ``before_until``.
        revoked_at: Since when nothing opens it any more; for good.
        uses: How often it was opened.
    """

    __tablename__: ClassVar[str] = "dashboard_embeds"
    __table_args__ = (
        Index("ix_dashboard_embeds_tenant_id_owner_id", "tenant_id", "owner_id"),
        CheckConstraint("mode IN ('link', 'signed')", name="ck_dashboard_embeds_mode"),
    )

    owner_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True, nullable=False)
    reader_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True, nullable=False)
    dashboard_id: UUID = Field(foreign_key="dashboards.id", ondelete="CASCADE", index=True, nullable=False)
    title: str = Field(max_length=120, nullable=False)
    mode: str = Field(max_length=16, nullable=False)
    content: dict[str, Any] = Field(sa_type=JSONB, nullable=False)
    sealed: str = Field(nullable=False)
    sealed_before: str | None = Field(default=None, nullable=True)
    before_until: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
    expires_at: datetime = Field(sa_type=_TIME, nullable=False)
    revoked_at: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
    uses: int = Field(default=0, nullable=False)
    last_used_at: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
    version: int = Field(default=1, nullable=False)
