"""Uploads: a file arrives in the file store, then a job makes a version of it.

A file arrives in two steps so that no transaction is open while bytes flow: :func:`stage_upload` takes the bytes,
:func:`start_upload` or :func:`start_version` writes the rows and asks for the job.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator
from datetime import timedelta
from hashlib import sha256
from pathlib import PurePath
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend_services.audit import service as audit
from backend_services.datasets import queries
from backend_services.datasets.errors import DiskFullError, FileEmptyError, FileTooLargeError, UploadInvalidError
from backend_services.datasets.models import Dataset, Ingestion
from backend_services.datasets.schemas import DatasetKind, IngestionStarted, IngestPayload, StagedUpload
from backend_services.datasets.service.storage import require_stored
from backend_services.datasets.settings import get_dataset_settings
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import now
from backend_services.kernel.db import after_commit
from backend_services.kernel.files import get_files
from backend_services.kernel.files.errors import StorageFullError
from backend_services.kernel.ids import new_id
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.permissions import Permission
from backend_services.kernel.settings import get_settings

INGEST = "datasets.ingest"
MAX_NAME = 120
_ENDINGS = (".gz", ".csv", ".tsv", ".txt", ".xlsx", ".xls", ".parquet", ".jsonl", ".ndjson", ".json")


def name_from(file_name: str) -> str:
    """Return a dataset's name made from a file's: ``sales_2026.csv.gz`` → ``sales 2026``."""
    name = PurePath(file_name.replace("\\", "/")).name
    shortened = True
    while shortened:
        shortened = False
        for ending in _ENDINGS:
            if name.lower().endswith(ending):
                name, shortened = name[: -len(ending)], True
    return " ".join(name.replace("_", " ").split())[:MAX_NAME]


async def stage_upload(actor: Actor, file_name: str, chunks: AsyncIterable[bytes]) -> StagedUpload:
    """Take a file's bytes as they come; nothing is kept when they stop short or are too many.

    Raises:
        FileTooLargeError: There are more bytes than uploads may have.
        FileEmptyError: There are none.
        DiskFullError: There is no room for them.
    """
    actor.require(Permission.DATASETS_DATASET_WRITE)
    limit = get_settings().max_upload_bytes
    digest = sha256()
    size = 0

    async def measured() -> AsyncIterator[bytes]:
        nonlocal size
        async for chunk in chunks:
            size += len(chunk)
            if size > limit:
                raise FileTooLargeError(params={"limit_mb": limit // 1_000_000})
            yield chunk

    files = get_files()
    key = f"tenants/{actor.tenant_id}/uploads/{new_id()}"
    try:
        await files.put_stream(key, measured(), digest=digest)
    except StorageFullError as error:
        raise DiskFullError from error
    if size == 0:
        await files.delete(key)
        raise FileEmptyError
    return StagedUpload(key=key, file_name=file_name[:500], size_bytes=size, sha256=digest.hexdigest())


async def start_upload(
    actor: Actor, session: AsyncSession, staged: StagedUpload, *, name: str = "", sheet: str = ""
) -> IngestionStarted:
    """Make a dataset of a staged file: a row that is loading, and the job that reads the file."""
    actor.require(Permission.DATASETS_DATASET_WRITE)
    _require_own(actor, staged)
    await discard_stale_uploads(actor, session)
    title = name.strip()[:MAX_NAME] or name_from(staged.file_name) or "Dataset"
    row = Dataset(
        tenant_id=actor.tenant_id,
        name=title,
        kind=DatasetKind.UPLOAD.value,
        source=staged.file_name,
        owner_id=actor.user_id,
    )
    session.add(row)
    await session.flush()
    return await _start(actor, session, row, staged=staged, sheet=sheet, action="datasets.dataset.create")


async def start_version(
    actor: Actor, session: AsyncSession, dataset_id: UUID, staged: StagedUpload, *, sheet: str = ""
) -> IngestionStarted:
    """Make a new version of a dataset out of a staged file; the current one is read until the new one is ready."""
    actor.require(Permission.DATASETS_DATASET_WRITE)
    _require_own(actor, staged)
    row = await require_stored(actor, session, dataset_id, lock=True)
    return await _start(actor, session, row, staged=staged, sheet=sheet, action="datasets.version.create")


def _require_own(actor: Actor, staged: StagedUpload) -> None:
    if not staged.key.startswith(f"tenants/{actor.tenant_id}/uploads/"):
        raise UploadInvalidError


async def _start(
    actor: Actor, session: AsyncSession, row: Dataset, *, staged: StagedUpload, sheet: str, action: str
) -> IngestionStarted:
    number = max(await queries.last_number(actor, session, row.id), row.version) + 1
    ingestion = Ingestion(
        tenant_id=actor.tenant_id,
        dataset_id=row.id,
        number=number,
        upload_key=staged.key,
        file_name=staged.file_name,
        size_bytes=staged.size_bytes,
        sha256=staged.sha256,
        sheet=sheet[:200],
    )
    session.add(ingestion)
    await session.flush()
    job = await jobs.enqueue(
        actor,
        session,
        name=INGEST,
        payload=IngestPayload(ingestion_id=ingestion.id),
        title=row.name,
        subject_id=row.id,
    )
    ingestion.job_id = job.id
    await session.flush()
    await audit.record(
        actor,
        session,
        action=action,
        subject_type="dataset",
        subject_id=row.id,
        subject_label=row.name,
        details={"file": staged.file_name, "size_bytes": staged.size_bytes, "sha256": staged.sha256, "version": number},
    )
    return IngestionStarted(job_id=job.id, dataset_id=row.id, version=number)


async def discard_staged(staged: StagedUpload) -> None:
    """Delete a staged file that no ingestion took over."""
    await get_files().delete(staged.key)


async def discard_stale_uploads(actor: Actor, session: AsyncSession) -> None:
    """Delete files that were kept for a retry that nobody asked for in time."""
    before = now() - timedelta(seconds=get_dataset_settings().keep_uploads_s)
    stale = await queries.stale_uploads(actor, session, before=before)
    keys = [row.upload_key for row in stale if row.upload_key]
    for row in stale:
        row.upload_key = None

    async def delete_files() -> None:
        for key in keys:
            await get_files().delete(key)

    if keys:
        await session.flush()
        after_commit(session, delete_files)
