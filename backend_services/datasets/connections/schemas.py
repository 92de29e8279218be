"""What goes in and out of connections. No password ever comes out."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, SecretStr, StringConstraints, ValidationInfo, field_validator, model_validator

from backend_services.datasets.catalogue import FieldType
from backend_services.datasets.connections.ports import ConnectionKind, Tls
from backend_services.datasets.connections.schedule import CopySchedule
from backend_services.datasets.schemas import Fault
from backend_services.kernel.i18n import field_text
from backend_services.kernel.jobs.schemas import JobState
from backend_services.kernel.schemas import Strict

_NO_ZERO = r"^[^\x00-\x1f\x7f]*$"
_WITHOUT_USERS = frozenset({ConnectionKind.FIRESTORE, ConnectionKind.MONGODB})
ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=False)]


class ConnectionState(StrEnum):
    """How the last look at a connection ended."""

    FAILED = "failed"
    OK = "ok"
    UNKNOWN = "unknown"


class ConnectionInput(Strict):
    """A connection to a server, as a person gives it.

    Attributes:
        port: 0 for the usual one of the kind.
        username: MongoDB: ``name@database`` where the user belongs to another database than the one that is read;
            empty for a server without users, and for Firestore.
        password: Firestore: the service account's JSON.
        password: Left out in a change: the stored one stays.
        ca_certificate: PEM of the authority that signed the server's certificate, where it is not a public one.
    """

    name: str = Field(min_length=1, max_length=120, pattern=_NO_ZERO)
    kind: ConnectionKind
    host: str = Field(min_length=1, max_length=255, pattern=r"^[A-Za-z0-9._:%-]+$")
    port: int = Field(default=0, ge=0, le=65_535)
    database: str = Field(min_length=1, max_length=200, pattern=_NO_ZERO)
    username: str = Field(default="", max_length=200, pattern=_NO_ZERO, validate_default=True)
    password: SecretStr | None = Field(default=None, max_length=10_000)
    tls: Tls = Tls.VERIFY
    ca_certificate: str = Field(default="", max_length=20_000)

    @field_validator("username")
    @classmethod
    def _named(cls, value: str, info: ValidationInfo) -> str:
        if not value and info.data.get("kind") not in _WITHOUT_USERS:
            raise ValueError(field_text("fields.user_needed"))
        return value

    @model_validator(mode="after")
    def _trimmed(self) -> Self:
        if not self.name.strip():
            raise ValueError(field_text("fields.name_empty"))
        return self


class ConnectionView(Strict):
    """A connection as people and clients see it.

    Attributes:
        server: What the server said of itself when it was last asked.
        can_write: The login may change data; one that may only read is safer.
        datasets: How many datasets are copies of its tables.
    """

    id: UUID
    name: str
    kind: ConnectionKind
    host: str
    port: int
    database: str
    username: str
    tls: Tls
    ca_certificate: str
    file_name: str
    size_bytes: int
    version: int
    state: ConnectionState
    error: Fault | None
    server: str
    can_write: bool
    checked_at: datetime | None
    datasets: int
    created_at: datetime
    updated_at: datetime


class ConnectionCheck(Strict):
    """How a try to connect ended; ``error`` says exactly what is wrong."""

    ok: bool
    server: str = ""
    can_write: bool = False
    error: Fault | None = None
    took_ms: float


class RemoteTableView(Strict):
    """A table or view of a connection.

    Attributes:
        rows: The server's own estimate, where it has one.
    """

    schema_name: str
    name: str
    is_view: bool
    rows: int | None


class RemoteColumnView(Strict):
    """A column of such a table, with its type in the server's words and in ours."""

    name: str
    native: str
    type: FieldType


class CopyTable(Strict):
    """Which table becomes a dataset, and how it is called.

    Attributes:
        columns: Names of the columns to take; none for all of them.
    """

    schema_name: str = Field(default="", max_length=200)
    table_name: str = Field(min_length=1, max_length=200)
    columns: tuple[ColumnName, ...] = Field(default=(), max_length=2000)
    name: str = Field(default="", max_length=120, pattern=_NO_ZERO)


class CopyStarted(Strict):
    """The answer to a copy: the job that reads the table; another one then makes the version."""

    job_id: UUID
    dataset_id: UUID


class CopyMode(StrEnum):
    """How a table is copied again."""

    FULL = "full"
    INCREMENTAL = "incremental"


class CopySettings(Strict):
    """How and when a copied table is copied again.

    Attributes:
        cursor_column: For incremental copies: a column whose values only grow (numbers, dates or times).
        overlap: How far behind its greatest value rows are read once more, for those that come late or are corrected:
            seconds for dates and times, units for numbers.
        schedule: ``None`` for by hand only.
    """

    mode: CopyMode = CopyMode.FULL
    cursor_column: str = Field(default="", max_length=200)
    overlap: int = Field(default=0, ge=0, le=10**12)
    schedule: CopySchedule | None = None
    time_zone: str = Field(default="UTC", max_length=64)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.mode is CopyMode.INCREMENTAL and not self.cursor_column:
            raise ValueError(field_text("fields.cursor_column"))
        return self


class CopiedTableView(Strict):
    """A dataset that is a copy of a table of a connection.

    Attributes:
        connection_name: The connection's name, which is what people know it by.
        job_state: Of the job that reads the table now or read it last; ``progress`` is its share from 0 to 1.
        error: Why that job failed.
        incremental: Whether tables of this kind of database can be copied by what is new.
        stopped: It has a schedule, which is not followed any more: it failed too often, or whoever set it may not
            copy any more.
    """

    dataset_id: UUID
    dataset_name: str
    connection_id: UUID
    connection_name: str
    schema_name: str
    table_name: str
    columns: tuple[str, ...]
    rows: int
    version: int
    job_id: UUID | None
    job_state: JobState | None
    progress: float
    error: Fault | None
    copied_at: datetime | None
    settings: CopySettings
    incremental: bool
    next_at: datetime | None
    stopped: bool


class CopyRunView(Strict):
    """One copying of a table.

    Attributes:
        mode: What was done; ``reason`` says why it was not incremental though that was wished.
        number: Of the version that was made of it.
        read_rows: Rows that the server sent; ``rows`` is how many the version has.
    """

    id: UUID
    job_id: UUID
    state: Literal["running", "succeeded", "failed"]
    scheduled: bool
    mode: CopyMode
    reason: str
    number: int | None
    read_rows: int
    rows: int
    started_at: datetime
    finished_at: datetime | None
    error: Fault | None


class DeleteConnection(Strict):
    """The typed confirmation of a deletion."""

    name: str = Field(description="The connection's name, typed out.")


class CopyPayload(Strict):
    """What the job ``datasets.copy`` is given."""

    dataset_id: UUID
    scheduled: bool = False
