"""Shows on the page how a question is getting on, and what the rules alone answer while a model still thinks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from backend_services.dashboards.builder.schemas import BuildAnswer
    from backend_services.dashboards.builder.watching import Step


class PageWatcher:
    """Hands steps and the first answer on to a page."""

    def __init__(
        self, on_step: Callable[[Step], Awaitable[None]], on_first: Callable[[BuildAnswer], Awaitable[None]]
    ) -> None:
        self._on_step = on_step
        self._on_first = on_first

    async def step(self, name: Step) -> None:
        """Show that a step begins."""
        await self._on_step(name)

    async def first(self, answer: BuildAnswer) -> None:
        """Show what the rules answer."""
        await self._on_first(answer)
