"""One install for all tests of processes, so that the tables are made once."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.processes.running import running


@pytest.fixture(scope="module")
def install() -> Iterator[Path]:
    """Return the data folder of a demonstration that was started once and stopped."""
    folder = Path(tempfile.mkdtemp(prefix="omni-processes-"))
    with running(folder, "--demo") as omni:
        omni.wait_for("Ready:")
    yield folder
    shutil.rmtree(folder)
