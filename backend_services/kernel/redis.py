"""Redis or Valkey: one client a process, with time limits and retries. Every key starts with ``omni:``."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from backend_services.kernel.settings import get_settings

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

PREFIX = "omni:"
CONNECT_TIMEOUT_S = 2.0
ANSWER_TIMEOUT_S = 5.0

_clients: WeakKeyDictionary[AbstractEventLoop, Redis] = WeakKeyDictionary()


def key(*parts: object) -> str:
    """Return the key made of ``parts``, under this application's prefix."""
    return PREFIX + ":".join(str(part) for part in parts)


def connect(url: str, *, answer_timeout_s: float | None = ANSWER_TIMEOUT_S) -> Redis:
    """Return a client of the server at ``url`` that retries a lost connection twice before it gives up."""
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        socket_timeout=answer_timeout_s,
        retry=Retry(ExponentialBackoff(cap=0.2, base=0.02), retries=2),
        retry_on_error=[RedisConnectionError, RedisTimeoutError],
        health_check_interval=30,
        max_connections=64,
        client_name="omni",
    )


def get_redis() -> Redis:
    """Return the running loop's client, connecting lazily."""
    loop = asyncio.get_running_loop()
    client = _clients.get(loop)
    if client is None:
        client = _clients[loop] = connect(get_settings().redis_url.get_secret_value())
    return client


async def close_redis() -> None:
    """Close the running loop's client; the next use opens a new one."""
    client = _clients.pop(asyncio.get_running_loop(), None)
    if client is not None:
        await client.aclose()
