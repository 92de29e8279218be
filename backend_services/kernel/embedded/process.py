"""Children that never outlive us.

On Linux the kernel signals a child when its parent dies (``PR_SET_PDEATHSIG``). It fires when the *thread* that
forked ends, so :func:`spawn` belongs in the main thread. Elsewhere a tiny shell waits on a pipe that only
we hold open: when we die, however we die, the pipe closes and the shell signals the child.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from backend_services.kernel.clock import monotonic_s

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import FrameType

    from backend_services.kernel.embedded.account import Account

_PR_SET_PDEATHSIG = 1
_MAX_LOG_BYTES = 10_000_000
_WATCH = 'if read -r _; then exit 0; fi; kill -"$1" "$2"'


@dataclass(frozen=True, slots=True)
class Launch:
    """How a child is started.

    Attributes:
        death_signal: What the child receives when we die without having stopped it.
        environment: All of the child's environment; nothing is inherited.
        log: File that takes what the child prints; ``None`` shows it on our terminal.
        account: Who the child is; ``None`` is ourselves.
    """

    argv: Sequence[str]
    environment: Mapping[str, str]
    death_signal: signal.Signals = signal.SIGKILL
    log: Path | None = None
    account: Account | None = None
    cwd: Path = field(default_factory=lambda: Path("/"))


class Child:
    """A running (or ended) child process."""

    def __init__(self, process: subprocess.Popen[bytes], watcher: subprocess.Popen[bytes] | None) -> None:
        self._process = process
        self._watcher = watcher

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def exit_code(self) -> int | None:
        """Return the exit code, negative for a signal, or ``None`` while it runs."""
        code = self._process.poll()
        if code is not None:
            self._release_watcher()
        return code

    def send(self, number: signal.Signals) -> None:
        """Send a signal; an ended child ignores it."""
        self._process.send_signal(number)

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end and return whether it came in time."""
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        self._release_watcher()
        return True

    def stop(self, *steps: tuple[signal.Signals, float]) -> None:
        """Send each signal in turn, waiting its seconds, until the child ends; SIGKILL comes last, for its session."""
        for number, timeout_s in steps:
            if self.exit_code() is not None:
                return
            self.send(number)
            if self.wait(timeout_s):
                return
        if self.exit_code() is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):  # ended just now; macOS says it so
                os.killpg(self.pid, signal.SIGKILL)
            self.wait(5.0)

    def _release_watcher(self) -> None:
        if self._watcher is None:
            return
        watcher, self._watcher = self._watcher, None
        with contextlib.suppress(BrokenPipeError):  # the watcher may have been killed on its own
            watcher.communicate(b"ended\n")


def spawn(launch: Launch, *, use_pipe: bool = sys.platform != "linux") -> Child:
    """Start a child in a session of its own that ends when we end.

    Args:
        launch: What to start.
        use_pipe: Guard it by a pipe rather than by the kernel.

    Raises:
        RuntimeError: Called from another thread than the main one, whose end would kill the child.
    """
    if not use_pipe and threading.current_thread() is not threading.main_thread():
        msg = "children are started from the main thread, or they would die with the thread that started them"
        raise RuntimeError(msg)
    with contextlib.ExitStack() as opened:
        output: IO[bytes] | None = None
        if launch.log is not None:
            output = opened.enter_context(open_log(launch.log))
        process = subprocess.Popen(
            list(launch.argv),
            env=dict(launch.environment),
            cwd=launch.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
            preexec_fn=None if use_pipe else _die_with_parent(launch.death_signal),  # noqa: PLW1509 - only loaded code
            **(launch.account.identity if launch.account else {}),
        )
    return Child(process, _watch(process.pid, launch.death_signal) if use_pipe else None)


def end_together() -> None:
    """Let SIGTERM end not only this process but everything that it started; for the leader of a session only."""

    def end(_number: int, _frame: FrameType | None) -> None:
        os.killpg(os.getpgrp(), signal.SIGKILL)

    if os.getpgrp() == os.getpid():
        signal.signal(signal.SIGTERM, end)


def open_log(path: Path) -> IO[bytes]:
    """Open a log for appending, moving a large one aside first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > _MAX_LOG_BYTES:
        path.replace(path.with_suffix(path.suffix + ".1"))
    return path.open("ab")


def last_lines(path: Path, *, count: int = 5) -> str:
    """Return the end of a log, for a message that explains a failure."""
    if not path.exists():
        return ""
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - 4096))
        return "\n".join(log.read().decode(errors="replace").splitlines()[-count:])


def is_running(pid: int) -> bool:
    """Return whether a process with that id exists and has not ended (a zombie has)."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.joinpath("self").exists():
        try:
            return stat.read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
        except (FileNotFoundError, ProcessLookupError):
            return False
        except PermissionError:  # another account's, where /proc is closed to strangers
            return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def command_of(pid: int) -> str:
    """Return the command line of a process, empty when there is none. Bare machines have no ``ps`` but ``/proc``."""
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            return ""
    command = ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout


def wait_until(condition: Callable[[], bool], timeout_s: float, *, every_s: float = 0.01) -> bool:
    """Poll ``condition`` until it holds or the time is over; return whether it held."""
    pause = threading.Event()
    deadline = monotonic_s() + timeout_s
    while not condition():
        if monotonic_s() > deadline:
            return False
        pause.wait(every_s)
    return True


def _die_with_parent(number: signal.Signals) -> Callable[[], None]:
    """Return what the child runs between fork and exec; everything it needs is loaded before."""
    parent = os.getpid()
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def arm() -> None:
        prctl(_PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:  # the parent died before the kernel was told
            os._exit(1)

    return arm


def _watch(pid: int, number: signal.Signals) -> subprocess.Popen[bytes]:
    command = ["/bin/sh", "-c", _WATCH, "watch", number.name.removeprefix("SIG"), str(pid)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True)
