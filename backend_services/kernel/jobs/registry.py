"""Which function does which job. Domains register theirs in ``tasks.py``; ``omni_app.wiring`` imports those.

A handler is ``async def handler(context: JobContext, payload: Payload) -> Mapping[str, object] | None``. All handlers
of a worker share one event loop: work on the CPU goes through ``asyncio.to_thread``. A handler may run again after a
crash, so it must reach the same end from any half-way point.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel

from backend_services.kernel.jobs.context import JobContext
from backend_services.kernel.jobs.errors import JobUnknownError
from backend_services.kernel.jobs.schemas import Queue

Payload = TypeVar("Payload", bound=BaseModel)
HandlerFunction = Callable[[JobContext, Payload], Awaitable[Mapping[str, object] | None]]

DEFAULT_MAX_ATTEMPTS = 3
DEFAULT_TIME_LIMIT_S = 3600.0
DEFAULT_BACKOFF_S = 2.0


@dataclass(frozen=True, slots=True)
class JobHandler:
    """A registered function and how its jobs are treated.

    Attributes:
        time_limit_s: An attempt that runs longer is stopped and the job fails.
        backoff_s: Pause before the second attempt; doubled before each further one.
    """

    name: str
    payload: type[BaseModel]
    function: Callable[[JobContext, BaseModel], Awaitable[Mapping[str, object] | None]]
    queue: Queue
    max_attempts: int
    time_limit_s: float
    backoff_s: float


_handlers: dict[str, JobHandler] = {}


def job(
    name: str,
    *,
    payload: type[Payload],
    queue: Queue = Queue.DEFAULT,
    max_attempts: int = DEFAULT_MAX_ATTEMPTS,
    time_limit_s: float = DEFAULT_TIME_LIMIT_S,
    backoff_s: float = DEFAULT_BACKOFF_S,
) -> Callable[[HandlerFunction[Payload]], HandlerFunction[Payload]]:
    """Register the decorated coroutine function as the handler of jobs called ``name``."""

    def register(function: HandlerFunction[Payload]) -> HandlerFunction[Payload]:
        known = _handlers.get(name)
        if known is not None and known.function is not function:
            msg = f"two handlers for the job {name}"
            raise ValueError(msg)
        _handlers[name] = JobHandler(
            name=name,
            payload=payload,
            function=function,  # type: ignore[arg-type]  # runner hands it an instance of ``payload``
            queue=queue,
            max_attempts=max_attempts,
            time_limit_s=time_limit_s,
            backoff_s=backoff_s,
        )
        return function

    return register


def handler_of(name: str) -> JobHandler:
    """Return the handler of jobs called ``name``.

    Raises:
        JobUnknownError: None is registered in this process.
    """
    try:
        return _handlers[name]
    except KeyError:
        raise JobUnknownError(params={"name": name}) from None


def handlers() -> Mapping[str, JobHandler]:
    """Return every registered handler by name."""
    return dict(_handlers)
