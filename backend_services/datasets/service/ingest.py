"""What the ingestion job does: convert the file, store the result, and switch the dataset over in one transaction.

It may be run again after a crash: everything before the last transaction is written anew, and a version that is
there already is left as it is.
"""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from backend_services.audit import service as audit
from backend_services.datasets import queries
from backend_services.datasets.catalogue import Catalogue
from backend_services.datasets.errors import DiskFullError, IngestionNotRetryableError
from backend_services.datasets.ingestion.conversion import Conversion, Converted
from backend_services.datasets.ingestion.engine import ConversionStoppedError, Engine
from backend_services.datasets.models import DatasetVersion
from backend_services.datasets.naming import literal
from backend_services.datasets.proposal import propose
from backend_services.datasets.samples import SAMPLES, curate, sample_sql
from backend_services.datasets.service.storage import folder_key
from backend_services.datasets.settings import get_dataset_settings
from backend_services.datasets.succession import carried_over
from backend_services.kernel.clock import now
from backend_services.kernel.db import after_commit, transaction
from backend_services.kernel.errors import DomainError, ErrorKind
from backend_services.kernel.events import service as events
from backend_services.kernel.files import get_files
from backend_services.kernel.files.errors import StorageFullError
from backend_services.kernel.settings import get_settings

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.datasets.models import Dataset, Ingestion
    from backend_services.kernel.actor import Actor
    from backend_services.kernel.jobs.context import JobContext

POLL_S = 0.2


@dataclass(frozen=True, slots=True)
class Work:
    """What the job has to do, read before it begins."""

    ingestion_id: UUID
    dataset_id: UUID
    number: int
    upload_key: str | None
    sample_id: str | None
    file_name: str
    sheet: str
    source: str
    sha256: str
    uploaded_at: datetime


async def ingest(context: JobContext, ingestion_id: UUID) -> dict[str, object]:
    """Make a version out of an uploaded file.

    Raises:
        DomainError: The file is bad, or a part does not answer. Nothing of it stays; only where the file is not at
            fault is it kept, so that the job can be repeated.
    """
    actor = context.actor
    work = await _begin(actor, ingestion_id)
    if work is None:
        return {"skipped": True}
    work_dir = get_settings().data_dir.resolve() / "ingest" / str(context.job_id)
    try:
        await asyncio.to_thread(_fresh, work_dir)
        converted = await _convert(context, work, work_dir)
        return await _store(context, work, converted)
    except StorageFullError as error:
        full = DiskFullError()
        await _give_up(actor, work, full)
        raise full from error
    except Exception as error:
        if not await _give_up(actor, work, error):
            await context.raise_if_cancelled()  # deleted meanwhile, and its file with it: no fault to tell of
            return {"skipped": True}
        raise
    finally:
        await asyncio.to_thread(shutil.rmtree, work_dir, ignore_errors=True)


def _fresh(work_dir: Path) -> None:
    """Make an empty folder, whatever an interrupted attempt left in it; and delete what jobs left that ended so."""
    if work_dir.parent.is_dir():
        before = now().timestamp() - 2 * get_dataset_settings().timeout_s
        for other in [path for path in work_dir.parent.iterdir() if path.stat().st_mtime < before]:
            shutil.rmtree(other, ignore_errors=True)
    shutil.rmtree(work_dir, ignore_errors=True)
    work_dir.mkdir(parents=True, mode=0o700)


async def _begin(actor: Actor, ingestion_id: UUID) -> Work | None:
    """Return what there is to do, or ``None`` when it is done already or nobody wants it any more.

    Raises:
        IngestionNotRetryableError: It failed before and its file was not kept.
    """
    async with transaction(actor) as session:
        found = await queries.find_ingestion(actor, session, ingestion_id=ingestion_id)
        if found is None or found[0].rows is not None:
            return None
        row = found[0]
        dataset = await queries.find_dataset(actor, session, row.dataset_id, lock=True)
        sample_id = dataset.sample_id if dataset is not None and row.number == 1 else None
        if dataset is None:
            return None
        if row.upload_key is None and sample_id is None:
            raise IngestionNotRetryableError
        row.error = None
        if dataset.version == 0:
            dataset.state, dataset.error = "loading", None
        return Work(
            ingestion_id=row.id,
            dataset_id=row.dataset_id,
            number=row.number,
            upload_key=row.upload_key,
            sample_id=sample_id,
            file_name=row.file_name,
            sheet=row.sheet,
            source=dataset.source if sample_id is not None else row.file_name,
            sha256=row.sha256,
            uploaded_at=row.created_at,
        )


async def _convert(context: JobContext, work: Work, work_dir: Path) -> Converted:
    """Convert the file in a thread, telling how far it is and stopping when somebody cancels."""
    if work.upload_key is not None:
        path = await get_files().local_path(work.upload_key)
    else:
        path = await asyncio.to_thread(_make_sample, work, work_dir)
    conversion = Conversion(
        path, file_name=work.file_name, work_dir=work_dir, settings=get_dataset_settings(), sheet=work.sheet
    )
    running = asyncio.ensure_future(asyncio.to_thread(conversion.run))
    try:
        while not running.done():
            await asyncio.wait({running}, timeout=POLL_S)
            if running.done():
                break
            conversion.tick()
            await context.progress(0.95 * conversion.fraction)
            await context.raise_if_cancelled()
    except BaseException:
        conversion.stop()
        await asyncio.gather(running, return_exceptions=True)
        raise
    try:
        return running.result()
    except ConversionStoppedError:
        await context.raise_if_cancelled()
        raise


def _make_sample(work: Work, work_dir: Path) -> Path:
    """Write the rows of a sample as Parquet and return its path."""
    target = work_dir / "sample.parquet"
    sample = SAMPLES[work.sample_id or ""]
    query = sample_sql(sample, last_day=work.uploaded_at.date() - timedelta(days=1))
    with Engine(temp_dir=work_dir, settings=get_dataset_settings()) as engine:
        engine.run(f"COPY ({query}) TO {literal(str(target))} (FORMAT parquet)")
    return target


async def _store(context: JobContext, work: Work, converted: Converted) -> dict[str, object]:
    files = get_files()
    folder = folder_key(context.actor.tenant_id, work.dataset_id)
    data_key = f"{folder}/v{work.number}.parquet"
    rejects_key = f"{folder}/v{work.number}.rejects.parquet" if converted.rejects else None
    await context.progress(0.96, rows=converted.rows, rejected=converted.rejected)
    size = await files.move_file(data_key, converted.data)
    if converted.rejects is not None and rejects_key is not None:
        await files.move_file(rejects_key, converted.rejects)
    await context.raise_if_cancelled()
    version = DatasetVersion(
        tenant_id=context.actor.tenant_id,
        dataset_id=work.dataset_id,
        number=work.number,
        file_key=data_key,
        rejects_key=rejects_key,
        source=work.source,
        rows=converted.rows,
        rejected=converted.rejected,
        size_bytes=size,
        sha256=work.sha256,
        fields=[column.model_dump(mode="json") for column in converted.columns],
        profile=converted.profile.model_dump(mode="json"),
        data_as_of=work.uploaded_at,
        created_by=context.actor.user_id,
    )
    async with transaction(context.actor) as session:
        wanted = await _finish(context.actor, session, work, version=version, converted=converted)
    if not wanted:
        await files.delete_prefix(folder)
    await context.progress(1.0, rows=converted.rows, rejected=converted.rejected)
    return {
        "dataset_id": str(work.dataset_id),
        "version": work.number,
        "rows": converted.rows,
        "rejected": converted.rejected,
    }


async def _finish(
    actor: Actor, session: AsyncSession, work: Work, *, version: DatasetVersion, converted: Converted
) -> bool:
    """Switch the dataset over to its new version; return ``False`` when it was deleted meanwhile."""
    dataset = await queries.find_dataset(actor, session, work.dataset_id, lock=True)
    found = await queries.find_ingestion(actor, session, ingestion_id=work.ingestion_id)
    if dataset is None or found is None:
        return False
    ingestion = found[0]
    await _switch(actor, session, dataset, version=version, converted=converted)
    await _settle(session, ingestion, version)
    await events.record(
        actor,
        session,
        name="datasets.version_ready",
        subject_id=dataset.id,
        data={"version": version.number, "rows": version.rows, "rejected": version.rejected, "kind": dataset.kind},
    )
    await audit.record(
        actor,
        session,
        action="datasets.version.ready",
        subject_type="dataset",
        subject_id=dataset.id,
        subject_label=dataset.name,
        details={"version": version.number, "rows": version.rows, "rejected": version.rejected},
    )
    return True


async def _switch(
    actor: Actor, session: AsyncSession, dataset: Dataset, *, version: DatasetVersion, converted: Converted
) -> None:
    proposed = propose(converted.columns, converted.profile)
    if dataset.sample_id is not None and version.number == 1:
        proposed = curate(proposed, SAMPLES[dataset.sample_id])
    if dataset.catalogue is None:
        catalogue = proposed
    else:
        before = await queries.find_version(actor, session, dataset.id, dataset.version)
        known = before.fields if before is not None else []
        catalogue, changes = carried_over(
            Catalogue.model_validate(dataset.catalogue), proposed, converted.columns, before=known
        )
        version.changes = [change.model_dump(mode="json") for change in changes]
    session.add(version)
    if version.number < dataset.version:
        return
    dataset.version = version.number
    dataset.state, dataset.error = "ready", None
    dataset.rows, dataset.columns = version.rows, len(version.fields)
    dataset.size_bytes = version.size_bytes
    dataset.data_as_of = version.data_as_of
    dataset.source = version.source
    dataset.catalogue = catalogue.model_dump(mode="json")


async def _settle(session: AsyncSession, ingestion: Ingestion, version: DatasetVersion) -> None:
    key, ingestion.upload_key = ingestion.upload_key, None
    ingestion.rows, ingestion.rejected, ingestion.error = version.rows, version.rejected, None
    await session.flush()

    async def delete_upload() -> None:
        if key is not None:
            await get_files().delete(key)

    after_commit(session, delete_upload)


def _fault(error: Exception) -> dict[str, object]:
    if isinstance(error, DomainError):
        return {"code": error.code, "message": error.message, "params": error.params}
    return {"code": "job_failed", "message": "The file could not be read because of an internal error.", "params": {}}


async def _give_up(actor: Actor, work: Work, error: Exception) -> bool:
    """Remove what was written; return whether anybody still wants the version.

    The upload itself stays only when repeating the job could succeed.
    """
    files = get_files()
    folder = folder_key(actor.tenant_id, work.dataset_id)
    may_succeed_later = not isinstance(error, DomainError) or error.kind is ErrorKind.UNAVAILABLE
    async with transaction(actor) as session:
        found = await queries.find_ingestion(actor, session, ingestion_id=work.ingestion_id)
        if found is not None and found[0].rows is not None:
            return True
        if found is not None:
            found[0].error = _fault(error)
            found[0].updated_at = now()
            found[0].upload_key = found[0].upload_key if may_succeed_later else None
        dataset = await queries.find_dataset(actor, session, work.dataset_id, lock=True)
        if dataset is not None and dataset.version == 0:
            dataset.state, dataset.error = "failed", _fault(error)
    for ending in ("parquet", "rejects.parquet"):
        await files.delete(f"{folder}/v{work.number}.{ending}")
    is_wanted = found is not None and may_succeed_later
    if not is_wanted and work.upload_key is not None:
        await files.delete(work.upload_key)
    return found is not None
