"""Serves as ``omni worker`` does, with the tests' handlers and listeners."""

from __future__ import annotations

import asyncio
import os
import signal

from backend_services import tables
from backend_services.dashboards.subscriptions import tasks as delivery_tasks
from backend_services.kernel.jobs.worker import Worker
from backend_services.kernel.logging import configure_logging
from backend_services.kernel.mail import tasks as mail_tasks
from tests.worker_process import handlers, listeners

REGISTERED = (delivery_tasks, handlers, listeners, mail_tasks, tables)


async def serve() -> None:
    """Work until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await Worker().serve(stop)


configure_logging()
asyncio.new_event_loop().run_until_complete(serve())
os._exit(0)
