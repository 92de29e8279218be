"""Samples: what there is, and taking a copy of one."""

from __future__ import annotations

from sqlmodel.ext.asyncio.session import AsyncSession

from backend_services.audit import service as audit
from backend_services.datasets import queries
from backend_services.datasets.errors import SampleNotFoundError
from backend_services.datasets.models import Dataset, Ingestion
from backend_services.datasets.samples import SAMPLES
from backend_services.datasets.schemas import DatasetKind, IngestionStarted, IngestPayload, SampleView
from backend_services.datasets.service.uploads import INGEST
from backend_services.kernel.actor import Actor
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.permissions import Permission


async def list_samples(actor: Actor, session: AsyncSession) -> tuple[SampleView, ...]:
    """Return the tables that can be taken as samples."""
    actor.require(Permission.DATASETS_DATASET_READ)
    taken = await queries.find_sample(actor, session)
    return tuple(
        SampleView(
            id=sample.id,
            title=sample.title,
            description=sample.description,
            source=sample.source,
            license=sample.license,
            rows=sample.rows,
            generated=sample.generated,
            dataset_id=taken.get(sample.id),
        )
        for sample in SAMPLES.values()
    )


async def take_sample(actor: Actor, session: AsyncSession, sample_id: str) -> IngestionStarted:
    """Copy a sample into the tenant's datasets; one that was taken already is not taken twice.

    Raises:
        SampleNotFoundError: There is no such sample.
    """
    actor.require(Permission.DATASETS_DATASET_WRITE)
    sample = SAMPLES.get(sample_id)
    if sample is None:
        raise SampleNotFoundError
    taken = (await queries.find_sample(actor, session)).get(sample_id)
    if taken is not None:
        found = await queries.find_ingestion(actor, session, dataset_id=taken)
        if found is not None and found[0].job_id is not None:
            return IngestionStarted(job_id=found[0].job_id, dataset_id=taken, version=found[0].number)
    row = Dataset(
        tenant_id=actor.tenant_id,
        name=sample.title.in_language(actor.language),
        description=sample.description.in_language(actor.language),
        kind=DatasetKind.SAMPLE.value,
        source=sample.source,
        license=sample.license,
        sample_id=sample.id,
        owner_id=actor.user_id,
    )
    session.add(row)
    await session.flush()
    ingestion = Ingestion(tenant_id=actor.tenant_id, dataset_id=row.id, number=1, file_name=row.name)
    session.add(ingestion)
    await session.flush()
    payload = IngestPayload(ingestion_id=ingestion.id)
    job = await jobs.enqueue(actor, session, name=INGEST, payload=payload, title=row.name, subject_id=row.id)
    ingestion.job_id = job.id
    await session.flush()
    await audit.record(
        actor,
        session,
        action="datasets.sample.take",
        subject_type="dataset",
        subject_id=row.id,
        subject_label=row.name,
        details={"sample": sample.id},
    )
    return IngestionStarted(job_id=job.id, dataset_id=row.id, version=1)
