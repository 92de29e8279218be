"""Tables of alerts: what is watched, how each group stands, what was seen, what happened, who was told."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import CheckConstraint, DateTime, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend_services.kernel.models import TenantRow

_TIME = DateTime(timezone=True)


class Alert(TenantRow, table=True):
    """A metric that is watched with its owner's rights.

    Attributes:
        content: Everything a person chose, as ``schemas.AlertChange``.
        dataset_id: What it reads, for evaluations at new data; no foreign key, for the platform's own have no row.
        state: The worst of its groups, without regard to silence.
        began_at: When the last evaluation that counted began to look; an older one comes too late.
        sequence: Number of the last entry of its history.
        unit: Of its figure, as ``catalogue.Unit``.
        watched_version: Counts changes of what is watched; an evaluation of another one comes too late.
    """

    __tablename__: ClassVar[str] = "alerts"
    __table_args__ = (
        Index("ix_alerts_due", "next_at", postgresql_where=text("mode = 'active'")),
        Index("ix_alerts_tenant_id_owner_id", "tenant_id", "owner_id"),
        Index("ix_alerts_tenant_id_dataset_id", "tenant_id", "dataset_id"),
        CheckConstraint("mode IN ('active', 'paused')", name="ck_alerts_mode"),
        CheckConstraint("state IN ('ok', 'pending', 'firing', 'no_data', 'error')", name="ck_alerts_state"),
    )

    owner_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True, nullable=False)
    title: str = Field(max_length=120, nullable=False)
    content: dict[str, Any] = Field(sa_type=JSONB, nullable=False)
    dataset_id: UUID = Field(nullable=False)
    mode: str = Field(default="active", max_length=16, nullable=False)
    state: str = Field(default="ok", max_length=16, nullable=False)
    reason: str = Field(default="", max_length=64, nullable=False)
    since: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
    silenced_until: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
    value: float | None = Field(default=None, nullable=True)
    compared: float | None = Field(default=None, nullable=True)
    threshold: float | None = Field(default=None, nullable=True)
    unit: dict[str, Any] | None = Field(default=None, sa_type=JSONB, nullable=True)
    began_at: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
    last_at: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
    next_at: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
    sequence: int = Field(default=0, nullable=False)
    watched_version: int = Field(default=1, nullable=False)
    version: int = Field(default=1, nullable=False)


class AlertGroup(TenantRow, table=True):
    """How one group stands, as ``standing.Standing``; the key of the whole is empty."""

    __tablename__: ClassVar[str] = "alert_groups"
    __table_args__ = (UniqueConstraint("alert_id", "key", name="uq_alert_groups_alert_id_key"),)

    alert_id: UUID = Field(foreign_key="alerts.id", ondelete="CASCADE", nullable=False)
    key: str = Field(default="", max_length=300, nullable=False)
    state: str = Field(default="ok", max_length=16, nullable=False)
    streak: int = Field(default=0, nullable=False)
    calm: int = Field(default=0, nullable=False)
    since: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
    told: str = Field(default="ok", max_length=16, nullable=False)
    told_at: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
    seen_at: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
    value: float | None = Field(default=None, nullable=True)
    compared: float | None = Field(default=None, nullable=True)
    threshold: float | None = Field(default=None, nullable=True)
    silenced_until: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
    acknowledged_at: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
    acknowledged_by: str = Field(default="", max_length=320, nullable=False)
    note: str = Field(default="", max_length=500, nullable=False)


class AlertEvaluation(TenantRow, table=True):
    """What one evaluation saw; the unique key is what keeps it from counting twice."""

    __tablename__: ClassVar[str] = "alert_evaluations"
    __table_args__ = (
        UniqueConstraint("alert_id", "occurrence", "trigger", name="uq_alert_evaluations_once"),
        Index("ix_alert_evaluations_alert_id_at", "alert_id", "at"),
        Index("ix_alert_evaluations_at", "at"),
    )

    alert_id: UUID = Field(foreign_key="alerts.id", ondelete="CASCADE", nullable=False)
    occurrence: datetime = Field(sa_type=_TIME, nullable=False)
    trigger: str = Field(max_length=16, nullable=False)
    at: datetime = Field(sa_type=_TIME, nullable=False)
    state: str = Field(max_length=16, nullable=False)
    reason: str = Field(default="", max_length=64, nullable=False)
    value: float | None = Field(default=None, nullable=True)
    compared: float | None = Field(default=None, nullable=True)
    threshold: float | None = Field(default=None, nullable=True)
    dataset_version: int = Field(default=0, nullable=False)
    groups: int = Field(default=1, nullable=False)
    took_ms: float = Field(default=0.0, nullable=False)


class AlertEntry(TenantRow, table=True):
    """One entry of an alert's history. The database refuses to change it."""

    __tablename__: ClassVar[str] = "alert_history"
    __table_args__ = (
        UniqueConstraint("alert_id", "sequence", name="uq_alert_history_alert_id_sequence"),
        Index("ix_alert_history_alert_id_at", "alert_id", "at"),
    )

    alert_id: UUID = Field(foreign_key="alerts.id", ondelete="CASCADE", nullable=False)
    sequence: int = Field(nullable=False)
    at: datetime = Field(sa_type=_TIME, nullable=False)
    kind: str = Field(max_length=16, nullable=False)
    group: str = Field(default="", max_length=300, nullable=False)
    from_state: str = Field(max_length=16, nullable=False)
    to_state: str = Field(max_length=16, nullable=False)
    value: float | None = Field(default=None, nullable=True)
    compared: float | None = Field(default=None, nullable=True)
    measured: float | None = Field(default=None, nullable=True)
    threshold: float | None = Field(default=None, nullable=True)
    dataset_version: int = Field(default=0, nullable=False)
    took_ms: float = Field(default=0.0, nullable=False)
    reason: str = Field(default="", max_length=64, nullable=False)
    notice: str = Field(default="", max_length=16, nullable=False)
    by: str = Field(default="", max_length=320, nullable=False)
    note: str = Field(default="", max_length=500, nullable=False)


class AlertNotice(TenantRow, table=True):
    """What one person is told of one entry, once; the text is in the person's language and with their own figures."""

    __tablename__: ClassVar[str] = "alert_notices"
    __table_args__ = (
        UniqueConstraint("entry_id", "user_id", name="uq_alert_notices_once"),
        Index("ix_alert_notices_inbox", "tenant_id", "user_id", "created_at"),
        Index("ix_alert_notices_alert_id", "alert_id"),
        CheckConstraint("state IN ('waiting', 'sent', 'refused', 'failed')", name="ck_alert_notices_state"),
    )

    alert_id: UUID = Field(foreign_key="alerts.id", ondelete="CASCADE", nullable=False)
    entry_id: UUID = Field(foreign_key="alert_history.id", ondelete="CASCADE", nullable=False)
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True, nullable=False)
    kind: str = Field(max_length=16, nullable=False)
    mail: bool = Field(default=True, nullable=False)
    state: str = Field(default="waiting", max_length=16, nullable=False)
    reason: str = Field(default="", max_length=64, nullable=False)
    job_id: UUID | None = Field(default=None, nullable=True)
    title: str = Field(default="", max_length=300, nullable=False)
    text: str = Field(default="", max_length=4000, nullable=False)
    settled_at: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
    read_at: datetime | None = Field(default=None, sa_type=_TIME, nullable=True)
