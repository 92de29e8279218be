"""Listing, looking at, renaming and deleting datasets; what the query engine reads."""

from __future__ import annotations

import contextlib
from functools import lru_cache
from uuid import UUID

from pydantic import TypeAdapter
from sqlmodel.ext.asyncio.session import AsyncSession

from backend_services.audit import service as audit
from backend_services.datasets import platform, queries, rules_service
from backend_services.datasets.catalogue import Catalogue
from backend_services.datasets.errors import DatasetNameMismatchError, DatasetNotFoundError, DatasetNotReadyError
from backend_services.datasets.models import Dataset, DatasetVersion
from backend_services.datasets.platform import PlatformTable
from backend_services.datasets.queries import Readable
from backend_services.datasets.schemas import (
    ColumnProfile,
    ColumnView,
    DatasetKind,
    DatasetSchema,
    DatasetView,
    DeleteDataset,
    Profile,
    ReadableVersion,
    RenameDataset,
    VersionView,
)
from backend_services.datasets.service.storage import (
    folder_key,
    platform_table,
    platform_view,
    require_stored,
    require_version,
    version_view,
    view_of,
)
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import now
from backend_services.kernel.db import after_commit
from backend_services.kernel.events import service as events
from backend_services.kernel.files import get_files
from backend_services.kernel.i18n import field_text
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.jobs.errors import JobNotCancellableError
from backend_services.kernel.pagination import Page, PageRequest
from backend_services.kernel.permissions import Permission

_COLUMNS = TypeAdapter(tuple[ColumnView, ...])
_STORED = (DatasetKind.CONNECTION.value, DatasetKind.SAMPLE.value, DatasetKind.UPLOAD.value)


def _platform_matches(actor: Actor, page: PageRequest, kind: DatasetKind | None) -> list[PlatformTable]:
    if kind not in {None, DatasetKind.PLATFORM} or not actor.can(Permission.DATASETS_PLATFORM_READ):
        return []
    needle = page.search.casefold()
    return [
        table
        for table in platform.TABLES.values()
        if needle in table.title.en.casefold() or needle in table.title.sl.casefold()
    ]


async def list_datasets(
    actor: Actor, session: AsyncSession, page: PageRequest, *, kind: DatasetKind | None = None
) -> Page[DatasetView]:
    """Return a page of the datasets that the actor may read; the platform's own come last.

    Sortable by ``columns``, ``created_at``, ``data_as_of``, ``name``, ``rows``, ``size_bytes``, ``updated_at``;
    search looks in name and description.
    """
    actor.require(Permission.DATASETS_DATASET_READ)
    kinds = _STORED if kind is None else tuple(one for one in _STORED if one == kind.value)
    uncounted = await rules_service.narrowed_datasets(actor, session)
    rows, stored = await queries.page_of_datasets(actor, session, page, kinds=kinds, uncounted=uncounted)
    tables = _platform_matches(actor, page, kind)
    ended = await queries.ended_jobs(actor, session, [row.id for row in rows if row.state == "loading"])
    items = await _counted(actor, session, [view_of(row, ended=ended.get(row.id)) for row in rows])
    first = max(0, page.offset - stored)
    items += [platform_view(table) for table in tables[first : first + page.limit - len(items)]]
    return Page[DatasetView](items=tuple(items), total=stored + len(tables), limit=page.limit, offset=page.offset)


async def get_dataset(actor: Actor, session: AsyncSession, dataset_id: UUID) -> DatasetView:
    """Return a dataset.

    Raises:
        DatasetNotFoundError: There is none in the actor's tenant.
    """
    actor.require(Permission.DATASETS_DATASET_READ)
    table = platform_table(actor, dataset_id)
    if table is not None:
        return platform_view(table)
    row = await require_stored(actor, session, dataset_id)
    ended = await queries.ended_jobs(actor, session, [row.id] if row.state == "loading" else [])
    return (await _counted(actor, session, [view_of(row, ended=ended.get(row.id))]))[0]


async def _counted(actor: Actor, session: AsyncSession, views: list[DatasetView]) -> list[DatasetView]:
    """Return ``views`` without the number of rows and bytes where rules hide some of them from the actor."""
    scopes = await rules_service.scopes_for(actor, session, [one.id for one in views])
    untold = dict.fromkeys(("rows", "size_bytes"))
    return [one if scopes[one.id].shows_every_row else one.model_copy(update=untold) for one in views]


async def rename_dataset(actor: Actor, session: AsyncSession, dataset_id: UUID, change: RenameDataset) -> DatasetView:
    """Change a dataset's name and description."""
    actor.require(Permission.DATASETS_DATASET_WRITE)
    row = await require_stored(actor, session, dataset_id, lock=True)
    before = row.name
    row.name, row.description = change.name, change.description
    await session.flush()
    await audit.record(
        actor,
        session,
        action="datasets.dataset.rename",
        subject_type="dataset",
        subject_id=row.id,
        subject_label=row.name,
        details={"before": before},
    )
    return view_of(row)


async def delete_dataset(actor: Actor, session: AsyncSession, dataset_id: UUID, confirmation: DeleteDataset) -> None:
    """Delete a dataset with all versions and files; ``confirmation`` holds its name, typed out.

    Raises:
        DatasetNameMismatchError: The name is another. Nothing is deleted.
    """
    actor.require(Permission.DATASETS_DATASET_DELETE)
    row = await require_stored(actor, session, dataset_id, lock=True)
    if confirmation.name != row.name:
        raise DatasetNameMismatchError(fields={"name": field_text("fields.type_dataset")})
    upload_keys = await queries.upload_keys(actor, session, dataset_id)
    await _cancel_ingestions(actor, session, dataset_id)
    await _delete_row(actor, session, row)
    files, folder = get_files(), folder_key(actor.tenant_id, dataset_id)

    async def delete_files() -> None:
        await files.delete_prefix(folder)
        for key in upload_keys:
            await files.delete(key)

    after_commit(session, delete_files)


async def _cancel_ingestions(actor: Actor, session: AsyncSession, dataset_id: UUID) -> None:
    """Stop the jobs that read files for a dataset. Who may not stop jobs leaves them to end without a result."""
    if not actor.can(Permission.KERNEL_JOB_CANCEL):
        return
    for job_id in await queries.unfinished_jobs(actor, session, dataset_id):
        with contextlib.suppress(JobNotCancellableError):  # it ended just now
            await jobs.cancel_job(actor, session, job_id)


async def _delete_row(actor: Actor, session: AsyncSession, row: Dataset) -> None:
    label, dataset_id = row.name, row.id
    await session.delete(row)
    await session.flush()
    await events.record(actor, session, name="datasets.dataset_deleted", subject_id=dataset_id)
    await audit.record(
        actor,
        session,
        action="datasets.dataset.delete",
        subject_type="dataset",
        subject_id=dataset_id,
        subject_label=label,
        details={"rows": row.rows, "versions": row.version},
    )


async def _hidden_columns(actor: Actor, session: AsyncSession, dataset_id: UUID) -> tuple[frozenset[str], bool]:
    """Return the columns that row-level rules hide from the actor, and whether rules apply at all.

    Raises:
        DatasetNotFoundError: The rules show the actor nothing.
    """
    scope = await rules_service.scope_for(actor, session, dataset_id)
    if scope.denied:
        raise DatasetNotFoundError
    return scope.hidden, scope.alternatives is not None


async def get_schema(
    actor: Actor, session: AsyncSession, dataset_id: UUID, *, version: int | None = None
) -> DatasetSchema:
    """Return the columns of a version, by default the current one, without those that rules hide."""
    actor.require(Permission.DATASETS_DATASET_READ)
    hidden, _ = await _hidden_columns(actor, session, dataset_id)
    table = platform_table(actor, dataset_id)
    if table is not None:
        columns, number = table.columns, 0
    else:
        _, stored = await require_version(actor, session, dataset_id, number=version)
        columns, number = tuple(ColumnView.model_validate(field) for field in stored.fields), stored.number
    shown = tuple(column for column in columns if column.name not in hidden)
    return DatasetSchema(dataset_id=dataset_id, version=number, columns=shown)


async def get_profile(actor: Actor, session: AsyncSession, dataset_id: UUID, *, version: int | None = None) -> Profile:
    """Return what the columns of a version hold.

    Under row-level rules nothing is told that may come from rows the actor cannot see: only names and types. Live
    tables have no profile; theirs is empty but for names and types.
    """
    actor.require(Permission.DATASETS_DATASET_READ)
    hidden, is_ruled = await _hidden_columns(actor, session, dataset_id)
    table = platform_table(actor, dataset_id)
    if table is not None:
        return Profile(rows=0, columns=tuple(_bare(column.name, column) for column in table.columns))
    _, stored = await require_version(actor, session, dataset_id, number=version)
    found = Profile.model_validate(stored.profile)
    shown = tuple(column for column in found.columns if column.name not in hidden)
    if is_ruled:
        return Profile(rows=0, columns=tuple(_bare(column.name, column) for column in shown))
    return Profile(rows=found.rows, columns=shown)


def _bare(name: str, column: ColumnView | ColumnProfile) -> ColumnProfile:
    return ColumnProfile(name=name, type=column.type, nulls=0, null_share=0.0, distinct=0, distinct_exact=False)


async def list_versions(actor: Actor, session: AsyncSession, dataset_id: UUID, page: PageRequest) -> Page[VersionView]:
    """Return the stored versions, the newest first; live tables have none.

    Under row-level rules nothing is told of the rows, nor of columns that are hidden.
    """
    actor.require(Permission.DATASETS_DATASET_READ)
    if platform_table(actor, dataset_id) is not None:
        return Page[VersionView](items=(), total=0, limit=page.limit, offset=page.offset)
    await require_stored(actor, session, dataset_id)
    rows, total = await queries.page_of_versions(actor, session, dataset_id, page)
    hidden, is_ruled = await _hidden_columns(actor, session, dataset_id)
    items = tuple(_without_counts(row, hidden) if is_ruled else version_view(row) for row in rows)
    return Page[VersionView](items=items, total=total, limit=page.limit, offset=page.offset)


def _without_counts(row: DatasetVersion, hidden: frozenset[str]) -> VersionView:
    view = version_view(row)
    changes = tuple(one for one in view.changes if one.name not in hidden)
    columns = sum(field["name"] not in hidden for field in row.fields)
    untold = dict.fromkeys(("rows", "rejected", "size_bytes", "sha256"))
    return view.model_copy(update={**untold, "changes": changes, "columns": columns})


async def readable_version(actor: Actor, session: AsyncSession, dataset_id: UUID) -> ReadableVersion:
    """Return what the query engine has to read for questions about the dataset.

    Raises:
        DatasetNotFoundError: There is no such dataset in the actor's tenant.
        DatasetNotReadyError: It has no data yet.
    """
    actor.require(Permission.DATASETS_DATASET_READ)
    table = platform_table(actor, dataset_id)
    if table is not None:
        return _live(actor, table)
    found = await queries.find_readable(actor, session, dataset_id)
    if found is None:
        raise DatasetNotFoundError
    return _stored(found)


async def readable_versions(actor: Actor, session: AsyncSession, *, most: int) -> tuple[ReadableVersion, ...]:
    """Return what there is to read for questions about any dataset, in one statement; the platform's own come last."""
    actor.require(Permission.DATASETS_DATASET_READ)
    found = [_stored(one) for one in await queries.ready_datasets(actor, session, most=most)]
    if actor.can(Permission.DATASETS_PLATFORM_READ):
        found += [_live(actor, table) for table in platform.TABLES.values()]
    return tuple(found)


def _live(actor: Actor, table: PlatformTable) -> ReadableVersion:
    return ReadableVersion(
        dataset_id=table.id,
        name=table.title.in_language(actor.language),
        kind=DatasetKind.PLATFORM,
        version=0,
        catalogue=table.catalogue,
        columns=table.columns,
        rows=None,
        file_key=None,
        data_as_of=now(),
        platform_table=table.relation,
    )


def _stored(row: Readable) -> ReadableVersion:
    if row.catalogue is None or row.number is None:
        raise DatasetNotReadyError
    return ReadableVersion(
        dataset_id=row.id,
        name=row.name,
        kind=DatasetKind(row.kind),
        version=row.number,
        catalogue=_catalogue(row.catalogue),
        columns=_columns(row.fields),
        rows=row.rows,
        file_key=row.file_key,
        data_as_of=row.data_as_of,
        rules=row.rules,
    )


@lru_cache(maxsize=256)
def _catalogue(document: str) -> Catalogue:
    """Read a catalogue; the same text is the same catalogue, whoever asks."""
    return Catalogue.model_validate_json(document)


@lru_cache(maxsize=256)
def _columns(document: str) -> tuple[ColumnView, ...]:
    return _COLUMNS.validate_json(document)
