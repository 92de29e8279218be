"""``omni dashboards``: dashboards as files, against an install by address and key, or this machine's by a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx
import typer

from backend_services.dashboards.code_schemas import CodeApply, CodeExport, Plan, Step
from backend_services.dashboards.service.code import apply_code, export_code
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import InvalidInputError, NotFoundError
from omni_app.commands import accounts, code_files

if TYPE_CHECKING:
    from pathlib import Path

WOULD_CHANGE = 3
TIMEOUT_S = 120.0
SIGNS = {"create": "+", "update": "~", "delete": "-", "unchanged": "="}


@dataclass(frozen=True, slots=True)
class Install:
    """Where the dashboards are: at an address with a key, or on this machine by a person's rights."""

    url: str = ""
    key: str = field(default="", repr=False)
    by: str = ""


def export(folder: Path, install: Install, *, only: tuple[str, ...] = ()) -> int:
    """Write dashboards into files and return the exit code: 1 when one cannot be written as code."""
    found = _export(only, install)
    documents = [one.document for one in found.dashboards]
    code_files.write_folder(folder, documents, {one.document.name: one.fingerprint for one in found.dashboards})
    for document in documents:
        typer.echo(f"Wrote {folder / document.name}.yaml")
    for skipped in found.skipped:
        typer.echo(f"Left out {skipped.title}: {skipped.reason}", err=True)
    if only and not documents and not found.skipped:
        typer.echo(f"No dashboard is called {', '.join(only)}, and no such folder has one.", err=True)
        return 1
    return 1 if found.skipped else 0


def apply(folder: Path, install: Install, *, dry_run: bool, prune: bool, force: bool) -> int:
    """Make the dashboards what the files say and return the exit code.

    0: done, or nothing to do. 1: refused. 3: with ``dry_run``, something would change.
    """
    documents, bases = code_files.read_folder(folder)
    request = CodeApply(documents=documents, bases=bases, prune=prune, force=force, dry_run=True)
    plan = _apply(request, install)
    _show(plan)
    if any(step.problems or (step.changed_meanwhile and not force) for step in plan.steps):
        typer.echo("Nothing was written.", err=True)
        return 1
    if dry_run:
        return WOULD_CHANGE if any(step.action != "unchanged" for step in plan.steps) else 0
    done = _apply(request.model_copy(update={"dry_run": False}), install)
    gone = {step.name for step in done.steps if step.action == "delete"}
    kept = {name: made for name, made in bases.items() if name not in gone}
    code_files.write_state(folder, kept | {step.name: step.fingerprint for step in done.steps if step.fingerprint})
    typer.echo("Applied.")
    return 0


def _show(plan: Plan) -> None:
    for step in plan.steps:
        typer.echo(f"{SIGNS[step.action]} {step.action:<9} {step.name}  {step.title}")
        for line in _details(step):
            typer.echo(f"    {line}")
        if step.changed_meanwhile:
            typer.echo("    ! somebody changed it since it was exported or applied", err=True)
        for path, said in step.problems.items():
            typer.echo(f"    ! {path}: {said}", err=True)
    counts = {action: sum(step.action == action for step in plan.steps) for action in SIGNS}
    typer.echo(
        f"{counts['create']} to create, {counts['update']} to update, {counts['delete']} to delete, "
        f"{counts['unchanged']} unchanged."
    )


def _details(step: Step) -> list[str]:
    lines = [] if step.folder is None else [f"folder: {step.folder[0] or '-'} -> {step.folder[1] or '-'}"]
    if step.difference is None:
        return lines
    lines += [f"{one.path}: {_short(one.before)} -> {_short(one.after)}" for one in step.difference.dashboard]
    for tile in step.difference.tiles:
        lines.append(f"{tile.kind} tile {tile.tile_id}  {tile.title}")
        lines += [f"    {one.path}: {_short(one.before)} -> {_short(one.after)}" for one in tile.fields]
    return lines


def _short(value: str | None, *, longest: int = 60) -> str:
    shown = " ".join((value or "-").split())
    return shown if len(shown) <= longest else f"{shown[: longest - 1]}\N{HORIZONTAL ELLIPSIS}"


def _export(only: tuple[str, ...], install: Install) -> CodeExport:
    if install.url:
        return CodeExport.model_validate(ask_install("GET", install, "/code", params={"only": list(only)}))

    async def local() -> CodeExport:
        actor = await accounts.person(install.by)
        async with transaction(actor) as session:
            return await export_code(actor, session, only=only)

    require_person(install.by)
    return accounts.run(local())


def _apply(request: CodeApply, install: Install) -> Plan:
    if install.url:
        return Plan.model_validate(ask_install("POST", install, "/code/apply", json=request.model_dump(mode="json")))

    async def local() -> Plan:
        actor = await accounts.person(install.by)
        async with transaction(actor) as session:
            return await apply_code(actor, session, request)

    require_person(install.by)
    return accounts.run(local())


def require_person(by: str) -> None:
    """See that somebody's rights are named.

    Raises:
        InvalidInputError: Nobody is.
    """
    if not by:
        raise InvalidInputError(fields={"--as": "Say by whose rights, or give --url and OMNI_KEY."})


def ask_install(method: str, install: Install, path: str, **more: object) -> object:
    """Return the answer of an install to a call below ``/api/v1/dashboards``.

    Raises:
        InvalidInputError: It refuses; ``fields`` says where.
        NotFoundError: Nothing answers at the address.
    """
    address = f"{install.url.rstrip('/')}/api/v1/dashboards{path}"
    try:
        answer = httpx.request(method, address, headers={"X-API-Key": install.key}, timeout=TIMEOUT_S, **more)  # type: ignore[arg-type] # the options of the two calls
        found: object = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        message = f"Omni did not answer at {install.url}: {error}"
        raise NotFoundError(message) from error
    if not answer.is_success:
        problem = found if isinstance(found, dict) else {}
        fields = {str(one.get("field", "")): str(one.get("message", "")) for one in problem.get("errors", [])}
        detail, params = str(problem.get("detail", answer.reason_phrase)), dict(problem.get("params") or {})
        raise InvalidInputError(detail, fields=fields, params=params)
    return found
