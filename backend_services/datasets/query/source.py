"""What a query reads from: one version of one dataset, and the part of it that the actor may see. Pure: no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from backend_services.datasets.catalogue import Catalogue, FieldType


class Engine(StrEnum):
    """Who runs a query; the value is the name of its SQL dialect."""

    DUCKDB = "duckdb"
    POSTGRES = "postgres"


@dataclass(frozen=True, slots=True)
class Column:
    """A stored column.

    Attributes:
        zoned: For times: the values are instants (with an offset), so they are shown in the actor's time zone.
            Times without it are wall-clock times and are taken as they are.
    """

    name: str
    type: FieldType
    zoned: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """One readable version of a dataset.

    Attributes:
        version: 0 for live data.
        rows: Rows in the source, where that is known without counting.
        file_key: Key of the stored Parquet file; ``None`` for the platform's own tables.
        relation: FROM clause of a platform table, written by us, never by a person; ``None`` for files.
    """

    tenant_id: UUID
    dataset_id: UUID
    name: str
    version: int
    catalogue: Catalogue
    columns: tuple[Column, ...]
    rows: int | None
    data_as_of: datetime
    file_key: str | None = None
    relation: str | None = None

    @property
    def engine(self) -> Engine:
        """Return who runs queries on this source."""
        return Engine.DUCKDB if self.file_key is not None else Engine.POSTGRES

    @property
    def live(self) -> bool:
        """Return whether the data changes under the version."""
        return self.file_key is None

    def column(self, name: str) -> Column | None:
        """Return the stored column of this name, if there is one."""
        return next((one for one in self.columns if one.name == name), None)
