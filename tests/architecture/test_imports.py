"""Any module may be the first that a process imports: no module of a cycle asks another for a name too early."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("backend_services", "components", "state", "omni_app")


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    _name(path): path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if path.name != "__main__.py"
}


def _run_at_import(statements: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that run while a module is imported: none in functions or below ``TYPE_CHECKING``."""
    for one in statements:
        if isinstance(one, ast.If) and isinstance(one.test, ast.Name) and one.test.id == "TYPE_CHECKING":
            yield from _run_at_import(one.orelse)
            continue
        yield one
        if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in ("body", "orelse", "finalbody"):
                yield from _run_at_import(getattr(one, part, []))


def _imported(path: Path) -> set[str]:
    """Return the modules of ours that a module imports when it is imported, with the packages around them."""
    found: set[str] = set()
    for one in _run_at_import(ast.parse(path.read_text()).body):
        if isinstance(one, ast.Import):
            found |= {alias.name for alias in one.names}
        elif isinstance(one, ast.ImportFrom) and one.module is not None:
            found |= {one.module, *(f"{one.module}.{alias.name}" for alias in one.names)}
    around = {".".join(parts[:end]) for parts in (name.split(".") for name in found) for end in range(1, len(parts))}
    return (found | around) & MODULES.keys()


def _reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += graph[name]
    return seen


def in_cycles() -> list[str]:
    """Return the modules that import themselves by way of others; only these can be imported too early.

    Without those whose package is in a cycle itself: it is imported before them, whoever comes first.
    """
    graph = {name: _imported(path) - {name} for name, path in MODULES.items()}
    found = {name for name in graph if name in _reachable(graph, name)}
    return sorted(name for name in found if name.rpartition(".")[0] not in found)


def test_the_graph_sees_what_is_imported() -> None:
    found = _imported(MODULES["backend_services.datasets.query.execution"])
    assert "backend_services.datasets.rules_service" in found
    assert "backend_services.datasets.query.compiled" not in found


def imported_first(names: Sequence[str], folder: Path = ROOT) -> dict[str, str]:
    """Return what each module says when it is the first that a process imports; nothing where that goes well."""
    program = Path(__file__).with_name("first_import.py")
    surroundings = {**os.environ, "PYTHONPATH": str(folder)}  # noqa: TID251 - handed on
    done = subprocess.run(
        [sys.executable, program, *names], env=surroundings, capture_output=True, text=True, check=True, timeout=120
    )
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_a_module_of_a_cycle_can_be_imported_first() -> None:
    names = in_cycles()
    assert len(names) > 5
    assert imported_first(names) == dict.fromkeys(names, "")


def test_a_module_that_asks_too_early_is_found(tmp_path: Path) -> None:
    (tmp_path / "early.py").write_text("import late\nword = late.word\n")
    (tmp_path / "late.py").write_text("from early import word\n")
    said = imported_first(["early", "late"], tmp_path)
    assert "partially initialized module 'early'" in said["early"]
    assert "ImportError" in said["early"]
