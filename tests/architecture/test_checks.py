"""``omni check`` asks for everything that a change may break without a test of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from omni_app.commands.checks import ROOT, checks

HOUSE = {path.stem for path in Path(__file__).parent.glob("test_*.py")} - {Path(__file__).stem}


@pytest.mark.slow
def test_the_check_of_the_architecture_runs_every_test_of_the_house() -> None:
    [check] = [one for one in checks() if one.name == "architecture"]
    done = subprocess.run([*check.command, "--collect-only"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    chosen = {Path(line.partition("::")[0]).stem for line in done.stdout.splitlines() if "::" in line}
    assert chosen == HOUSE
    assert "test_files_and_functions_are_small" in done.stdout
