"""Connections over REST: databases whose tables become datasets."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from backend_services.datasets.connections import service
from backend_services.datasets.connections.errors import DatasetNotCopiedError
from backend_services.datasets.connections.schemas import (
    ConnectionCheck,
    ConnectionInput,
    ConnectionView,
    CopiedTableView,
    CopyRunView,
    CopySettings,
    CopyStarted,
    CopyTable,
    DeleteConnection,
    RemoteColumnView,
    RemoteTableView,
)
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission
from state.api.deps import ActorDep, PageDep, SessionDep, needs
from state.api.etags import expected_version, tagged
from state.api.faults import in_language
from state.api.idempotency import idempotent
from state.api.v1.ingestion import receive, upload_route

router = APIRouter(prefix="/api/v1/connections", tags=["connections"])

READ = needs(Permission.DATASETS_CONNECTION_READ)
WRITE = needs(Permission.DATASETS_CONNECTION_WRITE)
CREATE = needs(Permission.DATASETS_CONNECTION_WRITE, idempotent)
WRITE_COPY = needs(Permission.DATASETS_DATASET_WRITE)
COPY = needs(Permission.DATASETS_DATASET_WRITE, idempotent)

VersionDep = Annotated[int, Depends(expected_version)]
SchemaDep = Annotated[str, Query(max_length=200, description="Schema of the table; empty where there are none.")]
ConnectionDep = Annotated[
    UUID | None,
    Query(description="The kept connection that this changes: its password is tried where the body has none."),
]
TableDep = Annotated[str, Query(min_length=1, max_length=200, description="Name of the table.")]


@router.get("", operation_id="connections_list", **READ)
async def list_connections(actor: ActorDep, session: SessionDep, page: PageDep) -> Page[ConnectionView]:
    """List the connections."""
    return await service.list_connections(actor, session, page)


@router.post("", operation_id="connections_create", status_code=201, **CREATE)
async def create_connection(
    body: ConnectionInput, actor: ActorDep, session: SessionDep, response: Response
) -> ConnectionView:
    """Keep a connection to a server. Its password never comes back."""
    made = await service.create_connection(actor, session, body)
    return tagged(response, made)


@router.post(
    "/sqlite",
    operation_id="connections_create_sqlite",
    **(upload_route(fields=("name",)) | {"status_code": 201}),
)
async def create_sqlite(request: Request, actor: ActorDep) -> ConnectionView:
    """Upload a SQLite file as a connection."""
    actor.require(Permission.DATASETS_CONNECTION_WRITE)
    staged, fields = await receive(actor, request)
    return await service.create_sqlite(actor, staged, name=fields.get("name", ""))


@router.post("/test", operation_id="connections_try", **WRITE)
async def try_connection(
    body: ConnectionInput, request: Request, actor: ActorDep, connection_id: ConnectionDep = None
) -> ConnectionCheck:
    """Try a connection before it is kept; nothing is stored, and the answer says exactly what is wrong."""
    return in_language(await service.try_connection(actor, body, connection_id=connection_id), request)


@router.get("/{connection_id}", operation_id="connections_get", **READ)
async def get_connection(
    connection_id: UUID, request: Request, actor: ActorDep, session: SessionDep, response: Response
) -> ConnectionView:
    """Return a connection without its password."""
    found = await service.get_connection(actor, session, connection_id)
    tagged(response, found)
    return in_language(found, request)


@router.put("/{connection_id}", operation_id="connections_update", **WRITE)
async def update_connection(
    connection_id: UUID,
    body: ConnectionInput,
    actor: ActorDep,
    session: SessionDep,
    version: VersionDep,
    response: Response,
) -> ConnectionView:
    """Change a connection. Without a password the stored one stays, unless server or login change."""
    saved = await service.update_connection(actor, session, connection_id, body, expected_version=version)
    return tagged(response, saved)


@router.delete("/{connection_id}", operation_id="connections_delete", status_code=204, **WRITE)
async def delete_connection(connection_id: UUID, body: DeleteConnection, actor: ActorDep, session: SessionDep) -> None:
    """Delete a connection; the body names it as confirmation. Datasets copied from it stay."""
    await service.delete_connection(actor, session, connection_id, body)


@router.post("/{connection_id}/test", operation_id="connections_test", **WRITE)
async def test_connection(connection_id: UUID, request: Request, actor: ActorDep) -> ConnectionCheck:
    """Try to connect; the answer says exactly what is wrong."""
    return in_language(await service.check_connection(actor, connection_id), request)


@router.get("/{connection_id}/tables", operation_id="connections_tables", **READ)
async def list_tables(connection_id: UUID, actor: ActorDep, page: PageDep) -> Page[RemoteTableView]:
    """List the tables and views that the login may read."""
    return await service.list_tables(actor, connection_id, page)


@router.get("/{connection_id}/columns", operation_id="connections_columns", **READ)
async def list_columns(
    connection_id: UUID, actor: ActorDep, table_name: TableDep, schema_name: SchemaDep = ""
) -> tuple[RemoteColumnView, ...]:
    """Return the columns of a table."""
    return await service.list_columns(actor, connection_id, schema_name=schema_name, table_name=table_name)


@router.get("/{connection_id}/datasets", operation_id="connections_datasets", **READ)
async def list_copies(
    connection_id: UUID, actor: ActorDep, session: SessionDep, page: PageDep
) -> Page[CopiedTableView]:
    """List the datasets that are copies of its tables."""
    return await service.list_copies(actor, session, connection_id, page)


@router.post("/{connection_id}/datasets", operation_id="connections_copy", status_code=202, **COPY)
async def copy_table(connection_id: UUID, body: CopyTable, actor: ActorDep, session: SessionDep) -> CopyStarted:
    """Make a dataset of a table."""
    return await service.copy_table(actor, session, connection_id, body)


@router.post("/datasets/{dataset_id}/copy", operation_id="connections_copy_again", status_code=202, **COPY)
async def copy_again(dataset_id: UUID, actor: ActorDep, session: SessionDep) -> CopyStarted:
    """Read a dataset's table once more, as a new version."""
    return await service.copy_again(actor, session, dataset_id)


@router.get("/datasets/{dataset_id}/copy", operation_id="connections_copy_settings", **READ)
async def get_copy(dataset_id: UUID, request: Request, actor: ActorDep, session: SessionDep) -> CopiedTableView:
    """Return of which table a dataset is a copy, and how and when it is copied again."""
    found = await service.get_copy(actor, session, dataset_id)
    if found is None:
        raise DatasetNotCopiedError
    return in_language(found, request)


@router.put("/datasets/{dataset_id}/copy", operation_id="connections_set_copy_settings", **WRITE_COPY)
async def set_copy_settings(
    dataset_id: UUID, body: CopySettings, actor: ActorDep, session: SessionDep
) -> CopiedTableView:
    """Say how and when a dataset's table is copied again: whole or what is new, by hand or by itself."""
    return await service.set_copy_settings(actor, session, dataset_id, body)


@router.get("/datasets/{dataset_id}/copies", operation_id="connections_copy_runs", **READ)
async def list_copy_runs(
    dataset_id: UUID, request: Request, actor: ActorDep, session: SessionDep, page: PageDep
) -> Page[CopyRunView]:
    """List when a dataset's table was copied, with rows and how it ended, newest first."""
    found = await service.list_copy_runs(actor, session, dataset_id, page)
    return found.model_copy(update={"items": tuple(in_language(one, request) for one in found.items)})
