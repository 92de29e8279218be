"""A demonstration that runs for one measurement: REST, cookies, uploads, memory of its processes."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import psutil

from backend_services.kernel.embedded.process import wait_until
from tests.e2e.processes.running import Running, running

KEY = {"X-API-Key": "dev-key-123"}
OWNER = "owner@omni.example"
COOKIE = "omni_session"
LOADED_S = 180.0
UNFINISHED = re.compile(r'omni_jobs\{.*state="(queued|running)"')


@dataclass(frozen=True)
class House:
    """A running Omni with its accounts."""

    omni: Running
    password: str

    @property
    def url(self) -> str:
        """Where it answers; by name, as people type it."""
        return f"http://localhost:{self.omni.port}"

    @cached_property
    def client(self) -> httpx.Client:
        """A connection that stays open: making one costs more than a short call."""
        return httpx.Client(base_url=self.url, headers=KEY, timeout=120)

    def call(self, method: str, path: str, **options: Any) -> Any:
        """Return the JSON that REST answers."""
        answer = self.client.request(method, path, **options)
        answer.raise_for_status()
        return answer.json()

    def cookie(self) -> str:
        """Sign in as a browser does, and return the session's cookie."""
        fields = {"email": OWNER, "password": self.password}
        answer = httpx.post(f"{self.url}/auth/sign-in", data=fields, headers={"Origin": self.url}, timeout=30)
        return str(answer.cookies[COOKIE])

    def upload(self, path: Path, name: str) -> str:
        """Bring in a table, wait until it can be asked, and return its id."""
        with path.open("rb") as file:
            begun = self.call("POST", "/api/v1/ingestion/uploads", data={"name": name}, files={"file": file})
        view: dict[str, Any] = {}

        def has_ended() -> bool:
            view.update(self.call("GET", f"/api/v1/ingestion/jobs/{begun['job_id']}"))
            return view["status"] in {"succeeded", "failed"}

        assert wait_until(has_ended, LOADED_S, every_s=0.05), view
        assert view["status"] == "succeeded", view
        return str(begun["dataset_id"])

    def settle(self) -> None:
        """Wait until no job is left of what the demonstration began with."""

        def is_idle() -> bool:
            page = self.client.get("/metrics").text
            return not any(UNFINISHED.match(line) and not line.endswith(" 0.0") for line in page.splitlines())

        assert wait_until(is_idle, LOADED_S, every_s=0.25), "the demonstration's jobs did not end"

    def process(self, name: str) -> psutil.Process:
        """Return the process of a part."""
        part = self.omni.part(name)
        assert part is not None, f"{name} does not run"
        return part


@contextmanager
def demonstration(**extra: str) -> Iterator[House]:
    """Run a demonstration in a folder of its own; both are gone afterwards. ``extra`` are further settings."""
    with (
        tempfile.TemporaryDirectory(prefix="omni-bench-", ignore_cleanup_errors=True) as folder,
        running(Path(folder), "--demo", extra=extra) as omni,
    ):
        omni.wait_for("Ready:")
        line = next(line for line in omni.printed.splitlines() if "password" in line)
        house = House(omni, line.rsplit(" ", maxsplit=1)[-1])
        with closing(house.client):
            house.settle()
            yield house


def pss_mb(process: psutil.Process) -> float:
    """Return a process's share of memory; what several processes have in common is divided among them."""
    memory = process.memory_full_info()
    return float(getattr(memory, "pss", memory.uss)) / 1e6


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which ``share`` of the values are."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
