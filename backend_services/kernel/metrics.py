"""What Prometheus reads. Every label has few values: route templates, queues, states; never an id or a user's text.

There are several processes and one ``/metrics``: each process writes its samples to Valkey every few seconds
(:func:`publish`), and the page answers with its own and everybody's (:func:`exposition`), told apart by the label
``process``. A process that restarts takes the same name again, which Prometheus sees as a counter's restart.
"""

from __future__ import annotations

import asyncio
import json
import socket
from typing import TYPE_CHECKING, Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from redis.exceptions import RedisError

from backend_services.kernel.redis import get_redis, key
from backend_services.kernel.settings import get_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prometheus_client.registry import Collector

log = structlog.get_logger(__name__)

disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry(auto_describe=True)
PUBLISH_EVERY_S = 5.0
SNAPSHOT_TTL_S = 30
MAX_PROCESSES = 256
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_LATENCY_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_WORK_S = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)

REQUESTS = Counter("omni_http_requests_total", "Requests answered.", ("method", "route", "status"), registry=REGISTRY)
REQUEST_SECONDS = Histogram(
    "omni_http_request_seconds", "Time to answer a request.", ("method", "route"), buckets=_LATENCY_S, registry=REGISTRY
)
REQUESTS_OPEN = Gauge("omni_http_requests_open", "Requests being answered now.", registry=REGISTRY)
PAGE_EVENTS = Counter(
    "omni_page_events_total", "Events of open pages handled.", ("handler", "outcome"), registry=REGISTRY
)
PAGE_EVENT_SECONDS = Histogram(
    "omni_page_event_seconds", "Time to handle an event of a page.", buckets=_LATENCY_S, registry=REGISTRY
)
PAGES_OPEN = Gauge("omni_pages_open", "Open websockets of pages.", registry=REGISTRY)
JOBS_FINISHED = Counter(
    "omni_jobs_finished_total", "Attempts of jobs that ended, by how.", ("name", "outcome"), registry=REGISTRY
)
JOB_SECONDS = Histogram(
    "omni_job_seconds", "Time an attempt of a job took.", ("name",), buckets=_WORK_S, registry=REGISTRY
)
JOBS_RUNNING = Gauge("omni_jobs_running", "Jobs this process works on now.", registry=REGISTRY)
EVENTS_HEARD = Counter(
    "omni_events_heard_total", "Listeners called with an event, by outcome.", ("event", "outcome"), registry=REGISTRY
)
QUERIES = Counter("omni_queries_total", "Analytical queries, by outcome.", ("kind", "outcome"), registry=REGISTRY)
QUERY_SECONDS = Histogram(
    "omni_query_seconds", "Time an analytical query took.", ("kind",), buckets=_LATENCY_S, registry=REGISTRY
)
CACHE = Counter("omni_cache_total", "Look-ups in a cache, by outcome.", ("cache", "outcome"), registry=REGISTRY)
BUILDS = Counter("omni_builder_total", "Questions to the dashboard builder.", ("planner", "status"), registry=REGISTRY)
BUILD_SECONDS = Histogram(
    "omni_builder_seconds", "Time to answer a question.", ("planner",), buckets=_LATENCY_S, registry=REGISTRY
)
USAGE_DROPPED = Counter("omni_usage_dropped_total", "Calls that were not counted for want of room.", registry=REGISTRY)


class _Families:
    """A registry made of ready families, for the exposition."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterator[Metric]:
        """Yield the families."""
        yield from self._families


def process_name() -> str:
    """Return this process's name in labels: the setting, and the machine it runs on."""
    return f"{get_settings().process_name}@{socket.gethostname()}"


def snapshot(registry: Collector = REGISTRY) -> str:
    """Return every sample of this process as JSON."""
    families = [
        {
            "name": family.name,
            "help": family.documentation,
            "type": family.type,
            "samples": [[sample.name, sample.labels, sample.value] for sample in family.samples],
        }
        for family in registry.collect()
    ]
    return json.dumps(families, separators=(",", ":"))


def merged(snapshots: dict[str, str]) -> list[Metric]:
    """Return the families of all processes as one, each sample labelled with its process."""
    found: dict[str, Metric] = {}
    for process, text in sorted(snapshots.items()):
        for family in json.loads(text):
            metric = found.setdefault(family["name"], Metric(family["name"], family["help"], family["type"]))
            for name, labels, value in family["samples"]:
                metric.add_sample(name, {**labels, "process": process}, value)
    return list(found.values())


async def publish() -> None:
    """Write this process's samples where the other processes' ``/metrics`` find them."""
    pipeline = get_redis().pipeline(transaction=True)
    pipeline.hset(key("metrics"), process_name(), snapshot())
    pipeline.set(key("metrics", "alive", process_name()), "1", ex=SNAPSHOT_TTL_S)
    await pipeline.execute()


async def run() -> None:
    """Publish this process's samples until cancelled."""
    while True:
        try:
            await publish()
        except RedisError as error:
            log.warning("metrics not published", error=str(error))
        await asyncio.sleep(PUBLISH_EVERY_S)


async def _others() -> dict[str, str]:
    client: Any = get_redis()  # the client's types do not tell its asynchronous half
    stored: dict[str, str] = await client.hgetall(key("metrics"))
    processes = sorted(stored)[:MAX_PROCESSES]
    pipeline = client.pipeline(transaction=False)
    for process in processes:
        pipeline.exists(key("metrics", "alive", process))
    alive = dict(zip(processes, await pipeline.execute(), strict=True))
    gone = [process for process in processes if not alive[process]]
    if gone:
        await client.hdel(key("metrics"), *gone)
    return {process: stored[process] for process in processes if alive[process]}


async def exposition(extra: Iterable[Metric] = ()) -> bytes:
    """Return the page ``/metrics``: this process, the others, and ``extra`` families computed for the occasion."""
    try:
        snapshots = await _others()
    except RedisError as error:
        log.warning("metrics of other processes not read", error=str(error))
        snapshots = {}
    snapshots[process_name()] = snapshot()
    return generate_latest(_Families([*merged(snapshots), *extra]))
