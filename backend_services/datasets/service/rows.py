"""Rows of a dataset, page by page, under the actor's row-level rules."""

from __future__ import annotations

from uuid import UUID

from backend_services.datasets.catalogue import MetricQuery
from backend_services.datasets.query import service as engine
from backend_services.datasets.schemas import ColumnView, DataRows
from backend_services.kernel.actor import Actor
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission


async def read_rows(actor: Actor, dataset_id: UUID, page: PageRequest) -> DataRows:
    """Return a page of rows as they are stored.

    ``total`` is exact for a stored table without rules; otherwise it counts what is known to be there.

    Raises:
        DatasetNotFoundError: There is no such dataset in the actor's tenant.
        DatasetNotReadyError: It has no data yet.
    """
    actor.require(Permission.DATASETS_DATASET_READ)
    answer = await engine.run_metric(actor, MetricQuery(dataset_id=dataset_id, limit=page.limit, offset=page.offset))
    seen = page.offset + len(answer.rows) + int(answer.truncated)
    stored = answer.freshness.source_rows
    columns = tuple(
        ColumnView(name=column.name, original=column.name, type=column.type, stored_as=column.type.value)
        for column in answer.columns
    )
    return DataRows(
        columns=columns,
        rows=answer.rows,
        total=seen if stored is None or answer.rules_applied else stored,
        limit=page.limit,
        offset=page.offset,
    )
