"""What may be seen of a question on its way: the steps, and the answer of the rules while a model still thinks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, Protocol

if TYPE_CHECKING:
    from backend_services.dashboards.builder.schemas import BuildAnswer

Step = Literal["catalogue", "reading", "meaning", "model", "checks", "saving"]
SHARES: Final[dict[Step, float]] = {
    "catalogue": 0.05,
    "reading": 0.2,
    "meaning": 0.3,
    "model": 0.5,
    "checks": 0.7,
    "saving": 0.9,
}
"""Each step and how far the build is when it begins."""


class Watcher(Protocol):
    """Somebody who looks on."""

    async def step(self, name: Step) -> None:
        """Take note that a step begins."""

    async def first(self, answer: BuildAnswer) -> None:
        """Take what the rules alone would answer; the model may still improve it."""


class Nobody:
    """Looks at nothing."""

    async def step(self, name: Step) -> None:
        """Do nothing."""

    async def first(self, answer: BuildAnswer) -> None:
        """Do nothing."""
