"""What the supervisor watches: the embedded servers and our own processes, behind one protocol."""

from __future__ import annotations

import signal
import socket
from typing import TYPE_CHECKING, Protocol

from backend_services.kernel.embedded.process import Child, Launch, spawn

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


SERVER_ERROR = 500


class Part(Protocol):
    """Something that is started, watched and stopped."""

    @property
    def name(self) -> str:
        """How people call it."""

    @property
    def log(self) -> Path:
        """What it says."""

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""

    def start(self) -> None:
        """Start it (again), without waiting for it."""

    def exit_code(self) -> int | None:
        """Return how it ended, or ``None`` while it runs."""

    def is_ready(self) -> bool:
        """Return whether it does its work."""

    def ask_to_stop(self) -> None:
        """Tell it to end soon."""

    def stop(self) -> None:
        """End it, by force if need be."""


class ProcessPart:
    """One of our own processes."""

    def __init__(self, name: str, launch: Launch, log: Path, *, is_ready: Callable[[], bool] = lambda: True) -> None:
        self.name = name
        self.log = log
        self._launch = launch
        self._answers = is_ready
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._child.pid if self._child is not None and self._child.exit_code() is None else None

    def start(self) -> None:
        """Start it (again)."""
        self._child = spawn(self._launch)

    def exit_code(self) -> int | None:
        """Return how it ended, or ``None`` while it runs."""
        return self._child.exit_code() if self._child is not None else None

    def is_ready(self) -> bool:
        """Return whether it runs and answers."""
        return self.pid is not None and self._answers()

    def ask_to_stop(self) -> None:
        """Send SIGTERM."""
        if self.pid is not None and self._child is not None:
            self._child.send(signal.SIGTERM)

    def stop(self) -> None:
        """End it now."""
        if self._child is not None:
            self._child.stop()


def answers_http(host: str, port: int, *, path: str = "/api/health/live", timeout_s: float = 2.0) -> bool:
    """Return whether a web server answers without a server error."""
    try:
        with socket.create_connection((host, port), timeout=timeout_s) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
            status = connection.makefile("rb").readline(64).split()
    except OSError:
        return False
    return len(status) > 1 and status[1].isdigit() and int(status[1]) < SERVER_ERROR
