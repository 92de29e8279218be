"""Secrets in environment variables ``OMNI_SECRET_<NAME>``."""

from __future__ import annotations

from collections.abc import Mapping


class EnvironmentSource:
    """Reads ``OMNI_SECRET_STRIPE_KEY`` for ``stripe_key``."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    async def read(self, name: str) -> str | None:
        """Return the variable's value."""
        return self._variables.get(f"OMNI_SECRET_{name.upper()}")
