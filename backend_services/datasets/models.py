"""Tables of datasets: the dataset, its stored versions, and the ingestion that makes each of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend_services.kernel.models import TenantRow

_TIMESTAMP = DateTime(timezone=True)


class Dataset(TenantRow, table=True):
    """A table that a tenant brought in or took from the samples.

    Attributes:
        kind: ``upload``, ``sample`` or ``connection`` (a copy of a table there); the platform's own tables have no row
            (see ``platform``).
        state: ``loading`` until the first version is there, then ``ready``; ``failed`` when the first one failed.
        source: Where the data come from: a file name, or the source of a sample.
        license: Under which the data may be used, for samples.
        version: Number of the version that is read; 0 before the first.
        catalogue: The metric catalogue in force (``catalogue.Catalogue``); ``None`` before the first version.
        error: Why it failed: ``{code, message, params}``.
        owner_id: Who brought it; ``None`` when a key or the platform did.
    """

    __tablename__: ClassVar[str] = "datasets"
    __table_args__ = (
        Index("ix_datasets_tenant_id_created_at", "tenant_id", "created_at"),
        CheckConstraint("kind IN ('connection', 'sample', 'upload')", name="ck_datasets_kind"),
        CheckConstraint("state IN ('loading', 'ready', 'failed')", name="ck_datasets_state"),
    )

    name: str = Field(max_length=120)
    kind: str = Field(max_length=16)
    state: str = Field(default="loading", max_length=16)
    description: str = Field(default="", max_length=1000)
    source: str = Field(default="", max_length=500)
    license: str = Field(default="", max_length=200)
    sample_id: str | None = Field(default=None, max_length=40)
    version: int = Field(default=0, ge=0)
    rows: int = Field(default=0, sa_type=BigInteger)
    columns: int = Field(default=0)
    size_bytes: int = Field(default=0, sa_type=BigInteger)
    data_as_of: datetime | None = Field(default=None, sa_type=_TIMESTAMP, nullable=True)
    catalogue: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True), nullable=True)
    error: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True), nullable=True)
    owner_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL", nullable=True)


class DatasetVersion(TenantRow, table=True):
    """A stored table; never changed afterwards.

    Attributes:
        number: 1 for the first; a number whose ingestion failed is not used again.
        file_key: Of the Parquet file in the file store.
        rejects_key: Of the Parquet file with the rejected rows, if there were any.
        fields: The columns (``schemas.ColumnView``).
        profile: What the columns hold (``schemas.Profile``).
        changes: What this version changed in the catalogue (``schemas.SchemaChange``).
        sha256: Of the uploaded file, hexadecimal.
    """

    __tablename__: ClassVar[str] = "dataset_versions"
    __table_args__ = (UniqueConstraint("tenant_id", "dataset_id", "number", name="uq_dataset_versions_number"),)

    dataset_id: UUID = Field(foreign_key="datasets.id", ondelete="CASCADE", index=True)
    number: int = Field(ge=1)
    file_key: str = Field(max_length=512)
    rejects_key: str | None = Field(default=None, max_length=512)
    source: str = Field(default="", max_length=500)
    rows: int = Field(default=0, sa_type=BigInteger)
    rejected: int = Field(default=0, sa_type=BigInteger)
    size_bytes: int = Field(default=0, sa_type=BigInteger)
    sha256: str = Field(default="", max_length=64)
    fields: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSONB)
    profile: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    changes: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSONB)
    data_as_of: datetime = Field(sa_type=_TIMESTAMP)
    created_by: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL", nullable=True)


class Ingestion(TenantRow, table=True):
    """One try to make a version out of an uploaded file or a sample; its progress is the job's.

    Attributes:
        upload_key: Of the uploaded file in the file store; ``None`` once it is not needed any more.
        sheet: Which sheet of a workbook; empty for the first that holds something.
        rows: Rows stored, once it has succeeded.
        error: Why it failed: ``{code, message, params}``.
    """

    __tablename__: ClassVar[str] = "ingestions"
    __table_args__ = (
        Index("ix_ingestions_tenant_id_created_at", "tenant_id", "created_at"),
        Index("ix_ingestions_tenant_id_job_id", "tenant_id", "job_id"),
        UniqueConstraint("tenant_id", "dataset_id", "number", name="uq_ingestions_number"),
    )

    dataset_id: UUID = Field(foreign_key="datasets.id", ondelete="CASCADE", index=True)
    number: int = Field(ge=1)
    job_id: UUID | None = Field(default=None, nullable=True)
    upload_key: str | None = Field(default=None, max_length=512)
    file_name: str = Field(default="", max_length=500)
    size_bytes: int = Field(default=0, sa_type=BigInteger)
    sha256: str = Field(default="", max_length=64)
    sheet: str = Field(default="", max_length=200)
    rows: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    rejected: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    error: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True), nullable=True)
