"""The table of orders as a locked-down database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from backend_services.datasets.query.duck import DuckPool, FileKey
from backend_services.datasets.query.settings import QuerySettings
from tests.unit.datasets_query.surroundings import COLUMNS, write_orders

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

KEY = FileKey(tenant_id="t", dataset_id="d", version=1)


class OrdersDatabase:
    """Runs SQL as the engine does."""

    def __init__(self, pool: DuckPool, path: Path) -> None:
        self.pool = pool
        self.path = path

    async def work(self, work: Callable[[Any], Any], *, timeout_s: float = 20.0) -> Any:
        names = tuple(column.name for column in COLUMNS)
        return await self.pool.run(KEY, self.path, names, work, timeout_s=timeout_s)

    async def run(self, sql: str, *, timeout_s: float = 20.0) -> list[tuple[Any, ...]]:
        rows: list[tuple[Any, ...]] = await self.work(
            lambda cursor: cursor.execute(sql).fetchall(), timeout_s=timeout_s
        )
        return rows


@pytest.fixture(scope="session")
def orders_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_orders(tmp_path_factory.mktemp("orders") / "orders.parquet")


@pytest.fixture
async def orders_database(orders_path: Path) -> AsyncIterator[OrdersDatabase]:
    pool = DuckPool(QuerySettings(memory_mb=128, threads=2, concurrency=4, pool_size=4))
    yield OrdersDatabase(pool, orders_path)
    pool.close()
