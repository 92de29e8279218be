"""A child as its parent holds it: a Python module in a process and a session of its own, with nothing of ours in it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import backend_services
from backend_services.kernel.children import frames
from backend_services.kernel.children.frames import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

HOME: Final = Path(backend_services.__file__).parents[1]
KEPT_OF_COMPLAINT: Final = 2_000


class ChildEndedError(Exception):
    """The child ended before it answered.

    Attributes:
        number: The signal that ended it, if it was one.
        complaint: The end of what it wrote to standard error, for the log.
    """

    def __init__(self, exit_code: int, complaint: str) -> None:
        """Take how it ended, as :class:`subprocess.Popen` tells it."""
        self.number = signal.Signals(-exit_code) if exit_code < 0 else None
        self.complaint = complaint
        super().__init__(self.number.name if self.number else f"exit code {exit_code}")


def command(module: str, *arguments: str) -> tuple[str, ...]:
    """Return how a module is run as a child."""
    return (sys.executable, "-m", module, *arguments)


def environment(**further: str) -> dict[str, str]:
    """Return all that a child finds in its environment: where programs and our modules are, no address, no secret."""
    return {"PATH": os.defpath, "PYTHONPATH": str(HOME), "PYTHONDONTWRITEBYTECODE": "1", **further}


class Child:
    """A running child that answers one request after another. For threads: everything here waits."""

    def __init__(self, module: str, arguments: tuple[str, ...], *, most_bytes: int) -> None:
        """Start it and return at once; ``most_bytes`` is the longest message that is taken from it."""
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed by end
        self._most = most_bytes
        self._process = subprocess.Popen(
            command(module, *arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            env=environment(),
            start_new_session=True,
        )
        self.requests = 0

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Return whether it can still be asked."""
        return self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Wait until it has begun.

        Raises:
            ChildEndedError: It ended instead.
        """
        self._expect(self._read(), Kind.READY)

    def ask(self, request: bytes, take: Callable[[bytes], None]) -> None:
        """Send a request and hand each piece of the answer to ``take``.

        Raises:
            ChildEndedError: It ended before the answer was whole.
            FrameError: It sent something else than an answer.
        """
        assert self._process.stdin is not None  # noqa: S101 - a pipe was asked for
        self.requests += 1
        try:
            frames.write(self._process.stdin, Kind.PART, request)
        except BrokenPipeError:
            raise self._ended() from None
        while (found := self._read())[0] is Kind.PART:
            take(found[1])
        self._expect(found, Kind.END)

    def end(self) -> None:
        """End it at once, whatever it does, and leave nothing of it."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._complaints):
            if stream is not None:
                _close(stream)

    def kill(self) -> None:
        """End it at once from another thread; who waits for its answer notices."""
        self._process.kill()

    def _read(self) -> tuple[Kind, bytes]:
        assert self._process.stdout is not None  # noqa: S101 - a pipe was asked for
        found = frames.read(self._process.stdout, most=self._most)
        if found is None:
            raise self._ended()
        return found

    def _ended(self) -> ChildEndedError:
        self._process.kill()
        code = self._process.wait()
        size = self._complaints.seek(0, os.SEEK_END)
        self._complaints.seek(max(0, size - KEPT_OF_COMPLAINT))
        return ChildEndedError(code, self._complaints.read().decode(errors="replace"))

    @staticmethod
    def _expect(found: tuple[Kind, bytes], kind: Kind) -> None:
        if found[0] is not kind:
            msg = f"{found[0].name} instead of {kind.name}"
            raise frames.FrameError(msg)


def _close(stream: object) -> None:
    try:
        stream.close()  # type: ignore[attr-defined]
    except BrokenPipeError:
        return  # what was still to be written has no reader any more
