"""Asking a connection's server: does it answer, what does it hold. No transaction is open meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from pydantic import JsonValue, TypeAdapter

from backend_services.datasets.connections import queries
from backend_services.datasets.connections.errors import (
    ConnectionKindError,
    RemoteTableNotFoundError,
    ServerError,
    ServerTimeoutError,
    SqliteFileError,
)
from backend_services.datasets.connections.models import Connection
from backend_services.datasets.connections.opening import opened, opened_target, secret_name, target_of
from backend_services.datasets.connections.ports import ConnectionKind
from backend_services.datasets.connections.schemas import ConnectionCheck, RemoteColumnView, RemoteTableView
from backend_services.datasets.connections.service.library import apply, login_of, require
from backend_services.datasets.connections.settings import get_connection_settings
from backend_services.datasets.schemas import Fault
from backend_services.kernel.clock import elapsed_ms, monotonic_s, now
from backend_services.kernel.db import transaction
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission
from backend_services.kernel.secrets import service as secrets

if TYPE_CHECKING:
    from uuid import UUID

    from backend_services.datasets.connections.ports import Reader, ServerFacts
    from backend_services.datasets.connections.schemas import ConnectionInput
    from backend_services.kernel.actor import Actor
    from backend_services.kernel.errors import DomainError
    from backend_services.kernel.pagination import PageRequest

_PARAMS = TypeAdapter(dict[str, JsonValue])
_SLACK_S = 2.0


def fault_of(error: DomainError) -> Fault:
    """Return a refusal as it is kept with a connection."""
    return Fault(code=error.code, message=error.message, params=_PARAMS.validate_python(error.params))


async def note(actor: Actor, connection_id: UUID, *, facts: ServerFacts | None, fault: Fault | None) -> None:
    """Keep how a look at a connection ended."""
    async with transaction(actor) as session:
        row = await queries.find(actor, session, connection_id, lock=True)
        if row is None:
            return
        row.state = "failed" if fault else "ok"
        row.error = fault.model_dump(mode="json") if fault else None
        row.checked_at = now()
        if facts is not None:
            row.server, row.can_write = facts.version[:200], facts.can_write
        await session.flush()


@asynccontextmanager
async def _in_time(timeout_s: float) -> AsyncIterator[None]:
    """Stop waiting soon after the server itself should have stopped."""
    try:
        async with asyncio.timeout(timeout_s + _SLACK_S):
            yield
    except TimeoutError as error:
        raise ServerTimeoutError from error


@asynccontextmanager
async def _asked(actor: Actor, connection_id: UUID) -> AsyncIterator[Reader]:
    """Give an open connection for a short look; a failure is kept with the connection."""
    timeout_s = get_connection_settings().timeout_s
    try:
        async with opened(actor, connection_id, timeout_s=timeout_s) as reader, _in_time(timeout_s):
            yield reader
    except (ServerError, SqliteFileError) as error:
        await note(actor, connection_id, facts=None, fault=fault_of(error))
        raise


async def check_connection(actor: Actor, connection_id: UUID) -> ConnectionCheck:
    """Try to connect, and return what the server says or exactly what is wrong."""
    actor.require(Permission.DATASETS_CONNECTION_WRITE)
    began_s = monotonic_s()
    try:
        async with _asked(actor, connection_id) as reader:
            facts = await reader.facts()
    except (ServerError, SqliteFileError) as error:
        return ConnectionCheck(ok=False, error=fault_of(error), took_ms=elapsed_ms(began_s))
    await note(actor, connection_id, facts=facts, fault=None)
    return ConnectionCheck(ok=True, server=facts.version, can_write=facts.can_write, took_ms=elapsed_ms(began_s))


async def try_connection(
    actor: Actor, request: ConnectionInput, *, connection_id: UUID | None = None
) -> ConnectionCheck:
    """Try a form before it is kept, and return what the server says or exactly what is wrong. Nothing is stored.

    For a form of a kept connection without a password the stored one is tried, though only where it may be sent: to
    the server and login that it was given for.

    Raises:
        ConnectionNotFoundError: No such connection in the actor's tenant.
        ConnectionKindError: A file has no server to try.
    """
    actor.require(Permission.DATASETS_CONNECTION_WRITE)
    if request.kind is ConnectionKind.SQLITE:
        raise ConnectionKindError
    row = Connection(tenant_id=actor.tenant_id, name=request.name, kind=request.kind)
    apply(row, request)
    password = request.password.get_secret_value() if request.password is not None else ""
    if connection_id is not None:
        async with transaction(actor) as session:
            kept = await require(actor, session, connection_id)
            if request.password is None and login_of(kept) == login_of(row):
                password = (await secrets.get_secret(actor, session, secret_name(kept.id))).decode()
    timeout_s = get_connection_settings().timeout_s
    began_s = monotonic_s()
    try:
        target = await target_of(row, password=password)
        async with opened_target(request.kind, target, timeout_s=timeout_s) as reader, _in_time(timeout_s):
            facts = await reader.facts()
    except ServerError as error:
        return ConnectionCheck(ok=False, error=fault_of(error), took_ms=elapsed_ms(began_s))
    return ConnectionCheck(ok=True, server=facts.version, can_write=facts.can_write, took_ms=elapsed_ms(began_s))


async def list_tables(actor: Actor, connection_id: UUID, page: PageRequest) -> Page[RemoteTableView]:
    """Return a page of the tables and views that the login may read; search looks in schema and name.

    Raises:
        ServerError: The server cannot be asked; the class says why.
    """
    actor.require(Permission.DATASETS_CONNECTION_READ)
    page.require(sortable=("name",))
    async with _asked(actor, connection_id) as reader:
        found = await reader.tables(limit=get_connection_settings().listed_tables)
    needle = page.search.casefold()
    wanted = [one for one in found if needle in f"{one.schema}.{one.name}".casefold()]
    wanted.sort(key=lambda one: (one.schema.casefold(), one.name.casefold()), reverse=page.descending)
    items = tuple(
        RemoteTableView(schema_name=one.schema, name=one.name, is_view=one.is_view, rows=one.rows)
        for one in wanted[page.offset : page.offset + page.limit]
    )
    return Page[RemoteTableView](items=items, total=len(wanted), limit=page.limit, offset=page.offset)


async def list_columns(
    actor: Actor, connection_id: UUID, *, schema_name: str, table_name: str
) -> tuple[RemoteColumnView, ...]:
    """Return the columns of a table.

    Raises:
        RemoteTableNotFoundError: There is no such table, or the login may not read it.
        ServerError: The server cannot be asked; the class says why.
    """
    actor.require(Permission.DATASETS_CONNECTION_READ)
    async with _asked(actor, connection_id) as reader:
        found = await reader.columns(schema_name, table_name)
    if not found:
        raise RemoteTableNotFoundError
    return tuple(RemoteColumnView(name=one.name, native=one.native, type=one.type) for one in found)
