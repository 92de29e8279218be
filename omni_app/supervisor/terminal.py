"""What a person sees while Omni starts and runs: one calm line for each thing that happened."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

from backend_services.kernel.clock import monotonic_s, now

if TYPE_CHECKING:
    from collections.abc import Iterable


class Terminal:
    """Writes steps and events. Colours only for a person's eyes."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._begun_s = monotonic_s()
        self._colours = stream.isatty()

    def step(self, text: str) -> None:
        """Say what is being done, with the seconds since the start."""
        self._write(f"{self._dim(f'{monotonic_s() - self._begun_s:5.1f} s')}  {text}")

    def event(self, text: str) -> None:
        """Say what happened while running, with the time of day (UTC)."""
        self._write(f"{self._dim(now().strftime('%H:%M:%S'))}  {text}")

    def block(self, lines: Iterable[str]) -> None:
        """Write lines that belong together, set apart."""
        self._write("\n" + "\n".join(f"  {line}" for line in lines) + "\n")

    def _write(self, text: str) -> None:
        self._stream.write(text + "\n")
        self._stream.flush()

    def _dim(self, text: str) -> str:
        return f"\x1b[2m{text}\x1b[0m" if self._colours else text
