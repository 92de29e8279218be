"""The history of copying: one row for each job, written as it goes, and what the next incremental copy goes on from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.datasets import queries as dataset_queries
from backend_services.datasets.connections import queries
from backend_services.datasets.connections.incremental import Kept, Taken
from backend_services.datasets.connections.models import CopyRun
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction

if TYPE_CHECKING:
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.datasets.connections.models import CopiedTable
    from backend_services.datasets.schemas import Fault
    from backend_services.kernel.actor import Actor


async def begin(actor: Actor, copy: CopiedTable, *, job_id: UUID, scheduled: bool) -> None:
    """Note that a job copies; a further attempt of the same job goes on with the same line."""
    async with transaction(actor) as session:
        run = await queries.run_of_job(actor, session, job_id)
        if run is None:
            run = CopyRun(
                tenant_id=actor.tenant_id,
                dataset_id=copy.dataset_id,
                job_id=job_id,
                scheduled=scheduled,
                mode=copy.mode,
                started_at=now(),
            )
            session.add(run)
        run.state, run.error, run.finished_at = "running", None, None
        await session.flush()


async def fail(actor: Actor, job_id: UUID, fault: Fault) -> None:
    """Note why copying failed."""
    async with transaction(actor) as session:
        run = await queries.run_of_job(actor, session, job_id)
        if run is not None:
            run.state, run.error, run.finished_at = "failed", fault.model_dump(mode="json"), now()
            await session.flush()


async def succeed(actor: Actor, session: AsyncSession, job_id: UUID, taken: Taken, *, number: int) -> None:
    """Note what copying gave, and which version is made of it."""
    run = await queries.run_of_job(actor, session, job_id)
    if run is None:
        return
    run.mode, run.reason, run.number = taken.mode.value, taken.reason.value, number
    run.cursor_column, run.watermark, run.signature = taken.cursor_column, taken.watermark, taken.signature
    run.read_rows, run.rows = taken.read_rows, taken.rows
    run.state, run.finished_at = "succeeded", now()
    await session.flush()


async def kept_of(actor: Actor, copy: CopiedTable) -> tuple[Kept | None, bool]:
    """Return what the present version holds if it came from copying, and whether there is a version at all."""
    async with transaction(actor) as session:
        dataset = await dataset_queries.find_dataset(actor, session, copy.dataset_id)
        if dataset is None or dataset.version == 0:
            return None, False
        run = await queries.run_of_version(actor, session, copy.dataset_id, dataset.version)
        version = await dataset_queries.find_version(actor, session, copy.dataset_id, dataset.version)
        if run is None or version is None or version.rejected:
            return None, True
        kept = Kept(
            cursor_column=run.cursor_column,
            watermark=run.watermark,
            signature=run.signature,
            file_key=version.file_key,
        )
        return kept, True
