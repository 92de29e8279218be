"""Jobs of datasets."""

from __future__ import annotations

from collections.abc import Mapping

from backend_services.datasets.schemas import IngestPayload
from backend_services.datasets.service.ingest import ingest
from backend_services.datasets.service.uploads import INGEST
from backend_services.kernel.jobs.context import JobContext
from backend_services.kernel.jobs.registry import job
from backend_services.kernel.jobs.schemas import Queue


@job(INGEST, payload=IngestPayload, queue=Queue.HEAVY, max_attempts=3)
async def ingest_upload(context: JobContext, payload: IngestPayload) -> Mapping[str, object] | None:
    """Make a version of a dataset out of an uploaded file."""
    return await ingest(context, payload.ingestion_id)
