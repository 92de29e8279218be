"""The models that the test server can download, in parts of real bytes whose digests it checks, as Ollama does.

``/api/pull`` answers 200 and tells everything, failures too, in its lines; a part that is there already is not loaded
again; a caller who leaves stops the download, and the parts stay.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

CHUNK = 64 * 1024
PAUSE_S = 0.02
"""Between chunks: the network's speed."""
ENDLESS = "endless:latest"


def _part(seed: str, size: int) -> bytes:
    block = hashlib.sha256(seed.encode()).digest()
    return (block * (size // len(block) + 1))[:size]


LIBRARY = {
    "tiny-chat:latest": (_part("weights", 640 * 1024), _part("template", 1024)),
    "tiny-chat:q8": (_part("weights of q8", 512 * 1024), _part("template", 1024)),
    ENDLESS: (_part("endless", 64 * 1024 * 1024),),
}
FULL = "too-big:latest"
"""A model that does not fit on the disk."""


def tagged(name: str) -> str:
    """Return the name with its tag."""
    return name if ":" in name.rpartition("/")[2] else f"{name}:latest"


def digest_of(part: bytes) -> str:
    """Return a part's digest as a manifest has it."""
    return f"sha256:{hashlib.sha256(part).hexdigest()}"


@dataclass
class Disk:
    """What the server holds.

    Attributes:
        models: Name → its size in bytes.
        parts: Digest → bytes loaded so far.
        pulls: Names asked for, in order.
    """

    models: dict[str, int] = field(default_factory=dict)
    parts: dict[str, bytearray] = field(default_factory=dict)
    pulls: list[str] = field(default_factory=list)

    async def pull(self, name: str) -> AsyncIterator[str]:
        """Yield the lines of a download."""
        name = tagged(name)
        self.pulls.append(name)
        yield _line(status="pulling manifest")
        if name == FULL:
            yield _line(status="pulling 0123456789ab", digest="sha256:0123456789ab", total=9_000_000, completed=1_000)
            yield _line(error="write /models/blobs/sha256-0123456789ab-partial-0: no space left on device")
            return
        if name not in LIBRARY:
            yield _line(error="pull model manifest: file does not exist")
            return
        for part in LIBRARY[name]:
            async for line in self._load(part):
                yield line
        yield _line(status="verifying sha256 digest")
        for part in LIBRARY[name]:
            if digest_of(bytes(self.parts[digest_of(part)])) != digest_of(part):
                yield _line(error="digest mismatch, file must be downloaded again")
                return
        yield _line(status="writing manifest")
        self.models[name] = sum(len(part) for part in LIBRARY[name])
        yield _line(status="success")

    def delete(self, name: str) -> bool:
        """Delete a model and the parts that no other one has; return whether it was there."""
        name = tagged(name)
        if self.models.pop(name, None) is None:
            return False
        used = {digest_of(part) for other in self.models for part in LIBRARY.get(other, ())}
        for digest in {digest_of(part) for part in LIBRARY.get(name, ())} - used:
            self.parts.pop(digest, None)
        return True

    async def _load(self, part: bytes) -> AsyncIterator[str]:
        digest = digest_of(part)
        held = self.parts.setdefault(digest, bytearray())
        short = digest.removeprefix("sha256:")[:12]
        yield _line(status=f"pulling {short}", digest=digest, total=len(part), completed=len(held))
        while len(held) < len(part):
            await asyncio.sleep(PAUSE_S)
            held += part[len(held) : len(held) + CHUNK]
            yield _line(status=f"pulling {short}", digest=digest, total=len(part), completed=len(held))


def _line(**facts: Any) -> str:
    return json.dumps(facts) + "\n"
