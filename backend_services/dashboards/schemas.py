"""What goes into and comes out of the dashboards' use cases; REST and pages use these very classes."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from backend_services.dashboards.prose import Block
from backend_services.dashboards.spec import ChartKind, DashboardSpec, Tile
from backend_services.datasets.catalogue import FieldType, Filter, QueryResult, RelativePeriod, Scalar
from backend_services.kernel.schemas import Strict


class Access(StrEnum):
    """What somebody may do with a dashboard."""

    READ = "read"
    EDIT = "edit"
    OWNER = "owner"


Origin = Literal["person", "builder", "type", "starter"]


class DashboardSummary(Strict):
    """A dashboard in a list.

    Attributes:
        access: What the caller may do with it.
        shared: Others can open it too.
        folder_id: Where it lies; ``None`` is outside all folders.
        favourite: The caller marked it.
        viewed_at: When the caller last looked at it.
    """

    id: UUID
    title: str
    description: str
    version: int
    tile_count: int
    origin: Origin
    type_id: str | None
    owner_id: UUID | None
    access: Access
    shared: bool
    folder_id: UUID | None = None
    favourite: bool = False
    viewed_at: datetime | None = None
    created_at: datetime
    updated_at: datetime


class DashboardView(DashboardSummary):
    """A dashboard with what it shows."""

    spec: DashboardSpec


class DashboardCreate(Strict):
    """A new dashboard."""

    spec: DashboardSpec


class DashboardUpdate(Strict):
    """A changed dashboard; the version it was made from comes beside it."""

    spec: DashboardSpec


class DashboardDelete(Strict):
    """The typed confirmation of a deletion: the dashboard's title."""

    confirmation: str = Field(max_length=120)


class DashboardDuplicate(Strict):
    """A copy, under a new title if one is given."""

    title: str = Field(default="", max_length=120)


class ShareRequest(Strict):
    """With whom to share: a role, or the whole team."""

    role: str = Field(default="*", max_length=64, pattern=r"^(\*|[a-z][a-z0-9_-]{0,63})$")
    access: Literal["read", "edit"] = "read"


class ShareView(Strict):
    """Whom a dashboard is shared with; role ``*`` is the whole team."""

    role: str
    access: Literal["read", "edit"]
    created_at: datetime


class VersionSummary(Strict):
    """A saved version in a list."""

    number: int
    author_id: UUID | None
    author_label: str
    restored_from: int | None
    title: str
    tile_count: int
    name: str = ""
    note: str = ""
    created_at: datetime


class VersionView(VersionSummary):
    """A saved version with its specification."""

    spec: DashboardSpec


class ExportedDataset(Strict):
    """A dataset that a file speaks of, so that it can be found elsewhere: its name, and the fields it had."""

    id: UUID
    name: str = Field(max_length=120)
    fields: tuple[str, ...] = Field(default=(), max_length=2000)


class DashboardExport(Strict):
    """A dashboard as a file: what to keep and import elsewhere.

    Attributes:
        datasets: What its datasets are called; files of before have none.
    """

    format: Literal["omni.dashboard"] = "omni.dashboard"
    format_version: Literal[1] = 1
    exported_at: datetime
    spec: DashboardSpec
    datasets: tuple[ExportedDataset, ...] = Field(default=(), max_length=40)


class DashboardImport(Strict):
    """An exported dashboard.

    Attributes:
        dataset_map: Dataset id in the file → dataset id here, for files from another install.
    """

    file: DashboardExport
    dataset_map: dict[UUID, UUID] = Field(default_factory=dict, max_length=40)


class DatasetChoice(Strict):
    """A dataset that is here, offered in place of one of a file.

    Attributes:
        missing: Fields that the file's dataset had and this one lacks.
    """

    id: UUID
    name: str
    missing: int


class DatasetMatch(Strict):
    """What becomes of a file's dataset.

    Attributes:
        found: The dataset here that takes its place: the same one, or the only one with its name and all its fields.
        choices: What could, best first.
    """

    id: UUID
    name: str
    found: UUID | None
    choices: tuple[DatasetChoice, ...]


class ImportPlan(Strict):
    """What importing a file would do; ``ready`` when every dataset has its place."""

    title: str
    ready: bool
    datasets: tuple[DatasetMatch, ...]


class Overrides(Strict):
    """What a viewer changed without saving: it replaces the dashboard's own period and adds to its filters."""

    period: RelativePeriod | None = None
    filters: tuple[Filter, ...] = Field(default=(), max_length=20)
    language: Literal["en", "sl"] | None = None


class LegendEntry(Strict):
    """A series: its name and its place in the palette, from 1; 0 is the quiet ``compare`` colour."""

    name: str
    palette: int = Field(ge=0, le=8)
    dash: str = "solid"


class Delta(Strict):
    """A change against an earlier period.

    Attributes:
        change: Relative change, 0.1 for a tenth more; ``None`` where the earlier value is 0.
        tone: By the meaning of the measure: more lost customers is ``bad`` though it rises.
        text: The change with a sign, such as ``+12.5%``.
        against: What it is compared with, in words.
    """

    change: float | None
    difference: float
    direction: Literal["up", "down", "flat"]
    tone: Literal["good", "bad", "neutral"]
    text: str
    previous_text: str
    against: str


class NumberView(Strict):
    """A single figure: full and short text, change, and up to twelve points of history."""

    value: float | None
    text: str
    short: str
    delta: Delta | None = None
    spark: tuple[float | None, ...] = Field(default=(), max_length=12)
    spark_labels: tuple[str, ...] = Field(default=(), max_length=12)


class TableColumn(Strict):
    """A column of a table view."""

    name: str
    label: str
    type: FieldType
    align: Literal["left", "right"]


class TableView(Strict):
    """The first rows of an answer as texts in the reader's locale; ``total`` counts all of the answer's rows."""

    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int
    footer: tuple[str, ...] = Field(default=(), description="Totals of a pivot table, under its columns.")


class SourceLine(Strict):
    """Where the figure comes from: the line that closes a tile."""

    dataset_id: UUID
    dataset_name: str
    rows: int | None
    data_as_of: str
    live: bool
    text: str


class Computation(Strict):
    """How the figure was computed.

    Attributes:
        beside: The SQL of what a number is shown with: the earlier period, and its course.
    """

    sql: str
    beside: tuple[str, ...] = ()
    dataset_version: int
    data_as_of: str
    live: bool
    rules_applied: tuple[str, ...]
    period: str
    filters: tuple[str, ...]
    ignored: tuple[str, ...] = Field(default=(), description="Dashboard filters whose field the dataset lacks.")
    cached: bool
    took_ms: float


class ProblemView(Strict):
    """Something in a specification that does not fit its data, and what would."""

    path: str
    code: str
    message: str
    suggestions: tuple[str, ...]


class Insufficient(Strict):
    """Why there is no figure, and what would give one."""

    code: str
    message: str
    needed: str


class TileProblem(Strict):
    """A refusal of one tile; the others are not affected."""

    code: str
    message: str
    kind: str


class TileResult(Strict):
    """Everything a tile shows.

    Attributes:
        figure: Plotly ``{"data": …, "layout": …}`` without any colour; ``None`` for numbers and tables.
        phone_layout: The layout to use instead on a narrow screen.
        finding: What the data says, one sentence by rule.
        accessible: The sentence for ``role=img``.
        notes: What a reader must know: sampled, grouped under Other, running period, cut axis.
    """

    tile_id: str
    title: str
    chart: ChartKind
    state: Literal["ready", "insufficient_data", "failed"]
    result: QueryResult | None = None
    figure: dict[str, Any] | None = None
    phone_layout: dict[str, Any] | None = None
    legend: tuple[LegendEntry, ...] = ()
    number: NumberView | None = None
    text: tuple[Block, ...] = ()
    table: TableView | None = None
    finding: str = ""
    accessible: str = ""
    notes: tuple[str, ...] = ()
    source: SourceLine | None = None
    how: Computation | None = None
    insufficient: Insufficient | None = None
    problem: TileProblem | None = None


class TilePreview(Strict):
    """A tile that is not saved yet, with the surroundings it will have."""

    tile: Tile
    period: RelativePeriod | None = None
    filters: tuple[Filter, ...] = Field(default=(), max_length=20)
    language: Literal["en", "sl"] | None = None


class RowsRequest(Strict):
    """Which rows behind a tile: the values of a cell by column name; empty means all rows of the tile."""

    cell: dict[str, Scalar | None] = Field(default_factory=dict, max_length=8)
    overrides: Overrides = Overrides()
    limit: int = Field(default=100, ge=1, le=1000)
    offset: int = Field(default=0, ge=0, le=1_000_000)


class TypeView(Strict):
    """A built-in dashboard type and whether its data is there.

    Attributes:
        needs: Names of the datasets it reads.
        missing: What is missing, in words. A ready type may still lack some; its tiles then say so.
        dashboard_id: The dashboard made from it, if there is one.
    """

    id: str
    name: str
    description: str
    priority: int = Field(ge=1, le=3)
    aliases: tuple[str, ...]
    state: Literal["ready", "insufficient_data"]
    needs: tuple[str, ...]
    missing: tuple[str, ...]
    dashboard_id: UUID | None = None
