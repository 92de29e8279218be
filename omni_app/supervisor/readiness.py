"""Remembers that the database is migrated and set up, so that a warm start need not load the whole product to ask."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from backend_services.kernel.embedded.folder import write_private

_VERSIONS = Path(__file__).resolve().parent.parent.parent / "alembic" / "versions"


class Readiness:
    """What the last start found, true for the embedded servers only: nobody else changes those."""

    def __init__(self, data_dir: Path, *, is_trusted: bool) -> None:
        self._path = data_dir / "readiness.json"
        self._is_trusted = is_trusted

    def holds(self, *, demo: bool) -> bool:
        """Return whether nothing is left to prepare."""
        kept = self._kept()
        return kept.get("migrations") == migrations_hash() and kept.get("demo") is demo and bool(kept.get("is_set_up"))

    def told(self) -> list[str]:
        """Return what the person was told; the demonstration's accounts are shown at every start."""
        lines = self._kept().get("told", [])
        return [str(line) for line in lines] if isinstance(lines, list) else []

    def remember(self, *, is_set_up: bool, demo: bool, told: list[str]) -> None:
        """Keep what is true now; a one-time link is not kept."""
        if self._is_trusted:
            kept = {"migrations": migrations_hash(), "is_set_up": is_set_up, "demo": demo, "told": told if demo else []}
            write_private(self._path, json.dumps(kept))

    def forget(self) -> None:
        """Know nothing, as for a fresh database."""
        self._path.unlink(missing_ok=True)

    def _kept(self) -> dict[str, object]:
        if not self._is_trusted or not self._path.exists():
            return {}
        kept: dict[str, object] = json.loads(self._path.read_text())
        return kept


def migrations_hash() -> str:
    """Return a hash over all migrations."""
    total = hashlib.sha256()
    for path in sorted(_VERSIONS.glob("*.py")):
        total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()
