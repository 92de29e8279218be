"""The dashboard specification, version 1: what is stored, shared, exported and made by the builder. Pure: no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, StringConstraints, model_validator

from backend_services.datasets.catalogue import Filter, MetricQuery, RelativePeriod, SqlQuery
from backend_services.kernel.i18n import field_text
from backend_services.kernel.schemas import Strict

SPEC_VERSION = 1
BINS = 20
MIN_COLUMNS, MAX_COLUMNS = 2, 12
MIN_ROWS, MAX_ROWS = 2, 20
MAX_TILES = 40

TileId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


class ChartKind(StrEnum):
    """How a tile shows its answer."""

    AREA = "area"
    BAR = "bar"
    HEATMAP = "heatmap"
    HISTOGRAM = "histogram"
    LINE = "line"
    MAP = "map"
    NUMBER = "number"
    PIE = "pie"
    PIVOT = "pivot"
    SCATTER = "scatter"
    TABLE = "table"
    TEXT = "text"


class MetricSource(Strict):
    """A question in catalogue terms."""

    kind: Literal["metric"] = "metric"
    query: MetricQuery


class SqlSource(Strict):
    """Guarded free SQL."""

    kind: Literal["sql"] = "sql"
    query: SqlQuery


class TextSource(Strict):
    """No question: what a person wrote, in a small part of Markdown. Only for the chart ``text``."""

    kind: Literal["text"] = "text"
    text: str = Field(default="", max_length=10_000)


class Tile(Strict):
    """One figure, or a text among figures.

    A chart draws the measures of its question; where something is derived from them, it draws that instead. A map
    takes its points from two dimensions that are numbers, latitude first.

    Attributes:
        width: Columns of the twelve that it takes.
        height: Rows that it takes at least; without one it is as high as its content asks.
        series: Name of the result column that splits the figure into series, or lies across a pivot table.
        stacked: Bars and areas stand on each other.
        horizontal: Bars lie; the default for categories.
    """

    id: TileId
    title: str = Field(min_length=1, max_length=120)
    chart: ChartKind
    source: Annotated[MetricSource | SqlSource | TextSource, Field(discriminator="kind")]
    description: str = Field(default="", max_length=500)
    width: int = Field(default=6, ge=MIN_COLUMNS, le=MAX_COLUMNS, description="Columns of the twelve that it takes.")
    height: int | None = Field(
        default=None,
        ge=MIN_ROWS,
        le=MAX_ROWS,
        description="Rows of 52 pixels, 16 apart, that it takes at least; charts and tables never fewer than 4. "
        "Without one it is as high as its content asks.",
    )
    series: str | None = Field(default=None, max_length=255)
    stacked: bool = False
    horizontal: bool | None = None
    compare: bool = Field(default=False, description="The course of the period before lies beside a line or bars.")
    bins: int = Field(default=BINS, ge=2, le=60, description="About how many bins a histogram has.")

    @model_validator(mode="after")
    def _text_is_text(self) -> Self:
        if (self.chart is ChartKind.TEXT) is not isinstance(self.source, TextSource):
            raise ValueError(field_text("fields.text_source"))
        return self

    @property
    def dataset_id(self) -> UUID | None:
        """Return the dataset that the tile reads; a text reads none."""
        return None if isinstance(self.source, TextSource) else self.source.query.dataset_id

    def with_dataset(self, dataset_id: UUID) -> Tile:
        """Return the same tile over another dataset."""
        if isinstance(self.source, TextSource):
            return self
        query = self.source.query.model_copy(update={"dataset_id": dataset_id})
        return self.model_copy(update={"source": self.source.model_copy(update={"query": query})})


class DashboardSpec(Strict):
    """A whole dashboard."""

    spec_version: Literal[1] = 1
    title: str = Field(min_length=1, max_length=120)
    description: str = Field(default="", max_length=1000)
    tiles: tuple[Tile, ...] = Field(default=(), max_length=MAX_TILES)
    period: RelativePeriod | None = Field(default=None, description="Applies to every tile that has a time.")
    filters: tuple[Filter, ...] = Field(default=(), max_length=20)
    refresh_s: Literal[30, 60, 300, 900] | None = Field(
        default=None, description="How often an open page renews its figures by itself, in seconds."
    )
    question: str = Field(default="", max_length=1000, description="What a person asked, if the builder made this.")
    default_dataset_id: UUID | None = None

    @model_validator(mode="after")
    def _tiles_differ(self) -> Self:
        ids = [tile.id for tile in self.tiles]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(field_text("fields.ids_twice", names=", ".join(twice)))
        return self

    def tile(self, tile_id: str) -> Tile | None:
        """Return the tile with this id, if there is one."""
        return next((tile for tile in self.tiles if tile.id == tile_id), None)

    @property
    def dataset_ids(self) -> tuple[UUID, ...]:
        """Return the datasets that the tiles read, each once, in order."""
        return tuple(dict.fromkeys(one for tile in self.tiles if (one := tile.dataset_id) is not None))

    def with_datasets(self, replaced: Mapping[UUID, UUID]) -> DashboardSpec:
        """Return the same dashboard over other datasets: old id → new id; others stay."""
        tiles = tuple(
            tile if (known := tile.dataset_id) is None else tile.with_dataset(replaced.get(known, known))
            for tile in self.tiles
        )
        default = self.default_dataset_id and replaced.get(self.default_dataset_id, self.default_dataset_id)
        return self.model_copy(update={"tiles": tiles, "default_dataset_id": default})
