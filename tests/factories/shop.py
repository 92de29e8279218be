"""The orders of a shop as a stored dataset with the hand-written catalogue, for questions in plain language."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from backend_services.datasets.catalogue import FieldType
from backend_services.datasets.models import Dataset, DatasetVersion
from backend_services.datasets.schemas import ColumnView
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction
from backend_services.kernel.files import get_files
from tests.factories.catalogues import CITIES, COUNTRIES, ORDERS

if TYPE_CHECKING:
    from uuid import UUID

    from backend_services.kernel.actor import Actor

ROWS = 3000
T = FieldType
COLUMNS = (
    ("net_amount", T.DECIMAL, "DOUBLE", "round(10 + (i * 37 % 400) * 0.5, 2)"),
    ("gross_amount", T.DECIMAL, "DOUBLE", "round((10 + (i * 37 % 400) * 0.5) * 1.22, 2)"),
    ("customer_id", T.TEXT, "VARCHAR", "'C' || lpad((i * 7 % 210)::VARCHAR, 4, '0')"),
    ("quantity", T.INTEGER, "BIGINT", "1 + i % 9"),
    ("discount_amount", T.DECIMAL, "DOUBLE", "(i % 5) * 1.5"),
    ("shipping_cost", T.DECIMAL, "DOUBLE", "3 + i % 4"),
    ("rating", T.INTEGER, "BIGINT", "1 + i % 5"),
    ("ordered_at", T.DATETIME, "TIMESTAMP", "TIMESTAMP '2024-01-01' + INTERVAL (i * 8) HOUR"),
    ("country", T.TEXT, "VARCHAR", f"{list(COUNTRIES)}[1 + i * 3 % 10]"),
    ("city", T.TEXT, "VARCHAR", f"{[*CITIES, 'Celje', 'Koper']}[1 + i % 14]"),
    ("category", T.TEXT, "VARCHAR", "['Coffee', 'Tea', 'Accessories', 'Machines', 'Books'][1 + i % 5]"),
    ("product", T.TEXT, "VARCHAR", "['Espresso Blend', 'Green Tea', 'Milk Frother', 'Hand Grinder'][1 + i % 4]"),
    ("channel", T.TEXT, "VARCHAR", "['Web', 'Store', 'Phone', 'Partner'][1 + (i // 3) % 4]"),
    ("status", T.TEXT, "VARCHAR", "['Delivered', 'Returned', 'Cancelled', 'Pending'][1 + (i // 5) % 4]"),
    ("segment", T.TEXT, "VARCHAR", "['Consumer', 'Business', 'Public sector'][1 + i % 3]"),
    ("payment_method", T.TEXT, "VARCHAR", "['Card', 'Invoice', 'PayPal', 'Cash on delivery'][1 + (i // 7) % 4]"),
    ("is_gift", T.BOOLEAN, "BOOLEAN", "i % 11 = 0"),
)


def write_shop(path: Path) -> Path:
    """Write the table to a Parquet file."""
    fields = ", ".join(f'({how})::{kind} AS "{name}"' for name, _, kind, how in COLUMNS)
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {fields} FROM range({ROWS}) AS numbers(i)) TO '{path}' (FORMAT parquet)")  # noqa: S608
    return path


async def store_shop(actor: Actor, *, name: str = "Shop orders") -> UUID:
    """Store the table as a ready dataset of the actor's tenant and return its id."""
    dataset = Dataset(
        tenant_id=actor.tenant_id,
        name=name,
        kind="upload",
        state="ready",
        version=1,
        rows=ROWS,
        catalogue=ORDERS.model_dump(mode="json"),
        data_as_of=now(),
    )
    key = f"tenants/{actor.tenant_id}/datasets/{dataset.id}/v1.parquet"
    with tempfile.TemporaryDirectory() as folder:
        size_bytes = await get_files().put_file(key, write_shop(Path(folder) / "shop.parquet"))
    fields = [
        ColumnView(name=column, original=column, type=kind, stored_as=stored).model_dump(mode="json")
        for column, kind, stored, _ in COLUMNS
    ]
    async with transaction(actor) as session:
        session.add(dataset)
        await session.flush()
        session.add(
            DatasetVersion(
                tenant_id=actor.tenant_id,
                dataset_id=dataset.id,
                number=1,
                file_key=key,
                source="test",
                rows=ROWS,
                rejected=0,
                size_bytes=size_bytes,
                sha256="0" * 64,
                fields=fields,
                profile={"rows": ROWS, "columns": []},
                changes=[],
                data_as_of=now(),
            )
        )
    return dataset.id
