"""Pages that read again as something changes, in an event that runs beside the others."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

import reflex as rx

from state.session import signed_in_actor

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable


class Following(rx.State, mixin=True):
    """A state that follows one thing at a time."""

    _followed: str = ""

    async def _follow(self, what: str, seen: AsyncGenerator[None], read_again: Callable[[], Awaitable[bool]]) -> None:
        """Call ``read_again`` whenever something is ``seen``, until it answers no or nobody is signed in any more.

        For background events. It runs under the state's lock, and once only for each ``what``.
        """
        async with self:
            if self._followed == what:
                return
            self._followed = what
        try:
            async with aclosing(seen) as changes:
                async for _ in changes:
                    async with self:
                        if await signed_in_actor(self) is None or not await read_again():
                            return
        finally:
            async with self:
                if self._followed == what:
                    self._followed = ""
