"""How often an embed may be asked: by each address, and altogether. Counted in Valkey, a minute at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog
from redis.exceptions import RedisError

from backend_services.dashboards.embeds.errors import EmbedBusyError
from backend_services.kernel.clock import now
from backend_services.kernel.redis import get_redis, key

if TYPE_CHECKING:
    from uuid import UUID

log = structlog.get_logger(__name__)
_WINDOW_S: Final = 60


async def count(embed_id: UUID, who: str, *, most: int) -> None:
    """Count one request of ``who`` in the running minute.

    Without Valkey nothing is counted and everybody gets through: the credential is checked all the same.

    Raises:
        EmbedBusyError: There were ``most`` already.
    """
    moment = now().timestamp()
    window = int(moment // _WINDOW_S)
    place = key("embed", embed_id, who, window)
    try:
        async with get_redis().pipeline(transaction=True) as pipeline:
            pipeline.incr(place)
            pipeline.expire(place, 2 * _WINDOW_S)
            counted, _ = await pipeline.execute()
    except (RedisError, OSError) as error:
        log.warning("requests of an embed not counted", error=type(error).__name__)
        return
    if int(counted) > most:
        raise EmbedBusyError(retry_after_s=(window + 1) * _WINDOW_S - moment)
