"""A warm ``omni run``: seconds to the first page, and the memory of all its processes (PSS)."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Iterator
from pathlib import Path

from backend_services.kernel.clock import monotonic_s
from backend_services.kernel.embedded.process import wait_until
from omni_app.commands.measured import Row
from tests.benchmarks.house import House, pss_mb
from tests.e2e.processes.running import Running, running

STARTS = 3
START_GOAL_S = 5.0
ALL_GOAL_MB = 450.0
WEB_GOAL_MB = 250.0


def measure() -> Iterator[Row]:
    """Start once cold, then warm a few times."""
    with tempfile.TemporaryDirectory(prefix="omni-bench-", ignore_cleanup_errors=True) as folder:
        data_dir = Path(folder)
        with running(data_dir, "--demo") as cold:
            cold.wait_for("Ready:")
            House(cold, "").settle()
        starts, whole, web = [], [], []
        for _ in range(STARTS):
            begun_s = monotonic_s()
            with running(data_dir, "--demo") as warm:
                assert wait_until(lambda omni=warm: omni.answers("/"), 60.0)  # type: ignore[misc]
                starts.append(monotonic_s() - begun_s)
                warm.wait_for("Ready:")
                whole.append(sum(pss_mb(process) for process in warm.family()))
                web.append(_web_mb(warm))
    start_s, all_mb, web_mb = statistics.median(starts), max(whole), max(web)
    yield Row("warm `./omni run` to first page", start_s, "s", "≤ 5 s", is_reached=start_s <= START_GOAL_S)
    yield Row("all processes together (PSS)", all_mb, "MB", "≤ 450 MB", is_reached=all_mb <= ALL_GOAL_MB)
    yield Row("web process (PSS)", web_mb, "MB", "≤ 250 MB", is_reached=web_mb <= WEB_GOAL_MB)


def _web_mb(omni: Running) -> float:
    web = omni.part("web")
    assert web is not None
    return pss_mb(web)
