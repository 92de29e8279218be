"""What the builder is asked and what it answers; REST and the pages use these very classes."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field, model_validator

from backend_services.dashboards.spec import ChartKind, DashboardSpec
from backend_services.dashboards.type_schemas import TypesBuilt, TypesRequest
from backend_services.datasets.catalogue import (
    Derived,
    FieldType,
    Filter,
    Freshness,
    GroupBy,
    RelativePeriod,
    Scalar,
    Sort,
    Unit,
)
from backend_services.kernel.i18n import field_text
from backend_services.kernel.schemas import Strict
from backend_services.llm.schemas import LlmHealth

Language = Literal["en", "sl"]
Planner = Literal["rules", "embeddings", "llm"]
JobStatus = Literal["queued", "running", "succeeded", "failed", "cancelled"]
ChipSlot = Literal[
    "dataset",
    "measure",
    "dimension",
    "grain",
    "filter",
    "having",
    "part",
    "period",
    "sort",
    "limit",
    "chart",
    "share",
    "derived",
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


class BuildBody(Strict):
    """A question; or, without one, which built-in dashboards to make: those of ``priority_filter``, or all."""

    question: str | None = Field(default=None, min_length=1, max_length=1000)
    dataset_id: UUID | None = Field(default=None, description="Where to look; all readable datasets without it.")
    language: Language | None = Field(default=None, description="Of the answer; the question's own without it.")
    save: bool = Field(default=False, description="Keep the answer as a dashboard. Built-in ones are always kept.")
    choice: str | None = Field(default=None, max_length=600, description="Id of a clarification option.")
    priority_filter: int | None = Field(default=None, ge=1, le=3, description="Built-in dashboards of this priority.")

    @model_validator(mode="after")
    def _one_or_the_other(self) -> BuildBody:
        if self.question is not None and self.priority_filter is not None:
            raise ValueError(field_text("fields.question_or_filter"))
        if self.question is None and (self.dataset_id is not None or self.choice is not None):
            raise ValueError(field_text("fields.question_of_these"))
        return self

    def request(self) -> BuildRequest | TypesRequest:
        """Return what is asked for."""
        if self.question is None:
            return TypesRequest(priority_filter=self.priority_filter)
        return BuildRequest(
            question=self.question,
            dataset_id=self.dataset_id,
            language=self.language,
            save=self.save,
            choice=self.choice,
        )


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
    derived: tuple[Derived, ...] = ()
    filters: tuple[Filter, ...] = ()
    having: tuple[Filter, ...] = ()
    part: tuple[Filter, ...] = ()
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
    """How far a build is.

    Attributes:
        message: The step it is at, in the caller's language.
        result: At the end the same body that a quick answer has.
        error: Why it failed.
    """

    job_id: UUID
    status: JobStatus
    progress: float = Field(ge=0, le=1)
    message: str = ""
    result: BuildAnswer | TypesBuilt | None = None
    error: str | None = None


class BuilderReadiness(Strict):
    """Whether questions can be answered, and with what help.

    Attributes:
        ready: There is data to ask.
        model: The language model's server; the builder answers without it too.
        ready_dashboard_types: Built-in dashboards whose data is there.
    """

    ready: bool
    datasets: int
    model: LlmHealth
    total_dashboard_types: int
    ready_dashboard_types: int
