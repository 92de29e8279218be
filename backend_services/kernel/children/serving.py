"""The loop of a child: a request on standard input, its answer in pieces on standard output. Imports nothing heavy.

Requests are read in a thread of their own, so that the child ends with its parent also in the middle of its work.
"""

from __future__ import annotations

import sys
from queue import SimpleQueue
from typing import TYPE_CHECKING, Final

from backend_services.kernel.children import frames, limits
from backend_services.kernel.children.frames import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_BYTES: Final = 16_000_000


def serve(answer: Callable[[bytes, Callable[[bytes], None]], None]) -> None:
    """Answer requests until the parent is gone; ``answer`` is called with a request and what sends a piece."""
    requests: SimpleQueue[bytes] = SimpleQueue()
    parts, answers = sys.stdin.buffer, sys.stdout.buffer

    def listen() -> None:
        while (found := frames.read(parts, most=_MOST_BYTES)) is not None:
            requests.put(found[1])

    limits.end_when(listen)
    frames.write(answers, Kind.READY)
    while True:
        answer(requests.get(), lambda part: frames.write(answers, Kind.PART, part))
        frames.write(answers, Kind.END)
