"""Handlers that do what a test's payload says, and leave marks in a folder."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from backend_services.kernel.clock import monotonic_s
from backend_services.kernel.errors import InvalidInputError, UnavailableError
from backend_services.kernel.jobs.context import JobContext
from backend_services.kernel.jobs.registry import job
from backend_services.kernel.jobs.schemas import Queue
from backend_services.kernel.schemas import Strict


class Steps(Strict):
    """What a steered job does.

    Attributes:
        folder: Where it leaves one file ``start-…`` a start and one ``end-…`` an end, named after the process.
        wait_for: It goes on once this file exists in the folder.
        fail: What it raises in the end, in its first ``fail_attempts`` attempts.
    """

    folder: str
    wait_for: str = ""
    deaf: bool = False
    fail: Literal["", "refusal", "passing", "bug"] = ""
    fail_attempts: int = 1000


async def _wait(context: JobContext, steps: Steps) -> None:
    folder = Path(steps.folder)
    seen = 0
    while not (folder / steps.wait_for).exists():
        seen += 1
        await asyncio.sleep(0.05)
        if not steps.deaf:
            await context.progress(min(0.9, seen / 100), "waiting", seen=seen)
            await context.raise_if_cancelled()


async def _steered(context: JobContext, steps: Steps) -> Mapping[str, object]:
    mark = f"{context.attempt}-{os.getpid()}-{monotonic_s()}"
    folder = Path(steps.folder)
    (folder / f"start-{mark}").touch()
    (folder / f"running-{mark}").touch()
    mine = folder / f"held-{context.job_id}"
    try:
        mine.touch(exist_ok=False)
    except FileExistsError:
        (folder / f"overlap-{mark}").touch()
    try:
        await context.log(f"attempt {context.attempt}")
        if steps.wait_for:
            await _wait(context, steps)
        if context.attempt <= steps.fail_attempts:
            match steps.fail:
                case "refusal":
                    raise InvalidInputError
                case "passing":
                    raise UnavailableError
                case "bug":
                    msg = "a defect"
                    raise ZeroDivisionError(msg)
                case _:
                    pass
    finally:
        (folder / f"running-{mark}").unlink()
        mine.unlink(missing_ok=True)
    (folder / f"end-{mark}").touch()
    await context.progress(1.0, "done", rows=3)
    return {"attempt": context.attempt, "tenant": context.actor.tenant_id}


@job("tests.steered", payload=Steps, backoff_s=0.1)
async def steered(context: JobContext, payload: Steps) -> Mapping[str, object]:
    """Do what the payload says."""
    return await _steered(context, payload)


@job("tests.short_limit", payload=Steps, time_limit_s=0.5, backoff_s=0.1)
async def short_limit(context: JobContext, payload: Steps) -> Mapping[str, object]:
    """Do what the payload says, for half a second at most."""
    return await _steered(context, payload)


@job("tests.heavy", payload=Steps, queue=Queue.HEAVY, backoff_s=0.1)
async def heavy(context: JobContext, payload: Steps) -> Mapping[str, object]:
    """Do what the payload says, in the queue for heavy work."""
    return await _steered(context, payload)
