"""Real servers to connect to, and connections to them."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from backend_services.datasets.connections import tasks
from backend_services.datasets.connections.settings import get_connection_settings
from backend_services.kernel.embedded.cellar import Cellar
from tests.factories import mariadb
from tests.factories.connections import PASSWORD, Shop, ShopDatabase

assert tasks.copy_remote_table is not None  # registered, as the composition root does


@pytest.fixture(autouse=True)
def reachable(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let connections reach this machine, where the tests' servers are."""
    monkeypatch.setenv("OMNI_DATASETS_CONNECTIONS_NETWORKS", "127.0.0.0/8, ::1/128")
    get_connection_settings.cache_clear()
    yield
    get_connection_settings.cache_clear()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def shop_database(cellar: Cellar) -> AsyncIterator[ShopDatabase]:
    """Return a database beside the platform's own, with a login that may read its tables and one that may write.

    No connection is kept open meanwhile: other tests stop the server.
    """
    made = ShopDatabase(
        name=f"shop_{uuid4().hex[:8]}", reader=f"reader_{uuid4().hex[:8]}", writer=f"writer_{uuid4().hex[:8]}"
    )
    async with connected(cellar.admin_url) as admin:
        await admin.execute(f"CREATE DATABASE {made.name}")
        for role in (made.reader, made.writer):
            await admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{PASSWORD}'")
    yield made
    async with connected(cellar.admin_url) as admin:
        await admin.execute(f"DROP DATABASE {made.name} WITH (FORCE)")
        for role in (made.reader, made.writer):
            await admin.execute(f"DROP ROLE {role}")


@pytest_asyncio.fixture(loop_scope="session")
async def shop(cellar: Cellar, shop_database: ShopDatabase) -> AsyncIterator[Shop]:
    """Return that database with an open connection of its owner."""
    parts = urlsplit(cellar.admin_url)
    async with connected(parts._replace(path=f"/{shop_database.name}").geturl()) as owner:
        yield Shop(
            host=parts.hostname or "127.0.0.1",
            port=parts.port or 5432,
            database=shop_database.name,
            reader=shop_database.reader,
            writer=shop_database.writer,
            owner=owner,
        )


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[asyncpg.Connection]:
    """Hold a connection for a while."""
    connection = await asyncpg.connect(url)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.fixture(scope="session")
def maria() -> Iterator[mariadb.MariaDb]:
    """Return a running MariaDB."""
    if not mariadb.is_here():
        pytest.skip("no MariaDB on this machine: apt install mariadb-server")
    with mariadb.running() as one:
        one.run(
            "CREATE DATABASE shop CHARACTER SET utf8mb4;"
            f"CREATE USER reader@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'; GRANT SELECT ON shop.* TO reader@'127.0.0.1';"
            f"CREATE USER writer@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON shop.* TO writer@'127.0.0.1';"
        )
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def silent_port() -> AsyncIterator[int]:
    """Return the port of a server that accepts and never says a word."""

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
def sqlite_file(tmp_path: Path) -> bytes:
    """Return a SQLite file with one table."""
    path = tmp_path / "made.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE orders (id INTEGER, city TEXT)")
        connection.execute("INSERT INTO orders VALUES (1, 'Bled')")
    connection.close()
    return path.read_bytes()
