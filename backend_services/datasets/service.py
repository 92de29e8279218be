"""Use cases of datasets: list, look at, edit the catalogue, delete; what the query engine reads."""

from __future__ import annotations

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend_services.datasets.catalogue import Catalogue
from backend_services.datasets.schemas import (
    DatasetKind,
    DatasetSchema,
    DatasetView,
    DeleteDataset,
    Profile,
    ReadableVersion,
    RenameDataset,
    VersionView,
)
from backend_services.kernel.actor import Actor
from backend_services.kernel.pagination import Page, PageRequest


async def list_datasets(
    actor: Actor, session: AsyncSession, page: PageRequest, *, kind: DatasetKind | None = None
) -> Page[DatasetView]:
    """Return a page of the datasets that the actor may read, the platform's own among them."""
    raise NotImplementedError


async def get_dataset(actor: Actor, session: AsyncSession, dataset_id: UUID) -> DatasetView:
    """Return a dataset."""
    raise NotImplementedError


async def rename_dataset(actor: Actor, session: AsyncSession, dataset_id: UUID, change: RenameDataset) -> DatasetView:
    """Change a dataset's name and description."""
    raise NotImplementedError


async def delete_dataset(actor: Actor, session: AsyncSession, dataset_id: UUID, confirmation: DeleteDataset) -> None:
    """Delete a dataset with all versions and files; ``confirmation`` holds its name, typed out."""
    raise NotImplementedError


async def get_schema(
    actor: Actor, session: AsyncSession, dataset_id: UUID, *, version: int | None = None
) -> DatasetSchema:
    """Return the columns of a version, by default the current one."""
    raise NotImplementedError


async def get_profile(actor: Actor, session: AsyncSession, dataset_id: UUID, *, version: int | None = None) -> Profile:
    """Return what the columns of a version hold."""
    raise NotImplementedError


async def list_versions(
    actor: Actor, session: AsyncSession, dataset_id: UUID, page: PageRequest
) -> Page[VersionView]:
    """Return the stored versions, the newest first."""
    raise NotImplementedError


async def get_catalogue(actor: Actor, session: AsyncSession, dataset_id: UUID) -> Catalogue:
    """Return the metric catalogue in force."""
    raise NotImplementedError


async def update_catalogue(
    actor: Actor, session: AsyncSession, dataset_id: UUID, catalogue: Catalogue, *, expected_version: int
) -> Catalogue:
    """Replace the catalogue by an edited one and return it with its new version."""
    raise NotImplementedError


async def readable_version(actor: Actor, session: AsyncSession, dataset_id: UUID) -> ReadableVersion:
    """Return what the query engine has to read for questions about the dataset."""
    raise NotImplementedError
