"""Secrets in files, one a secret, as Docker and Kubernetes mount them."""

from __future__ import annotations

import asyncio
from pathlib import Path


class FolderSource:
    """Reads ``<folder>/stripe_key`` for ``stripe_key``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def read(self, name: str) -> str | None:
        """Return the file's text without the line break at its end."""
        path = self._folder / name
        try:
            return (await asyncio.to_thread(path.read_text, "utf-8")).rstrip("\r\n")
        except FileNotFoundError:
            return None
