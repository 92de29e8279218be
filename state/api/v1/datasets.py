"""Datasets over REST: what there is, what is in it, its catalogue and versions; samples."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from backend_services.datasets import service
from backend_services.datasets.catalogue import Catalogue
from backend_services.datasets.schemas import (
    DataRows,
    DatasetKind,
    DatasetSchema,
    DatasetView,
    DeleteDataset,
    IngestionStarted,
    Profile,
    Reject,
    RenameDataset,
    SampleView,
    VersionView,
)
from backend_services.kernel.db import transaction
from backend_services.kernel.pagination import Page, PageRequest
from backend_services.kernel.permissions import Permission
from state.api.deps import ActorDep, PageDep, SessionDep, needs
from state.api.etags import expected_version, tagged
from state.api.faults import in_language
from state.api.idempotency import idempotent
from state.api.v1.ingestion import receive, upload_route

router = APIRouter(prefix="/api/v1/datasets", tags=["datasets"])

READ = needs(Permission.DATASETS_DATASET_READ)
WRITE = needs(Permission.DATASETS_DATASET_WRITE)
DELETE = needs(Permission.DATASETS_DATASET_DELETE)
EDIT = needs(Permission.DATASETS_CATALOGUE_WRITE)
TAKE = WRITE | {"dependencies": [*WRITE["dependencies"], idempotent], "status_code": 202}
PREVIEW_ROWS = 20

VersionDep = Annotated[int, Depends(expected_version)]
NumberDep = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Version; the current one without it.")]


@router.get("", operation_id="datasets_list", **READ)
async def list_datasets(
    actor: ActorDep, session: SessionDep, page: PageDep, kind: DatasetKind | None = None
) -> Page[DatasetView]:
    """List the datasets, the platform's own tables among them."""
    return await service.list_datasets(actor, session, page, kind=kind)


@router.get("/samples", operation_id="datasets_samples", **READ)
async def list_samples(actor: ActorDep, session: SessionDep) -> tuple[SampleView, ...]:
    """List the tables that can be taken as samples."""
    return await service.list_samples(actor, session)


@router.post("/samples/{sample_id}", operation_id="datasets_samples_take", **TAKE)
async def take_sample(sample_id: str, actor: ActorDep, session: SessionDep) -> IngestionStarted:
    """Copy a sample into the own datasets."""
    return await service.take_sample(actor, session, sample_id)


@router.get("/{dataset_id}", operation_id="datasets_get", **READ)
async def get_dataset(dataset_id: UUID, request: Request, actor: ActorDep, session: SessionDep) -> DatasetView:
    """Return a dataset."""
    return in_language(await service.get_dataset(actor, session, dataset_id), request)


@router.patch("/{dataset_id}", operation_id="datasets_rename", **WRITE)
async def rename_dataset(dataset_id: UUID, body: RenameDataset, actor: ActorDep, session: SessionDep) -> DatasetView:
    """Change a dataset's name and description."""
    return await service.rename_dataset(actor, session, dataset_id, body)


@router.delete("/{dataset_id}", operation_id="datasets_delete", status_code=204, **DELETE)
async def delete_dataset(dataset_id: UUID, body: DeleteDataset, actor: ActorDep, session: SessionDep) -> None:
    """Delete a dataset with all versions; the body names it as confirmation."""
    await service.delete_dataset(actor, session, dataset_id, body)


@router.get("/{dataset_id}/schema", operation_id="datasets_schema", **READ)
async def get_schema(
    dataset_id: UUID, actor: ActorDep, session: SessionDep, version: NumberDep = None
) -> DatasetSchema:
    """Return the columns."""
    return await service.get_schema(actor, session, dataset_id, version=version)


@router.get("/{dataset_id}/profile", operation_id="datasets_profile", **READ)
async def get_profile(dataset_id: UUID, actor: ActorDep, session: SessionDep, version: NumberDep = None) -> Profile:
    """Return what the columns hold."""
    return await service.get_profile(actor, session, dataset_id, version=version)


@router.get("/{dataset_id}/preview", operation_id="datasets_preview", **READ)
async def preview(dataset_id: UUID, actor: ActorDep) -> DataRows:
    """Return the first rows."""
    return await service.read_rows(actor, dataset_id, PageRequest(limit=PREVIEW_ROWS))


@router.get("/{dataset_id}/rows", operation_id="datasets_rows", **READ)
async def read_rows(dataset_id: UUID, actor: ActorDep, page: PageDep) -> DataRows:
    """Return a page of rows; `sort` names a field of the catalogue, and rows are not searched."""
    return await service.read_rows(actor, dataset_id, page)


@router.get("/{dataset_id}/catalogue", operation_id="datasets_catalogue", **READ)
async def get_catalogue(dataset_id: UUID, actor: ActorDep, session: SessionDep, response: Response) -> Catalogue:
    """Return the metric catalogue."""
    catalogue = await service.get_catalogue(actor, session, dataset_id)
    return tagged(response, catalogue)


@router.put("/{dataset_id}/catalogue", operation_id="datasets_catalogue_update", **EDIT)
async def update_catalogue(
    dataset_id: UUID, body: Catalogue, actor: ActorDep, session: SessionDep, version: VersionDep, response: Response
) -> Catalogue:
    """Replace the metric catalogue by an edited one."""
    saved = await service.update_catalogue(actor, session, dataset_id, body, expected_version=version)
    return tagged(response, saved)


@router.get("/{dataset_id}/versions", operation_id="datasets_versions", **READ)
async def list_versions(dataset_id: UUID, actor: ActorDep, session: SessionDep, page: PageDep) -> Page[VersionView]:
    """List the stored versions."""
    return await service.list_versions(actor, session, dataset_id, page)


@router.post("/{dataset_id}/versions", operation_id="datasets_versions_create", **upload_route(fields=("sheet",)))
async def create_version(dataset_id: UUID, request: Request, actor: ActorDep) -> IngestionStarted:
    """Upload a new version of a dataset."""
    async with transaction(actor) as session:
        await service.get_dataset(actor, session, dataset_id)
    staged, fields = await receive(actor, request)
    try:
        async with transaction(actor) as session:
            return await service.start_version(actor, session, dataset_id, staged, sheet=fields.get("sheet", ""))
    except BaseException:
        await service.discard_staged(staged)
        raise


@router.get("/{dataset_id}/rejects", operation_id="datasets_rejects", **READ)
async def list_rejects(
    dataset_id: UUID, actor: ActorDep, session: SessionDep, page: PageDep, version: NumberDep = None
) -> Page[Reject]:
    """List the rows that a version's ingestion left out."""
    return await service.list_rejects(actor, session, dataset_id, page, version=version)
