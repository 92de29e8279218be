"""What goes in and out of datasets."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import Field, JsonValue

from backend_services.datasets.catalogue import Catalogue, FieldType, Grain, Scalar, Text
from backend_services.kernel.schemas import Strict


class DatasetKind(StrEnum):
    """Where a dataset comes from."""

    CONNECTION = "connection"
    PLATFORM = "platform"
    SAMPLE = "sample"
    UPLOAD = "upload"


class DatasetState(StrEnum):
    """Whether a dataset can be read. A failed one has no data; its error says why, and it can be deleted."""

    FAILED = "failed"
    LOADING = "loading"
    READY = "ready"


class Fault(Strict):
    """Why something failed; ``code`` has a text ``errors.<code>`` in every language."""

    code: str
    message: str
    params: dict[str, JsonValue] = Field(default_factory=dict)


class DatasetView(Strict):
    """A dataset as people and clients see it.

    Attributes:
        title: Its name in both languages; the platform's own tables have two, the others one.
        rows: ``None`` for live data, which nobody counts ahead, and where row-level rules hide some of them.
        version: 0 for live data and before the first version.
        live: Always up to date: the platform's own tables.
    """

    id: UUID
    name: str
    title: Text
    kind: DatasetKind
    state: DatasetState
    description: str = ""
    source: str = ""
    license: str = ""
    rows: int | None
    columns: int
    version: int
    size_bytes: int | None
    data_as_of: datetime | None
    owner_id: UUID | None = None
    error: Fault | None = None
    live: bool = False
    created_at: datetime | None
    updated_at: datetime | None


class ColumnView(Strict):
    """A stored column.

    Attributes:
        name: In the stored table; unique, never empty.
        original: In the source, before it was made unique; may be empty.
        stored_as: The type in the stored table, such as ``DECIMAL(18,2)``.
        format: How the source spelled the values, such as ``1.234,5 €`` or ``%d.%m.%Y``; empty when plainly.
    """

    name: str
    original: str
    type: FieldType
    stored_as: str
    format: str = ""


class ValueCount(Strict):
    """A value and how often it occurs."""

    value: str
    rows: int


class ColumnProfile(Strict):
    """What a column holds.

    Attributes:
        null_share: Between 0 and 1.
        distinct: Distinct values; estimated (HyperLogLog) when ``distinct_exact`` is false.
        minimum: Least value as text; ``None`` for texts and when there is none.
        mean: For numbers only.
        grain: Finest grain of a time.
        top: Most frequent values, at most 200, for columns with few of them.
        examples: A few values, for all others.
    """

    name: str
    type: FieldType
    nulls: int
    null_share: float
    distinct: int
    distinct_exact: bool = True
    minimum: str | None = None
    maximum: str | None = None
    mean: float | None = None
    grain: Grain | None = None
    top: tuple[ValueCount, ...] = ()
    examples: tuple[str, ...] = ()


class Profile(Strict):
    """What a table holds."""

    rows: int
    columns: tuple[ColumnProfile, ...]


class DatasetSchema(Strict):
    """The columns of one version."""

    dataset_id: UUID
    version: int
    columns: tuple[ColumnView, ...]


class SchemaChange(Strict):
    """Something that a new version changed for questions.

    ``removed`` column, ``added`` column, ``retyped`` column; or a catalogue field ``dropped`` with its column.
    """

    kind: Literal["added", "dropped", "removed", "retyped"]
    name: str
    detail: str = ""


class VersionView(Strict):
    """A stored version.

    Attributes:
        rows: Like ``rejected``, ``size_bytes`` and ``sha256`` not told where rules hide something from the reader.
    """

    number: int
    rows: int | None
    rejected: int | None
    columns: int
    size_bytes: int | None
    source: str
    sha256: str | None
    changes: tuple[SchemaChange, ...]
    data_as_of: datetime
    created_by: UUID | None
    created_at: datetime


class DataRows(Strict):
    """A page of a dataset's rows; times as ISO text, integers beyond 2^53 as text."""

    columns: tuple[ColumnView, ...]
    rows: tuple[tuple[Scalar | None, ...], ...]
    total: int
    limit: int
    offset: int


class CatalogueUpdate(Strict):
    """An edited catalogue; its ``version`` must be the one that was read."""

    catalogue: Catalogue


class DeleteDataset(Strict):
    """The typed confirmation of a deletion."""

    name: str = Field(description="The dataset's name, typed out.")


class RenameDataset(Strict):
    """What can be changed about a dataset itself."""

    name: str = Field(min_length=1, max_length=120)
    description: str = Field(default="", max_length=1000)


class StagedUpload(Strict):
    """A file that has arrived whole and waits for its ingestion."""

    key: str
    file_name: str
    size_bytes: int
    sha256: str


class IngestionStarted(Strict):
    """The answer to an upload."""

    job_id: UUID
    dataset_id: UUID
    version: int


class IngestionStatus(StrEnum):
    """Where an ingestion is."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class IngestionView(Strict):
    """An ingestion and its job.

    Attributes:
        progress: Between 0 and 1.
        rows: Rows stored, ``None`` where row-level rules hide some from the reader; so are the next two.
        rejected: Rows left out; the reject list has each with its reason.
        size_bytes: Of the file.
    """

    job_id: UUID
    dataset_id: UUID
    version: int
    status: IngestionStatus
    progress: float
    message: str
    rows: int | None
    rejected: int | None
    error: Fault | None
    file_name: str
    size_bytes: int | None
    can_retry: bool
    created_at: datetime


class Reject(Strict):
    """A row that was left out.

    Attributes:
        row: Number of the row in the source, the first data row being 1.
        reason: Stable code: ``columns_missing``, ``columns_extra``, ``quotes``, ``encoding``, ``line_too_long``,
            ``value``, ``json``.
        column: Whose value could not be read, where it was one value.
        content: The row or value as it came, shortened to 1,000 characters.
    """

    row: int
    reason: str
    column: str
    content: str
    message: str


class SampleView(Strict):
    """A table that can be taken as a sample.

    Attributes:
        dataset_id: The tenant's copy, if it has taken it already.
        generated: Made by a seeded generator, not measured anywhere.
    """

    id: str
    title: Text
    description: Text
    source: str
    license: str
    rows: int
    generated: bool
    dataset_id: UUID | None = None


class ReadableVersion(Strict):
    """What the query engine reads: either a file or a table of the platform.

    Attributes:
        rules: The row-level rules of all roles as JSON, as they were at the same moment; ``None`` where nobody has
            asked for them yet.
    """

    dataset_id: UUID
    name: str
    kind: DatasetKind
    version: int
    catalogue: Catalogue
    columns: tuple[ColumnView, ...]
    rows: int | None
    file_key: str | None
    data_as_of: datetime
    platform_table: str | None = None
    rules: str | None = None


class IngestPayload(Strict):
    """What the job ``datasets.ingest`` is given."""

    ingestion_id: UUID
