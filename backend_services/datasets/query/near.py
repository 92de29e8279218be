"""Answers that this process read or computed a moment ago: for a dashboard that many look at.

What is kept in Valkey has to be fetched, unpacked and taken apart again, which takes longer than all else that a kept
answer costs. The key is Valkey's (see :mod:`.cache`), so what may not be seen, or is no longer so, has another one.
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

from cachetools import TTLCache

from backend_services.kernel.clock import monotonic_s

if TYPE_CHECKING:
    from backend_services.datasets.query.cache import Answer


class NearAnswers:
    """Keeps the answers asked for last, for threads too."""

    def __init__(self, *, cells: int, ttl_s: float) -> None:
        """Keep at most as many ``cells`` of all answers together, each answer for ``ttl_s`` seconds."""
        self._most = cells
        self._kept: TTLCache[str, Answer] = TTLCache(cells, ttl_s, timer=monotonic_s, getsizeof=_cells)
        self._lock = Lock()

    def get(self, where: str) -> Answer | None:
        """Return the answer kept at ``where``."""
        with self._lock:
            return self._kept.get(where)

    def put(self, where: str, answer: Answer) -> None:
        """Keep an answer; one that is larger than all of them together may be is not kept."""
        if _cells(answer) > self._most:
            return
        with self._lock:
            self._kept[where] = answer


def _cells(answer: Answer) -> int:
    return max(1, len(answer.names) * len(answer.rows))
