"""What secrets need from outside."""

from __future__ import annotations

from typing import Protocol


class SecretSource(Protocol):
    """Knows secrets of the platform itself by name, such as ``stripe_key``."""

    async def read(self, name: str) -> str | None:
        """Return the secret, or ``None`` when this source does not have it."""
