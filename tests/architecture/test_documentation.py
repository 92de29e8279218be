"""The documentation says what is: its links, settings, commands, routes, request bodies, and its two languages."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit
from uuid import UUID

import pytest
import typer
from fastapi.routing import APIRoute
from pydantic import TypeAdapter, ValidationError

from backend_services.datasets.catalogue import Dimension, Measure
from backend_services.kernel.permissions import Permission
from omni_app.cli import app as commands
from omni_app.commands.reference import settings_text
from state.api.app import create_api
from state.api.v1 import ROUTERS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
KINDS = ("tutorial", "how-to", "explanation")
SAME_IN_BOTH = ("csv", "js", "json", "nginx", "python", "sh", "sql", "text", "yaml")
ANY_ID = str(UUID(int=1))
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_BLOCK = re.compile(r"^```(\S*)[ ]?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_ROUTE = re.compile(
    r"(?:(GET|POST|PUT|PATCH|DELETE) )?(?:\$BASE|https://omni\.example\.com)?(/api/[\w./${}-]*|/metrics\b)"
)
_BODY = re.compile(r"-d '(\{.*?\})'(?=\s|$|\))", re.DOTALL)
_VARIABLE = re.compile(r"\bOMNI_[A-Z0-9_]+")
_PERMISSION = re.compile(r"\b[a-z]+:[a-z_]+:[a-z]+\b")
_ATTACHED: dict[str, type[Dimension | Measure]] = {"Dimension": Dimension, "Measure": Measure}


def guides() -> list[Path]:
    """Return every page that a person wrote for readers, in both languages."""
    folders = [base / kind for base in (DOCS, DOCS / "sl") for kind in KINDS]
    return [DOCS / "README.md", DOCS / "sl/README.md", *(path for one in folders for path in sorted(one.glob("*.md")))]


def linked_pages() -> list[Path]:
    """Return every page whose links must hold."""
    names = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
    return [*(ROOT / name for name in names), *sorted(DOCS.rglob("*.md")), *ROOT.glob("backend_services/**/README.md")]


def blocks(text: str) -> list[tuple[str, str, str]]:
    """Return the code blocks as language, what follows it, and content."""
    return [(found[1], found[2], found[3]) for found in _BLOCK.finditer(text)]


@lru_cache(maxsize=1)
def openapi() -> dict[str, Any]:
    """Return the description of the REST interface as it is now."""
    return create_api().openapi()


def route_of(written: str) -> str | None:
    """Return the described path that a written one means, if there is one."""
    shape = re.sub(r"\$\w+|\{\w+\}", "{}", written.rstrip("."))
    exact = [path for path in openapi()["paths"] if path == written.rstrip(".")]
    alike = [path for path in openapi()["paths"] if re.sub(r"\{\w+\}", "{}", path) == shape]
    filled = [path for path in openapi()["paths"] if re.fullmatch(re.sub(r"\{\w+\}", "[^/{}]+", path), shape)]
    return next(iter(exact + alike + filled), None)


def bodies(text: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield method, path and JSON body of every call in the page's shell blocks."""
    for language, _, content in blocks(text):
        for line in re.sub(r"\\\n\s*", " ", content).splitlines() if language == "sh" else ():
            route, body = _ROUTE.search(line), _BODY.search(re.sub(r"'\$\w+'", ANY_ID, line))
            if route and body:
                method = re.search(r"-X (\w+)", line)
                yield (method[1] if method else "POST"), route[2], json.loads(body[1])


def body_problems(method: str, path: str, body: dict[str, Any]) -> list[str]:
    """Return what is wrong with a request body, by the class that its route reads it into."""
    name = openapi()["paths"][route_of(path)][method.lower()]["operationId"]
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    endpoint = next(route.endpoint for route in routes if route.operation_id == name)
    adapter: TypeAdapter[Any] = TypeAdapter(get_type_hints(endpoint, include_extras=True)["body"])
    try:
        adapter.validate_json(json.dumps(body))
    except ValidationError as error:
        return [f"{method} {path}: {one['loc']} {one['msg']}" for one in error.errors()]
    return []


def variables() -> set[str]:
    """Return every variable that a settings class, the launcher, the commands or the supervisor read."""
    readers = ("omni", "omni_app/cli.py", "omni_app/dashboards_cli.py", "omni_app/supervisor/plan.py")
    return set(_VARIABLE.findall(settings_text(ROOT) + "".join((ROOT / name).read_text() for name in readers)))


def command_names() -> set[str]:
    """Return every command, groups with their parts."""
    top = typer.main.get_command(commands)
    names: set[str] = set()
    for name, command in getattr(top, "commands", {}).items():
        names |= {name} | {f"{name} {child}" for child in getattr(command, "commands", {})}
    return names


@pytest.mark.parametrize("page", linked_pages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    inside = [link for link in _LINK.findall(page.read_text()) if not urlsplit(link).scheme and link[0] != "#"]
    assert [link for link in inside if not (page.parent / link.partition("#")[0]).exists()] == []


@pytest.mark.parametrize("page", guides(), ids=lambda path: path.relative_to(DOCS).as_posix())
class TestGuide:
    """What every page must hold to."""

    def test_settings_exist(self, page: Path) -> None:
        assert set(_VARIABLE.findall(page.read_text())) - variables() == set()

    def test_routes_exist(self, page: Path) -> None:
        known = {"/api/docs", "/api/openapi.json", "/api/v1"}
        written = [(found[1], found[2]) for found in _ROUTE.finditer(page.read_text())]
        wrong = []
        for method, path in written:
            found = route_of(path)
            if path not in known and (found is None or (method and method.lower() not in openapi()["paths"][found])):
                wrong.append(f"{method or ''} {path}")
        assert wrong == []

    def test_commands_and_options_exist(self, page: Path) -> None:
        names = command_names()
        written = re.findall(r"\./omni ((?:[a-z]+)(?: [a-z]+)?)", page.read_text())
        assert [one for one in written if one not in names and one.split()[0] not in names] == []
        options = set(re.findall(r"(?<=[ `])--(?:host|port|data-dir|demo|no-worker|[a-z-]+)\b", page.read_text()))
        ours = set(re.findall(r"`(--[a-z-]+)`", (DOCS / "reference/cli.md").read_text())) | {"--exclude"}
        assert options - ours == set()

    def test_permissions_exist(self, page: Path) -> None:
        written = {one for one in _PERMISSION.findall(page.read_text()) if not one.startswith("urn:")}
        assert written - {one.value for one in Permission} == set()

    def test_request_bodies_fit(self, page: Path) -> None:
        calls = bodies(page.read_text())
        assert [problem for method, path, body in calls for problem in body_problems(method, path, body)] == []

    def test_pieces_of_json_are_valid(self, page: Path) -> None:
        for language, kind, content in blocks(page.read_text()):
            if language == "json":
                value = json.loads(content)
                if kind:
                    _ATTACHED[kind].model_validate_json(json.dumps(value))


def test_every_page_is_there_in_both_languages_with_the_same_examples() -> None:
    for kind in KINDS:
        english, slovenian = ({path.name for path in (base / kind).glob("*.md")} for base in (DOCS, DOCS / "sl"))
        assert english == slovenian
        assert english
        for name in english:
            pair = [blocks((base / kind / name).read_text()) for base in (DOCS, DOCS / "sl")]
            assert pair[0] == pair[1], name
            assert {language for language, _, _ in pair[0]} <= set(SAME_IN_BOTH)


@pytest.mark.parametrize("base", [DOCS, DOCS / "sl"], ids=["en", "sl"])
def test_the_first_page_leads_to_every_guide(base: Path) -> None:
    linked = set(_LINK.findall((base / "README.md").read_text()))
    assert [f"{kind}/{path.name}" for kind in KINDS for path in (base / kind).glob("*.md")
            if f"{kind}/{path.name}" not in linked] == []  # fmt: skip


def test_every_domain_says_what_it_is() -> None:
    domains = [path.parent for path in ROOT.glob("backend_services/*/__init__.py")]
    assert [path.name for path in domains if not (path / "README.md").exists()] == []


def test_the_checks_see_what_is_wrong() -> None:
    assert route_of("/api/v1/nothing") is None
    assert route_of("/api/v1/datasets/$DATASET/rules") == "/api/v1/datasets/{dataset_id}/rules"
    page = "```sh\ncurl $BASE/api/v1/api-keys \\\n  -d '{\"nam\": \"'$NAME'\"}'\n```\n"
    [(method, path, body)] = bodies(page)
    assert (method, path, body) == ("POST", "/api/v1/api-keys", {"nam": ANY_ID})
    assert len(body_problems(method, path, body)) == 2
    assert "OMNI_NOTHING" not in variables()
    assert {"run", "db upgrade", "key create"} <= command_names()
