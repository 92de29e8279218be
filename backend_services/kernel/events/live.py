"""Events on their way to open pages: publish and subscribe over Valkey, one channel a tenant.

What travels here is a hint that something changed, not the change: it may be lost while Valkey is away. A subscriber
that was cut off gets :data:`RESUMED` when it is back, and reloads what it shows.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import structlog
from redis.exceptions import RedisError

from backend_services.kernel.clock import now
from backend_services.kernel.events.schemas import Event
from backend_services.kernel.ids import new_id
from backend_services.kernel.redis import connect, get_redis, key
from backend_services.kernel.settings import get_settings

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import AsyncIterator
    from uuid import UUID

    from redis.asyncio.client import PubSub

RESUMED = "live.resumed"
OUTBOX = "outbox"
JOBS = "jobs"
QUEUE_SIZE = 256
RECONNECT_S = 0.5

log = structlog.get_logger(__name__)


def _channel(tenant_id: UUID) -> str:
    return key("live", tenant_id)


def _wake_channel(topic: str) -> str:
    return key("wake", topic)


async def publish(event: Event) -> None:
    """Tell the tenant's open pages. While Valkey is away nobody is told; pages reload when it is back."""
    try:
        await get_redis().publish(_channel(event.tenant_id), event.model_dump_json())
    except RedisError as error:
        log.warning("live event not sent", event_name=event.name, error=str(error))


async def wake(topic: str) -> None:
    """Tell workers that there is work of this kind; they would find it by themselves a moment later."""
    try:
        await get_redis().publish(_wake_channel(topic), "1")
    except RedisError as error:
        log.warning("wake-up not sent", topic=topic, error=str(error))


class _Hub:
    """One connection to Valkey for all subscribers of a process's loop."""

    def __init__(self) -> None:
        self._queues: dict[str, set[asyncio.Queue[str | None]]] = {}
        self._pubsub: PubSub | None = None
        self._reader: asyncio.Task[None] | None = None

    async def add(self, channel: str) -> asyncio.Queue[str | None]:
        """Return a new queue into which messages of ``channel`` fall; ``None`` means there was a gap."""
        queue: asyncio.Queue[str | None] = asyncio.Queue(QUEUE_SIZE)
        first = channel not in self._queues
        self._queues.setdefault(channel, set()).add(queue)
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read(), name="live events")
        elif first and self._pubsub is not None:
            with suppress(RedisError):  # the reader notices, reconnects and subscribes to all
                await self._pubsub.subscribe(channel)
        return queue

    async def remove(self, channel: str, queue: asyncio.Queue[str | None]) -> None:
        """Forget ``queue``; the connection closes with the last one."""
        queues = self._queues.get(channel, set())
        queues.discard(queue)
        if not queues and self._queues.pop(channel, None) is not None and self._pubsub is not None:
            with suppress(RedisError):  # a lost connection is unsubscribed already
                await self._pubsub.unsubscribe(channel)
        if not self._queues and self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
            self._reader = None

    async def _read(self) -> None:
        known: set[str] = set()
        quiet = False
        while True:
            client = connect(get_settings().redis_url.get_secret_value(), answer_timeout_s=None)
            try:
                async with client.pubsub() as self._pubsub:
                    await self._pubsub.subscribe(*self._queues)
                    quiet = False
                    while True:
                        message = await self._pubsub.get_message(timeout=30.0)
                        if message is not None:
                            self._take(message, known)
            except (RedisError, OSError) as error:
                if not quiet:
                    log.warning("live events cut off", error=str(error))
                quiet = True
                await asyncio.sleep(RECONNECT_S)
            finally:
                self._pubsub = None
                with suppress(RedisError, OSError):  # closing a connection that is gone
                    await client.aclose()

    def _take(self, message: dict[str, Any], known: set[str]) -> None:
        """Pass a message on. A channel confirmed a second time was cut off meanwhile, also when the client hid it."""
        channel = message["channel"]
        match message["type"]:
            case "message":
                self._tell(channel, message["data"])
            case "subscribe" if channel in known:
                self._tell(channel, None)
            case "subscribe":
                known.add(channel)
            case "unsubscribe":
                known.discard(channel)

    def _tell(self, channel: str, text: str | None) -> None:
        for queue in self._queues.get(channel, ()):
            if queue.full():  # a page that does not keep up reloads instead
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(None)
            else:
                queue.put_nowait(text)


_hubs: WeakKeyDictionary[AbstractEventLoop, _Hub] = WeakKeyDictionary()


def _hub() -> _Hub:
    return _hubs.setdefault(asyncio.get_running_loop(), _Hub())


async def subscribe(tenant_id: UUID) -> AsyncIterator[Event]:
    """Yield the tenant's events from now on, without end. Survives a restart of Valkey (see :data:`RESUMED`)."""
    channel = _channel(tenant_id)
    hub = _hub()
    queue = await hub.add(channel)
    try:
        while True:
            text = await queue.get()
            if text is None:
                yield Event(id=new_id(), name=RESUMED, tenant_id=tenant_id, created_at=now())
            else:
                yield Event.model_validate_json(text)
    finally:
        await hub.remove(channel, queue)


async def wake_ups(topic: str) -> AsyncIterator[None]:
    """Yield whenever somebody called :func:`wake` with this topic, or may have while Valkey was away."""
    channel = _wake_channel(topic)
    hub = _hub()
    queue = await hub.add(channel)
    try:
        while True:
            await queue.get()
            yield None
    finally:
        await hub.remove(channel, queue)
