"""The cellar of the tests: a real PostgreSQL and a real Valkey, made for this run and thrown away after it."""

from __future__ import annotations

import base64
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
import pytest_asyncio

from backend_services.datasets.query.execution import close_pool
from backend_services.kernel.db import Database, dispose_database, get_database
from backend_services.kernel.embedded.cellar import Cellar, open_cellar
from backend_services.kernel.redis import close_redis
from backend_services.kernel.settings import get_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

ROOT = Path(__file__).resolve().parent.parent

hypothesis.settings.register_profile("omni", deadline=None)  # a busy machine is no defect
hypothesis.settings.load_profile("omni")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the pages' tests after all others: Playwright keeps an event loop of its own in this thread until it ends."""
    items.sort(key=lambda item: "e2e/pages" in item.path.as_posix())


@pytest.fixture(scope="session")
def data_dir() -> Iterator[Path]:
    """Return the data folder of this run. Not below pytest's own folder, which is closed to other accounts."""
    folder = Path(tempfile.mkdtemp(prefix="omni-tests-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def cellar(data_dir: Path) -> Iterator[Cellar]:
    """Start PostgreSQL and Valkey, migrate, and point the settings of this process at them."""
    with open_cellar(data_dir, durable=False) as opened, pytest.MonkeyPatch.context() as patch:
        values = {
            "OMNI_DATA_DIR": str(data_dir),
            "OMNI_DATABASE_URL": opened.database_url,
            "OMNI_DATABASE_OWNER_URL": opened.owner_url,
            "OMNI_REDIS_URL": opened.redis_url,
            "OMNI_SECRET_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        }
        for name, value in values.items():
            patch.setenv(name, value)
        get_settings.cache_clear()
        migrate("upgrade", "head")
        yield opened
    get_settings.cache_clear()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def database(cellar: Cellar) -> AsyncIterator[Database]:
    """Return this process's database on the session's loop; closed at the end."""
    assert cellar.database_url
    yield get_database()
    close_pool()
    await close_redis()
    await dispose_database()


def migrate(*arguments: str) -> None:
    """Run alembic as an operator does: in a process of its own, with the environment's addresses."""
    done = subprocess.run(
        [sys.executable, "-m", "alembic", *arguments],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
