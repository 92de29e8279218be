"""Answers that this process read or computed a moment ago: for a dashboard that many look at.

What is kept in Valkey has to be fetched, unpacked and taken apart again, which takes longer than all else that a kept
answer costs. The key is Valkey's (see :mod:`.cache`), so what may not be seen, or is no longer so, has another one.
"""

from __future__ import annotations

from operator import itemgetter
from threading import Lock
from typing import TYPE_CHECKING

from cachetools import TTLCache

from backend_services.kernel.clock import monotonic_s

if TYPE_CHECKING:
    from backend_services.datasets.query.cache import Answer


class NearAnswers:
    """Keeps the answers asked for last, for threads too."""

    def __init__(self, *, most_bytes: int, ttl_s: float) -> None:
        """Keep at most ``most_bytes`` of all answers together, as text, each answer for ``ttl_s`` seconds."""
        self._most = most_bytes
        self._kept: TTLCache[str, tuple[Answer, int]] = TTLCache(
            most_bytes, ttl_s, timer=monotonic_s, getsizeof=itemgetter(1)
        )
        self._lock = Lock()

    def get(self, where: str) -> Answer | None:
        """Return the answer kept at ``where``."""
        with self._lock:
            found = self._kept.get(where)
        return None if found is None else found[0]

    def put(self, where: str, answer: Answer, *, size_bytes: int) -> None:
        """Keep an answer; one that is larger than all of them together may be is not kept."""
        if size_bytes > self._most:
            return
        with self._lock:
            self._kept[where] = (answer, size_bytes)
