"""Celery over Valkey: carries ids of jobs to workers, and nothing else. Losing all of it loses no job."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from celery import Celery
from kombu.entity import Exchange
from kombu.entity import Queue as BrokerQueue
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from backend_services.kernel.jobs.errors import BrokerAwayError
from backend_services.kernel.jobs.schemas import Queue
from backend_services.kernel.redis import PREFIX, get_redis

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

TASK = "omni.run_job"
KEY_PREFIX = f"{PREFIX}celery:"


def broker_url(redis_url: str) -> str:
    """Return the address of a Redis or Valkey as Celery writes it."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    database = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair).get("db", "0")
    return f"redis+socket://{parts.netloc}{parts.path}?virtual_host={database}"


def create_celery(redis_url: str) -> Celery:
    """Return a Celery application that delivers early, keeps no results and waits for its broker for ever."""
    app = Celery("omni", broker=broker_url(redis_url), backend="disabled://", set_as_current=False)
    exchange = Exchange("omni", type="direct")  # type: ignore[no-untyped-call]
    app.conf.update(
        accept_content=["json"],
        broker_connection_retry=True,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=2.0,
        broker_pool_limit=2,
        broker_transport_options={
            "global_keyprefix": KEY_PREFIX,
            "socket_timeout": 5.0,
            "socket_connect_timeout": 2.0,
            "health_check_interval": 10,
            "visibility_timeout": 3600,
        },
        task_acks_late=False,
        task_default_exchange="omni",
        task_default_queue=Queue.DEFAULT.value,
        task_ignore_result=True,
        task_queues=[
            BrokerQueue(queue.value, exchange, routing_key=queue.value)  # type: ignore[no-untyped-call]
            for queue in Queue
        ],
        task_serializer="json",
        worker_consumer="backend_services.kernel.jobs.consumer:PromptConsumer",
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_remote_control=False,
        worker_hijack_root_logger=False,
        worker_prefetch_multiplier=1,
        worker_redirect_stdouts=False,
        worker_send_task_events=False,
    )
    return app


class Broker:
    """Sends ids of jobs, and says how many wait."""

    def __init__(self, redis_url: str) -> None:
        self.app = create_celery(redis_url)

    def register(self, run: Callable[[str, str], None]) -> None:
        """Make ``run(job_id, queue)`` what workers of this application do with an id."""
        self.app.task(name=TASK, ignore_result=True, bind=False)(run)

    def send(self, jobs: Iterable[tuple[UUID, Queue]]) -> None:
        """Hand ids to the broker. Blocks; call it in a thread.

        Raises:
            BrokerAwayError: It does not answer. Some may have been sent.
        """
        try:
            with self.app.producer_or_acquire() as producer:
                for job_id, queue in jobs:
                    self.app.send_task(
                        TASK,
                        args=[str(job_id), queue.value],
                        queue=queue.value,
                        producer=producer,
                        retry=True,
                        retry_policy={"max_retries": 1, "interval_start": 0.1, "interval_max": 0.1},
                    )
        except (OperationalError, RedisError, OSError) as error:
            raise BrokerAwayError from error

    async def depths(self) -> dict[Queue, int]:
        """Return how many ids wait in each queue.

        Raises:
            BrokerAwayError: It does not answer.
        """
        try:
            pipeline = get_redis().pipeline(transaction=False)
            for queue in Queue:
                pipeline.llen(f"{KEY_PREFIX}{queue.value}")
            found = await pipeline.execute()
        except (RedisError, OSError) as error:
            raise BrokerAwayError from error
        return dict(zip(Queue, found, strict=True))
