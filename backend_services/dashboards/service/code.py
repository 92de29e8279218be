"""Dashboards as code: exported as documents, planned, applied; all of an application or nothing."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError
from sqlalchemy import update
from sqlmodel import col

from backend_services.dashboards import as_code, library_queries
from backend_services.dashboards.as_code import NotAsCodeError
from backend_services.dashboards.code_schemas import CodeExport, Exported, Plan, Skipped, Step
from backend_services.dashboards.differences import difference
from backend_services.dashboards.library_errors import CodeChangedError, CodeInvalidError
from backend_services.dashboards.library_schemas import FolderCreate
from backend_services.dashboards.models import Dashboard
from backend_services.dashboards.schemas import Access
from backend_services.dashboards.service import folders, storage
from backend_services.dashboards.spec import DashboardSpec
from backend_services.datasets import service as datasets
from backend_services.kernel.i18n import text
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.dashboards.code_schemas import CodeApply, Document
    from backend_services.kernel.actor import Actor

PAGE = 200


@dataclass(frozen=True, slots=True)
class _Known:
    """A dashboard that the actor may open."""

    row: Dashboard
    spec: DashboardSpec
    access: Access
    name: str
    folder: str


@dataclass(frozen=True, slots=True)
class _Place:
    """What documents speak of here: datasets by name and by id, dashboards by name."""

    ids: dict[str, list[UUID]]
    known: dict[str, _Known]

    @property
    def names(self) -> dict[UUID, str]:
        """Return the names of those datasets that share theirs with no other."""
        return {ids[0]: name for name, ids in self.ids.items() if len(ids) == 1}

    def document(self, one: _Known) -> Document:
        """Return the present state of a dashboard as code.

        Raises:
            NotAsCodeError: A dataset of it has no name of its own.
        """
        return as_code.document_of(one.spec, name=one.name, folder=one.folder, datasets=self.names)


@dataclass(frozen=True, slots=True)
class _Work:
    """A step with what carrying it out takes."""

    step: Step
    document: Document | None = None
    spec: DashboardSpec | None = None
    known: _Known | None = None


async def export_code(actor: Actor, session: AsyncSession, *, only: Collection[str] = ()) -> CodeExport:
    """Return the dashboards that the actor may open as code, by name.

    ``only`` keeps those whose name or title is among them, or that lie in such a folder.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    place = await _place(actor, session)
    done: list[Exported] = []
    skipped: list[Skipped] = []
    for one in place.known.values():
        if only and not _wanted(one, only):
            continue
        try:
            document = place.document(one)
        except NotAsCodeError as error:
            skipped.append(Skipped(title=one.row.title, reason=_said(actor, error)))
            continue
        done.append(Exported(document=document, fingerprint=as_code.fingerprint(document)))
    return CodeExport(dashboards=tuple(sorted(done, key=lambda one: one.document.name)), skipped=tuple(skipped))


async def apply_code(actor: Actor, session: AsyncSession, request: CodeApply) -> Plan:
    """Make the dashboards what the documents say, or only say what would be done.

    What is created belongs to the team. A dashboard is found by the name under which it was applied before, else by
    the name that its title gives.

    Raises:
        CodeChangedError: Somebody changed one since it was exported or applied. Nothing is written.
        CodeInvalidError: A document does not fit; ``fields`` says which and why. Nothing is written.
    """
    actor.require(Permission.DASHBOARDS_DASHBOARD_WRITE)
    if request.prune:
        actor.require(Permission.DASHBOARDS_DASHBOARD_DELETE)
    await library_queries.lock_tree(actor, session)
    place = await _place(actor, session)
    works = [await _planned(actor, session, place, one, request) for one in request.documents]
    works += _twice(actor, request.documents)
    if request.prune:
        works += _pruned(actor, place, request)
    steps = tuple(work.step for work in works)
    if request.dry_run:
        return Plan(applied=False, steps=steps)
    _require_sound(steps, force=request.force)
    for work in works:
        await _carry_out(actor, session, work)
    return Plan(applied=True, steps=steps)


def _wanted(one: _Known, only: Collection[str]) -> bool:
    above = one.folder.split("/")
    paths = {"/".join(above[:depth]) for depth in range(1, len(above) + 1)} - {""}
    return bool({one.name, one.row.title, *paths} & set(only))


def _said(actor: Actor, error: NotAsCodeError) -> str:
    return text(f"dashboards.code.{error.code}", actor.language, name=error.name)


async def _place(actor: Actor, session: AsyncSession) -> _Place:
    ids: dict[str, list[UUID]] = defaultdict(list)
    offset, total = 0, 1
    while offset < total:
        page = await datasets.list_datasets(actor, session, PageRequest(limit=PAGE, offset=offset, sort="name"))
        for dataset in page.items:
            ids[dataset.name].append(dataset.id)
        offset, total = offset + PAGE, page.total
    paths = await folders.folder_paths(actor, session)
    rows = await library_queries.all_with_specs(actor, session)
    taken = {row.code_name for row, _, _ in rows if row.code_name}
    known: dict[str, _Known] = {}
    for row, spec, access in rows:
        name = row.code_name or as_code.name_for(row.title, {*taken, *known})
        folder = paths.get(row.folder_id, "") if row.folder_id else ""
        known[name] = _Known(row, DashboardSpec.model_validate(spec), access, name, folder)
    return _Place(dict(ids), known)


async def _planned(actor: Actor, session: AsyncSession, place: _Place, document: Document, request: CodeApply) -> _Work:
    known = place.known.get(document.name)
    title = str(document.dashboard.get("title", document.name))
    try:
        spec = as_code.spec_of(document, place.ids)
        meant = as_code.document_of(spec, name=document.name, folder=document.folder, datasets=place.names)
    except NotAsCodeError as error:
        return _refused(document, title, known, {error.path: _said(actor, error)})
    except ValidationError as error:
        return _refused(document, title, known, as_code.problems_of(error, actor.language))
    problems = {
        one.path: one.message(actor.language)
        for one in await storage.check_spec(actor, session, spec, known=known.spec if known else None)
    }
    problems |= {} if folders.fits(document.folder) else {"folder": text("dashboards.code.folder", actor.language)}
    wanted = as_code.fingerprint(meant)
    if known is None:
        if await library_queries.has_code_name(actor, session, meant.name):
            problems["name"] = text("dashboards.code.name_taken", actor.language)
        step = Step(name=meant.name, title=spec.title, action="create", problems=problems, fingerprint=wanted)
        return _Work(step, meant, spec)
    if known.access is Access.READ:
        problems["name"] = text("dashboards.code.read_only", actor.language)
    same = spec == known.spec and meant.folder == known.folder
    step = Step(
        name=meant.name,
        title=spec.title,
        action="unchanged" if same else "update",
        changed_meanwhile=not same and _changed(place, known, request),
        difference=None if same else difference(known.spec, spec, numbers=(known.row.version, known.row.version + 1)),
        folder=None if meant.folder == known.folder else (known.folder, meant.folder),
        problems=problems,
        fingerprint=wanted,
    )
    return _Work(step, meant, spec, known)


def _refused(document: Document, title: str, known: _Known | None, problems: dict[str, str]) -> _Work:
    action = "update" if known else "create"
    return _Work(Step.model_validate({"name": document.name, "title": title, "action": action, "problems": problems}))


def _twice(actor: Actor, documents: Sequence[Document]) -> list[_Work]:
    names = [one.name for one in documents]
    return [
        _refused(one, one.name, None, {"name": text("dashboards.code.twice", actor.language, name=one.name)})
        for index, one in enumerate(documents)
        if one.name in names[:index]
    ]


def _changed(place: _Place, known: _Known, request: CodeApply) -> bool:
    """Return whether the present state is neither the one the document was made from nor the last applied one."""
    try:
        present = as_code.fingerprint(place.document(known))
    except NotAsCodeError:
        return True
    return present not in {known.row.code_fingerprint, request.bases.get(known.name)}


def _pruned(actor: Actor, place: _Place, request: CodeApply) -> list[_Work]:
    kept = {one.name for one in request.documents}
    return [
        _Work(
            Step(
                name=one.name,
                title=one.row.title,
                action="delete",
                changed_meanwhile=_changed(place, one, request),
                problems={}
                if one.access is Access.OWNER
                else {"name": text("dashboards.code.not_owner", actor.language)},
            ),
            known=one,
        )
        for one in place.known.values()
        if one.row.code_name and one.name not in kept
    ]


def _require_sound(steps: Sequence[Step], *, force: bool) -> None:
    wrong = {f"{step.name}.{path}": said for step in steps for path, said in step.problems.items()}
    if wrong:
        raise CodeInvalidError(fields=wrong, params={"problems": len(wrong)})
    changed = [step.name for step in steps if step.changed_meanwhile]
    if changed and not force:
        raise CodeChangedError(params={"names": ", ".join(changed)})


async def _carry_out(actor: Actor, session: AsyncSession, work: _Work) -> None:
    step, known = work.step, work.known
    if step.action == "delete" and known is not None:
        row, _ = await storage.load(actor, session, known.row.id, least=Access.OWNER, lock=True)
        _require_still(row, known)
        await storage.record(actor, session, "deleted", row, details={"version": row.version, "code": known.name})
        await session.delete(row)
        await session.flush()
        return
    if work.spec is None or work.document is None:
        return
    if known is None:
        made = await storage.write_new(actor, session, work.spec, origin="person", team=True)
        dashboard_id = made.id
    else:
        dashboard_id = known.row.id
        row, _ = await storage.load(actor, session, dashboard_id, least=Access.EDIT, lock=True)
        _require_still(row, known)
        if work.spec != known.spec:
            await storage.write_version(actor, session, row, work.spec, expected_version=known.row.version)
    folder_id = await _folder(actor, session, work.document.folder)
    await session.execute(
        update(Dashboard)
        .where(col(Dashboard.tenant_id) == actor.tenant_id, col(Dashboard.id) == dashboard_id)
        .values(
            code_name=step.name,
            code_fingerprint=step.fingerprint,
            folder_id=folder_id,
            updated_at=col(Dashboard.updated_at),
        )
    )


def _require_still(row: Dashboard, known: _Known) -> None:
    if row.version != known.row.version:
        raise CodeChangedError(params={"names": known.name})


async def _folder(actor: Actor, session: AsyncSession, path: str) -> UUID | None:
    """Return the folder with this path; what is missing of it is made."""
    parent: UUID | None = None
    known = {path: folder_id for folder_id, path in (await folders.folder_paths(actor, session)).items()}
    names = [name for name in path.split("/") if name]
    for depth in range(1, len(names) + 1):
        here = known.get("/".join(names[:depth]))
        if here is None:
            request = FolderCreate(name=names[depth - 1], parent_id=parent)
            here = (await folders.create_folder(actor, session, request)).id
        parent = here
    return parent
