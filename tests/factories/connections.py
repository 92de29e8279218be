"""Connections for tests, made the way a person does."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
from pydantic import SecretStr

from backend_services.datasets import service as datasets
from backend_services.datasets.connections import service
from backend_services.datasets.connections.ports import ConnectionKind, Tls
from backend_services.datasets.connections.schemas import ConnectionInput, ConnectionView, CopyTable
from backend_services.datasets.schemas import DatasetView
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.jobs.runner import run_waiting
from tests.factories.datasets import pieces

PASSWORD = "Zelo-Skrivno%77"


@dataclass(frozen=True, slots=True)
class ShopDatabase:
    """The names of a PostgreSQL database and of two logins to it."""

    name: str
    reader: str
    writer: str


@dataclass(frozen=True, slots=True)
class Shop:
    """A PostgreSQL database with two logins; ``owner`` is an open connection of who owns it."""

    host: str
    port: int
    database: str
    reader: str
    writer: str
    owner: asyncpg.Connection


def wanted(
    kind: ConnectionKind,
    *,
    port: int,
    database: str,
    username: str,
    password: str | None = PASSWORD,
    host: str = "127.0.0.1",
    name: str = "Shop",
    tls: Tls = Tls.DISABLE,
) -> ConnectionInput:
    """Return a filled-in form."""
    return ConnectionInput(
        name=name,
        kind=kind,
        host=host,
        port=port,
        database=database,
        username=username,
        password=SecretStr(password) if password is not None else None,
        tls=tls,
    )


async def connect(actor: Actor, form: ConnectionInput) -> ConnectionView:
    """Keep a connection."""
    async with transaction(actor) as session:
        return await service.create_connection(actor, session, form)


async def connect_file(actor: Actor, content: bytes, *, file_name: str = "shop.sqlite") -> ConnectionView:
    """Upload a SQLite file as a connection."""
    staged = await datasets.stage_upload(actor, file_name, pieces(content))
    return await service.create_sqlite(actor, staged)


async def table_in(shop: Shop, columns: str, rows: str = "") -> str:
    """Make a table that the reader may read, and return its name."""
    name = f"t_{uuid4().hex[:10]}"
    await shop.owner.execute(f"CREATE TABLE {name} ({columns}); GRANT SELECT ON {name} TO {shop.reader}")
    if rows:
        await shop.owner.execute(f"INSERT INTO {name} VALUES {rows}")  # noqa: S608 - names of our own
    return name


async def copied(
    actor: Actor, connection_id: UUID, table: str, *, schema: str = "", columns: tuple[str, ...] = ()
) -> DatasetView:
    """Copy a table and return the dataset as it then stands."""
    async with transaction(actor) as session:
        started = await service.copy_table(
            actor, session, connection_id, CopyTable(schema_name=schema, table_name=table, columns=columns)
        )
    await run_waiting()
    await run_waiting()
    async with transaction(actor) as session:
        return await datasets.get_dataset(actor, session, started.dataset_id)
