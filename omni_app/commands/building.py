"""``omni dashboards build``: a question in plain words, or built-in dashboards, answered at the terminal."""

from __future__ import annotations

import json
import unicodedata
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import typer
from pydantic import TypeAdapter

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.builder import service as builder
from backend_services.dashboards.builder.schemas import BuildAnswer, BuildJob, BuildRequest, BuildStatus, BuiltTile
from backend_services.dashboards.type_schemas import TypeBuilt, TypesBuilt, TypesRequest
from backend_services.dashboards.types import find_type
from backend_services.kernel.embedded.process import wait_until
from backend_services.kernel.errors import DomainError, InvalidInputError, UnavailableError
from omni_app.commands import accounts
from omni_app.commands.dashboards import Install, ask_install, require_person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import BaseModel

REFUSED: Final = 1
QUESTION_BACK: Final = 4
LONGEST_S: Final = 600.0
EVERY_S: Final = 0.5
_MOST_ROWS: Final = 20
_WIDEST: Final = 40
_ANSWERS: TypeAdapter[BuildAnswer | BuildJob] = TypeAdapter(BuildAnswer | BuildJob)
_ENDED: Final = frozenset({"succeeded", "failed", "cancelled"})


def question(request: BuildRequest, install: Install, *, as_json: bool, sql: bool) -> int:
    """Answer a question and return the exit code: 0 answered, 1 refused, 4 a question back."""
    answer = _remote_answer(request, install) if install.url else _local_answer(request, install)
    if as_json:
        _echo_json(answer)
    else:
        _show_answer(answer, sql=sql)
    return {"ok": 0, "clarify": QUESTION_BACK}.get(answer.status, REFUSED)


def types(names: Sequence[str], priority: int | None, install: Install, *, as_json: bool) -> int:
    """Make built-in dashboards and return the exit code: 1 when none, or one that was named, could be made."""
    built = _named(names, install) if names else _all(TypesRequest(priority_filter=priority), install)
    if as_json:
        _echo_json(built)
    else:
        for one in built.dashboards:
            sign = "+" if one.status == "ok" else "-"
            told = f"{one.tiles} tiles  {one.dashboard_id}" if one.status == "ok" else "; ".join(one.missing)
            typer.echo(f"{sign} {one.name:<24} {told}")
        typer.echo(built.message)
    complete = all(one.status == "ok" for one in built.dashboards) if names else built.status == "ok"
    return 0 if complete else REFUSED


def _local_answer(request: BuildRequest, install: Install) -> BuildAnswer:
    async def answered() -> BuildAnswer:
        return await builder.build(await accounts.person(install.by), request)

    require_person(install.by)
    return accounts.run(answered())


def _remote_answer(request: BuildRequest, install: Install) -> BuildAnswer:
    body = request.model_dump(mode="json", exclude_none=True)
    answer = _ANSWERS.validate_python(ask_install("POST", install, "/build", json=body))
    if isinstance(answer, BuildAnswer):
        return answer
    result = _waited(answer, install)
    assert isinstance(result, BuildAnswer)  # noqa: S101 - a question's job has such a result
    return result


def _waited(job: BuildJob, install: Install) -> BuildAnswer | TypesBuilt:
    """Return what a build that goes on as a job ends with, telling its steps meanwhile.

    Raises:
        UnavailableError: It failed, was cancelled, or takes longer than ten minutes.
    """
    seen: list[BuildStatus] = []

    def has_ended() -> bool:
        found = ask_install("GET", install, "/build/status", params={"job_id": str(job.job_id)})
        one = BuildStatus.model_validate(found)
        if one.message and (not seen or seen[-1].message != one.message):
            typer.echo(f"{one.progress:4.0%}  {one.message}", err=True)
        seen.append(one)
        return one.status in _ENDED

    if not wait_until(has_ended, LONGEST_S, every_s=EVERY_S):
        message = f"The build {job.job_id} is not done after ten minutes. Look at the page of jobs."
        raise UnavailableError(message)
    if seen[-1].result is None:
        raise UnavailableError(seen[-1].error or f"The build was {seen[-1].status}.")
    return seen[-1].result


def _all(request: TypesRequest, install: Install) -> TypesBuilt:
    if install.url:
        body = request.model_dump(mode="json", exclude_none=True)
        found = ask_install("POST", install, "/build", json=body)
        if isinstance(found, dict) and "job_id" in found:
            result = _waited(BuildJob.model_validate(found), install)
            assert isinstance(result, TypesBuilt)  # noqa: S101 - this kind of job has such a result
            return result
        return TypesBuilt.model_validate(found)

    async def built() -> TypesBuilt:
        return await dashboards.build_types(await accounts.person(install.by), request)

    require_person(install.by)
    return accounts.run(built())


def _named(names: Sequence[str], install: Install) -> TypesBuilt:
    """Make the types that are named and no others; a name that is none is a refusal."""
    if install.url:
        built = [_named_there(name, install) for name in names]
    else:
        require_person(install.by)
        built = accounts.run(_named_here(names, install.by))
    count = sum(one.status == "ok" for one in built)
    return TypesBuilt(
        status="ok" if count else "insufficient_data",
        message=f"{count} of {len(names)} built-in dashboards are up to date.",
        total_dashboards=len(built),
        dashboards=tuple(built),
        took_ms=0.0,
    )


def _named_there(name: str, install: Install) -> TypeBuilt:
    try:
        view = ask_install("POST", install, f"/build/{quote(name, safe='')}")
    except InvalidInputError as error:
        return _lacking(name, error)
    assert isinstance(view, dict)  # noqa: S101 - a dashboard
    return _type_built(str(view["type_id"]), str(view["title"]), view)


async def _named_here(names: Sequence[str], by: str) -> list[TypeBuilt]:
    actor = await accounts.person(by)
    found = []
    for name in names:
        try:
            view = await dashboards.build_type(actor, name)
        except DomainError as error:
            found.append(_lacking(name, error))
        else:
            found.append(_type_built(view.type_id or "", view.title, view.model_dump()))
    return found


def _lacking(name: str, error: DomainError) -> TypeBuilt:
    """Return the type as one that lacks data, if that is what the refusal says; else raise the refusal."""
    missing, kind = error.params.get("missing"), find_type(name)
    if not missing or kind is None:
        raise error
    return TypeBuilt(
        id=kind.id,
        name=kind.name.en,
        priority=kind.priority,
        status="insufficient_data",
        missing=tuple(str(missing).split("; ")),
    )


def _type_built(kind: str, title: str, view: dict[str, Any]) -> TypeBuilt:
    known = find_type(kind)
    return TypeBuilt(
        id=kind,
        name=title,
        priority=known.priority if known else 1,
        status="ok",
        dashboard_id=view["id"],
        version=view["version"],
        tiles=view["tile_count"],
    )


def _echo_json(answer: BaseModel) -> None:
    typer.echo(json.dumps(answer.model_dump(mode="json"), ensure_ascii=False, indent=2))


def _show_answer(answer: BuildAnswer, *, sql: bool) -> None:
    if answer.clarification is not None:
        typer.echo(answer.clarification.question)
        for option in answer.clarification.options:
            typer.echo(f"  {option.label}{f': {option.description}' if option.description else ''}")
            typer.echo(f"      --choice '{option.id}'")
    if answer.refusal is not None:
        typer.echo(answer.refusal.reason, err=True)
        for near in answer.refusal.nearest:
            typer.echo(f"  {near.label} ({near.kind})", err=True)
    if answer.dashboard is not None:
        typer.echo(answer.dashboard.title)
        for tile in answer.dashboard.tiles:
            _show_tile(tile, sql=sql)
    for note in answer.notes:
        typer.echo(f"Note: {note}")
    if answer.dashboard_id is not None:
        typer.echo(f"Saved as {answer.dashboard_id}.")


def _show_tile(tile: BuiltTile, *, sql: bool) -> None:
    typer.echo(f"\n{tile.title}  [{tile.chart.value}]")
    typer.echo("  " + ", ".join(f"{chip.label}: {chip.text}" for chip in tile.understood.chips))
    shown = [["" if cell is None else str(cell) for cell in row] for row in tile.rows[:_MOST_ROWS]]
    lines = [[column.label for column in tile.columns], *shown]
    widths = [min(_WIDEST, max(map(_width, column))) for column in zip(*lines, strict=True)]
    numeric = [column.role == "measure" for column in tile.columns]
    for line in lines:
        cells = [_fitted(cell, width, right) for cell, width, right in zip(line, widths, numeric, strict=True)]
        typer.echo("  " + "  ".join(cells).rstrip())
    if len(tile.rows) > _MOST_ROWS:
        typer.echo(f"  … {len(tile.rows) - _MOST_ROWS} more rows; --json has all")
    if sql:
        typer.echo("\n" + tile.sql)


def _width(cell: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in cell)


def _fitted(cell: str, width: int, is_number: bool) -> str:  # noqa: FBT001 - one of a row's facts
    shown = " ".join(cell.split())
    if _width(shown) > width:
        shown = shown[: width - 1] + "\N{HORIZONTAL ELLIPSIS}"
    space = " " * (width - _width(shown))
    return space + shown if is_number else shown + space


def require_one(asked: str, names: Sequence[str], *, everything: bool, priority: int | None) -> None:
    """See that exactly one thing is asked for.

    Raises:
        InvalidInputError: None, or several at once.
    """
    wishes = sum((bool(asked), bool(names), everything or priority is not None))
    if wishes != 1:
        said = "Ask a question, or name types with --type, or give --all or --priority; one of these."
        raise InvalidInputError(fields={"build": said})
