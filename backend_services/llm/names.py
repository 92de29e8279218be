"""Names of Ollama's models: ``[host[:port]/][namespace/]model[:tag]``. Pure."""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 200
_PART = r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,79}"
PATTERN: Final = rf"^(?:[A-Za-z0-9][A-Za-z0-9.\-]{{0,99}}(?::\d{{1,5}})?/)?(?:{_PART}/)?{_PART}(?::{_PART})?$"
_NAME: Final = re.compile(PATTERN)


def is_name(text: str) -> bool:
    """Return whether Ollama can have a model of this name."""
    return len(text) <= LONGEST and _NAME.fullmatch(text) is not None


def tagged(name: str) -> str:
    """Return the name with its tag; Ollama takes ``latest`` where none is said."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"
