"""``omni dashboards``: the options; what they do is in ``commands.dashboards``, loaded only when it is used."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

app = typer.Typer(no_args_is_help=True, help="Dashboards: from questions, built in, and as files for review.")
Folder = Annotated[Path, typer.Argument(help="Folder of the files, one for each dashboard.")]
Url = Annotated[str, typer.Option(help="Address of a running install; with --key.", envvar="OMNI_URL")]
Key = Annotated[str, typer.Option(help="API key for --url; better in OMNI_KEY than typed.", envvar="OMNI_KEY")]
By = Annotated[str, typer.Option("--as", help="Without --url: this machine's install, by this person's rights.")]
CalledFrom = Annotated[Path, typer.Option(hidden=True, envvar="OMNI_CALLED_FROM")]


@app.command("export")
def export_files(
    folder: Folder,
    *,
    only: Annotated[list[str] | None, typer.Option(help="Name, title or folder; may be given more than once.")] = None,
    url: Url = "",
    key: Key = "",
    by: By = "",
    called_from: CalledFrom = Path(),
) -> None:
    """Write dashboards into files, one for each. Exit code 1: one cannot be written as code."""
    from omni_app.commands import dashboards  # noqa: PLC0415 - each command loads only what it needs

    install = dashboards.Install(url=url, key=key, by=by)
    raise typer.Exit(dashboards.export(called_from / folder, install, only=tuple(only or ())))


@app.command("apply")
def apply_files(
    folder: Folder,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show the plan; exit code 3: it changes something.")
    ] = (False),
    prune: Annotated[bool, typer.Option("--prune", help="Delete dashboards once applied whose file is gone.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite what somebody changed in between.")] = False,
    url: Url = "",
    key: Key = "",
    by: By = "",
    called_from: CalledFrom = Path(),
) -> None:
    """Make the dashboards what the files say, all of it or nothing. Exit code 1: refused."""
    from omni_app.commands import dashboards  # noqa: PLC0415

    install = dashboards.Install(url=url, key=key, by=by)
    raise typer.Exit(dashboards.apply(called_from / folder, install, dry_run=dry_run, prune=prune, force=force))


@app.command("build")
def build(  # noqa: PLR0913 - each is an option
    question: Annotated[str, typer.Argument(help="In plain words, English or Slovenian.")] = "",
    *,
    name: Annotated[list[str] | None, typer.Option("--type", help="A built-in dashboard; may be repeated.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every built-in dashboard whose data is there.")] = False,
    priority: Annotated[int | None, typer.Option(min=1, max=3, help="Built-in ones of this priority.")] = None,
    dataset: Annotated[UUID | None, typer.Option(help="Id of the dataset to ask; else all are searched.")] = None,
    language: Annotated[str | None, typer.Option(help="Of the answer: en or sl; else the question's.")] = None,
    choice: Annotated[str | None, typer.Option(help="What a question back offered.")] = None,
    save: Annotated[bool, typer.Option("--save", help="Keep the answer as a dashboard.")] = False,
    sql: Annotated[bool, typer.Option("--sql", help="Show the SQL of each figure.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The whole answer, as REST gives it.")] = False,
    url: Url = "",
    key: Key = "",
    by: By = "",
) -> None:
    """Answer a question with figures, or make built-in dashboards. Exit code 1: refused; 4: a question back."""
    from backend_services.dashboards.builder.schemas import BuildRequest  # noqa: PLC0415
    from omni_app.commands import accounts, building, dashboards  # noqa: PLC0415

    names = tuple(name or ())
    building.require_one(question, names, everything=everything, priority=priority)
    install = dashboards.Install(url=url, key=key, by=by)
    if not question:
        raise typer.Exit(building.types(names, priority, install, as_json=as_json))
    request = accounts.request(
        BuildRequest, question=question, dataset_id=dataset, language=language, save=save, choice=choice
    )
    raise typer.Exit(building.question(request, install, as_json=as_json, sql=sql))
