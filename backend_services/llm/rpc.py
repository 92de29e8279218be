"""A small call over Valkey: the web process asks, a worker answers, late answers are thrown away."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
from array import array
from typing import TYPE_CHECKING, Any, Final

import structlog
from redis.exceptions import RedisError

from backend_services.kernel.clock import elapsed_ms, monotonic_s, now
from backend_services.kernel.ids import new_token
from backend_services.kernel.redis import connect, get_redis, key
from backend_services.kernel.settings import get_settings
from backend_services.llm.errors import LlmUnavailableError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

log = structlog.get_logger(__name__)

REQUESTS: Final = ("llm", "calls")
MODEL_KEY: Final = "bge-small-en-v1.5"
CACHE_S: Final = 7 * 86400
_REPLY_S: Final = 30
_MOST_WAITING: Final = 100
_SHORTEST_WAIT_S: Final = 0.01
_LONGEST_WAIT_S: Final = 4.0
_PAUSE_S: Final = 1.0


async def call(name: str, payload: dict[str, Any], *, timeout_s: float, useful_s: float = 0.0) -> dict[str, Any]:
    """Ask a worker and return its answer.

    ``useful_s`` is how long the work is worth doing even if this caller has stopped waiting.

    Raises:
        LlmUnavailableError: No worker answered in time, or it could not.
    """
    reply = key(*REQUESTS, new_token(12))
    until = now().timestamp() + max(timeout_s, useful_s)
    request = {"name": name, "payload": payload, "reply": reply, "until": until}
    redis, began_s = get_redis(), monotonic_s()
    try:
        async with asyncio.timeout(timeout_s), redis.pipeline(transaction=True) as pipeline:
            pipeline.lpush(key(*REQUESTS), json.dumps(request))
            pipeline.ltrim(key(*REQUESTS), 0, _MOST_WAITING)
            pipeline.expire(key(*REQUESTS), _REPLY_S)
            await pipeline.execute()
            answer = None
            while answer is None:
                # a library may swallow the cancellation at the end of the time, so each turn looks at the clock too
                left_s = timeout_s - elapsed_ms(began_s) / 1000
                if left_s <= 0:
                    raise TimeoutError  # noqa: TRY301 - as the timeout around it does
                answer = await redis.blpop([reply], timeout=min(max(left_s, _SHORTEST_WAIT_S), _LONGEST_WAIT_S))  # type: ignore[misc]
    except (TimeoutError, RedisError, OSError) as error:
        raise LlmUnavailableError(params={"reason": "no worker"}) from error
    found: dict[str, Any] = json.loads(answer[1])
    if "error" in found:
        raise LlmUnavailableError(params={"reason": str(found["error"])})
    return found


async def serve(handlers: dict[str, Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]]) -> None:
    """Answer calls until cancelled; one at a time, for they share the processor with jobs.

    A library may turn the cancellation into an error of its own, so each turn asks whether there was one.
    """
    mine = asyncio.current_task()
    redis = connect(get_settings().redis_url.get_secret_value(), answer_timeout_s=None)
    try:
        while mine is None or not mine.cancelling():
            try:
                taken = await redis.brpop([key(*REQUESTS)], timeout=0)  # type: ignore[misc]
                await _answer(json.loads(taken[1]), handlers)
            except (RedisError, OSError) as error:
                log.info("calls wait for valkey", error=type(error).__name__)
                await asyncio.sleep(_PAUSE_S)
    finally:
        with contextlib.suppress(RedisError, OSError):
            await redis.aclose()


async def _answer(
    request: dict[str, Any], handlers: dict[str, Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]]
) -> None:
    if request["until"] < now().timestamp():
        return
    handler = handlers.get(request["name"])
    if handler is None:
        answer: dict[str, Any] = {"error": "unknown call"}
    else:
        try:
            answer = await handler(request["payload"])
        except Exception as error:
            log.exception("call failed", name=request["name"])
            answer = {"error": type(error).__name__}
    async with get_redis().pipeline(transaction=True) as pipeline:
        pipeline.lpush(request["reply"], json.dumps(answer))
        pipeline.expire(request["reply"], _REPLY_S)
        await pipeline.execute()


def _cache_key(text: str) -> str:
    return key("llm", "vector", MODEL_KEY, hashlib.sha256(text.encode()).hexdigest()[:32])


def pack(vector: Sequence[float]) -> str:
    """Return a vector as text: 32-bit floats in base64."""
    return base64.b64encode(array("f", vector).tobytes()).decode()


def unpack(text: str) -> tuple[float, ...]:
    """Return the vector that :func:`pack` wrote."""
    numbers = array("f")
    numbers.frombytes(base64.b64decode(text))
    return tuple(numbers)


async def remember(vectors: Mapping[str, str]) -> None:
    """Keep packed vectors of texts. The worker does it, so that an answer that comes too late helps the next caller."""
    async with get_redis().pipeline(transaction=False) as pipeline:
        for text, packed in vectors.items():
            pipeline.set(_cache_key(text), packed, ex=CACHE_S)
        await pipeline.execute()


async def embed(texts: Sequence[str], *, timeout_s: float) -> tuple[tuple[float, ...], ...]:
    """Return the vectors of ``texts``; what was asked before comes from the cache.

    Raises:
        LlmUnavailableError: No worker answered in time; it goes on, and the next caller finds the vectors.
    """
    redis = get_redis()
    try:
        cached = await redis.mget([_cache_key(one) for one in texts]) if texts else []
    except (RedisError, OSError) as error:
        raise LlmUnavailableError(params={"reason": "no valkey"}) from error
    missing = [text for text, known in zip(texts, cached, strict=True) if known is None]
    if missing:
        answer = await call("embed", {"texts": missing}, timeout_s=timeout_s, useful_s=_REPLY_S)
        fresh = dict(zip(missing, answer["vectors"], strict=True))
        cached = [known or fresh[text] for text, known in zip(texts, cached, strict=True)]
    return tuple(unpack(one) for one in cached)
