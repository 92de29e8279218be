"""The table of orders, stored as a dataset of a tenant."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend_services.datasets.models import Dataset, DatasetVersion
from backend_services.datasets.query import service
from backend_services.datasets.schemas import ColumnView
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction
from backend_services.kernel.files import get_files
from tests.unit.datasets_query.surroundings import CATALOGUE, COLUMNS, STORED_AS, write_orders

if TYPE_CHECKING:
    from uuid import UUID

    from backend_services.datasets.catalogue import MetricQuery, SqlQuery
    from backend_services.kernel.actor import Actor


async def store_orders(actor: Actor, *, count: int = 400) -> UUID:
    """Store the table as version 1 of a new dataset of the actor's tenant."""
    dataset = Dataset(
        tenant_id=actor.tenant_id,
        name="Orders",
        kind="upload",
        state="ready",
        version=0,
        catalogue=CATALOGUE.model_dump(mode="json"),
        data_as_of=now(),
    )
    async with transaction(actor) as session:
        session.add(dataset)
    await store_version(actor, dataset.id, number=1, count=count)
    return dataset.id


async def store_version(actor: Actor, dataset_id: UUID, *, number: int, count: int) -> str:
    """Store a further version of the table with ``count`` rows and make it the one that is read."""
    key = f"tenants/{actor.tenant_id}/datasets/{dataset_id}/v{number}.parquet"
    with tempfile.TemporaryDirectory() as folder:
        size = await get_files().put_file(key, write_orders(Path(folder) / "orders.parquet", count=count))
    fields = [
        ColumnView(name=one.name, original=one.name, type=one.type, stored_as=kind).model_dump(mode="json")
        for one, kind in zip(COLUMNS, STORED_AS, strict=True)
    ]
    async with transaction(actor) as session:
        dataset = await session.get_one(Dataset, dataset_id)
        dataset.version = number
        dataset.rows = count
        session.add(dataset)
        session.add(
            DatasetVersion(
                tenant_id=actor.tenant_id,
                dataset_id=dataset_id,
                number=number,
                file_key=key,
                source="test",
                rows=count,
                rejected=0,
                size_bytes=size,
                sha256="0" * 64,
                fields=fields,
                profile={"rows": count, "columns": []},
                changes=[],
                data_as_of=now(),
            )
        )
    return key


async def read_export(actor: Actor, query: MetricQuery | SqlQuery, **more: Any) -> bytes:
    """Return the answer to ``query`` as one file."""
    pieces = await service.export(actor, query, **more)
    return b"".join([piece async for piece in pieces])
