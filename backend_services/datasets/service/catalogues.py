"""The metric catalogue of a dataset: reading it and saving an edited one."""

from __future__ import annotations

from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from backend_services.audit import service as audit
from backend_services.datasets import rules_service
from backend_services.datasets.catalogue import Catalogue
from backend_services.datasets.consistency import problems
from backend_services.datasets.errors import (
    CatalogueChangedError,
    CatalogueInvalidError,
    DatasetNotFoundError,
    DatasetNotReadyError,
)
from backend_services.datasets.schemas import ColumnView
from backend_services.datasets.service.storage import platform_table, require_stored, require_version
from backend_services.kernel.actor import Actor
from backend_services.kernel.events import service as events
from backend_services.kernel.permissions import Permission


async def get_catalogue(actor: Actor, session: AsyncSession, dataset_id: UUID) -> Catalogue:
    """Return the metric catalogue in force, without what row-level rules hide from the actor.

    Raises:
        DatasetNotFoundError: There is no such dataset, or rules show the actor nothing of it.
        DatasetNotReadyError: It has no data yet.
    """
    actor.require(Permission.DATASETS_DATASET_READ)
    table = platform_table(actor, dataset_id)
    if table is not None:
        catalogue = table.catalogue
    else:
        row = await require_stored(actor, session, dataset_id)
        if row.catalogue is None:
            raise DatasetNotReadyError
        catalogue = Catalogue.model_validate(row.catalogue)
    scope = await rules_service.scope_for(actor, session, dataset_id)
    if scope.denied:
        raise DatasetNotFoundError
    if scope.alternatives is None or actor.can(Permission.DATASETS_RULE_WRITE):
        return catalogue
    return _without(catalogue, scope.hidden)


def _without(catalogue: Catalogue, hidden: frozenset[str]) -> Catalogue:
    """Return the catalogue without hidden columns and without values that may come from hidden rows."""
    measures = tuple(one for one in catalogue.measures if one.column not in hidden)
    known = {one.id for one in measures}
    kept = tuple(
        one
        for one in measures
        if (one.numerator is None or one.numerator in known) and (one.denominator is None or one.denominator in known)
    )
    dimensions = tuple(
        one.model_copy(update={"values": (), "distinct": 0}) for one in catalogue.dimensions if one.column not in hidden
    )
    ids = {one.id for one in kept} | {one.id for one in dimensions}
    return catalogue.model_copy(
        update={
            "measures": kept,
            "dimensions": dimensions,
            "default_time": catalogue.default_time if catalogue.default_time in ids else None,
            "default_measure": catalogue.default_measure if catalogue.default_measure in ids else None,
        }
    )


async def update_catalogue(
    actor: Actor, session: AsyncSession, dataset_id: UUID, catalogue: Catalogue, *, expected_version: int
) -> Catalogue:
    """Replace the catalogue by an edited one and return it with its new version.

    Raises:
        CatalogueChangedError: Somebody saved meanwhile. Nothing is written.
        CatalogueInvalidError: It contradicts itself or names columns that are not there.
        DatasetReadOnlyError: The platform's own tables have a fixed catalogue.
    """
    actor.require(Permission.DATASETS_CATALOGUE_WRITE)
    row = await require_stored(actor, session, dataset_id, lock=True)
    _, version = await require_version(actor, session, dataset_id)
    current = Catalogue.model_validate(row.catalogue)
    if current.version != expected_version:
        raise CatalogueChangedError(params={"version": current.version})
    columns = tuple(ColumnView.model_validate(field) for field in version.fields)
    found = problems(catalogue, columns, actor.language)
    if found:
        raise CatalogueInvalidError(fields=found)
    saved = catalogue.model_copy(update={"version": current.version + 1})
    row.catalogue = saved.model_dump(mode="json")
    await session.flush()
    await events.record(
        actor, session, name="datasets.catalogue_changed", subject_id=row.id, data={"version": saved.version}
    )
    await audit.record(
        actor,
        session,
        action="datasets.catalogue.update",
        subject_type="dataset",
        subject_id=row.id,
        subject_label=row.name,
        details={"version": saved.version, "measures": len(saved.measures), "dimensions": len(saved.dimensions)},
    )
    return saved
