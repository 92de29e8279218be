"""Datasets for tests, brought in the way a person does: upload, then the job."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

from backend_services.datasets import service, tasks
from backend_services.datasets.ingestion.conversion import Conversion, Converted
from backend_services.datasets.schemas import DatasetView, IngestionStarted, IngestionView
from backend_services.datasets.settings import DatasetSettings
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.jobs.runner import run_waiting

assert tasks.ingest_upload is not None  # registered, as the composition root does


async def pieces(content: bytes, size: int = 65_536) -> AsyncIterator[bytes]:
    """Yield ``content`` as it would arrive."""
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def send(actor: Actor, content: bytes, *, file_name: str = "table.csv", name: str = "") -> IngestionStarted:
    """Upload a file as a new dataset; its job waits."""
    staged = await service.stage_upload(actor, file_name, pieces(content))
    async with transaction(actor) as session:
        return await service.start_upload(actor, session, staged, name=name)


async def send_version(actor: Actor, dataset_id: UUID, content: bytes, *, file_name: str = "t.csv") -> IngestionStarted:
    """Upload a file as a new version; its job waits."""
    staged = await service.stage_upload(actor, file_name, pieces(content))
    async with transaction(actor) as session:
        return await service.start_version(actor, session, dataset_id, staged)


async def ingestion(actor: Actor, job_id: UUID) -> IngestionView:
    """Return how an ingestion stands."""
    async with transaction(actor) as session:
        return await service.get_ingestion(actor, session, job_id)


async def make_dataset(
    actor: Actor, content: bytes | str, *, file_name: str = "table.csv", name: str = ""
) -> DatasetView:
    """Bring in a table and return the dataset as it then stands."""
    raw = content.encode() if isinstance(content, str) else content
    started = await send(actor, raw, file_name=file_name, name=name)
    await run_waiting()
    async with transaction(actor) as session:
        return await service.get_dataset(actor, session, started.dataset_id)


def convert(
    folder: Path, content: bytes | str, *, file_name: str = "table.csv", settings: DatasetSettings | None = None
) -> Converted:
    """Convert a file without database and job."""
    source = folder / "upload"
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    work = folder / "work"
    work.mkdir(exist_ok=True)
    return Conversion(source, file_name=file_name, work_dir=work, settings=settings or DatasetSettings()).run()
