"""The datasets that a question may be about, and their indexes, kept by version."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder.retrieve import Index, build_index
from backend_services.datasets import rules_service
from backend_services.datasets import service as datasets
from backend_services.datasets.catalogue import FieldType
from backend_services.datasets.query import service as query_service
from backend_services.datasets.query.levels import columns_of
from backend_services.datasets.schemas import DatasetState
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import DomainError
from backend_services.kernel.pagination import PageRequest

if TYPE_CHECKING:
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.datasets.catalogue import Catalogue
    from backend_services.datasets.rules import RowScope
    from backend_services.datasets.schemas import ReadableVersion
    from backend_services.kernel.actor import Actor

MOST_SEARCHED: Final = 50
_KEPT: Final = 200
_MOST_VALUES: Final = 20
_indexes: OrderedDict[tuple[UUID, int, int, str], tuple[Catalogue, Index]] = OrderedDict()


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset as the planner sees it."""

    dataset_id: UUID
    name: str
    version: int
    index: Index
    data_as_of: str


async def load(actor: Actor, dataset_id: UUID | None) -> tuple[Source, ...]:
    """Return the dataset asked for, or those that the actor may read.

    Raises:
        DatasetNotFoundError: There is no such dataset in the actor's tenant.
    """
    async with transaction(actor) as session:
        if dataset_id is not None:
            held = [await _held(actor, session, dataset_id)]
        else:
            page = await datasets.list_datasets(actor, session, PageRequest(limit=MOST_SEARCHED))
            held = []
            for one in page.items:
                if one.state is not DatasetState.READY:
                    continue
                try:
                    held.append(await _held(actor, session, one.id))
                except DomainError:
                    continue  # deleted or withdrawn since it was listed
    return tuple([await _source(actor, view, scope) for view, scope in held])


async def _held(actor: Actor, session: AsyncSession, dataset_id: UUID) -> tuple[ReadableVersion, RowScope]:
    view = await datasets.readable_version(actor, session, dataset_id)
    return view, await rules_service.scope_within(actor, session, view)


async def _source(actor: Actor, view: ReadableVersion, scope: RowScope) -> Source:
    seen = repr(scope.alternatives) if scope.alternatives is not None else ""
    key = (view.dataset_id, view.version, view.catalogue.version, seen)
    known = _indexes.get(key)
    if known is None or known[0] != view.catalogue:
        visible = view.catalogue if scope.alternatives is None else await _visible(actor, view, scope)
        known = _indexes[key] = (view.catalogue, build_index(visible, view.name))
        while len(_indexes) > _KEPT:
            _indexes.popitem(last=False)
    _indexes.move_to_end(key)
    return Source(view.dataset_id, view.name, view.version, known[1], view.data_as_of.isoformat())


async def _visible(actor: Actor, view: ReadableVersion, scope: RowScope) -> Catalogue:
    """Return the catalogue without what row-level rules hide: columns, and values that only hidden rows have.

    How many different values there are is counted anew too: a reading must not depend on rows that are hidden.
    """
    catalogue = view.catalogue
    dimensions = []
    for one in catalogue.dimensions:
        if one.column in scope.hidden:
            continue
        values: tuple[str, ...] = ()
        if one.type is FieldType.TEXT and not one.hidden and not scope.denied:
            found = await query_service.field_values(actor, view.dataset_id, field=one.id, limit=_MOST_VALUES + 1)
            values = tuple(str(value.value) for value in found if value.value is not None)
        dimensions.append(one.model_copy(update={"values": values[:_MOST_VALUES], "distinct": len(values)}))
    measures = tuple(one for one in catalogue.measures if scope.hidden.isdisjoint(columns_of(one, catalogue)))
    return catalogue.model_copy(update={"dimensions": tuple(dimensions), "measures": measures})
