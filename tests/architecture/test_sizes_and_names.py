"""Files and functions stay small, names say what things are, and what must stay empty is empty."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("omni_app", "components", "state", "backend_services")
MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
SAY_NOTHING = {"utils", "util", "helpers", "helper", "manager", "misc", "common", "stuff"}


def sources() -> Iterator[Path]:
    """Yield every Python file of the product and its tests."""
    for package in (*PRODUCT, "alembic", "tests"):
        yield from sorted((ROOT / package).rglob("*.py"))


def too_long(path: Path, root: Path = ROOT) -> Iterator[str]:
    """Yield what is too long in a file."""
    text = path.read_text()
    name = path.relative_to(root).as_posix()
    if text.count("\n") > MAX_FILE_LINES:
        yield f"{name}: {text.count(chr(10))} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > MAX_FUNCTION_LINES and "alembic/versions" not in name:  # a migration is one list of statements
                yield f"{name}:{node.lineno} {node.name}: {length} lines"


def test_files_and_functions_are_small() -> None:
    assert [problem for path in sources() for problem in too_long(path)] == []


def test_the_measure_of_length_sees_a_long_function(tmp_path: Path) -> None:
    module = tmp_path / "long.py"
    module.write_text("def long():\n" + "    x = 1\n" * MAX_FUNCTION_LINES)
    found = list(too_long(module, root=tmp_path))
    assert found == ["long.py:1 long: 51 lines"]


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [path for path in sources() if {path.stem, *path.relative_to(ROOT).parts[:-1]} & SAY_NOTHING] == []


def test_alembic_is_no_package_and_does_not_shadow_the_library() -> None:
    assert not (ROOT / "alembic" / "__init__.py").exists()


def test_the_state_package_is_empty() -> None:
    assert (ROOT / "state" / "__init__.py").read_text() == ""


def test_only_settings_files_read_the_environment() -> None:
    """Outside of them the variables are only handed on to children, which the line's reason says."""
    found = []
    for path in (path for package in PRODUCT for path in sorted((ROOT / package).rglob("*.py"))):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if (
                ("os.environ" in line or "os.getenv" in line)
                and path.name != "settings.py"
                and "# noqa: TID251 - " not in line
            ):
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert found == []


def test_nothing_in_the_repository_names_this_machine() -> None:
    forbidden = ("/work/", "/root/", "/opt/pypi")
    lock = (ROOT / "requirements.lock").read_text()
    assert [word for word in (*forbidden, "http://", "https://", "file:") if word in lock] == []
    found = [
        path for path in sources() if path != Path(__file__) and any(word in path.read_text() for word in forbidden)
    ]
    assert found == []
