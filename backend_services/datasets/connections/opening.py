"""Opens a connection for an actor: its row and secret are read first, then no transaction is held while it is used."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from backend_services.datasets.connections import queries
from backend_services.datasets.connections.errors import (
    ConnectionNotFoundError,
    ServerLostError,
    ServerTimeoutError,
)
from backend_services.datasets.connections.network import allowed_address
from backend_services.datasets.connections.ports import ConnectionKind, Reader, Target, Tls
from backend_services.datasets.connections.registry import adapter_of
from backend_services.datasets.connections.settings import get_connection_settings
from backend_services.kernel.db import transaction
from backend_services.kernel.files import get_files
from backend_services.kernel.secrets import service as secrets

if TYPE_CHECKING:
    from uuid import UUID

    from backend_services.datasets.connections.models import Connection
    from backend_services.kernel.actor import Actor

_CLOSING_S = 2.0


def secret_name(connection_id: UUID) -> str:
    """Return under which name a connection's password is kept."""
    return f"connection/{connection_id}"


@asynccontextmanager
async def opened(actor: Actor, connection_id: UUID, *, timeout_s: float) -> AsyncIterator[Reader]:
    """Give an open connection on which no statement runs longer than ``timeout_s``; closed at the end.

    Raises:
        ConnectionNotFoundError: There is none in the actor's tenant.
        ServerError: It cannot be reached; the class says why.
    """
    kind, target = await _target(actor, connection_id)
    async with opened_target(kind, target, timeout_s=timeout_s) as reader:
        yield reader


@asynccontextmanager
async def opened_target(kind: ConnectionKind, target: Target, *, timeout_s: float) -> AsyncIterator[Reader]:
    """Give an open connection to ``target``; closed at the end."""
    connect_timeout_s = get_connection_settings().connect_timeout_s
    try:
        async with asyncio.timeout(2 * connect_timeout_s):  # a server that accepts and then says nothing
            reader = await adapter_of(kind)(target, connect_timeout_s=connect_timeout_s, timeout_s=timeout_s)
    except TimeoutError as error:
        raise ServerTimeoutError from error
    except (OSError, EOFError) as error:
        raise ServerLostError from error
    try:
        yield reader
    finally:
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLOSING_S):
                await reader.close()


async def _target(actor: Actor, connection_id: UUID) -> tuple[ConnectionKind, Target]:
    async with transaction(actor) as session:
        row = await queries.find(actor, session, connection_id)
        if row is None:
            raise ConnectionNotFoundError
        kind = ConnectionKind(row.kind)
        password = ""
        if kind is not ConnectionKind.SQLITE:
            password = (await secrets.get_secret(actor, session, secret_name(row.id))).decode()
    if row.file_key is not None:
        return kind, Target(path=(await get_files().local_path(row.file_key)).resolve())
    return kind, await target_of(row, password=password)


async def target_of(row: Connection, *, password: str) -> Target:
    """Return where to connect for a connection to a server; its name is resolved and judged here."""
    settings = get_connection_settings()
    address = await allowed_address(
        row.host, row.port, networks=settings.networks, timeout_s=settings.connect_timeout_s
    )
    return Target(
        host=row.host,
        address=address,
        port=row.port,
        database=row.database,
        username=row.username,
        password=password,
        tls=Tls(row.tls),
        ca_certificate=row.ca_certificate,
    )
