"""Rows of a dataset, page by page, under the actor's row-level rules."""

from __future__ import annotations

from uuid import UUID

from pydantic import ValidationError

from backend_services.datasets.catalogue import MetricQuery, Sort
from backend_services.datasets.query.errors import UnknownFieldError
from backend_services.datasets.schemas import ColumnView, DataRows
from backend_services.kernel.actor import Actor
from backend_services.kernel.errors import InvalidInputError
from backend_services.kernel.i18n import field_text
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission


async def read_rows(actor: Actor, dataset_id: UUID, page: PageRequest) -> DataRows:
    """Return a page of rows as they are stored, or ordered by one of the columns.

    ``total`` is exact for a stored table without rules; otherwise it counts what is known to be there.

    Raises:
        DatasetNotFoundError: There is no such dataset in the actor's tenant.
        DatasetNotReadyError: It has no data yet.
        InvalidInputError: A text is searched for, or there is no such column to order by.
    """
    from backend_services.datasets.query import service as engine  # noqa: PLC0415 - which reads datasets through this package

    actor.require(Permission.DATASETS_DATASET_READ)
    if page.search:
        raise InvalidInputError(fields={"search": field_text("datasets.rows_not_searched")})
    question = MetricQuery(dataset_id=dataset_id, sort=_order(page), limit=page.limit, offset=page.offset)
    answer = await engine.run_metric(actor, question)
    seen = page.offset + len(answer.rows) + int(answer.truncated)
    stored = answer.freshness.source_rows
    columns = tuple(
        ColumnView(name=column.name, original=column.name, type=column.type, stored_as=column.type.value)
        for column in answer.columns
    )
    return DataRows(
        columns=columns,
        rows=answer.rows,
        total=seen if stored is None else stored,
        limit=page.limit,
        offset=page.offset,
    )


def _order(page: PageRequest) -> tuple[Sort, ...]:
    if not page.sort_field:
        return ()
    try:
        return (Sort(field=page.sort_field, descending=page.descending),)
    except ValidationError:  # a text that no field's name can be
        raise UnknownFieldError(page.sort_field) from None
