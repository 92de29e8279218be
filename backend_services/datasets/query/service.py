"""Use cases of the query engine. Each opens short transactions itself and holds none while a query runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from backend_services.datasets.catalogue import MetricQuery, QueryResult, Scalar, SqlQuery
from backend_services.datasets.query.schemas import DryRun, ExportFormat, FieldValue
from backend_services.kernel.actor import Actor


async def run_metric(actor: Actor, query: MetricQuery) -> QueryResult:
    """Answer a question in catalogue terms."""
    raise NotImplementedError


async def run_sql(actor: Actor, query: SqlQuery) -> QueryResult:
    """Answer guarded free SQL over one dataset, which it names ``data``."""
    raise NotImplementedError


async def dry_run(actor: Actor, query: MetricQuery | SqlQuery) -> DryRun:
    """Check a question without running it."""
    raise NotImplementedError


async def field_values(
    actor: Actor, dataset_id: UUID, *, field: str, search: str = "", limit: int = 50
) -> tuple[FieldValue, ...]:
    """Return the most frequent values of a dimension that the actor may see."""
    raise NotImplementedError


async def rows_behind(actor: Actor, query: MetricQuery, *, cell: dict[str, Scalar | None]) -> QueryResult:
    """Return the rows that one row of the answer to ``query`` was computed from.

    ``cell`` holds the dimensions of that row as the answer showed them (column name → value).
    """
    raise NotImplementedError


async def export(
    actor: Actor,
    query: MetricQuery | SqlQuery,
    *,
    export_format: ExportFormat,
    whole: bool = False,
    byte_order_mark: bool = True,
) -> AsyncIterator[bytes]:
    """Return the answer as a file, in pieces; refusals are raised before the first piece.

    ``whole`` replaces the limit of the query by the limit of exports.
    """
    raise NotImplementedError
