"""The generated pages of the documentation: settings, commands, REST."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import typer
from pydantic import SecretStr

from omni_app.cli import app as commands
from omni_app.environment import settings_classes
from state.api.app import create_api

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

OPENAPI = "docs/reference/openapi.json"
SETTINGS = "docs/reference/settings.md"
CLI = "docs/reference/cli.md"
REST = "docs/reference/rest.md"
ROUTES = "docs/reference/pages.md"
_GENERATED = "Written by `./omni docs`; do not edit.\n"


def openapi_text() -> str:
    """Return the description of the REST interface, stable for comparison."""
    return json.dumps(create_api().openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def settings_text(root: Path) -> str:
    """Return every setting of every domain, from the classes that read them."""
    lines = ["# Settings", "", _GENERATED, "Each is an environment variable.", ""]
    for settings in settings_classes(root):
        summary = (settings.__doc__ or "").strip().splitlines()[0]
        lines += [
            f"## {settings.__module__.removesuffix('.settings').removeprefix('backend_services.')}",
            "",
            summary,
            "",
        ]
        lines += ["| variable | default | meaning |", "|---|---|---|"]
        prefix = settings.model_config.get("env_prefix", "")
        for name, field in settings.model_fields.items():
            default = field.get_default(call_default_factory=True, validated_data={})
            shown = default.get_secret_value() if isinstance(default, SecretStr) else default
            text = "" if shown in {None, ""} else f"`{shown}`"
            lines.append(f"| `{prefix}{name}`".upper() + f" | {text} | {field.description or ''} |")
        lines.append("")
    return "\n".join(lines)


def cli_text() -> str:
    """Return every command with its options, from the commands themselves."""
    lines = ["# Command line", "", _GENERATED]
    for path, command in _commands(typer.main.get_command(commands), ("omni",)):
        lines += [f"## {' '.join(path)}", "", (command.help or "").strip(), ""]
        for parameter in command.params:
            shown = (
                ", ".join(parameter.opts) if parameter.param_type_name == "option" else (parameter.name or "").upper()
            )
            lines.append(f"- `{shown}` {getattr(parameter, 'help', None) or ''}".rstrip())
        lines.append("")
    return "\n".join(lines)


def _commands(command: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    children: dict[str, Any] = getattr(command, "commands", {})
    if not children:
        yield path, command
    for name, child in children.items():
        yield from _commands(child, (*path, name))


def rest_text() -> str:
    """Return every REST route with its permission."""
    lines = ["# REST", "", _GENERATED, "The whole description is `/api/openapi.json`; `/api/docs` shows it.", ""]
    lines += ["| route | what it does | permission |", "|---|---|---|"]
    for path, methods in sorted(create_api().openapi()["paths"].items()):
        for method, operation in methods.items():
            permission = operation.get("x-permission") or "public"
            lines.append(f"| `{method.upper()} {path}` | {operation.get('summary', '')} | {permission} |")
    return "\n".join([*lines, ""])


def pages_text() -> str:
    """Return every page with its permission."""
    from omni_app.routes import ROUTES as ALL_ROUTES  # noqa: PLC0415 - the only part that loads Reflex

    lines = ["# Pages", "", _GENERATED, "| address | face | permission |", "|---|---|---|"]
    for route in ALL_ROUTES:
        permission = route.permission.value if route.permission else "public"
        lines.append(f"| `{route.path}` | {route.face.value} | {permission} |")
    return "\n".join([*lines, ""])


def pages(root: Path) -> dict[str, Callable[[], str]]:
    """Return page → the function that makes it."""
    from backend_services.dashboards import json_schema as dashboard_schema  # noqa: PLC0415 - the CLI starts without

    return {
        SETTINGS: lambda: settings_text(root),
        CLI: cli_text,
        REST: rest_text,
        ROUTES: pages_text,
        OPENAPI: openapi_text,
        "docs/reference/dashboard-spec.json": dashboard_schema.as_json,
        "docs/reference/dashboard-spec.md": dashboard_schema.as_page,
    }


def write_pages(root: Path) -> list[str]:
    """Write every generated page and return those that changed."""
    changed = []
    for name, make in pages(root).items():
        path, text = root / name, make()
        if not path.exists() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            changed.append(name)
    return changed


def stale_pages(root: Path) -> list[str]:
    """Return the generated pages that no longer say what is."""
    return [
        name for name, make in pages(root).items() if not (root / name).exists() or (root / name).read_text() != make()
    ]
