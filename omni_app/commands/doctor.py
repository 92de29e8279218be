"""``omni doctor``: looks at what a start needs, and says what to do about what is missing."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_services.kernel.embedded.account import require_reachable, serving_account
from backend_services.kernel.embedded.binaries import find_postgres, find_valkey
from backend_services.kernel.embedded.errors import CellarError, DataFolderBusyError, DataFolderUnusableError
from backend_services.kernel.embedded.folder import DataFolder
from backend_services.kernel.embedded.network import LOOPBACK, obstacle
from backend_services.kernel.embedded.postgres import PostgresServer
from omni_app.commands import frontend
from omni_app.supervisor.plan import PlanError, asked_port, default_data_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

_LEAST_FREE_BYTES = 2_000_000_000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    is_good: bool
    says: str


def examine(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what is found, in the order in which a start needs it."""
    data_dir = default_data_dir(environment)
    yield Finding("Python", is_good=True, says=sys.version.split()[0])
    yield _try("PostgreSQL's programs", lambda: find_postgres().label)
    yield _try("Valkey's program", lambda: find_valkey().parent.name)
    yield _try("account of the servers", lambda: serving_account().name)
    yield _space(data_dir)
    yield _try("data folder", lambda: _data_folder(data_dir))
    yield _port(environment)
    current = frontend.is_current()
    yield Finding("pages", is_good=True, says="built" if current else "not built yet; the next `omni run` builds them")


def _port(environment: Mapping[str, str]) -> Finding:
    try:
        port = asked_port(environment)
    except PlanError as error:
        return Finding("port", is_good=False, says=str(error))
    found = obstacle(environment.get("OMNI_HOST", "") or LOOPBACK, port)
    return Finding(f"port {port}", is_good=not found, says=found or "free")


def _data_folder(data_dir: Path) -> str:
    if not data_dir.exists():
        existing = next(parent for parent in data_dir.parents if parent.exists())
        require_reachable(existing, serving_account())
        if not os.access(existing, os.W_OK | os.X_OK):
            msg = f"{data_dir} cannot be made: {existing} is not yours to write in. Choose another --data-dir."
            raise DataFolderUnusableError(msg)
        return f"{data_dir} will be made"
    folder = DataFolder(data_dir, serving_account())
    try:
        folder.open()
    except DataFolderBusyError:
        return f"{data_dir} is used by a running Omni"
    try:
        server = PostgresServer(folder, port=0)
        if not server.exists():
            return f"{data_dir} holds no database yet"
        server.prepare()
    finally:
        folder.close()
    return f"{data_dir} fits this version"


def _space(data_dir: Path) -> Finding:
    existing = next(path for path in (data_dir, *data_dir.parents) if path.exists())
    free = shutil.disk_usage(existing).free
    return Finding("free space", is_good=free >= _LEAST_FREE_BYTES, says=f"{free / 1e9:.1f} GB at {existing}")


def _try(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, is_good=True, says=look())
    except CellarError as error:
        return Finding(what, is_good=False, says=str(error))
