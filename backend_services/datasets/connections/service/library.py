"""Listing, making, changing and deleting connections."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from backend_services.audit import service as audit
from backend_services.datasets import service as datasets
from backend_services.datasets.connections import queries
from backend_services.datasets.connections.adapters import sqlite
from backend_services.datasets.connections.errors import (
    ConnectionChangedError,
    ConnectionKindError,
    ConnectionNameMismatchError,
    ConnectionNameTakenError,
    ConnectionNotFoundError,
)
from backend_services.datasets.connections.models import Connection
from backend_services.datasets.connections.opening import secret_name
from backend_services.datasets.connections.ports import ConnectionKind, Tls
from backend_services.datasets.connections.registry import DEFAULT_PORTS
from backend_services.datasets.connections.schemas import (
    ConnectionInput,
    ConnectionState,
    ConnectionView,
    DeleteConnection,
)
from backend_services.datasets.schemas import Fault
from backend_services.kernel.db import after_commit, transaction
from backend_services.kernel.files import get_files
from backend_services.kernel.i18n import field_text
from backend_services.kernel.ids import new_id
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission
from backend_services.kernel.secrets import service as secrets

if TYPE_CHECKING:
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.datasets.schemas import StagedUpload
    from backend_services.kernel.actor import Actor
    from backend_services.kernel.pagination import PageRequest


def view_of(row: Connection, *, copies: int = 0) -> ConnectionView:
    """Return a connection as people see it."""
    return ConnectionView(
        id=row.id,
        name=row.name,
        kind=ConnectionKind(row.kind),
        host=row.host,
        port=row.port,
        database=row.database,
        username=row.username,
        tls=Tls(row.tls),
        ca_certificate=row.ca_certificate,
        file_name=row.file_name,
        size_bytes=row.size_bytes,
        version=row.version,
        state=ConnectionState(row.state),
        error=Fault.model_validate(row.error) if row.error else None,
        server=row.server,
        can_write=row.can_write,
        checked_at=row.checked_at,
        datasets=copies,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


async def require(actor: Actor, session: AsyncSession, connection_id: UUID, *, lock: bool = False) -> Connection:
    """Return a connection.

    Raises:
        ConnectionNotFoundError: There is none in the actor's tenant.
    """
    row = await queries.find(actor, session, connection_id, lock=lock)
    if row is None:
        raise ConnectionNotFoundError
    return row


async def list_connections(actor: Actor, session: AsyncSession, page: PageRequest) -> Page[ConnectionView]:
    """Return a page of connections; search looks in their names."""
    actor.require(Permission.DATASETS_CONNECTION_READ)
    rows, total = await queries.page_of(actor, session, page)
    copies = await queries.copies(actor, session, [row.id for row in rows])
    items = tuple(view_of(row, copies=copies.get(row.id, 0)) for row in rows)
    return Page[ConnectionView](items=items, total=total, limit=page.limit, offset=page.offset)


async def get_connection(actor: Actor, session: AsyncSession, connection_id: UUID) -> ConnectionView:
    """Return a connection."""
    actor.require(Permission.DATASETS_CONNECTION_READ)
    row = await require(actor, session, connection_id)
    return view_of(row, copies=(await queries.copies(actor, session, [row.id])).get(row.id, 0))


async def create_connection(actor: Actor, session: AsyncSession, request: ConnectionInput) -> ConnectionView:
    """Keep a connection to a server; nothing is sent to it yet.

    Raises:
        ConnectionKindError: It is a file, which is uploaded.
        ConnectionNameTakenError: Another one is called so.
    """
    actor.require(Permission.DATASETS_CONNECTION_WRITE)
    if request.kind is ConnectionKind.SQLITE:
        raise ConnectionKindError
    await _require_free(actor, session, request.name.strip())
    row = Connection(tenant_id=actor.tenant_id, name=request.name.strip(), kind=request.kind, owner_id=actor.user_id)
    apply(row, request)
    session.add(row)
    await session.flush()
    password = request.password.get_secret_value() if request.password is not None else ""
    await secrets.put_secret(actor, session, secret_name(row.id), password.encode())
    await _record(actor, session, row, action="create")
    return view_of(row)


def apply(row: Connection, request: ConnectionInput) -> None:
    """Set what the form says, and forget what was found out about the server before."""
    row.name = request.name.strip()
    row.host, row.port = request.host.lower(), request.port or DEFAULT_PORTS[request.kind]
    row.database, row.username = request.database, request.username
    row.tls, row.ca_certificate = request.tls.value, request.ca_certificate.strip()
    row.state, row.error, row.server, row.can_write = "unknown", None, "", False


def login_of(row: Connection) -> tuple[str | int, ...]:
    """Return where a connection's password may be sent, and how."""
    return row.host, row.port, row.username, row.tls, row.ca_certificate


async def _require_free(actor: Actor, session: AsyncSession, name: str, *, besides: UUID | None = None) -> None:
    found = await queries.named(actor, session, name)
    if found is not None and found != besides:
        raise ConnectionNameTakenError


async def _record(actor: Actor, session: AsyncSession, row: Connection, *, action: str) -> None:
    await audit.record(
        actor,
        session,
        action=f"datasets.connection.{action}",
        subject_type="connection",
        subject_id=row.id,
        subject_label=row.name,
        details={"kind": row.kind, "host": row.host, "port": row.port, "database": row.database, "tls": row.tls},
    )


async def update_connection(
    actor: Actor, session: AsyncSession, connection_id: UUID, request: ConnectionInput, *, expected_version: int
) -> ConnectionView:
    """Change a connection to a server.

    The stored password goes nowhere but to the server and login it was given for: another host, port or user needs
    it anew, or whoever may change a connection could have it sent to a server of their own.

    Raises:
        ConnectionChangedError: Somebody saved it meanwhile.
        ConnectionKindError: Its kind cannot be changed, nor can a file's connection.
        ConnectionNameTakenError: Another one is called so.
    """
    actor.require(Permission.DATASETS_CONNECTION_WRITE)
    row = await require(actor, session, connection_id, lock=True)
    if row.version != expected_version:
        raise ConnectionChangedError
    if row.kind != request.kind.value or request.kind is ConnectionKind.SQLITE:
        raise ConnectionKindError
    await _require_free(actor, session, request.name.strip(), besides=row.id)
    before = login_of(row)
    apply(row, request)
    row.version += 1
    is_elsewhere = before != login_of(row)
    if request.password is not None or is_elsewhere:
        password = request.password.get_secret_value() if request.password is not None else ""
        await secrets.put_secret(actor, session, secret_name(row.id), password.encode())
    await session.flush()
    await _record(actor, session, row, action="update")
    return view_of(row, copies=(await queries.copies(actor, session, [row.id])).get(row.id, 0))


async def create_sqlite(actor: Actor, staged: StagedUpload, *, name: str = "") -> ConnectionView:
    """Make a connection of an uploaded SQLite file, which is kept as it is.

    Raises:
        SqliteFileError: It is no SQLite database.
        ConnectionNameTakenError: Another one is called so.
    """
    actor.require(Permission.DATASETS_CONNECTION_WRITE)
    files = get_files()
    try:
        path = await files.local_path(staged.key)
        await asyncio.to_thread(sqlite.check_header, path)
        row = Connection(
            id=new_id(),
            tenant_id=actor.tenant_id,
            name=(name.strip() or staged.file_name.rpartition(".")[0] or staged.file_name or "SQLite")[:120],
            kind=ConnectionKind.SQLITE.value,
            tls=Tls.DISABLE.value,
            file_name=staged.file_name,
            size_bytes=staged.size_bytes,
            owner_id=actor.user_id,
        )
        key = f"tenants/{actor.tenant_id}/connections/{row.id}/file.sqlite"
        await files.put_file(key, path)
    finally:
        await datasets.discard_staged(staged)
    row.file_key = key
    try:
        async with transaction(actor) as session:
            await _require_free(actor, session, row.name)
            session.add(row)
            await session.flush()
            await _record(actor, session, row, action="create")
            return view_of(row)
    except BaseException:
        await files.delete(key)
        raise


async def delete_connection(
    actor: Actor, session: AsyncSession, connection_id: UUID, confirmation: DeleteConnection
) -> None:
    """Delete a connection with its secret; datasets that were copied from it stay as they are.

    Raises:
        ConnectionNameMismatchError: The typed name is another. Nothing is deleted.
    """
    actor.require(Permission.DATASETS_CONNECTION_WRITE)
    row = await require(actor, session, connection_id, lock=True)
    if confirmation.name != row.name:
        raise ConnectionNameMismatchError(fields={"name": field_text("fields.type_connection")})
    key = row.file_key
    await secrets.delete_secret(actor, session, secret_name(row.id))
    await session.delete(row)
    await session.flush()
    await _record(actor, session, row, action="delete")

    async def delete_file() -> None:
        if key is not None:
            await get_files().delete(key)

    after_commit(session, delete_file)
