"""Questions to datasets, what can be asked, exports, and who sees which rows."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Query, Request, Response, status
from fastapi.responses import StreamingResponse
from pydantic import Field

from backend_services.datasets import rules_service
from backend_services.datasets.catalogue import MOST_OFFSET, MetricQuery, QueryResult, Scalar, SqlQuery
from backend_services.datasets.query import metrics, service
from backend_services.datasets.query.schemas import (
    DryRun,
    ExportFormat,
    FieldValue,
    MetricEntry,
    MetricQuestion,
    Question,
    SqlQuestion,
)
from backend_services.datasets.rules_schemas import RuleInput, RuleView
from backend_services.kernel.actor import Actor
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission
from backend_services.kernel.schemas import Strict
from state.api.deps import ActorDep, PageDep, SessionDep, needs
from state.api.description import file_of
from state.api.idempotency import idempotent
from state.api.leaving import while_waited_for

router = APIRouter(prefix="/api/v1", tags=["analytics"])

_READ = needs(Permission.DATASETS_DATASET_READ)
_FILE = file_of(*(one.media_type for one in ExportFormat))
_READ_RULES = needs(Permission.DATASETS_RULE_READ)
_WRITE_RULES = needs(Permission.DATASETS_RULE_WRITE)


class RowsRequest(Strict):
    """Which rows: those behind one row of a question's answer.

    Attributes:
        cell: The dimensions of that row as the answer showed them (column name → value).
    """

    query: MetricQuery
    cell: dict[str, Scalar | None] = Field(default_factory=dict)
    limit: int = Field(default=200, ge=1, le=10_000)
    offset: int = Field(default=0, ge=0, le=MOST_OFFSET)


class ExportRequest(Strict):
    """Which answer, and how it shall be written.

    Attributes:
        whole: Every row that matches, up to the limit of exports, instead of the question's own limit.
    """

    query: Question
    format: ExportFormat = ExportFormat.CSV
    whole: bool = False
    byte_order_mark: bool = True


@router.post("/analytics/query", operation_id="analytics_query", **_READ)
async def run(request: Request, actor: ActorDep, body: Annotated[Question, Body()]) -> QueryResult:
    """Answer a question in catalogue terms (`kind: metric`) or guarded SQL (`kind: sql`)."""
    return await while_waited_for(request, _run(actor, body))


async def _run(actor: Actor, question: MetricQuestion | SqlQuestion) -> QueryResult:
    plain = _plain(question)
    if isinstance(plain, SqlQuery):
        return await service.run_sql(actor, plain)
    return await service.run_metric(actor, plain)


def _plain(question: MetricQuestion | SqlQuestion) -> MetricQuery | SqlQuery:
    """Return the question without the mark that told the kinds apart."""
    given = {name: getattr(question, name) for name in question.model_fields_set - {"kind"}}
    if isinstance(question, SqlQuestion):
        return SqlQuery.model_validate(given)
    return MetricQuery.model_validate(given)


@router.post("/analytics/query/dry-run", operation_id="analytics_dry_run", **_READ)
async def dry_run(request: Request, actor: ActorDep, body: Annotated[Question, Body()]) -> DryRun:
    """Say what would be run and what is wrong with it, without running it."""
    return await while_waited_for(request, service.dry_run(actor, _plain(body)))


@router.post("/analytics/query/rows", operation_id="analytics_rows", **_READ)
async def rows_behind(request: Request, actor: ActorDep, body: RowsRequest) -> QueryResult:
    """Return the rows behind one figure."""
    rows = service.rows_behind(actor, body.query, cell=body.cell, limit=body.limit, offset=body.offset)
    return await while_waited_for(request, rows)


@router.get("/analytics/metrics", operation_id="analytics_metrics", **_READ)
async def list_metrics(actor: ActorDep, session: SessionDep, page: PageDep) -> Page[MetricEntry]:
    """List the measures and dimensions of every dataset that the caller may read."""
    return await metrics.list_metrics(actor, session, page)


@router.get("/analytics/datasets/{dataset_id}/values/{field}", operation_id="analytics_values", **_READ)
async def field_values(
    actor: ActorDep,
    dataset_id: UUID,
    field: str,
    search: Annotated[str, Query(max_length=200, description="Part of the value.")] = "",
    limit: Annotated[int, Query(ge=1, le=500, description="How many values at most.")] = 50,
) -> tuple[FieldValue, ...]:
    """List the most frequent values of a dimension."""
    return await service.field_values(actor, dataset_id, field=field, search=search, limit=limit)


@router.post("/analytics/exports", operation_id="analytics_export", **_FILE, **_READ)
async def export(actor: ActorDep, body: ExportRequest) -> StreamingResponse:
    """Return an answer as a CSV or XLSX file. A file that does not hold every row says so at its end."""
    pieces = await service.export(
        actor,
        _plain(body.query),
        export_format=body.format,
        whole=body.whole,
        byte_order_mark=body.byte_order_mark,
    )
    headers = {"Content-Disposition": f'attachment; filename="export.{body.format.value}"'}
    return StreamingResponse(pieces, media_type=body.format.media_type, headers=headers)


@router.get("/datasets/{dataset_id}/rules", operation_id="dataset_rules_list", **_READ_RULES)
async def list_rules(actor: ActorDep, session: SessionDep, dataset_id: UUID, page: PageDep) -> Page[RuleView]:
    """List who sees which rows and columns of a dataset."""
    return await rules_service.list_rules(actor, session, dataset_id, page)


_CREATE_RULE = {**_WRITE_RULES, "dependencies": [*_WRITE_RULES["dependencies"], idempotent]}


@router.post(
    "/datasets/{dataset_id}/rules",
    operation_id="dataset_rules_create",
    status_code=status.HTTP_201_CREATED,
    **_CREATE_RULE,
)
async def create_rule(actor: ActorDep, session: SessionDep, dataset_id: UUID, body: RuleInput) -> RuleView:
    """Say which rows and columns a role sees. From the first rule on, roles without one see nothing."""
    return await rules_service.create_rule(actor, session, dataset_id, body)


@router.put("/datasets/{dataset_id}/rules/{rule_id}", operation_id="dataset_rules_update", **_WRITE_RULES)
async def update_rule(
    actor: ActorDep, session: SessionDep, dataset_id: UUID, rule_id: UUID, body: RuleInput
) -> RuleView:
    """Change which rows and columns a role sees."""
    return await rules_service.update_rule(actor, session, dataset_id, rule_id, body)


@router.delete(
    "/datasets/{dataset_id}/rules/{rule_id}",
    operation_id="dataset_rules_delete",
    status_code=status.HTTP_204_NO_CONTENT,
    **_WRITE_RULES,
)
async def delete_rule(actor: ActorDep, session: SessionDep, dataset_id: UUID, rule_id: UUID) -> Response:
    """Take back a rule."""
    await rules_service.delete_rule(actor, session, dataset_id, rule_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
