"""A worker process: one Celery worker that receives ids, one event loop on which every handler runs.

Beside the jobs it keeps leases, sweeps, relays events, opens months of parted tables, and says that it is alive.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import threading
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from redis.exceptions import RedisError

from backend_services.kernel import metrics
from backend_services.kernel.clock import monotonic_s, now
from backend_services.kernel.db import UNREACHABLE, dispose_database, system_transaction
from backend_services.kernel.events import live
from backend_services.kernel.events.relay import relay_all
from backend_services.kernel.idempotency.service import forget_expired
from backend_services.kernel.ids import new_token
from backend_services.kernel.jobs.broker import Broker
from backend_services.kernel.jobs.leases import LeaseKeeper
from backend_services.kernel.jobs.runner import Runner, Stop
from backend_services.kernel.jobs.schemas import Queue
from backend_services.kernel.jobs.settings import WorkerSettings, get_worker_settings
from backend_services.kernel.jobs.sweeper import Sweeper
from backend_services.kernel.partitions import ensure_partitions
from backend_services.kernel.redis import close_redis, get_redis, key
from backend_services.kernel.secrets.service import reseal_all
from backend_services.kernel.settings import get_settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

WORKERS = ("workers",)
ALIVE_S = 10
RELAY_EVERY_S = 1.0
TIMETABLE_EVERY_S = 5.0
MAINTAIN_EVERY_S = 3600.0
MAINTAIN_RETRY_S = 30.0
FINISH_S = 1.5
GIVE_BACK_S = 1.5
RESTART_S = 1.0
AWAY: tuple[type[Exception], ...] = (*UNREACHABLE, RedisError)

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Worker:
    """Everything one worker process does.

    Attributes:
        upkeep: What domains want done now and then beside the kernel's own maintenance.
        timetable: What domains look at every few seconds, such as what is due. Every worker does: they must share.
    """

    upkeep: tuple[Callable[[], Awaitable[None]], ...] = ()
    timetable: tuple[Callable[[], Awaitable[None]], ...] = ()
    settings: WorkerSettings = field(default_factory=get_worker_settings)
    name: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}:{new_token(4)}")
    started_s: float = field(default_factory=monotonic_s)

    async def serve(self, stop: asyncio.Event) -> None:
        """Work until ``stop`` is set, then finish or give back what is running."""
        runner = Runner(settings=self.settings)
        broker = Broker(get_settings().redis_url.get_secret_value())
        loop = asyncio.get_running_loop()

        def run(job_id: str, queue: str) -> None:
            """Do the job on the loop; this thread of Celery's waits for it."""
            with contextlib.suppress(CancelledError):  # the loop ends while a handler is being given back
                asyncio.run_coroutine_threadsafe(runner.run(UUID(job_id), Queue(queue)), loop).result()

        broker.register(run)
        sweeper = Sweeper(runner=runner, broker=broker)
        keeper = LeaseKeeper(runner)
        receiver = _Receiver(broker, self.settings)
        receiver.start()
        duties = [
            asyncio.create_task(duty, name=name)
            for name, duty in (
                ("leases", _every(self.settings.beat_s, keeper.beat, topic=live.JOBS)),
                ("sweeper", _every(self.settings.sweep_s, sweeper.sweep, topic=live.JOBS)),
                ("relay", _every(RELAY_EVERY_S, _relay, topic=live.OUTBOX)),
                ("alive", _every(self.settings.beat_s, lambda: self._say_alive(runner))),
                ("maintenance", _maintain(self.upkeep)),
                *((f"timetable {duty.__module__}", _every(TIMETABLE_EVERY_S, duty)) for duty in self.timetable),
                ("metrics", metrics.run()),
            )
        ]
        log.info("worker started", worker=self.name, queues=self.settings.queues)
        await stop.wait()
        log.info("worker stops", running=len(runner.attempts))
        runner.stopping = True
        receiver.stop()
        await self._wind_down(runner)
        for duty in duties:
            duty.cancel()
        await asyncio.gather(*duties, return_exceptions=True)
        await self._say_gone()
        await close_redis()
        await dispose_database()
        log.info("worker stopped")

    async def _wind_down(self, runner: Runner) -> None:
        """Let jobs finish for a moment, then give the rest back to their queues."""
        await _wait_until_idle(runner, FINISH_S)
        runner.stop_all(Stop.SHUTDOWN)
        await _wait_until_idle(runner, GIVE_BACK_S)

    async def _say_alive(self, runner: Runner) -> None:
        state = {
            "name": self.name,
            "at": now().isoformat(),
            "uptime_s": round(monotonic_s() - self.started_s, 1),
            "queues": [queue.value for queue in self.settings.served],
            "concurrency": self.settings.concurrency,
            "running": len(runner.attempts),
        }
        await get_redis().set(key(*WORKERS, self.name), json.dumps(state), ex=ALIVE_S)

    async def _say_gone(self) -> None:
        try:
            await get_redis().delete(key(*WORKERS, self.name))
        except RedisError as error:
            log.info("farewell not sent", error=str(error))


async def _wait_until_idle(runner: Runner, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await runner.idle.wait()


async def _relay() -> None:
    await relay_all()


async def _every(seconds: float, work: Callable[[], Awaitable[None]], *, topic: str | None = None) -> None:
    """Do ``work`` every so many seconds, and at once when somebody wakes its topic. Its failures end nothing.

    A library may turn the cancellation into an error of its own, so each turn asks whether there was one.
    """
    woken = asyncio.Event()
    waker = asyncio.create_task(_set_when_woken(topic, woken)) if topic else None
    try:
        while not _is_cancelled():
            woken.clear()
            try:
                await work()
            except AWAY as error:
                log.warning("duty failed; again soon", error=type(error).__name__)
            except Exception:
                log.exception("duty failed; again soon")
            if _is_cancelled():
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await woken.wait()
    finally:
        if waker is not None:
            waker.cancel()


def _is_cancelled() -> bool:
    """Return whether somebody asked the running task to end."""
    mine = asyncio.current_task()
    return mine is not None and mine.cancelling() > 0


async def _set_when_woken(topic: str, woken: asyncio.Event) -> None:
    async for _ in live.wake_ups(topic):
        woken.set()


async def _maintain(upkeep: tuple[Callable[[], Awaitable[None]], ...]) -> None:
    """Open months ahead, forget old idempotency keys, do the domains' upkeep, seal secrets of old root keys anew."""
    while not _is_cancelled():
        pause_s = MAINTAIN_EVERY_S
        try:
            async with system_transaction() as session:
                await ensure_partitions(session)
            for duty in (forget_expired, *upkeep):
                await duty()
            async with system_transaction() as session:
                if await reseal_all(session):
                    pause_s = 0.0
        except UNREACHABLE as error:
            log.warning("maintenance failed; again soon", error=type(error).__name__)
            pause_s = MAINTAIN_RETRY_S
        except Exception:
            log.exception("maintenance failed; again soon")
            pause_s = MAINTAIN_RETRY_S
        if not _is_cancelled():
            await asyncio.sleep(pause_s)


class _Receiver(threading.Thread):
    """Celery's worker, in a thread of its own; begun anew should it ever end by itself."""

    def __init__(self, broker: Broker, settings: WorkerSettings) -> None:
        super().__init__(name="celery", daemon=True)
        self._broker = broker
        self._settings = settings
        self._ended = threading.Event()

    def run(self) -> None:
        """Receive ids until told to stop."""
        self._broker.app.set_current()
        logging.getLogger("celery").setLevel(logging.WARNING)
        while not self._ended.is_set():
            try:
                self._broker.app.WorkController(
                    pool="threads",
                    concurrency=self._settings.concurrency,
                    queues=self._settings.queues,
                    without_gossip=True,
                    without_mingle=True,
                    without_heartbeat=True,
                    loglevel=logging.WARNING,
                ).start()
            except Exception:
                log.exception("receiver ended; begun anew")
            self._ended.wait(RESTART_S)

    def stop(self) -> None:
        """Take no more ids. Does not wait: the process ends soon, and ids are worth nothing without their rows."""
        from celery.worker import state  # noqa: PLC0415 - its module state exists once Celery runs

        self._ended.set()
        state.should_stop = 0
