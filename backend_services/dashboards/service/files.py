"""Dashboards as single files: exported, matched with the datasets that are here, imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.dashboards.schemas import (
    DashboardExport,
    DatasetChoice,
    DatasetMatch,
    ExportedDataset,
    ImportPlan,
)
from backend_services.dashboards.service import storage
from backend_services.datasets import service as datasets
from backend_services.kernel.clock import now
from backend_services.kernel.errors import ConflictError, NotFoundError
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.dashboards.schemas import DashboardImport, DashboardView
    from backend_services.datasets.schemas import DatasetView
    from backend_services.kernel.actor import Actor

MOST_CHOICES = 200
COMPARED = 10
"""Of how many datasets of the same name the fields are looked at."""


async def export_dashboard(actor: Actor, session: AsyncSession, dashboard_id: UUID) -> DashboardExport:
    """Return a dashboard as a file that can be kept under version control and imported.

    It names its datasets and their fields, so that another install can find its own.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    _, view = await storage.load(actor, session, dashboard_id)
    named: list[ExportedDataset] = []
    for dataset_id in view.spec.dataset_ids:
        try:
            dataset = await datasets.get_dataset(actor, session, dataset_id)
            fields = await _fields(actor, session, dataset_id)
        except (ConflictError, NotFoundError):
            continue  # gone, or not for this reader: the file says its id alone, and importing asks
        named.append(ExportedDataset(id=dataset_id, name=dataset.name, fields=tuple(sorted(fields))[:2000]))
    return DashboardExport(exported_at=now(), spec=view.spec, datasets=tuple(named))


async def plan_import(actor: Actor, session: AsyncSession, file: DashboardExport) -> ImportPlan:
    """Return what the datasets of a file would be here, and what could take the place of those that are not."""
    actor.require(Permission.DASHBOARDS_DASHBOARD_WRITE)
    known = {one.id: one for one in file.datasets}
    here = (await datasets.list_datasets(actor, session, PageRequest(limit=MOST_CHOICES, sort="name"))).items
    matches: list[DatasetMatch] = []
    for dataset_id in file.spec.dataset_ids:
        wanted = known.get(dataset_id) or ExportedDataset(id=dataset_id, name=str(dataset_id))
        matches.append(await _match(actor, session, wanted, here))
    return ImportPlan(
        title=file.spec.title, ready=all(one.found is not None for one in matches), datasets=tuple(matches)
    )


async def import_dashboard(actor: Actor, session: AsyncSession, request: DashboardImport) -> DashboardView:
    """Save an exported dashboard as a new one; datasets are replaced as asked, others by name and fields.

    Raises:
        DashboardInvalidError: A dataset or field of the file is not here; ``fields`` says which. Nothing is written.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_WRITE)
    plan = await plan_import(actor, session, request.file)
    found = {one.id: one.found for one in plan.datasets if one.found is not None}
    spec = request.file.spec.with_datasets(found | request.dataset_map)
    await storage.require_valid(actor, session, spec)
    return await storage.write_new(actor, session, spec, origin="person")


async def _fields(actor: Actor, session: AsyncSession, dataset_id: UUID) -> set[str]:
    catalogue = await datasets.get_catalogue(actor, session, dataset_id)
    return {one.id for one in catalogue.measures} | {one.id for one in catalogue.dimensions}


async def _match(
    actor: Actor, session: AsyncSession, wanted: ExportedDataset, here: tuple[DatasetView, ...]
) -> DatasetMatch:
    alike = [one for one in here if one.id == wanted.id or one.name.casefold() == wanted.name.casefold()]
    missing: dict[UUID, int] = {}
    for one in alike[:COMPARED]:
        try:
            missing[one.id] = len(set(wanted.fields) - await _fields(actor, session, one.id))
        except (ConflictError, NotFoundError):
            missing[one.id] = len(wanted.fields)
    fitting = [dataset_id for dataset_id, number in missing.items() if number == 0]
    same = wanted.id if wanted.id in missing else None
    found = same or (fitting[0] if len(fitting) == 1 and wanted.fields else None)
    first = sorted(alike, key=lambda one: (one.id != wanted.id, missing.get(one.id, len(wanted.fields))))
    rest = [one for one in here if one not in alike]
    choices = tuple(
        DatasetChoice(id=one.id, name=one.name, missing=missing.get(one.id, len(wanted.fields)))
        for one in [*first, *rest]
    )
    return DatasetMatch(id=wanted.id, name=wanted.name, found=found, choices=choices)
