"""How an ingestion stands, cancelling and repeating it, and the rows it left out."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import duckdb
from sqlmodel.ext.asyncio.session import AsyncSession

from backend_services.datasets import queries, rules_service
from backend_services.datasets.errors import (
    DatasetNotFoundError,
    IngestionNotFoundError,
    IngestionNotRetryableError,
)
from backend_services.datasets.models import Ingestion
from backend_services.datasets.naming import literal
from backend_services.datasets.schemas import Fault, IngestionStatus, IngestionView, Reject
from backend_services.datasets.service.storage import require_version
from backend_services.kernel import i18n
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import after_commit, transaction
from backend_services.kernel.files import get_files
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.jobs.models import Job
from backend_services.kernel.jobs.schemas import REPEATABLE, JobState
from backend_services.kernel.pagination import Page, PageRequest
from backend_services.kernel.permissions import Permission
from backend_services.kernel.tabular import safe_cell

_EXPORT_ROWS = 5000


def _status(job: Job | None, ingestion: Ingestion) -> IngestionStatus:
    if ingestion.rows is not None:
        return IngestionStatus.SUCCEEDED
    match None if job is None else JobState(job.state):
        case JobState.QUEUED:
            return IngestionStatus.QUEUED
        case JobState.RUNNING | JobState.SUCCEEDED:
            return IngestionStatus.RUNNING
        case _:
            return IngestionStatus.FAILED


def _view(ingestion: Ingestion, job: Job | None) -> IngestionView:
    if ingestion.job_id is None:
        raise IngestionNotFoundError
    status = _status(job, ingestion)
    counters = job.counters if job is not None else {}
    error = ingestion.error or (job.error if job is not None else None)
    if status is IngestionStatus.FAILED and error is None:
        error = {"code": "job_cancelled", "message": "The upload was cancelled."}
    return IngestionView(
        job_id=ingestion.job_id,
        dataset_id=ingestion.dataset_id,
        version=ingestion.number,
        status=status,
        progress=1.0 if status is IngestionStatus.SUCCEEDED else (job.progress if job is not None else 0.0),
        message=job.message if job is not None else "",
        rows=ingestion.rows if ingestion.rows is not None else int(counters.get("rows", 0)),
        rejected=ingestion.rejected if ingestion.rejected is not None else int(counters.get("rejected", 0)),
        error=Fault.model_validate(error) if status is IngestionStatus.FAILED and error else None,
        file_name=ingestion.file_name,
        size_bytes=ingestion.size_bytes,
        can_retry=status is IngestionStatus.FAILED and ingestion.upload_key is not None,
        created_at=ingestion.created_at,
    )


async def _require(actor: Actor, session: AsyncSession, job_id: UUID) -> tuple[Ingestion, Job | None]:
    found = await queries.find_ingestion(actor, session, job_id=job_id)
    if found is None:
        raise IngestionNotFoundError
    return found


async def get_ingestion(actor: Actor, session: AsyncSession, job_id: UUID) -> IngestionView:
    """Return how an ingestion stands.

    Raises:
        IngestionNotFoundError: No such ingestion in the actor's tenant.
    """
    actor.require(Permission.DATASETS_DATASET_READ)
    return await _told(actor, session, *await _require(actor, session, job_id))


async def _told(actor: Actor, session: AsyncSession, ingestion: Ingestion, job: Job | None) -> IngestionView:
    """Return an ingestion without sizes where rules hide some of the rows from the actor."""
    view = _view(ingestion, job)
    scope = await rules_service.scope_for(actor, session, ingestion.dataset_id)
    if scope.shows_every_row:
        return view
    return view.model_copy(update=dict.fromkeys(("rows", "rejected", "size_bytes")))


async def latest_ingestion(actor: Actor, session: AsyncSession, dataset_id: UUID) -> IngestionView | None:
    """Return how the newest ingestion of a dataset stands, or ``None`` when it has had none (samples, live tables)."""
    actor.require(Permission.DATASETS_DATASET_READ)
    found = await queries.find_ingestion(actor, session, dataset_id=dataset_id)
    return await _told(actor, session, *found) if found is not None else None


async def cancel_ingestion(actor: Actor, session: AsyncSession, job_id: UUID) -> IngestionView:
    """Cancel an ingestion. One that waits ends at once; one that runs stops at its next step and leaves nothing.

    Raises:
        JobNotCancellableError: It has ended.
    """
    actor.require(Permission.DATASETS_DATASET_WRITE)
    ingestion, _ = await _require(actor, session, job_id)
    job = await jobs.cancel_job(actor, session, job_id)
    if job.state is JobState.CANCELLED:
        await _discard(actor, session, ingestion)
    return await _told(actor, session, *await _require(actor, session, job_id))


async def _discard(actor: Actor, session: AsyncSession, ingestion: Ingestion) -> None:
    key, ingestion.upload_key = ingestion.upload_key, None
    fault = {"code": "job_cancelled", "message": "The upload was cancelled.", "params": {}}
    ingestion.error = fault
    dataset = await queries.find_dataset(actor, session, ingestion.dataset_id, lock=True)
    if dataset is not None and dataset.version == 0:
        dataset.state, dataset.error = "failed", fault
    await session.flush()

    async def delete_file() -> None:
        if key is not None:
            await get_files().delete(key)

    after_commit(session, delete_file)


async def retry_ingestion(actor: Actor, session: AsyncSession, job_id: UUID) -> IngestionView:
    """Repeat an ingestion that failed although its file was good: a full disk, a lost worker.

    Raises:
        IngestionNotRetryableError: Its file is gone, because it was bad or too much time has passed.
    """
    actor.require(Permission.DATASETS_DATASET_WRITE)
    ingestion, job = await _require(actor, session, job_id)
    if job is None or ingestion.upload_key is None or JobState(job.state) not in REPEATABLE:
        raise IngestionNotRetryableError
    await jobs.retry_job(actor, session, job_id)
    ingestion.error = None
    dataset = await queries.find_dataset(actor, session, ingestion.dataset_id, lock=True)
    if dataset is not None and dataset.version == 0:
        dataset.state, dataset.error = "loading", None
    await session.flush()
    session.expire_all()
    return await _told(actor, session, *await _require(actor, session, job_id))


def _read_rejects(path: Path, *, limit: int, offset: int) -> tuple[int, list[tuple[int, str, str, str]]]:
    with duckdb.connect(":memory:", config={"threads": 1, "memory_limit": "64MB"}) as connection:
        file = f"read_parquet({literal(str(path))})"
        counted = connection.execute(f"SELECT count(*) FROM {file}").fetchone()  # noqa: S608 - our own file
        rows = connection.execute(
            f'SELECT "row", reason, "column", content FROM {file} ORDER BY "row" LIMIT ? OFFSET ?',  # noqa: S608 - made of our own names and quoted literals
            [limit, offset],
        ).fetchall()
    return int(counted[0]) if counted else 0, rows


async def _rejects_file(
    actor: Actor, session: AsyncSession, dataset_id: UUID, *, version: int | None
) -> tuple[str | None, int]:
    """Return where the rejects of a version are and how many there are.

    Rejected rows come from the source as it was, before any row-level rule, so only who may see every row sees them.
    """
    scope = await rules_service.scope_for(actor, session, dataset_id)
    if scope.alternatives is not None:
        raise DatasetNotFoundError
    _, stored = await require_version(actor, session, dataset_id, number=version)
    return stored.rejects_key, stored.rejected


async def _page(actor: Actor, key: str | None, page: PageRequest) -> Page[Reject]:
    page.require(sortable=(), searched=False)
    if key is None:
        return Page[Reject](items=(), total=0, limit=page.limit, offset=page.offset)
    path = await get_files().local_path(key)
    total, rows = await asyncio.to_thread(_read_rejects, path, limit=page.limit, offset=page.offset)
    items = tuple(
        Reject(
            row=row,
            reason=reason,
            column=column,
            content=content,
            message=i18n.text(f"datasets.reject.{reason}", actor.language, column=column),
        )
        for row, reason, column, content in rows
    )
    return Page[Reject](items=items, total=total, limit=page.limit, offset=page.offset)


async def list_rejects(
    actor: Actor, session: AsyncSession, dataset_id: UUID, page: PageRequest, *, version: int | None = None
) -> Page[Reject]:
    """Return a page of the rows that a version's ingestion left out; at most 100,000 of them are kept."""
    actor.require(Permission.DATASETS_DATASET_READ)
    key, _ = await _rejects_file(actor, session, dataset_id, version=version)
    return await _page(actor, key, page)


async def rejects_of_job(actor: Actor, session: AsyncSession, job_id: UUID, page: PageRequest) -> Page[Reject]:
    """Return a page of the rows that an ingestion left out; none while it has not succeeded."""
    actor.require(Permission.DATASETS_DATASET_READ)
    ingestion, _ = await _require(actor, session, job_id)
    if ingestion.rows is None:
        return Page[Reject](items=(), total=0, limit=page.limit, offset=page.offset)
    return await list_rejects(actor, session, ingestion.dataset_id, page, version=ingestion.number)


async def export_rejects(actor: Actor, job_id: UUID) -> AsyncIterator[bytes]:
    """Return the rejected rows of an ingestion as CSV in pieces; formulas in them are made harmless.

    Raises:
        IngestionNotFoundError: No such ingestion in the actor's tenant.
    """
    actor.require(Permission.DATASETS_DATASET_READ)
    async with transaction(actor) as session:
        ingestion, _ = await _require(actor, session, job_id)
        key: str | None = None
        if ingestion.rows is not None:
            key, _ = await _rejects_file(actor, session, ingestion.dataset_id, version=ingestion.number)
    return _csv(actor, key)


async def _csv(actor: Actor, key: str | None) -> AsyncIterator[bytes]:
    yield _csv_line(("row", "reason", "column", "content", "message"))
    offset, total = 0, 1
    path = await get_files().local_path(key) if key is not None else None
    while path is not None and offset < total:
        total, rows = await asyncio.to_thread(_read_rejects, path, limit=_EXPORT_ROWS, offset=offset)
        for row, reason, column, content in rows:
            message = i18n.text(f"datasets.reject.{reason}", actor.language, column=column)
            yield _csv_line((row, reason, column, content, message))
        offset += _EXPORT_ROWS


def _csv_line(cells: tuple[object, ...]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow([safe_cell(cell) for cell in cells])
    return line.getvalue().encode()
