"""Tables of dashboards: the dashboard, every version of its specification, and whom it is shared with."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, Column, DateTime, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import Uuid
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
        folder_id: Where it lies; folders order, they never grant.
        code_name: Its name among the dashboards that are kept as code; ``None`` when it is not.
        code_fingerprint: SHA-256 of what was last applied from code.
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
        Index(
            "uq_dashboards_tenant_id_code_name",
            "tenant_id",
            "code_name",
            unique=True,
            postgresql_where=text("code_name IS NOT NULL"),
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
    folder_id: UUID | None = Field(default=None, foreign_key="dashboard_folders.id", ondelete="SET NULL", index=True)
    code_name: str | None = Field(default=None, max_length=80)
    code_fingerprint: str | None = Field(default=None, max_length=64)


class DashboardVersion(TenantRow, table=True):
    """A specification as it was saved; only its name and note are changed afterwards.

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
    name: str = Field(default="", max_length=80)
    note: str = Field(default="", max_length=500)


class DashboardShare(TenantRow, table=True):
    """Who else may open a dashboard: a role, the whole team (``TEAM``), or one person; never two of them."""

    __tablename__: ClassVar[str] = "dashboard_shares"
    __table_args__ = (
        UniqueConstraint("tenant_id", "dashboard_id", "role", name="uq_dashboard_shares_role"),
        UniqueConstraint("tenant_id", "dashboard_id", "user_id", name="uq_dashboard_shares_user"),
        CheckConstraint("access IN ('read', 'edit')", name="ck_dashboard_shares_access"),
        CheckConstraint("(role IS NULL) <> (user_id IS NULL)", name="ck_dashboard_shares_with_one"),
    )

    dashboard_id: UUID = Field(foreign_key="dashboards.id", ondelete="CASCADE", index=True)
    role: str | None = Field(default=None, max_length=64)
    user_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="CASCADE", index=True)
    shared_by: str = Field(default="", max_length=320)
    access: str = Field(default="read", max_length=8)


class DashboardFolder(TenantRow, table=True):
    """A folder of the team's dashboards, up to ``folders.DEPTH`` deep. It orders and grants nothing."""

    __tablename__: ClassVar[str] = "dashboard_folders"
    __table_args__ = (
        Index(
            "uq_dashboard_folders_name",
            "tenant_id",
            "parent_id",
            text("lower(name)"),
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

    parent_id: UUID | None = Field(default=None, foreign_key="dashboard_folders.id", ondelete="RESTRICT", index=True)
    name: str = Field(max_length=80)


class DashboardMark(TenantRow, table=True):
    """What a dashboard is to one person: a favourite, and when the person last looked at it."""

    __tablename__: ClassVar[str] = "dashboard_marks"
    __table_args__ = (
        UniqueConstraint("tenant_id", "user_id", "dashboard_id", name="uq_dashboard_marks_user_dashboard"),
    )

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    dashboard_id: UUID = Field(foreign_key="dashboards.id", ondelete="CASCADE", index=True)
    favourite: bool = Field(default=False)
    viewed_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class DashboardComment(TenantRow, table=True):
    """A comment on a dashboard or on one of its tiles.

    Attributes:
        tile_id: The tile's id in the specification; ``None`` is the dashboard as a whole.
        thread_id: The comment that this one answers; ``None`` opens a thread.
        body: Plain text; empty once it was deleted while it had replies.
        mentions: People who were told of it.
        resolved_at: When the thread was closed; on its first comment only.
    """

    __tablename__: ClassVar[str] = "dashboard_comments"
    __table_args__ = (Index("ix_dashboard_comments_thread", "tenant_id", "dashboard_id", "created_at"),)

    dashboard_id: UUID = Field(foreign_key="dashboards.id", ondelete="CASCADE", index=True)
    tile_id: str | None = Field(default=None, max_length=40)
    thread_id: UUID | None = Field(default=None, foreign_key="dashboard_comments.id", ondelete="CASCADE", index=True)
    author_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL", nullable=True)
    author_label: str = Field(default="", max_length=320)
    body: str = Field(sa_type=Text, nullable=False)
    mentions: list[UUID] = Field(default_factory=list, sa_type=ARRAY(Uuid()), nullable=False)
    edited_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    deleted_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    resolved_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    resolved_by: str = Field(default="", max_length=320)
