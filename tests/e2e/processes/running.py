"""A running ``omni run``, seen from outside."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from backend_services.kernel.embedded.network import free_port
from backend_services.kernel.embedded.process import wait_until

ROOT = Path(__file__).resolve().parents[3]
START_S = 300.0
HEAL_S = 30.0
PROGRAMS = {
    "PostgreSQL": "bin/postgres",
    "Valkey": "valkey-server",
    "web": "uvicorn",
    "worker": "omni_app.worker",
}


@dataclass(slots=True)
class Running:
    """One start of Omni and what it printed."""

    process: subprocess.Popen[bytes]
    data_dir: Path
    port: int
    output: Path

    @property
    def printed(self) -> str:
        """Everything on its terminal so far."""
        return self.output.read_text()

    @property
    def addresses(self) -> dict[str, str]:
        """The servers' addresses, as other commands find them."""
        addresses: dict[str, str] = json.loads((self.data_dir / "addresses.json").read_text())
        return addresses

    def wait_for(self, text: str) -> None:
        """Wait until the terminal shows ``text``."""
        found = wait_until(lambda: text in self.printed or self.process.poll() is not None, START_S, every_s=0.1)
        assert found, f"{text!r} was not printed in time:\n{self.printed}"
        assert text in self.printed, self.printed

    def family(self) -> list[psutil.Process]:
        """Return the supervisor and everything below it."""
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def part(self, name: str) -> psutil.Process | None:
        """Return the running process of a part."""
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                if any(PROGRAMS[name] in word for word in child.cmdline()):
                    return child
        return None

    def answers(self, path: str = "/") -> bool:
        """Return whether the web process serves ``path``."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def kill_and_wait(self, name: str, is_back: Callable[[], bool]) -> None:
        """Kill a part without warning and wait until another one does its work."""
        victim = self.part(name)
        assert victim is not None, f"{name} does not run"
        victim.kill()

        def is_healed() -> bool:
            part = self.part(name)
            return part is not None and part.pid != victim.pid and is_back()

        assert wait_until(is_healed, HEAL_S, every_s=0.1), f"{name} was not healed:\n{self.printed}"


def all_gone(processes: list[psutil.Process], timeout_s: float = 15.0) -> bool:
    """Wait until none of the processes runs any more; a zombie does not."""

    def gone(process: psutil.Process) -> bool:
        try:
            return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    return wait_until(lambda: all(gone(process) for process in processes), timeout_s, every_s=0.05)


@contextlib.contextmanager
def running(
    data_dir: Path,
    *options: str,
    port: int | None = None,
    extra: Mapping[str, str] | None = None,
    says_port: bool = True,
) -> Iterator[Running]:
    """Start Omni as the launcher does, and end it whatever happens.

    Args:
        data_dir: Folder of the data.
        options: Further words of the command line.
        port: Where it listens; a free one by default.
        extra: Variables of its environment.
        says_port: Whether the command line names the port, or leaves it to the environment.
    """
    chosen = port or free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OMNI_")}  # noqa: TID251 - a fresh start
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "terminal.txt")
        with output.open("wb") as terminal:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "omni_app.cli", "run", "--data-dir", str(data_dir)),
                    *(("--port", str(chosen)) if says_port else ()),
                    *options,
                ],
                cwd=ROOT,
                env={**kept, **(extra or {})},
                stdin=subprocess.DEVNULL,
                stdout=terminal,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            yield Running(process, data_dir, chosen, output)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait(30)
