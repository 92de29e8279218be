"""Asks for the tiles of a page a few at once and hands over what is there, more at a time the longer it takes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from backend_services.dashboards import service as dashboards
from backend_services.kernel.errors import DomainError, ErrorKind
from backend_services.kernel.i18n import error_text, text
from state.dashboards.shown import failed_tile, shown_tile

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from uuid import UUID

    from backend_services.dashboards.schemas import Overrides
    from backend_services.kernel.actor import Actor

log = structlog.get_logger(__name__)

AT_ONCE = 4
FIRST_LOOK_S, LAST_LOOK_S = 0.05, 0.8
TAKEN = frozenset({ErrorKind.DENIED, ErrorKind.NOT_FOUND, ErrorKind.UNAUTHENTICATED})
"""Who may not see a figure any more keeps no earlier one of it."""
TileChange = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One time that the tiles are computed.

    Attributes:
        number: A later round of the same page makes this one worthless.
    """

    number: int
    actor: Actor
    dashboard_id: UUID
    overrides: Overrides
    tile_ids: tuple[str, ...]


async def answers(asked: Round) -> AsyncGenerator[dict[str, TileChange]]:
    """Yield what becomes of the tiles, by id. Use it within ``contextlib.aclosing``: what still runs is stopped.

    All tiles travel whenever one changes, so showing them one by one would send a large dashboard many times.
    """
    gate = asyncio.Semaphore(AT_ONCE)
    running = {asyncio.ensure_future(_compute(asked, tile_id, gate)) for tile_id in asked.tile_ids}
    patience_s = FIRST_LOOK_S
    try:
        while running:
            done, running = await asyncio.wait(running, timeout=patience_s)
            patience_s = min(patience_s * 2, LAST_LOOK_S)
            if done:
                yield dict(one.result() for one in done)
    finally:
        for one in running:
            one.cancel()


async def _compute(asked: Round, tile_id: str, gate: asyncio.Semaphore) -> tuple[str, TileChange]:
    actor, overrides = asked.actor, asked.overrides
    async with gate:
        try:
            result = await dashboards.tile_result(actor, asked.dashboard_id, tile_id, overrides)
        except DomainError as error:
            failed = partial(failed_tile, message=error_text(error, actor.language), code=error.code)
            return tile_id, partial(failed, keep=error.kind not in TAKEN)
        except Exception:  # what fails inside one tile must not take the others' figures from an open page
            log.exception("tile_not_shown", dashboard_id=str(asked.dashboard_id), tile_id=tile_id)
            message = text("dashboards.tile_failed", actor.language)
            return tile_id, partial(failed_tile, message=message, code="internal_error", keep=True)
    return tile_id, partial(
        shown_tile, result=result, actor=actor, dashboard_id=asked.dashboard_id, overrides=overrides
    )
