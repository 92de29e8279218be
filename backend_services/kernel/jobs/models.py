"""Tables of jobs. The row is the truth about a job; the broker only carries its id."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend_services.kernel.clock import now
from backend_services.kernel.jobs.schemas import JobState, Queue
from backend_services.kernel.models import TenantRow

_TIMESTAMP = DateTime(timezone=True)


class Job(TenantRow, table=True):
    """Work that outlives a request.

    Attributes:
        actor: Snapshot of who asked; rights are loaded anew before each attempt.
        run_at: Not before this; moved forward by the back-off after a failed attempt.
        dispatched_at: When its id was last handed to the broker.
        lease_owner: The claim that may write to this row while it runs.
        lease_until: After this, somebody else may take it up.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_tenant_id_created_at", "tenant_id", "created_at"),
        Index("ix_jobs_tenant_id_state", "tenant_id", "state"),
        Index("ix_jobs_tenant_id_subject_id", "tenant_id", "subject_id"),
        Index("ix_jobs_queued", "run_at", postgresql_where=text("state = 'queued'")),
        Index("ix_jobs_lease_owner", "lease_owner", postgresql_where=text("state = 'running'")),
        Index("ix_jobs_running", "lease_until", postgresql_where=text("state = 'running'")),
    )

    name: str = Field(nullable=False)
    title: str = Field(nullable=False)
    queue: str = Field(default=Queue.DEFAULT.value, nullable=False)
    state: str = Field(default=JobState.QUEUED.value, nullable=False)
    progress: float = Field(default=0.0, nullable=False)
    message: str = Field(default="", nullable=False)
    counters: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    actor: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB, nullable=False)
    result: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True), nullable=True)
    error: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True), nullable=True)
    subject_id: UUID | None = Field(default=None, nullable=True)
    user_id: UUID | None = Field(default=None, nullable=True)
    attempts: int = Field(default=0, nullable=False)
    max_attempts: int = Field(default=3, nullable=False)
    run_at: datetime = Field(default_factory=now, sa_type=_TIMESTAMP, nullable=False)
    dispatched_at: datetime | None = Field(default=None, sa_type=_TIMESTAMP, nullable=True)
    lease_owner: UUID | None = Field(default=None, nullable=True)
    lease_until: datetime | None = Field(default=None, sa_type=_TIMESTAMP, nullable=True)
    cancel_requested_at: datetime | None = Field(default=None, sa_type=_TIMESTAMP, nullable=True)
    started_at: datetime | None = Field(default=None, sa_type=_TIMESTAMP, nullable=True)
    finished_at: datetime | None = Field(default=None, sa_type=_TIMESTAMP, nullable=True)


class JobLog(TenantRow, table=True):
    """One line that a job wrote about itself."""

    __tablename__ = "job_logs"
    __table_args__ = (
        Index("ix_job_logs_tenant_id_job_id", "tenant_id", "job_id", "id"),
        Index("ix_job_logs_job_id", "job_id"),
    )

    job_id: UUID = Field(nullable=False, foreign_key="jobs.id", ondelete="CASCADE")
    attempt: int = Field(default=0, nullable=False)
    level: str = Field(default="info", nullable=False)
    text: str = Field(nullable=False)
