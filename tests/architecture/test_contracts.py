"""The import contracts hold, and each of them turns red when it is broken."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("omni_app", "components", "state", "backend_services")

# One violation for each contract: file → the line that breaks it.
VIOLATIONS = {
    "Composition root above doors and looks above rules": ("components/broken.py", "import state"),
    "Rules know neither Reflex nor a web framework": ("backend_services/kernel/broken_web.py", "import reflex"),
    "REST can be served without Reflex": ("state/api/broken.py", "import reflex"),
    "Doors call services, never tables or queries": ("state/broken.py", "import backend_services.identity.models"),
    "Pages show; they call no service": ("omni_app/pages/broken.py", "import backend_services.identity.queries"),
    "Domains depend downwards only": ("backend_services/kernel/broken_domain.py", "import backend_services.identity"),
    "Inside a domain: tasks, services, queries, tables, refusals": (
        "backend_services/identity/errors.py",
        "import backend_services.identity.queries",
    ),
    "The watching process stays small": ("omni_app/supervisor/broken.py", "import pydantic"),
}


def lint(folder: Path) -> dict[str, str]:
    """Return contract → KEPT or BROKEN for the tree in ``folder``."""
    program = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([program, "--no-cache"], check=False, cwd=folder, capture_output=True, text=True)
    return {name.strip(): state for name, state in re.findall(r"^(.+?) (KEPT|BROKEN)", done.stdout, re.MULTILINE)}


def test_every_contract_holds() -> None:
    states = lint(ROOT)
    assert set(states) == set(VIOLATIONS)
    assert set(states.values()) == {"KEPT"}


@pytest.mark.slow
def test_every_contract_turns_red_when_it_is_broken(tmp_path: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name, line in VIOLATIONS.values():
        path = tmp_path / name
        path.write_text((path.read_text() if path.exists() else "") + f"\n{line}\n")
    assert lint(tmp_path) == dict.fromkeys(VIOLATIONS, "BROKEN")
