"""``omni bench``: runs the measurements of ``tests/benchmarks`` and prints the table of the documentation.

A measurement is a module ``bench_<name>.py`` with a function ``measure() -> Iterator[Row]``.
"""

from __future__ import annotations

import importlib
import os
import platform
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from backend_services.kernel.clock import now

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from omni_app.commands.measured import Row

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "tests" / "benchmarks"
ONLY_BY_NAME = frozenset({"superset"})
"""Those that bring another product along."""


def names() -> list[str]:
    """Return the names of all measurements."""
    return sorted(path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py"))


def run_benchmarks(chosen: Sequence[str]) -> int:
    """Run the chosen measurements or the usual ones, print the table, and return 1 when a goal is missed."""
    unknown = sorted(set(chosen) - set(names()))
    if unknown:
        sys.stderr.write(f"omni: no measurement {', '.join(unknown)}; there are: {', '.join(names())}\n")
        return 2
    sys.path.insert(0, str(ROOT))
    signal.signal(signal.SIGTERM, _leave)
    rows: list[Row] = []
    for name in chosen or [one for one in names() if one not in ONLY_BY_NAME]:
        sys.stderr.write(f"measuring {name}\n")
        rows += importlib.import_module(f"tests.benchmarks.bench_{name}").measure()
    sys.stdout.write("\n".join(_table(rows)) + "\n")
    return 0 if all(row.is_reached for row in rows) else 1


def _leave(number: int, _: object) -> NoReturn:
    """End as at Ctrl-C, so that what was started is stopped and removed."""
    sys.exit(128 + number)


def _table(rows: Sequence[Row]) -> Iterator[str]:
    processor = platform.processor() or platform.machine()
    yield f"{now():%Y-%m-%d}, {os.cpu_count()} cores ({processor}), Python {platform.python_version()}"
    yield ""
    yield "| what | ours | peer | ratio | to reach | |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        mark = "reached" if row.is_reached else "**missed**"
        yield f"| {row.what} | {row.ours_text} | {row.peer_text} | {ratio} | {row.to_reach} | {mark} |"
