"""A file that is read while somebody still writes it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator
from typing import IO


class Growth:
    """Tells the reader, on its event loop, that the writer, in whatever thread, wrote something."""

    def __init__(self) -> None:
        """Belong to the running loop."""
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def note(self) -> None:
        """Say that the file grew; called by the writer after flushing."""
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody reads any more
            self._loop.call_soon_threadsafe(self._event.set)

    async def more(self, writing: asyncio.Task[None]) -> None:
        """Wait until the file grew or ``writing`` ended."""
        waiting = asyncio.ensure_future(self._event.wait())
        try:
            await asyncio.wait({waiting, writing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        self._event.clear()

    async def until(self, writing: asyncio.Task[None], file: IO[bytes], *, most: int | None) -> None:
        """Wait until ``most`` bytes are there, or all of them, and raise what the writing failed with."""
        while not writing.done():
            await self.more(writing)
            if most is not None and os.fstat(file.fileno()).st_size >= most:
                return
        await writing


async def following(file: IO[bytes], writing: asyncio.Task[None], growth: Growth, *, size: int) -> AsyncIterator[bytes]:
    """Yield the file in pieces of ``size`` bytes until the writing has ended; raise what it failed with.

    A reader who leaves stops the writing. The file is closed at the end.
    """
    offset = 0
    try:
        while True:
            is_whole = writing.done()
            piece = await asyncio.to_thread(os.pread, file.fileno(), size, offset)
            offset += len(piece)
            if piece:
                yield piece
            elif is_whole:
                break
            else:
                await growth.more(writing)
        await writing
    finally:
        await left(writing, file)


async def left(writing: asyncio.Task[None], file: IO[bytes]) -> None:
    """Stop the writing, if it has not ended, and close the file."""
    writing.cancel()
    await asyncio.wait({writing})
    file.close()
