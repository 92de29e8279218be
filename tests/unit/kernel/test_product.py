"""The product says one version everywhere."""

from __future__ import annotations

import tomllib
from pathlib import Path

from backend_services.kernel.product import VERSION


def test_version_is_that_of_the_project_file() -> None:
    project = tomllib.loads((Path(__file__).resolve().parents[3] / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == VERSION
