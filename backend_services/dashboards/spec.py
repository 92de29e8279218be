"""The dashboard specification, version 1: what is stored, shared, exported and made by the builder. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from backend_services.datasets.catalogue import Filter, MetricQuery, RelativePeriod, SqlQuery
from backend_services.kernel.schemas import Strict

SPEC_VERSION = 1

TileId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class ChartKind(StrEnum):
    """How a tile shows its answer."""

    AREA = "area"
    BAR = "bar"
    LINE = "line"
    NUMBER = "number"
    PIE = "pie"
    SCATTER = "scatter"
    TABLE = "table"


class MetricSource(Strict):
    """A question in catalogue terms."""

    kind: Literal["metric"] = "metric"
    query: MetricQuery


class SqlSource(Strict):
    """Guarded free SQL."""

    kind: Literal["sql"] = "sql"
    query: SqlQuery


class Tile(Strict):
    """One figure.

    Attributes:
        width: Columns of the twelve that it takes.
        series: Name of the result column that splits the figure into series, if any.
        stacked: Bars and areas stand on each other.
        horizontal: Bars lie; the default for categories.
    """

    id: TileId
    title: str = Field(min_length=1, max_length=120)
    chart: ChartKind
    source: Annotated[MetricSource | SqlSource, Field(discriminator="kind")]
    description: str = Field(default="", max_length=500)
    width: int = Field(default=6, ge=2, le=12)
    series: str | None = Field(default=None, max_length=255)
    stacked: bool = False
    horizontal: bool | None = None

    @property
    def dataset_id(self) -> UUID:
        """Return the dataset that the tile reads."""
        return self.source.query.dataset_id

    def with_dataset(self, dataset_id: UUID) -> Tile:
        """Return the same tile over another dataset."""
        query = self.source.query.model_copy(update={"dataset_id": dataset_id})
        return self.model_copy(update={"source": self.source.model_copy(update={"query": query})})


class DashboardSpec(Strict):
    """A whole dashboard."""

    spec_version: Literal[1] = 1
    title: str = Field(min_length=1, max_length=120)
    description: str = Field(default="", max_length=1000)
    tiles: tuple[Tile, ...] = Field(default=(), max_length=40)
    period: RelativePeriod | None = Field(default=None, description="Applies to every tile that has a time.")
    filters: tuple[Filter, ...] = Field(default=(), max_length=20)
    question: str = Field(default="", max_length=1000, description="What a person asked, if the builder made this.")
    default_dataset_id: UUID | None = None

    @model_validator(mode="after")
    def _tiles_differ(self) -> Self:
        ids = [tile.id for tile in self.tiles]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            msg = f"each tile needs an id of its own; used twice: {', '.join(twice)}"
            raise ValueError(msg)
        return self

    def tile(self, tile_id: str) -> Tile | None:
        """Return the tile with this id, if there is one."""
        return next((tile for tile in self.tiles if tile.id == tile_id), None)

    @property
    def dataset_ids(self) -> tuple[UUID, ...]:
        """Return the datasets that the tiles read, each once, in order."""
        return tuple(dict.fromkeys(tile.dataset_id for tile in self.tiles))

    def with_datasets(self, replaced: Mapping[UUID, UUID]) -> DashboardSpec:
        """Return the same dashboard over other datasets: old id → new id; others stay."""
        tiles = tuple(tile.with_dataset(replaced.get(tile.dataset_id, tile.dataset_id)) for tile in self.tiles)
        default = self.default_dataset_id and replaced.get(self.default_dataset_id, self.default_dataset_id)
        return self.model_copy(update={"tiles": tiles, "default_dataset_id": default})
