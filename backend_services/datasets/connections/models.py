"""Tables of connections."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend_services.kernel.models import TenantRow

_TIMESTAMP = DateTime(timezone=True)


class Connection(TenantRow, table=True):
    """A database of the tenant's; its password lies among the secrets, never here.

    Attributes:
        file_key: Of a SQLite file in the file store.
        version: Counts edits.
        state: ``unknown`` until it was asked, then ``ok`` or ``failed``.
        error: Why it failed: ``{code, message, params}``.
        server: What the server said of itself.
        can_write: The login may change data there, which it need not.
    """

    __tablename__: ClassVar[str] = "connections"
    __table_args__ = (
        UniqueConstraint("tenant_id", "name", name="uq_connections_tenant_id_name"),
        CheckConstraint(
            "kind IN ('firestore', 'mongodb', 'mysql', 'postgresql', 'sqlite')", name="ck_connections_kind"
        ),
        CheckConstraint("tls IN ('disable', 'require', 'verify')", name="ck_connections_tls"),
        CheckConstraint("state IN ('unknown', 'ok', 'failed')", name="ck_connections_state"),
    )

    name: str = Field(max_length=120)
    kind: str = Field(max_length=16)
    host: str = Field(default="", max_length=255)
    port: int = Field(default=0)
    database: str = Field(default="", max_length=200)
    username: str = Field(default="", max_length=200)
    tls: str = Field(default="verify", max_length=16)
    ca_certificate: str = Field(default="", max_length=20_000)
    file_key: str | None = Field(default=None, max_length=512)
    file_name: str = Field(default="", max_length=500)
    size_bytes: int = Field(default=0, sa_type=BigInteger)
    version: int = Field(default=1, ge=1)
    state: str = Field(default="unknown", max_length=16)
    error: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True), nullable=True)
    server: str = Field(default="", max_length=200)
    can_write: bool = Field(default=False)
    checked_at: datetime | None = Field(default=None, sa_type=_TIMESTAMP, nullable=True)
    owner_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL", nullable=True)


class CopiedTable(TenantRow, table=True):
    """Which table of which connection a dataset is a copy of.

    Attributes:
        schema_name: Empty where the database has none.
        columns: The columns that were chosen; empty for all that the table has when it is read.
        job_id: The job that last copied it.
        mode: ``full`` reads the whole table each time; ``incremental`` what came since, by ``cursor_column``.
        overlap: How far behind the greatest value an incremental copy reads again, for rows that come late: seconds
            for times, whole days' seconds for dates, units for numbers.
        schedule: When it is copied by itself (``schedule.Schedule``); ``None`` for by hand only.
        next_at: When that is next.
        failures: Scheduled copies in a row that failed; after some the schedule stops.
        scheduled_by: With whose rights it is copied by itself.
    """

    __tablename__: ClassVar[str] = "copied_tables"
    __table_args__ = (
        UniqueConstraint("tenant_id", "dataset_id", name="uq_copied_tables_dataset_id"),
        CheckConstraint("mode IN ('full', 'incremental')", name="ck_copied_tables_mode"),
        Index("ix_copied_tables_due", "next_at", postgresql_where=text("next_at IS NOT NULL")),
    )

    dataset_id: UUID = Field(foreign_key="datasets.id", ondelete="CASCADE", index=True)
    connection_id: UUID = Field(foreign_key="connections.id", ondelete="CASCADE", index=True)
    schema_name: str = Field(default="", max_length=200)
    table_name: str = Field(max_length=200)
    columns: list[str] = Field(default_factory=list, sa_type=JSONB, nullable=False)
    job_id: UUID | None = Field(default=None, nullable=True)
    copied_at: datetime | None = Field(default=None, sa_type=_TIMESTAMP, nullable=True)
    mode: str = Field(default="full", max_length=16)
    cursor_column: str = Field(default="", max_length=200)
    overlap: int = Field(default=0, sa_type=BigInteger)
    schedule: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True), nullable=True)
    time_zone: str = Field(default="UTC", max_length=64)
    next_at: datetime | None = Field(default=None, sa_type=_TIMESTAMP, nullable=True)
    failures: int = Field(default=0)
    scheduled_by: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL", nullable=True)


class CopyRun(TenantRow, table=True):
    """One copying of a table, kept as history and as what the next incremental one goes on from.

    Attributes:
        mode: What was done, not what was wished for.
        reason: Why an incremental copy read everything: ``first``, ``columns_changed``, ``version_replaced`` or empty.
        number: Of the version that was asked for; ``None`` until the rows were read.
        watermark: Greatest value of the cursor column so far, as text; ``None`` where there was none.
        signature: Names and stored types of the columns, to notice that they changed.
        read_rows: Rows that the server sent.
        rows: Rows of the version.
    """

    __tablename__: ClassVar[str] = "copy_runs"
    __table_args__ = (
        CheckConstraint("mode IN ('full', 'incremental')", name="ck_copy_runs_mode"),
        CheckConstraint("state IN ('running', 'succeeded', 'failed')", name="ck_copy_runs_state"),
        UniqueConstraint("tenant_id", "job_id", name="uq_copy_runs_job_id"),
        Index("ix_copy_runs_dataset_id_started_at", "dataset_id", "started_at"),
    )

    dataset_id: UUID = Field(foreign_key="datasets.id", ondelete="CASCADE")
    job_id: UUID
    state: str = Field(default="running", max_length=16)
    scheduled: bool = Field(default=False)
    mode: str = Field(default="full", max_length=16)
    reason: str = Field(default="", max_length=32)
    number: int | None = Field(default=None, nullable=True)
    cursor_column: str = Field(default="", max_length=200)
    watermark: str | None = Field(default=None, max_length=64, nullable=True)
    signature: list[list[str]] = Field(default_factory=list, sa_type=JSONB, nullable=False)
    read_rows: int = Field(default=0, sa_type=BigInteger)
    rows: int = Field(default=0, sa_type=BigInteger)
    started_at: datetime = Field(sa_type=_TIMESTAMP)
    finished_at: datetime | None = Field(default=None, sa_type=_TIMESTAMP, nullable=True)
    error: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True), nullable=True)
