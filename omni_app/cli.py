"""The command line: what `./omni` does once its environment is made."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import MutableMapping
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from backend_services.kernel.embedded.errors import CellarError
from backend_services.kernel.errors import DomainError, InvalidInputError
from backend_services.kernel.product import VERSION
from omni_app.dashboards_cli import app as dashboards_app

ROOT = Path(__file__).resolve().parent.parent
app = typer.Typer(name="omni", add_completion=False, pretty_exceptions_enable=False)
db_app = typer.Typer(no_args_is_help=True, help="The database: migrations and a shell.")
user_app = typer.Typer(no_args_is_help=True, help="People of an organisation.")
key_app = typer.Typer(no_args_is_help=True, help="API keys.")
app.add_typer(db_app, name="db")
app.add_typer(user_app, name="user")
app.add_typer(key_app, name="key")
app.add_typer(dashboards_app, name="dashboards")

_environment: MutableMapping[str, str] = os.environ  # noqa: TID251 - options become the variables that children read
Rest = Annotated[list[str] | None, typer.Argument(help="Handed on as it is.")]
By = Annotated[str, typer.Option("--as", help="E-mail address of the person by whose rights this is done.")]


Port = Annotated[int | None, typer.Option(help="Port to listen on (OMNI_PORT; 8080).")]
DataDir = Annotated[
    Path | None,
    typer.Option(
        help="Folder of all data (OMNI_DATA_DIR; .omni, for root /var/lib/omni; of --demo with -demo behind)."
    ),
]
NoWorker = Annotated[bool, typer.Option("--no-worker", help="Start no worker; one runs elsewhere.")]


@app.callback(invoke_without_command=True)
def about(
    context: typer.Context,
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """The command line. `./omni run` and `./omni test` are all that most people need."""
    if version:
        typer.echo(f"Omni {VERSION}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def run(
    *,
    host: Annotated[str | None, typer.Option(help="Address to listen on (OMNI_HOST; 127.0.0.1).")] = None,
    port: Port = None,
    data_dir: DataDir = None,
    demo: Annotated[bool, typer.Option("--demo", help="Known accounts and sample data, this machine only.")] = False,
    no_worker: NoWorker = False,
) -> None:
    """Start everything and print the address. Ctrl-C stops it."""
    given = {"OMNI_HOST": host, "OMNI_PORT": port, "OMNI_DATA_DIR": data_dir}
    _environment.update({name: str(value) for name, value in given.items() if value is not None})
    _environment.update({name: "true" for name, on in {"OMNI_DEMO": demo, "OMNI_NO_WORKER": no_worker}.items() if on})
    _become("-m", "omni_app.supervisor")


@app.command("demo")
def run_demo(*, port: Port = None, data_dir: DataDir = None, no_worker: NoWorker = False) -> None:
    """Start the demonstration: the same as `./omni run --demo`."""
    run(port=port, data_dir=data_dir, demo=True, no_worker=no_worker)


@app.command()
def web() -> None:
    """Run only a web process, against OMNI_DATABASE_URL and OMNI_REDIS_URL."""
    _require_addresses()
    _environment.update(
        {
            "OMNI_PROCESS_NAME": "web",
            "REFLEX_ENV_MODE": "prod",
            "__REFLEX_SKIP_COMPILE": "true",
            "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "true",
        }
    )
    _become(
        *("-m", "uvicorn", "--factory", "omni_app.web:create", "--loop", "uvloop", "--http", "httptools"),
        *("--host", _environment.get("OMNI_HOST", "127.0.0.1"), "--port", _environment.get("OMNI_PORT", "8080")),
    )


@app.command()
def worker() -> None:
    """Run only a worker, against OMNI_DATABASE_URL and OMNI_REDIS_URL."""
    _require_addresses()
    _environment["OMNI_PROCESS_NAME"] = "worker"
    _become("-m", "omni_app.worker")


@app.command("test", context_settings={"ignore_unknown_options": True})
def run_tests(arguments: Rest = None) -> None:
    """Prepare what the tests need and run them; arguments go to pytest."""
    from omni_app.commands import testing  # noqa: PLC0415 - each command loads only what it needs

    raise typer.Exit(testing.run_tests(arguments or [], environment=_environment))


@app.command()
def check() -> None:
    """Run every check: format, lint, types, imports, patterns, architecture, migrations, documentation, OpenAPI."""
    from omni_app.commands import checks  # noqa: PLC0415

    raise typer.Exit(checks.run_checks())


@app.command()
def bench(arguments: Rest = None) -> None:
    """Measure, and print the table of the documentation; names of measurements choose among them."""
    from omni_app.commands import bench as benchmarks  # noqa: PLC0415

    raise typer.Exit(benchmarks.run_benchmarks(arguments or []))


@app.command()
def lock() -> None:
    """Resolve pyproject.toml again and write requirements.lock."""
    from omni_app.lockfile import write_lock  # noqa: PLC0415

    typer.echo(f"Wrote {write_lock().name}.")


@app.command()
def doctor() -> None:
    """Look at what a start needs, and say what is missing."""
    from omni_app.commands.doctor import examine  # noqa: PLC0415

    findings = list(examine(_environment))
    for finding in findings:
        typer.echo(f"{'ok  ' if finding.is_good else 'NOT '} {finding.what:<24} {finding.says}")
    raise typer.Exit(0 if all(finding.is_good for finding in findings) else 1)


@app.command()
def openapi(
    *, write: Annotated[bool, typer.Option("--write", help="Into docs/reference/openapi.json.")] = False
) -> None:
    """Print the description of the REST interface."""
    from omni_app.commands.reference import OPENAPI, openapi_text  # noqa: PLC0415

    text = openapi_text()
    if write:
        (ROOT / OPENAPI).write_text(text)
        typer.echo(f"Wrote {OPENAPI}.")
    else:
        typer.echo(text)


@app.command()
def docs() -> None:
    """Write the generated pages of the documentation again."""
    from omni_app.commands.reference import write_pages  # noqa: PLC0415

    for page in write_pages(ROOT):
        typer.echo(f"Wrote {page}.")


@db_app.command("upgrade")
def db_upgrade(revision: Annotated[str, typer.Argument(help="Where to.")] = "head") -> None:
    """Bring the tables to a revision."""
    _alembic("upgrade", revision)


@db_app.command("downgrade")
def db_downgrade(revision: Annotated[str, typer.Argument(help="Where to, such as -1 or base.")]) -> None:
    """Take migrations back."""
    _alembic("downgrade", revision)


@db_app.command("migrate")
def db_migrate(message: Annotated[str, typer.Option("-m", "--message", help="What it changes.")]) -> None:
    """Write a migration from the difference between tables and models."""
    _alembic("revision", "--autogenerate", "-m", message)


@db_app.command("shell")
def db_shell(*, owner: Annotated[bool, typer.Option("--owner", help="As the owner of the tables.")] = False) -> None:
    """Open psql; without --owner with the application's rights."""
    from backend_services.kernel.embedded.binaries import find_postgres  # noqa: PLC0415
    from omni_app.commands.attach import attached  # noqa: PLC0415

    with attached():
        url = _environment["OMNI_DATABASE_OWNER_URL" if owner else "OMNI_DATABASE_URL"]
        psql = str(find_postgres().program("psql"))
        raise typer.Exit(subprocess.run([psql, url], check=False).returncode)


@user_app.command("add")
def user_add(
    email: str,
    name: str,
    by: By,
    *,
    role: Annotated[list[str] | None, typer.Option(help="May be given more than once; viewer.")] = None,
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, envvar="OMNI_NEW_PASSWORD")],
) -> None:
    """Add a person with a first password."""
    from backend_services.identity.schemas import MemberCreate  # noqa: PLC0415
    from omni_app.commands import accounts  # noqa: PLC0415

    request = accounts.request(MemberCreate, email=email, name=name, password=password, roles=tuple(role or ["viewer"]))
    member = accounts.run(accounts.add_user(by, request))
    typer.echo(f"{member.email} may sign in as {', '.join(member.roles)}.")


@user_app.command("reset")
def user_reset(
    email: str,
    by: Annotated[str, typer.Option("--as", help="By whose rights; without it, the person's own.")] = "",
    *,
    password: Annotated[
        str, typer.Option(prompt="New password", hide_input=True, confirmation_prompt=True, envvar="OMNI_NEW_PASSWORD")
    ],
) -> None:
    """Give a person who forgot it a new password; open sessions end."""
    from omni_app.commands import accounts  # noqa: PLC0415

    member = accounts.run(accounts.reset_password(by or email, email, password))
    typer.echo(f"{member.email} signs in with the new password from now on.")


@user_app.command("list")
def user_list(by: By) -> None:
    """List the people of an organisation."""
    from omni_app.commands import accounts  # noqa: PLC0415

    for member in accounts.run(accounts.list_users(by)):
        typer.echo(f"{member.email:<32} {', '.join(member.roles):<20} {member.status}")


@key_app.command("create")
def key_create(
    name: str,
    by: By,
    *,
    environment: Annotated[str, typer.Option(help="prod or dev.")] = "prod",
    tier: Annotated[str, typer.Option(help="Tier of the key.")] = "free",
) -> None:
    """Make an API key of a person and print it, this once."""
    from backend_services.identity.schemas import ApiKeyCreate  # noqa: PLC0415
    from omni_app.commands import accounts  # noqa: PLC0415

    request = accounts.request(ApiKeyCreate, name=name, environment=environment, tier=tier)
    typer.echo(accounts.run(accounts.create_key(by, request)))


def _alembic(*arguments: str) -> None:
    from omni_app.commands.attach import attached  # noqa: PLC0415

    with attached():
        code = subprocess.run([sys.executable, "-m", "alembic", *arguments], check=False, cwd=ROOT).returncode
    raise typer.Exit(code)


def _become(*arguments: str) -> NoReturn:
    """Replace this process, so that nothing of the command line stays in memory."""
    os.chdir(ROOT)
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - our own interpreter, no shell


def _require_addresses() -> None:
    if not (_environment.get("OMNI_DATABASE_URL") and _environment.get("OMNI_REDIS_URL")):
        typer.echo("Set OMNI_DATABASE_URL and OMNI_REDIS_URL, or use `./omni run`, which starts both.", err=True)
        raise typer.Exit(2)


def main() -> None:
    """Run a command; a refusal is one clear line."""
    _environment.setdefault("OMNI_CALLED_FROM", str(Path.cwd()))  # relative folders count from there
    try:
        app(prog_name="./omni")
    except DomainError as error:
        fields = error.fields if isinstance(error, InvalidInputError) else {}
        details = "".join(f"\n  {name}: {allowed}" for name, allowed in fields.items())
        typer.echo(f"omni: {error}{details}", err=True)
        sys.exit(1)
    except CellarError as error:
        typer.echo(f"omni: {error}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
