"""Finding datasets and showing rows as views; shared by the use cases of this package."""

from __future__ import annotations

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend_services.datasets import platform, queries
from backend_services.datasets.catalogue import Text
from backend_services.datasets.errors import DatasetNotFoundError, DatasetNotReadyError, DatasetReadOnlyError
from backend_services.datasets.models import Dataset, DatasetVersion
from backend_services.datasets.platform import PlatformTable
from backend_services.datasets.schemas import DatasetKind, DatasetState, DatasetView, Fault, VersionView
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import now
from backend_services.kernel.jobs.models import Job
from backend_services.kernel.permissions import Permission


def folder_key(tenant_id: UUID, dataset_id: UUID) -> str:
    """Return the folder of a dataset in the file store."""
    return f"tenants/{tenant_id}/datasets/{dataset_id}"


def view_of(row: Dataset, *, ended: Job | None = None) -> DatasetView:
    """Return a stored dataset as people see it; ``ended`` is the job that left it without data, if one did."""
    state = DatasetState(row.state)
    error = Fault.model_validate(row.error) if row.error else None
    if ended is not None and state is DatasetState.LOADING:
        state = DatasetState.FAILED
        error = Fault.model_validate(ended.error) if ended.error else Fault(code="job_cancelled", message="Cancelled.")
    return DatasetView(
        id=row.id,
        name=row.name,
        title=Text(en=row.name),
        kind=DatasetKind(row.kind),
        state=state,
        description=row.description,
        source=row.source,
        license=row.license,
        rows=row.rows,
        columns=row.columns,
        version=row.version,
        size_bytes=row.size_bytes,
        data_as_of=row.data_as_of,
        owner_id=row.owner_id,
        error=error,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def platform_view(table: PlatformTable) -> DatasetView:
    """Return one of the platform's own tables as people see it."""
    return DatasetView(
        id=table.id,
        name=table.key,
        title=table.title,
        kind=DatasetKind.PLATFORM,
        state=DatasetState.READY,
        description=table.description.en,
        source="Omni",
        rows=None,
        columns=len(table.columns),
        version=0,
        size_bytes=0,
        data_as_of=now(),
        live=True,
        created_at=None,
        updated_at=None,
    )


def version_view(row: DatasetVersion) -> VersionView:
    """Return a version as people see it."""
    return VersionView(
        number=row.number,
        rows=row.rows,
        rejected=row.rejected,
        columns=len(row.fields),
        size_bytes=row.size_bytes,
        source=row.source,
        sha256=row.sha256,
        changes=tuple(row.changes),
        data_as_of=row.data_as_of,
        created_by=row.created_by,
        created_at=row.created_at,
    )


def platform_table(actor: Actor, dataset_id: UUID) -> PlatformTable | None:
    """Return the platform's own table of this id, if it is one.

    Raises:
        DatasetNotFoundError: It is one, and the actor may not read those.
    """
    table = platform.TABLES.get(dataset_id)
    if table is not None and not actor.can(Permission.DATASETS_PLATFORM_READ):
        raise DatasetNotFoundError
    return table


async def require_stored(actor: Actor, session: AsyncSession, dataset_id: UUID, *, lock: bool = False) -> Dataset:
    """Return a stored dataset.

    Raises:
        DatasetReadOnlyError: It is one of the platform's own tables.
        DatasetNotFoundError: There is none in the actor's tenant.
    """
    if platform_table(actor, dataset_id) is not None:
        raise DatasetReadOnlyError
    row = await queries.find_dataset(actor, session, dataset_id, lock=lock)
    if row is None:
        raise DatasetNotFoundError
    return row


async def require_version(
    actor: Actor, session: AsyncSession, dataset_id: UUID, *, number: int | None = None
) -> tuple[Dataset, DatasetVersion]:
    """Return a stored dataset and one of its versions, by default the current one.

    Raises:
        DatasetNotFoundError: There is no such dataset or version.
        DatasetNotReadyError: It has no version yet.
    """
    row = await require_stored(actor, session, dataset_id)
    wanted = row.version if number is None else number
    if wanted == 0:
        raise DatasetNotReadyError
    version = await queries.find_version(actor, session, dataset_id, wanted)
    if version is None:
        raise DatasetNotFoundError
    return row, version
