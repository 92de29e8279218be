"""The dashboard specification, version 1: what is stored, shared, exported and made by the builder. Pure: no I/O."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from backend_services.datasets.catalogue import Filter, MetricQuery, RelativePeriod, SqlQuery
from backend_services.kernel.schemas import Strict

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
