"""What can be asked of everything that the actor may read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from backend_services.datasets import rules_service
from backend_services.datasets import service as datasets
from backend_services.datasets.query.levels import columns_of
from backend_services.datasets.query.schemas import MetricEntry
from backend_services.datasets.schemas import DatasetState
from backend_services.kernel.pagination import Page, PageRequest
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.datasets.rules import RowScope
    from backend_services.datasets.schemas import ReadableVersion
    from backend_services.kernel.actor import Actor

_DATASETS_AT_A_TIME: Final = 200
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
    found = [one async for one in _entries(actor, session)]
    wanted = page.search.lower()
    matching = [one for one in found if wanted in f"{one.id} {one.label} {one.dataset_name}".lower()]
    matching.sort(key=_ORDERS[page.sort_field or "dataset_name"], reverse=page.descending)
    items = tuple(matching[page.offset : page.offset + page.limit])
    return Page[MetricEntry](items=items, total=len(matching), limit=page.limit, offset=page.offset)


async def _entries(actor: Actor, session: AsyncSession) -> AsyncIterator[MetricEntry]:
    offset = 0
    while offset < _MOST_DATASETS:
        part = await datasets.list_datasets(actor, session, PageRequest(limit=_DATASETS_AT_A_TIME, offset=offset))
        for one in part.items:
            if one.state is not DatasetState.READY:
                continue
            version = await datasets.readable_version(actor, session, one.id)
            scope = await rules_service.scope_for(actor, session, one.id)
            if not scope.denied:
                for entry in _of(version, scope, language=actor.language):
                    yield entry
        offset += _DATASETS_AT_A_TIME
        if offset >= part.total:
            return


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
