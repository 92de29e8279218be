"""Connects a command to an install: the addresses given, the one that runs, or its servers started for a moment."""

from __future__ import annotations

import json
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

from backend_services.kernel.embedded.account import serving_account
from backend_services.kernel.embedded.cellar import open_cellar
from backend_services.kernel.embedded.errors import DataFolderBusyError
from backend_services.kernel.embedded.folder import DataFolder
from backend_services.kernel.settings import get_settings
from omni_app.supervisor.plan import default_data_dir, secret_key_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def attached() -> Iterator[None]:
    """Point the settings of this process at an install for as long as the context lasts."""
    environment = os.environ  # noqa: TID251 - the command fills in what its own process reads
    if environment.get("OMNI_DATABASE_URL") and environment.get("OMNI_REDIS_URL"):
        yield
        return
    data_dir = default_data_dir(environment)
    running = _running(data_dir) or _running(default_data_dir(environment, demo=True))
    if running is not None:
        environment.update(running)
        get_settings.cache_clear()
        yield
        return
    with open_cellar(data_dir) as cellar:
        environment.update(
            {
                "OMNI_DATA_DIR": str(data_dir),
                "OMNI_DATABASE_URL": cellar.database_url,
                "OMNI_DATABASE_OWNER_URL": cellar.owner_url,
                "OMNI_REDIS_URL": cellar.redis_url,
            }
        )
        if not environment.get("OMNI_SECRET_KEY"):
            environment["OMNI_SECRET_KEY_FILE"] = str(secret_key_file(data_dir))
        get_settings.cache_clear()
        yield


def _running(data_dir: Path) -> dict[str, str] | None:
    """Return the addresses that a running Omni left in its data folder; a killed one's no longer count."""
    path = data_dir / "addresses.json"
    if not path.exists():
        return None
    folder = DataFolder(data_dir, serving_account())
    try:
        folder.open()
    except DataFolderBusyError:
        addresses: dict[str, str] = json.loads(path.read_text())
        return addresses
    folder.close()
    return None
