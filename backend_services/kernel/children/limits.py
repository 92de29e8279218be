"""What a child does to itself before it takes any work. Light: imports nothing of ours.

The system holds these limits, whatever the child runs. macOS keeps none on memory; there only the wall clock of the
parent and the limits of what runs inside are left.
"""

from __future__ import annotations

import contextlib
import os
import resource
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

_MB: Final = 2**20
_RESERVED: Final = 1024 * _MB
"""Addresses that allocators set aside without using them; they are no memory yet."""
_STATUS: Final = Path("/proc/self/status")
_OPEN_FILES: Final = 64


def confine(*, memory_mb: int, written_bytes: int, open_files: int = _OPEN_FILES) -> None:
    """Limit this process for the rest of its life.

    Args:
        memory_mb: Memory that it may use beyond what it has now, in MB.
        written_bytes: Longest file that it may write.
        open_files: Files, pipes and sockets that it may have open.
    """
    used = _used_bytes()
    _lower(resource.RLIMIT_CORE, 0)  # no copy of the data on the disk when it crashes
    _lower(resource.RLIMIT_FSIZE, written_bytes)
    _lower(resource.RLIMIT_NOFILE, open_files)
    if used is None:
        return
    size, data = used
    _lower(resource.RLIMIT_DATA, data + memory_mb * _MB)
    _lower(resource.RLIMIT_AS, size + memory_mb * _MB + _RESERVED)


def grant_cpu(seconds: float) -> None:
    """Let this process use further ``seconds`` of processor time, of all threads together; then the system ends it."""
    spent = resource.getrusage(resource.RUSAGE_SELF)
    most = int(spent.ru_utime + spent.ru_stime + seconds) + 1
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


def end_when(parent_gone: Callable[[], None]) -> None:
    """End this process as soon as ``parent_gone`` returns, even in the middle of its work.

    A parent that is gone has closed the other end of the pipe, so waiting for that needs nothing of one system only.
    """

    def watch() -> None:
        with contextlib.suppress(OSError, ValueError):
            parent_gone()
        os._exit(0)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _used_bytes() -> tuple[int, int] | None:
    """Return size and data of this process where the system tells them, and so can hold it to them."""
    if not _STATUS.exists():
        return None
    found = dict(line.split(":", maxsplit=1) for line in _STATUS.read_text(encoding="ascii").splitlines())
    size, data = (int(found[name].split()[0]) * 1024 for name in ("VmSize", "VmData"))
    return size, data


def _lower(which: int, most: int) -> None:
    hard = resource.getrlimit(which)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (most, most))
