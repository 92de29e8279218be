"""The built-in dashboards: which can be made, and making or refreshing one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from backend_services.dashboards import queries
from backend_services.dashboards.blueprints import BLUEPRINTS
from backend_services.dashboards.errors import DashboardTypeNotFoundError, DashboardTypeNotReadyError
from backend_services.dashboards.schemas import Access, DashboardSummary, DashboardView, TypeView
from backend_services.dashboards.service import storage
from backend_services.dashboards.service.library import list_dashboards
from backend_services.dashboards.type_schemas import TypeBuilt, TypesBuilt, TypesRequest
from backend_services.dashboards.types import NOTHING, TYPES, DashboardType, find_type, spec_of
from backend_services.datasets import service as datasets
from backend_services.datasets.catalogue import ROW_COUNT, MetricQuery
from backend_services.datasets.query import service as engine
from backend_services.datasets.schemas import DatasetKind, DatasetView
from backend_services.kernel.clock import elapsed_ms, monotonic_s
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import plural, text
from backend_services.kernel.pagination import Page, PageRequest
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.dashboards.spec import DashboardSpec
    from backend_services.kernel.actor import Actor

MOST = 200


async def list_types(actor: Actor) -> tuple[TypeView, ...]:
    """Return the twenty types, each with its state and what is missing, by priority."""
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    found, made = await _platform(actor)
    needed = tuple(dict.fromkeys(piece.dataset for pieces in BLUEPRINTS.values() for piece in pieces))
    counts = await _counts(actor, found, needed)
    return tuple(_view(actor, kind, found, counts, made) for kind in TYPES if kind.listed)


async def build_type(actor: Actor, name: str) -> DashboardView:
    """Make the team's dashboard of a built-in type, or bring it up to date if it was made before.

    Raises:
        DashboardTypeNotFoundError: No type is called so.
        DashboardTypeNotReadyError: Its data is not there yet; ``params`` say what is missing.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_WRITE)
    kind = find_type(name)
    if kind is None:
        raise DashboardTypeNotFoundError(params={"name": name})
    found, made = await _platform(actor)
    counts = await _counts(actor, found, kind.needs)
    view = _view(actor, kind, found, counts, made)
    if view.state != "ready":
        raise DashboardTypeNotReadyError(params={"name": view.name, "missing": "; ".join(view.missing)})
    async with transaction(actor) as session:
        catalogues = {needed: await datasets.get_catalogue(actor, session, found[needed].id) for needed in kind.needs}
        spec = spec_of(kind, actor.language, {needed: found[needed].id for needed in kind.needs}, catalogues)
        await storage.require_valid(actor, session, spec)
        return await _write(actor, session, kind, spec)


async def build_types(
    actor: Actor, request: TypesRequest, *, made: Callable[[float, str], Awaitable[None]] | None = None
) -> TypesBuilt:
    """Make every built-in dashboard asked for whose data is there, or bring it up to date; say what the others lack.

    ``made(share, name)`` is told after each. Making them again changes nothing that is up to date.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_WRITE)
    started_s = monotonic_s()
    wanted = [
        one
        for one in await list_types(actor)
        if request.priority_filter is None or one.priority == request.priority_filter
    ]
    built: list[TypeBuilt] = []
    for place, view in enumerate(wanted, start=1):
        built.append(await _built(actor, view))
        if made is not None:
            await made(place / len(wanted), view.name)
    count = sum(one.status == "ok" for one in built)
    return TypesBuilt(
        status="ok" if count else "insufficient_data",
        message=plural("dashboards.types_built", count, actor.language, total=str(len(built))),
        total_dashboards=len(built),
        dashboards=tuple(built),
        took_ms=round(elapsed_ms(started_s), 1),
    )


async def _built(actor: Actor, view: TypeView) -> TypeBuilt:
    lacking = TypeBuilt(
        id=view.id,
        name=view.name,
        priority=view.priority,
        status="insufficient_data",
        missing=view.missing,
        dashboard_id=view.dashboard_id,
    )
    if view.state != "ready":
        return lacking
    try:
        made = await build_type(actor, view.id)
    except DashboardTypeNotReadyError:  # its rows left since the types were listed
        return lacking
    return lacking.model_copy(
        update={"status": "ok", "dashboard_id": made.id, "version": made.version, "tiles": made.tile_count}
    )


async def list_generated(actor: Actor, session: AsyncSession, page: PageRequest) -> Page[DashboardSummary]:
    """Return the dashboards that the platform made: of built-in types and starters."""
    return await list_dashboards(actor, session, page, origins=("type", "starter"))


async def _platform(actor: Actor) -> tuple[dict[str, DatasetView], dict[str, UUID]]:
    """Return the platform's datasets that the actor may read by name, and the dashboards made of types."""
    async with transaction(actor) as session:
        made = await queries.dashboards_by_type(actor, session)
        if not actor.can(Permission.DATASETS_PLATFORM_READ):
            return {}, made
        page = await datasets.list_datasets(actor, session, PageRequest(limit=MOST), kind=DatasetKind.PLATFORM)
        return {one.name: one for one in page.items}, made


async def _counts(actor: Actor, found: dict[str, DatasetView], needed: tuple[str, ...]) -> dict[str, int]:
    """Return how many rows the actor sees in each of the datasets that are needed."""
    present = [name for name in needed if name in found]

    async def count(name: str) -> int:
        asked = MetricQuery(dataset_id=found[name].id, measures=(ROW_COUNT,))
        result = await engine.run_metric(actor, asked)
        return int(result.rows[0][0] or 0) if result.rows else 0

    return dict(zip(present, await asyncio.gather(*(count(name) for name in present)), strict=True))


def _view(
    actor: Actor,
    kind: DashboardType,
    found: dict[str, DatasetView],
    counts: dict[str, int],
    made: dict[str, UUID],
) -> TypeView:
    language = actor.language
    missing: list[str] = [] if kind.lacks == NOTHING else [kind.lacks.in_language(language)]
    if kind.needs and not actor.can(Permission.DATASETS_PLATFORM_READ):
        missing.append(text("dashboards.type.no_right", language))
    elif kind.needs:
        for name in kind.needs:
            if not counts.get(name):
                title = found[name].title.in_language(language) if name in found else name
                missing.append(text("dashboards.type.no_rows", language, dataset=title))
    ready = any(counts.get(name) for name in kind.needs)
    return TypeView(
        id=kind.id,
        name=kind.name.in_language(language),
        description=kind.description.in_language(language),
        priority=kind.priority,
        aliases=kind.aliases,
        state="ready" if ready else "insufficient_data",
        needs=kind.needs,
        missing=tuple(missing),
        dashboard_id=made.get(kind.id),
    )


async def _write(actor: Actor, session: AsyncSession, kind: DashboardType, spec: DashboardSpec) -> DashboardView:
    """Write the type's dashboard; of two that do so at once, the second refreshes what the first made."""
    existing = await queries.dashboard_of_type(actor, session, kind.id)
    if existing is None:
        try:
            async with session.begin_nested():
                return await storage.write_new(actor, session, spec, origin="type", type_id=kind.id, team=True)
        except IntegrityError:
            existing = await queries.dashboard_of_type(actor, session, kind.id)
            if existing is None:
                raise
    row, view = await storage.load(actor, session, existing.id, least=Access.EDIT, lock=True)
    if view.spec == spec:
        return view
    await storage.write_version(actor, session, row, spec, expected_version=row.version)
    return storage.view_of(row, spec, access=view.access, shared=view.shared)
