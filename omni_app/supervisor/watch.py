"""The loop that starts again what ends, and ends everything when asked."""

from __future__ import annotations

import contextlib
import os
import select
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_services.kernel.clock import monotonic_s
from backend_services.kernel.embedded.process import last_lines, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from types import FrameType

    from omni_app.supervisor.parts import Part
    from omni_app.supervisor.terminal import Terminal

_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 10.0
_STABLE_AFTER_S = 30.0
_LOOK_EVERY_S = 0.5
_POLITE_S = 2.5


@dataclass(slots=True)
class _Watched:
    """A part and how its last starts went."""

    part: Part
    started_s: float = 0.0
    pause_s: float = _FIRST_PAUSE_S
    due_s: float | None = None
    failures: int = 0


class StopAskedError(Exception):
    """Somebody asked to stop while Omni was still starting."""


class Watch:
    """Keeps parts running until it is told to stop.

    A part that ends is started again after a pause that doubles while it keeps ending and shrinks back once it
    stayed up for half a minute.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._watched: list[_Watched] = []
        self._stopping = False
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        os.set_blocking(self._wake_read, False)

    @property
    def is_stopping(self) -> bool:
        """Return whether somebody asked to stop."""
        return self._stopping

    @contextlib.contextmanager
    def signals(self) -> Iterator[None]:
        """Take Ctrl-C, SIGTERM and a closed terminal as the wish to stop."""
        signal.set_wakeup_fd(self._wake_write, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)  # wakes the loop
        try:
            yield
        finally:
            signal.set_wakeup_fd(-1)

    def start(self, part: Part) -> None:
        """Start a part and watch it from now on."""
        watched = _Watched(part)
        self._watched.append(watched)
        self._start(watched)

    def wait_ready(self, part: Part, *, timeout_s: float, tries: int | None = None) -> bool:
        """Heal what ends meanwhile, until ``part`` works; return whether it did, in time and within ``tries``.

        Raises:
            StopAskedError: Somebody asked to stop.
        """
        wait_until(lambda: self._stopping or part.is_ready() or self._is_hopeless(part, tries), timeout_s, every_s=0.02)
        self.require_running()
        return part.is_ready()

    def require_running(self) -> None:
        """Leave the start when somebody asked to stop.

        Raises:
            StopAskedError: Somebody did.
        """
        if self._stopping:
            raise StopAskedError

    def run(self) -> None:
        """Watch until somebody asks to stop."""
        while not self._stopping:
            self.look()
            self._sleep()

    def look(self) -> None:
        """Start again what ended and whose pause is over."""
        for watched in self._watched:
            if self._stopping:
                return
            if watched.due_s is not None:
                if monotonic_s() >= watched.due_s:
                    self._start(watched)
            elif watched.part.exit_code() is not None:
                self._plan(watched)

    def stop(self, *, groups: Sequence[Sequence[Part]]) -> None:
        """End the parts, group after group; within a group all at the same time."""
        self._stopping = True
        for group in groups:
            for part in group:
                part.ask_to_stop()
            wait_until(lambda parts=tuple(group): all(part.pid is None for part in parts), _POLITE_S)  # type: ignore[misc]
            for part in group:
                part.stop()

    def _is_hopeless(self, part: Part, tries: int | None) -> bool:
        """Start again what ended; return whether ``part`` ended as often as it may."""
        self.look()
        return tries is not None and any(one.part is part and one.failures >= tries for one in self._watched)

    def _start(self, watched: _Watched) -> None:
        watched.due_s = None
        watched.started_s = monotonic_s()
        watched.part.start()

    def _plan(self, watched: _Watched) -> None:
        code = watched.part.exit_code()
        if monotonic_s() - watched.started_s > _STABLE_AFTER_S:
            watched.pause_s, watched.failures = _FIRST_PAUSE_S, 0
        watched.failures += 1
        watched.due_s = monotonic_s() + watched.pause_s
        self._terminal.event(f"{watched.part.name} ended ({describe_exit(code)}); starting it again")
        if watched.failures in {3, 10} or watched.failures % 50 == 0:
            said = last_lines(watched.part.log)
            self._terminal.event(
                f"{watched.part.name} ended {watched.failures} times. {watched.part.log} ends with:\n{said}"
            )
        watched.pause_s = min(watched.pause_s * 2, _LONGEST_PAUSE_S)

    def _sleep(self) -> None:
        dues = [watched.due_s - monotonic_s() for watched in self._watched if watched.due_s is not None]
        select.select([self._wake_read], [], [], max(0.0, min([_LOOK_EVERY_S, *dues])))
        with contextlib.suppress(BlockingIOError):
            os.read(self._wake_read, 512)

    def _asked(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True


def describe_exit(code: int | None) -> str:
    """Return in words how a process ended."""
    if code is None:
        return "running"
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"
