"""Jobs of connections."""

from __future__ import annotations

from collections.abc import Mapping

from backend_services.datasets.connections.copying import copy_dataset
from backend_services.datasets.connections.schemas import CopyPayload
from backend_services.datasets.connections.service.copies import COPY
from backend_services.kernel.jobs.context import JobContext
from backend_services.kernel.jobs.registry import job
from backend_services.kernel.jobs.schemas import Queue


@job(COPY, payload=CopyPayload, queue=Queue.IO, max_attempts=3)
async def copy_remote_table(context: JobContext, payload: CopyPayload) -> Mapping[str, object] | None:
    """Read a table of a connection into a new version of its dataset."""
    return await copy_dataset(context, payload.dataset_id, scheduled=payload.scheduled)
