"""Every SELECT of datasets. Row-level security confines each to the actor's tenant; the conditions here say it again."""  # noqa: E501 - one line an entry

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Text, and_, bindparam, case, cast, func, literal, or_, outerjoin
from sqlalchemy import select as sa_select
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from backend_services.datasets.models import Dataset, DatasetVersion, Ingestion
from backend_services.datasets.rules_models import DatasetRule
from backend_services.kernel.actor import Actor
from backend_services.kernel.errors import InvalidInputError
from backend_services.kernel.i18n import field_text
from backend_services.kernel.jobs.models import Job
from backend_services.kernel.pagination import PageRequest

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Select

SORTABLE = {
    "columns": col(Dataset.columns),
    "created_at": col(Dataset.created_at),
    "data_as_of": col(Dataset.data_as_of),
    "name": func.lower(col(Dataset.name)),
    "rows": col(Dataset.rows),
    "size_bytes": col(Dataset.size_bytes),
    "updated_at": col(Dataset.updated_at),
}


_COUNTED = frozenset({"rows", "size_bytes"})


async def page_of_datasets(
    actor: Actor,
    session: AsyncSession,
    page: PageRequest,
    *,
    kinds: tuple[str, ...],
    uncounted: Collection[UUID] = (),
) -> tuple[list[Dataset], int]:
    """Return a page of stored datasets and how many there are.

    ``uncounted`` ones stand last where the order is by rows or bytes, which would tell how many there are.

    Raises:
        InvalidInputError: The list cannot be sorted so.
    """
    wanted = [col(Dataset.tenant_id) == actor.tenant_id, col(Dataset.kind).in_(kinds)]
    if page.search:
        wanted.append(
            or_(
                col(Dataset.name).icontains(page.search, autoescape=True),
                col(Dataset.description).icontains(page.search, autoescape=True),
            )
        )
    order = SORTABLE.get(page.sort_field or "created_at")
    if order is None:
        raise InvalidInputError(fields={"sort": field_text("fields.sort", names=", ".join(sorted(SORTABLE)))})
    if page.sort_field in _COUNTED and uncounted:
        order = case((col(Dataset.id).in_(uncounted), None), else_=order)
    descending = page.descending or not page.sort
    total = (await session.execute(select(func.count()).select_from(Dataset).where(*wanted))).scalar_one()
    rows = await session.execute(
        select(Dataset)
        .where(*wanted)
        .order_by(order.desc().nulls_last() if descending else order.asc().nulls_last(), col(Dataset.id))
        .limit(page.limit)
        .offset(page.offset)
    )
    return list(rows.scalars().all()), total


async def find_dataset(actor: Actor, session: AsyncSession, dataset_id: UUID, *, lock: bool = False) -> Dataset | None:
    """Return a stored dataset, locked until the transaction ends when ``lock`` says so."""
    statement = select(Dataset).where(col(Dataset.tenant_id) == actor.tenant_id, col(Dataset.id) == dataset_id)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(statement)).scalar_one_or_none()


async def find_sample(actor: Actor, session: AsyncSession) -> dict[str, UUID]:
    """Return which samples the tenant has taken, by the sample's id."""
    rows = await session.execute(
        select(col(Dataset.sample_id), col(Dataset.id))
        .where(col(Dataset.tenant_id) == actor.tenant_id, col(Dataset.sample_id).is_not(None))
        .where(col(Dataset.state) != "failed")
        .order_by(col(Dataset.created_at))
    )
    return {str(sample): dataset_id for sample, dataset_id in rows.all()}


async def find_version(actor: Actor, session: AsyncSession, dataset_id: UUID, number: int) -> DatasetVersion | None:
    """Return a version of a dataset."""
    rows = await session.execute(
        select(DatasetVersion).where(
            col(DatasetVersion.tenant_id) == actor.tenant_id,
            col(DatasetVersion.dataset_id) == dataset_id,
            col(DatasetVersion.number) == number,
        )
    )
    return rows.scalar_one_or_none()


@dataclass(frozen=True, slots=True)
class Readable:
    """A stored dataset and its current version, as far as a question needs them.

    Attributes:
        catalogue: JSON; ``None`` before the first version, and then so is everything of the version.
        fields: JSON.
        rules: JSON, of all roles.
    """

    id: UUID
    name: str
    kind: str
    catalogue: str | None
    number: int | None
    fields: str
    rows: int
    file_key: str
    data_as_of: datetime
    rules: str


_RULES = (
    sa_select(cast(func.coalesce(func.jsonb_agg(col(DatasetRule.rule)), literal([], JSONB)), Text))
    .where(col(DatasetRule.tenant_id) == col(Dataset.tenant_id), col(DatasetRule.dataset_id) == col(Dataset.id))
    .correlate(Dataset)
    .scalar_subquery()
)
_READABLE = (
    col(Dataset.id),
    col(Dataset.name),
    col(Dataset.kind),
    cast(col(Dataset.catalogue), Text),
    col(DatasetVersion.number),
    cast(col(DatasetVersion.fields), Text),
    col(DatasetVersion.rows),
    col(DatasetVersion.file_key),
    col(DatasetVersion.data_as_of),
    _RULES,
)


def _readable() -> Select[*tuple[Any, ...]]:
    """Select a tenant's datasets with their current version; its profile, by far the largest part, stays there."""
    current = and_(
        col(DatasetVersion.dataset_id) == col(Dataset.id),
        col(DatasetVersion.number) == col(Dataset.version),
        col(DatasetVersion.tenant_id) == bindparam("tenant_id"),
    )
    joined = outerjoin(Dataset, DatasetVersion, current)
    return sa_select(*_READABLE).select_from(joined).where(col(Dataset.tenant_id) == bindparam("tenant_id"))


_ONE_READABLE = _readable().where(col(Dataset.id) == bindparam("dataset_id"))
"""Put together once: every question asks it, and putting it together takes as long as asking it."""


async def find_readable(actor: Actor, session: AsyncSession, dataset_id: UUID) -> Readable | None:
    """Return a stored dataset with its current version."""
    whose = {"tenant_id": actor.tenant_id, "dataset_id": dataset_id}
    row = (await session.execute(_ONE_READABLE, whose)).one_or_none()
    return None if row is None else Readable(*row)


async def ready_datasets(actor: Actor, session: AsyncSession, *, most: int) -> list[Readable]:
    """Return at most ``most`` stored datasets that can be asked, the newest first."""
    rows = await session.execute(
        _readable()
        .where(col(Dataset.state) == "ready", col(Dataset.catalogue).is_not(None))
        .order_by(col(Dataset.created_at).desc(), col(Dataset.id))
        .limit(most),
        {"tenant_id": actor.tenant_id},
    )
    return [Readable(*row) for row in rows.all()]


async def page_of_versions(
    actor: Actor, session: AsyncSession, dataset_id: UUID, page: PageRequest
) -> tuple[list[DatasetVersion], int]:
    """Return a page of versions, the newest first, and how many there are.

    Raises:
        InvalidInputError: The list is sorted by nothing but ``number``, and not searched.
    """
    page.require(sortable=("number",), searched=False)
    oldest_first = page.sort_field == "number" and not page.descending
    wanted = [col(DatasetVersion.tenant_id) == actor.tenant_id, col(DatasetVersion.dataset_id) == dataset_id]
    total = (await session.execute(select(func.count()).select_from(DatasetVersion).where(*wanted))).scalar_one()
    rows = await session.execute(
        select(DatasetVersion)
        .where(*wanted)
        .order_by(col(DatasetVersion.number).asc() if oldest_first else col(DatasetVersion.number).desc())
        .limit(page.limit)
        .offset(page.offset)
    )
    return list(rows.scalars().all()), total


async def find_ingestion(
    actor: Actor,
    session: AsyncSession,
    *,
    ingestion_id: UUID | None = None,
    job_id: UUID | None = None,
    dataset_id: UUID | None = None,
) -> tuple[Ingestion, Job | None] | None:
    """Return an ingestion by its id, its job or (the newest) its dataset, together with its job."""
    statement = (
        select(Ingestion, Job)
        .outerjoin(Job, col(Job.id) == col(Ingestion.job_id))
        .where(col(Ingestion.tenant_id) == actor.tenant_id)
        .order_by(col(Ingestion.number).desc())
        .limit(1)
    )
    if ingestion_id is not None:
        statement = statement.where(col(Ingestion.id) == ingestion_id)
    if job_id is not None:
        statement = statement.where(col(Ingestion.job_id) == job_id)
    if dataset_id is not None:
        statement = statement.where(col(Ingestion.dataset_id) == dataset_id)
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else (row[0], row[1])


async def upload_keys(actor: Actor, session: AsyncSession, dataset_id: UUID) -> list[str]:
    """Return where the files are that ingestions of a dataset have not read yet, or kept to be repeated."""
    rows = await session.execute(
        select(col(Ingestion.upload_key)).where(
            col(Ingestion.tenant_id) == actor.tenant_id,
            col(Ingestion.dataset_id) == dataset_id,
            col(Ingestion.upload_key).is_not(None),
        )
    )
    return [str(key) for key in rows.scalars()]


async def unfinished_jobs(actor: Actor, session: AsyncSession, dataset_id: UUID) -> list[UUID]:
    """Return the ingestion jobs of a dataset that wait or run."""
    rows = await session.execute(
        select(col(Job.id))
        .join(Ingestion, col(Ingestion.job_id) == col(Job.id))
        .where(
            col(Ingestion.tenant_id) == actor.tenant_id,
            col(Ingestion.dataset_id) == dataset_id,
            col(Job.state).in_(("queued", "running")),
        )
    )
    return list(rows.scalars())


async def last_number(actor: Actor, session: AsyncSession, dataset_id: UUID) -> int:
    """Return the highest version number that was ever given out for a dataset."""
    rows = await session.execute(
        select(func.max(col(Ingestion.number))).where(
            col(Ingestion.tenant_id) == actor.tenant_id, col(Ingestion.dataset_id) == dataset_id
        )
    )
    return rows.scalar_one_or_none() or 0


async def ended_jobs(actor: Actor, session: AsyncSession, dataset_ids: list[UUID]) -> dict[UUID, Job]:
    """Return, for datasets still loading, the job that ended without a version (its worker was lost)."""
    if not dataset_ids:
        return {}
    rows = await session.execute(
        select(col(Ingestion.dataset_id), Job)
        .join(Job, col(Job.id) == col(Ingestion.job_id))
        .where(
            col(Ingestion.tenant_id) == actor.tenant_id,
            col(Ingestion.dataset_id).in_(dataset_ids),
            col(Job.state).in_(("failed", "cancelled", "dead")),
        )
    )
    return {dataset_id: job for dataset_id, job in rows.all()}  # noqa: C416 - rows are no pairs to mypy


async def stale_uploads(actor: Actor, session: AsyncSession, *, before: datetime) -> list[Ingestion]:
    """Return ingestions that ended without success long ago and still keep their file."""
    rows = await session.execute(
        select(Ingestion)
        .join(Job, col(Job.id) == col(Ingestion.job_id))
        .where(
            col(Ingestion.tenant_id) == actor.tenant_id,
            col(Ingestion.upload_key).is_not(None),
            col(Job.state).in_(("failed", "cancelled", "dead")),
            col(Job.finished_at) < before,
        )
        .limit(100)
    )
    return list(rows.scalars().all())
