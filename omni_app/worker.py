"""Entry of a worker process: ``omni worker``."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from typing import NoReturn

from backend_services.dashboards.alerts import planning as alerts
from backend_services.dashboards.subscriptions import planning as subscriptions
from backend_services.datasets.connections import planning as connections
from backend_services.identity.service import forget_old_attempts
from backend_services.kernel.jobs.worker import Worker
from backend_services.kernel.webhooks import service as webhooks
from backend_services.llm import worker as llm_worker
from omni_app.wiring import configure


async def serve() -> None:
    """Work until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    calls = asyncio.create_task(llm_worker.serve(), name="calls")
    await Worker(
        upkeep=(forget_old_attempts, subscriptions.tidy, alerts.tidy, webhooks.tidy),
        timetable=(subscriptions.plan_due, alerts.plan_due, connections.plan_copies),
    ).serve(stop)
    calls.cancel()
    await asyncio.gather(calls, return_exceptions=True)


def main() -> NoReturn:
    """Run a worker in this process.

    It leaves without waiting for threads that are inside a library: their jobs were given back, and would run on
    without a lease.
    """
    configure()
    loop = asyncio.new_event_loop()
    loop.run_until_complete(serve())
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
