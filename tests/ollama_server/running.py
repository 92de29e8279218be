"""Starts the Ollama-compatible server in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from backend_services.kernel.clock import monotonic_s

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
_START_S = 30.0


@contextmanager
def ollama_server(behaviour: str = "good") -> Iterator[str]:
    """Yield the address of a running server; it ends with the block, or with this process."""
    command = [sys.executable, "-m", "tests.ollama_server.server", behaviour]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            address = f"http://127.0.0.1:{int(process.stdout.readline())}"
            _wait(address)
            yield address
        finally:
            process.kill()


def _wait(address: str) -> None:
    deadline_s = monotonic_s() + _START_S
    while True:
        try:
            httpx.get(f"{address}/api/version", timeout=1, trust_env=False).raise_for_status()
        except httpx.HTTPError:
            if monotonic_s() > deadline_s:
                raise
        else:
            return
