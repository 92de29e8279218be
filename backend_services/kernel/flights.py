"""One execution for all who ask the same at the same time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

Result = TypeVar("Result")


class Flights(Generic[Result]):
    """Executions under way in this process: who asks the same at the same time waits for the same one."""

    def __init__(self) -> None:
        """Begin with none."""
        self._under_way: dict[tuple[int, str], tuple[asyncio.Future[Result], int]] = {}

    async def join(self, where: str, execute: Callable[[], Awaitable[Result]]) -> Result:
        """Return what ``execute`` returns, running it only if nobody does; the last who leaves stops it."""
        name = (id(asyncio.get_running_loop()), where)
        task, waiting = self._under_way.get(name) or (asyncio.ensure_future(execute()), 0)
        self._under_way[name] = (task, waiting + 1)
        try:
            return await asyncio.shield(task)
        finally:
            found = self._under_way.get(name)
            if found is not None and found[0] is task:
                self._leave(name, task, found[1] - 1)

    def _leave(self, name: tuple[int, str], task: asyncio.Future[Result], waiting: int) -> None:
        if task.done() or waiting == 0:
            del self._under_way[name]
            task.cancel()
        else:
            self._under_way[name] = (task, waiting)
