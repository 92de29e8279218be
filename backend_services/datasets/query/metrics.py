"""What can be asked of everything that the actor may read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from backend_services.datasets import rules_service
from backend_services.datasets import service as datasets
from backend_services.datasets.query.levels import columns_of
from backend_services.datasets.query.schemas import MetricEntry
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.datasets.rules import RowScope
    from backend_services.datasets.schemas import ReadableVersion
    from backend_services.kernel.actor import Actor
    from backend_services.kernel.pagination import PageRequest

_MOST_DATASETS: Final = 1_000
_ORDERS: Final[dict[str, Callable[[MetricEntry], tuple[str | bool, ...]]]] = {
    "dataset_name": lambda one: (one.dataset_name, one.kind != "measure", one.label),
    "label": lambda one: (one.label, one.dataset_name),
}


async def list_metrics(actor: Actor, session: AsyncSession, page: PageRequest) -> Page[MetricEntry]:
    """Return a page of the measures and dimensions of every dataset that the actor may read.

    What is hidden from the actor is left out. ``page.search`` looks in names and labels.

    Raises:
        InvalidInputError: The list cannot be sorted so.
    """
    actor.require(Permission.DATASETS_DATASET_READ)
    page.require(sortable=_ORDERS)
    wanted = page.search.lower()
    matching = [
        one for one in await _entries(actor, session) if wanted in f"{one.id} {one.label} {one.dataset_name}".lower()
    ]
    matching.sort(key=_ORDERS[page.sort_field or "dataset_name"], reverse=page.descending)
    items = tuple(matching[page.offset : page.offset + page.limit])
    return Page[MetricEntry](items=items, total=len(matching), limit=page.limit, offset=page.offset)


async def _entries(actor: Actor, session: AsyncSession) -> list[MetricEntry]:
    versions = await datasets.readable_versions(actor, session, most=_MOST_DATASETS)
    scopes = await rules_service.scopes_for(actor, session, [one.dataset_id for one in versions])
    return [
        entry
        for one in versions
        if not scopes[one.dataset_id].denied
        for entry in _of(one, scopes[one.dataset_id], language=actor.language)
    ]


def _of(version: ReadableVersion, scope: RowScope, *, language: str) -> Iterator[MetricEntry]:
    for measure in version.catalogue.measures:
        if not measure.hidden and scope.hidden.isdisjoint(columns_of(measure, version.catalogue)):
            yield MetricEntry(
                dataset_id=version.dataset_id,
                dataset_name=version.name,
                kind="measure",
                id=measure.id,
                label=measure.label.in_language(language),
                description=measure.description.in_language(language),
                aggregation=measure.aggregation,
                unit=measure.unit,
            )
    for dimension in version.catalogue.dimensions:
        if not dimension.hidden and dimension.column not in scope.hidden:
            yield MetricEntry(
                dataset_id=version.dataset_id,
                dataset_name=version.name,
                kind="dimension",
                id=dimension.id,
                label=dimension.label.in_language(language),
                description=dimension.description.in_language(language),
                type=dimension.type,
                time=dimension.grain,
            )
