"""Believes a checked credential for a few seconds, so that a busy page does not ask the database for every click."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from backend_services.kernel.clock import monotonic_s

if TYPE_CHECKING:
    from uuid import UUID

    from backend_services.kernel.actor import Actor


class CredentialCache:
    """Credential's hash → actor, bounded in number and age."""

    def __init__(self, *, size: int = 10_000) -> None:
        """Keep at most ``size`` credentials."""
        self._size = size
        self._kept: OrderedDict[str, tuple[Actor, float]] = OrderedDict()
        self._generation = 0

    @property
    def generation(self) -> int:
        """How often something was forgotten: what was checked before the last time may hold no more."""
        return self._generation

    def get(self, key: str) -> Actor | None:
        """Return the actor if the credential was checked recently."""
        found = self._kept.get(key)
        if found is None:
            return None
        actor, until_s = found
        if until_s <= monotonic_s():
            del self._kept[key]
            return None
        return actor

    def put(self, key: str, actor: Actor, *, life_s: float) -> None:
        """Believe the credential for ``life_s`` seconds."""
        if life_s <= 0:
            return
        self._kept[key] = (actor, monotonic_s() + life_s)
        self._kept.move_to_end(key)
        while len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def forget(self, *ids: UUID) -> None:
        """Drop what depends on these sessions, keys, users or tenants."""
        self._generation += 1
        wanted = set(ids)
        for key, (actor, _) in list(self._kept.items()):
            if wanted & {actor.session_id, actor.api_key_id, actor.user_id, actor.tenant_id}:
                del self._kept[key]


CACHE = CredentialCache()
