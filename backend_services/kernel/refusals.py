"""What PostgreSQL and Valkey raise, as refusals.

A value that PostgreSQL cannot hold (a zero byte, a number beyond its column) is the caller's; a server that does not
answer is nobody's and passes. Everything else is a defect of ours and stays one.
"""

from __future__ import annotations

import asyncpg
from redis.exceptions import BusyLoadingError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from backend_services.kernel.errors import DomainError, InvalidInputError, UnavailableError

RETRY_AFTER_S = 2.0
_UNSTORABLE = frozenset({"22000", "22003", "22008", "22021", "22P05"})
"""PostgreSQL, Appendix A: data exception, number or date out of range, character not in repertoire, untranslatable."""
_AWAY_CLASSES = ("08", "53", "57P")
_AWAY = (
    ConnectionError,
    TimeoutError,
    PoolTimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.InterfaceError,
    BusyLoadingError,
    RedisConnectionError,
    RedisTimeoutError,
)

FROM_SERVERS: tuple[type[Exception], ...] = (DBAPIError, *_AWAY)
"""What PostgreSQL and Valkey raise."""


def refusal_of(error: BaseException) -> DomainError | None:
    """Return the refusal that an error of a server amounts to, or ``None`` for a defect."""
    if isinstance(error, DomainError):
        return error
    if isinstance(error, DBAPIError):
        state = str(getattr(error.orig, "sqlstate", None) or "")
        if state in _UNSTORABLE:
            return InvalidInputError()
        is_away = error.connection_invalidated or state.startswith(_AWAY_CLASSES)
    else:
        is_away = isinstance(error, _AWAY)
    return UnavailableError(retry_after_s=RETRY_AFTER_S) if is_away else None
