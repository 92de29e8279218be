"""Listeners that leave marks in the folder that the event names."""

from __future__ import annotations

from pathlib import Path

from backend_services.kernel.events.schemas import Event
from backend_services.kernel.events.service import listener


def _mark(event: Event, name: str) -> int:
    folder = Path(str(event.data["folder"]))
    before = len(list(folder.glob(f"{name}-*")))
    (folder / f"{name}-{before}").touch()
    return before


@listener("tests.happened")
async def hear(event: Event) -> None:
    """Hear it."""
    _mark(event, "heard")


@listener("tests.happened")
async def hear_late(event: Event) -> None:
    """Hear it at the second try only."""
    if _mark(event, "tried") == 0:
        msg = "not yet"
        raise ConnectionError(msg)
    _mark(event, "heard_late")
