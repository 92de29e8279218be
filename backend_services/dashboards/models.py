"""Tables of dashboards: the dashboard, every version of its specification, and whom it is shared with."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend_services.kernel.models import TenantRow

TEAM = "*"
"""The role of a share with the whole team."""


class Dashboard(TenantRow, table=True):
    """A dashboard; what it shows is in its versions.

    Attributes:
        owner_id: Who made it; ``None`` when it belongs to the team (made by a key or by the platform).
        version: Number of the version that is shown; counts up with each change.
        tile_count: Of that version, for lists.
        origin: ``person``, ``builder``, ``type`` (one of the built-in ones) or ``starter``.
        type_id: Which built-in type it is, if it is one.
    """

    __tablename__: ClassVar[str] = "dashboards"
    __table_args__ = (
        Index("ix_dashboards_tenant_id_updated_at", "tenant_id", "updated_at"),
        Index(
            "uq_dashboards_tenant_id_type_id",
            "tenant_id",
            "type_id",
            unique=True,
            postgresql_where=text("type_id IS NOT NULL"),
        ),
        CheckConstraint("origin IN ('person', 'builder', 'type', 'starter')", name="ck_dashboards_origin"),
    )

    owner_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL", nullable=True)
    title: str = Field(max_length=120)
    description: str = Field(default="", max_length=1000)
    version: int = Field(default=1, ge=1)
    tile_count: int = Field(default=0, ge=0)
    origin: str = Field(default="person", max_length=16)
    type_id: str | None = Field(default=None, max_length=40)


class DashboardVersion(TenantRow, table=True):
    """A specification as it was saved; never changed afterwards.

    Attributes:
        restored_from: Number of the version this one repeats, if it was restored.
    """

    __tablename__: ClassVar[str] = "dashboard_versions"
    __table_args__ = (UniqueConstraint("tenant_id", "dashboard_id", "number", name="uq_dashboard_versions_number"),)

    dashboard_id: UUID = Field(foreign_key="dashboards.id", ondelete="CASCADE", index=True)
    number: int = Field(ge=1)
    spec: dict[str, object] = Field(sa_column=Column(JSONB, nullable=False))
    author_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL", nullable=True)
    author_label: str = Field(default="", max_length=320)
    restored_from: int | None = Field(default=None, nullable=True)


class DashboardShare(TenantRow, table=True):
    """Who else may open a dashboard: a role, or the whole team (``TEAM``)."""

    __tablename__: ClassVar[str] = "dashboard_shares"
    __table_args__ = (
        UniqueConstraint("tenant_id", "dashboard_id", "role", name="uq_dashboard_shares_role"),
        CheckConstraint("access IN ('read', 'edit')", name="ck_dashboard_shares_access"),
    )

    dashboard_id: UUID = Field(foreign_key="dashboards.id", ondelete="CASCADE", index=True)
    role: str = Field(max_length=64)
    access: str = Field(default="read", max_length=8)
