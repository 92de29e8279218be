"""Runs the drawing process: one a file, bounded in number, time and memory, so the caller's process stays small."""

from __future__ import annotations

import asyncio
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import structlog

from backend_services.dashboards.rendering.errors import RenderingBusyError, RenderingFailedError
from backend_services.dashboards.rendering.settings import get_rendering_settings
from backend_services.kernel.children.child import KEPT_OF_COMPLAINT, command, environment

if TYPE_CHECKING:
    from backend_services.dashboards.rendering.schemas import Document

CACHE = Path(tempfile.gettempdir()) / f"omni-drawing-{os.getuid()}"
"""Where matplotlib keeps its list of fonts."""

log = structlog.get_logger(__name__)
_gates: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


def _gate() -> asyncio.Semaphore:
    loop = asyncio.get_running_loop()
    if loop not in _gates:
        _gates[loop] = asyncio.Semaphore(get_rendering_settings().concurrency)
    return _gates[loop]


async def render(document: Document) -> bytes:
    """Return the file that ``document`` describes.

    Raises:
        RenderingBusyError: No drawing process became free in time.
        RenderingFailedError: It ended without a file, or took too long.
    """
    gate, settings = _gate(), get_rendering_settings()
    try:
        async with asyncio.timeout(settings.waiting_s):
            await gate.acquire()
    except TimeoutError:
        raise RenderingBusyError(retry_after_s=settings.waiting_s) from None
    try:
        return await _drawn(document, timeout_s=settings.timeout_s, memory_mb=settings.memory_mb)
    finally:
        gate.release()


async def _drawn(document: Document, *, timeout_s: float, memory_mb: int) -> bytes:
    process = await asyncio.create_subprocess_exec(
        *command("backend_services.dashboards.rendering", str(memory_mb), str(timeout_s)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(MPLBACKEND="agg", MPLCONFIGDIR=str(CACHE)),
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(timeout_s):
            made, complaint = await process.communicate(document.model_dump_json().encode())
    except TimeoutError:
        log.warning("drawing took too long", seconds=timeout_s, panels=len(document.panels))
        raise RenderingFailedError from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode or not made:
        said = complaint.decode(errors="replace")[-KEPT_OF_COMPLAINT:]
        log.error("drawing failed", exit_code=process.returncode, complaint=said)
        raise RenderingFailedError
    return made
