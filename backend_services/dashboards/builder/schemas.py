"""What the builder is asked and what it answers; REST and the pages use these very classes."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from backend_services.dashboards.spec import ChartKind, DashboardSpec
from backend_services.datasets.catalogue import (
    FieldType,
    Filter,
    Freshness,
    GroupBy,
    RelativePeriod,
    Scalar,
    Sort,
    Unit,
)
from backend_services.kernel.schemas import Strict

Language = Literal["en", "sl"]
Planner = Literal["rules", "embeddings", "llm"]
JobStatus = Literal["queued", "running", "succeeded", "failed", "cancelled"]
ChipSlot = Literal[
    "dataset", "measure", "dimension", "grain", "filter", "having", "period", "sort", "limit", "chart", "share"
]


class BuildRequest(Strict):
    """A question.

    Attributes:
        dataset_id: Where to look; without it the readable datasets are searched.
        language: Of the answer; without it the question's own language is recognised.
        save: Keep the answer as a dashboard of the actor.
        choice: ``id`` of a clarification option given for this very question.
    """

    question: str = Field(min_length=1, max_length=1000)
    dataset_id: UUID | None = None
    language: Language | None = None
    save: bool = False
    choice: str | None = Field(default=None, max_length=600)


class ClarificationOption(Strict):
    """One reading; ask the same question again with ``choice`` set to its ``id``."""

    id: str
    label: str
    description: str = ""


class Clarification(Strict):
    """What has to be known before an honest answer is possible."""

    question: str
    options: tuple[ClarificationOption, ...]


class NearestThing(Strict):
    """Something that is there, close to what was asked for."""

    kind: Literal["dataset", "measure", "dimension", "value"]
    id: str
    label: str
    dataset_id: UUID | None = None


class Refusal(Strict):
    """Why there is no answer, and what there is instead."""

    reason: str
    code: Literal["no_data", "no_dataset", "not_understood", "unknown_term", "unreadable"]
    terms: tuple[str, ...] = ()
    nearest: tuple[NearestThing, ...] = ()


class Chip(Strict):
    """One thing that was understood, ready to show."""

    slot: ChipSlot
    label: str
    text: str
    field: str | None = None
    asked_as: str = Field(default="", description="The words of the question that said so.")


class Understood(Strict):
    """The question as the builder read it, in catalogue terms and as chips."""

    dataset_id: UUID
    dataset_name: str
    measures: tuple[str, ...] = ()
    dimensions: tuple[GroupBy, ...] = ()
    filters: tuple[Filter, ...] = ()
    having: tuple[Filter, ...] = ()
    period: RelativePeriod | None = None
    sort: tuple[Sort, ...] = ()
    limit: int | None = None
    chart: ChartKind
    share: bool = False
    confidence: float = Field(ge=0, le=1)
    chips: tuple[Chip, ...] = ()


class BuiltColumn(Strict):
    """A column of a tile's answer."""

    name: str
    label: str
    type: FieldType
    role: Literal["dimension", "measure", "plain"] = "plain"
    unit: Unit | None = None


class BuiltTile(Strict):
    """A tile with its answer."""

    id: str
    title: str
    chart: ChartKind
    columns: tuple[BuiltColumn, ...]
    rows: tuple[tuple[Scalar | None, ...], ...]
    sql: str
    understood: Understood
    truncated: bool = False
    freshness: Freshness | None = None
    checks: tuple[str, ...] = Field(
        default=(), description="Checks passed: schema, rights, dry_run, rows, cardinality."
    )


class BuiltDashboard(Strict):
    """The answer, ready to look at."""

    title: str
    tiles: tuple[BuiltTile, ...]


class BuildAnswer(Strict):
    """What came of a question.

    Attributes:
        planner: What decided: rules, embeddings of field descriptions, or a language model.
        model: Name of the model that decided or wrote the title, if one did.
        took_ms: Whole time.
        query_ms: Of it, the time spent in queries.
        notes: What could not be done or was assumed, in the answer's language.
        refusal: Set when ``status`` is ``refused``.
        dashboard_id: Set when it was saved.
        spec: The dashboard as it would be stored.
    """

    status: Literal["ok", "clarify", "refused"]
    clarification: Clarification | None = None
    dashboard: BuiltDashboard | None = None
    planner: Planner = "rules"
    model: str | None = None
    took_ms: float
    query_ms: float = 0.0
    language: Language = "en"
    notes: tuple[str, ...] = ()
    refusal: Refusal | None = None
    dashboard_id: UUID | None = None
    spec: DashboardSpec | None = None


class BuildJob(Strict):
    """A build that goes on as a job; ask for its status."""

    job_id: UUID


class BuildStatus(Strict):
    """How far a build is."""

    job_id: UUID
    status: JobStatus
    progress: float = Field(ge=0, le=1)
    message: str = ""
    answer: BuildAnswer | None = None
    error: str | None = None
