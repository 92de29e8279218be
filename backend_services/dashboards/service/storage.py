"""How dashboards are written: shared by the use cases that make, change, restore and refresh them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.audit import service as audit
from backend_services.dashboards import queries
from backend_services.dashboards.errors import DashboardChangedError, DashboardInvalidError, DashboardReadOnlyError
from backend_services.dashboards.models import Dashboard, DashboardMark, DashboardVersion
from backend_services.dashboards.problems import Problem
from backend_services.dashboards.schemas import Access, DashboardSummary, DashboardView
from backend_services.dashboards.spec import DashboardSpec, SqlSource, Tile
from backend_services.dashboards.validation import problems_of
from backend_services.datasets import service as datasets
from backend_services.datasets.query import service as engine
from backend_services.kernel.clock import now
from backend_services.kernel.errors import NotFoundError
from backend_services.kernel.events import service as events
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from pydantic import JsonValue
    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.dashboards.schemas import Origin
    from backend_services.datasets.catalogue import Catalogue
    from backend_services.kernel.actor import Actor

SUBJECT = "dashboard"


def summary_of(row: Dashboard, *, access: Access, shared: bool, mark: DashboardMark | None = None) -> DashboardSummary:
    """Return what a list shows of a dashboard; ``mark`` is the reader's own."""
    return DashboardSummary(
        id=row.id,
        title=row.title,
        description=row.description,
        version=row.version,
        tile_count=row.tile_count,
        origin=row.origin,
        type_id=row.type_id,
        owner_id=row.owner_id,
        access=access,
        shared=shared,
        folder_id=row.folder_id,
        favourite=mark is not None and mark.favourite,
        viewed_at=None if mark is None else mark.viewed_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def view_of(row: Dashboard, spec: DashboardSpec, *, access: Access, shared: bool) -> DashboardView:
    """Return a dashboard with what it shows."""
    return DashboardView(**dict(summary_of(row, access=access, shared=shared)), spec=spec)


async def load(
    actor: Actor, session: AsyncSession, dashboard_id: UUID, *, least: Access = Access.READ, lock: bool = False
) -> tuple[Dashboard, DashboardView]:
    """Return a dashboard that the actor may use with at least the access ``least``.

    Raises:
        DashboardNotFoundError: There is none, or it is not shared with the actor.
        DashboardReadOnlyError: The actor's access is less.
    """
    row, version, access, shared = await queries.dashboard_with_spec(actor, session, dashboard_id, lock=lock)
    ranks = list(Access)
    if ranks.index(access) < ranks.index(least):
        raise DashboardReadOnlyError(params={"title": row.title})
    return row, view_of(row, DashboardSpec.model_validate(version.spec), access=access, shared=shared)


async def _catalogues(
    actor: Actor, session: AsyncSession, spec: DashboardSpec
) -> tuple[dict[UUID, Catalogue], list[Problem]]:
    """Return the catalogues that ``spec`` speaks of, and a problem for each dataset that is not there."""
    found: dict[UUID, Catalogue] = {}
    missing: list[Problem] = []
    for index, tile in enumerate(spec.tiles):
        dataset_id = tile.dataset_id
        if dataset_id is None or dataset_id in found:
            continue
        try:
            found[dataset_id] = await datasets.get_catalogue(actor, session, dataset_id)
        except NotFoundError:
            path = f"tiles[{index}].source.query.dataset_id"
            missing.append(Problem(path=path, code="unknown_dataset"))
    return found, missing


async def check_spec(
    actor: Actor, session: AsyncSession, spec: DashboardSpec, *, known: DashboardSpec | None = None
) -> tuple[Problem, ...]:
    """Return what is wrong with ``spec``; SQL that is not in ``known`` already needs the right to write SQL."""
    known_sql = (
        {tile.source.query.sql for tile in known.tiles if isinstance(tile.source, SqlSource)} if known else set()
    )
    if any(isinstance(tile.source, SqlSource) and tile.source.query.sql not in known_sql for tile in spec.tiles):
        actor.require(Permission.DATASETS_SQL_RUN)
    refused = await _sql_problems(actor, spec, known=known)
    catalogues, missing = await _catalogues(actor, session, spec)
    return (*missing, *refused, *problems_of(spec, catalogues))


async def _sql_problems(actor: Actor, spec: DashboardSpec, *, known: DashboardSpec | None) -> list[Problem]:
    """Return why new SQL cannot be run; it is planned, never run, so nothing waits for a query here."""
    seen = {_sql_of(tile) for tile in known.tiles} if known else set()
    found: list[Problem] = []
    for index, tile in enumerate(spec.tiles):
        if not isinstance(tile.source, SqlSource) or _sql_of(tile) in seen:
            continue
        actor.require(Permission.DATASETS_SQL_RUN)
        try:
            plan = await engine.dry_run(actor, tile.source.query)
        except NotFoundError:
            continue
        path = f"tiles[{index}].source.query.sql"
        found.extend(Problem(path=path, code="sql_refused", params={"reason": one.message}) for one in plan.problems)
    return found


def _sql_of(tile: Tile) -> tuple[UUID, str] | None:
    return (tile.source.query.dataset_id, tile.source.query.sql) if isinstance(tile.source, SqlSource) else None


async def require_valid(
    actor: Actor, session: AsyncSession, spec: DashboardSpec, *, known: DashboardSpec | None = None
) -> None:
    """Refuse a specification that does not fit its data.

    Raises:
        DashboardInvalidError: ``fields`` says where and what to do.
    """
    problems = await check_spec(actor, session, spec, known=known)
    if problems:
        raise DashboardInvalidError(
            fields={problem.path: problem.message(actor.language) for problem in problems},
            params={"problems": len(problems)},
        )


async def write_new(
    actor: Actor,
    session: AsyncSession,
    spec: DashboardSpec,
    *,
    origin: Origin,
    type_id: str | None = None,
    team: bool = False,
) -> DashboardView:
    """Write a dashboard's row and first version; with ``team`` it belongs to the whole team."""
    row = Dashboard(
        tenant_id=actor.tenant_id,
        owner_id=None if team else actor.user_id,
        title=spec.title,
        description=spec.description,
        tile_count=len(spec.tiles),
        origin=origin,
        type_id=type_id,
    )
    session.add(row)
    await session.flush()
    _add_version(actor, session, row, spec)
    await session.flush()
    await record(actor, session, "created", row, details={"origin": origin, "tiles": len(spec.tiles)})
    return view_of(row, spec, access=Access.OWNER, shared=row.owner_id is None)


async def write_version(
    actor: Actor,
    session: AsyncSession,
    row: Dashboard,
    spec: DashboardSpec,
    *,
    expected_version: int,
    restored_from: int | None = None,
) -> None:
    """Save ``spec`` as the next version of the locked ``row``.

    Raises:
        DashboardChangedError: It is not at ``expected_version`` any more.
    """
    if row.version != expected_version:
        raise DashboardChangedError(params={"expected": expected_version, "current": row.version})
    row.version += 1
    row.title, row.description, row.tile_count = spec.title, spec.description, len(spec.tiles)
    row.updated_at = now()
    session.add(row)
    _add_version(actor, session, row, spec, restored_from=restored_from)
    await session.flush()
    details: dict[str, JsonValue] = {"version": row.version}
    if restored_from is not None:
        details["restored_from"] = restored_from
    await record(actor, session, "updated" if restored_from is None else "restored", row, details=details)


def _add_version(
    actor: Actor, session: AsyncSession, row: Dashboard, spec: DashboardSpec, *, restored_from: int | None = None
) -> None:
    session.add(
        DashboardVersion(
            tenant_id=actor.tenant_id,
            dashboard_id=row.id,
            number=row.version,
            spec=spec.model_dump(mode="json"),
            author_id=actor.user_id,
            author_label=actor.label,
            restored_from=restored_from,
        )
    )


async def record(
    actor: Actor, session: AsyncSession, verb: str, row: Dashboard, *, details: dict[str, JsonValue]
) -> None:
    """Write the audit event and the domain event of a change in the same transaction."""
    await events.record(
        actor, session, name=f"dashboards.{verb}", subject_id=row.id, data={"title": row.title, **details}
    )
    await audit.record(
        actor,
        session,
        action=f"dashboards.dashboard.{verb}",
        subject_type=SUBJECT,
        subject_id=row.id,
        subject_label=row.title,
        details=details,
    )
