"""Work that ends when nobody waits for its answer any more."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from fastapi import Request

from backend_services.kernel.errors import UnavailableError

Answer = TypeVar("Answer")


class ClientGoneError(UnavailableError):
    """The client closed its connection before the answer was there; the work was stopped."""

    code = "client_gone"
    default_message = "The connection was closed before the answer was there, so the work was stopped. Ask again."


async def while_waited_for(request: Request, work: Coroutine[Any, Any, Answer]) -> Answer:
    """Return what ``work`` returns; it only reads, and is cancelled as soon as the client is gone.

    Raises:
        ClientGoneError: The client is gone.
    """
    doing, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_gone(request))
    try:
        await asyncio.wait({doing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            raise ClientGoneError
        return doing.result()
    finally:
        doing.cancel()
        leaving.cancel()


async def _gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue
