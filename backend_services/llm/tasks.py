"""Jobs of language models."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from backend_services.kernel.i18n import format_number, text
from backend_services.kernel.jobs.registry import job
from backend_services.kernel.jobs.schemas import Queue
from backend_services.llm import library
from backend_services.llm.schemas import ModelPull, PullProgress

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend_services.kernel.jobs.context import JobContext

_DAY_S: Final = 86_400.0
_MB: Final = 1_000_000
_GB: Final = 1_000_000_000
_NEARLY: Final = 0.99
"""A download is whole only when the server has checked it."""


def said(one: PullProgress, language: str) -> str:
    """Return how far a download is, in words."""
    if one.total_bytes == 0:
        return text("llm.pull.preparing", language)
    if one.completed_bytes >= one.total_bytes:
        return text("llm.pull.checking", language)
    unit, size = ("GB", _GB) if one.total_bytes >= _GB else ("MB", _MB)
    return text(
        "llm.pull.loading",
        language,
        done=format_number(one.completed_bytes / size, language, decimals=1),
        total=f"{format_number(one.total_bytes / size, language, decimals=1)}\N{NO-BREAK SPACE}{unit}",
    )


@job(library.PULL_JOB, payload=ModelPull, queue=Queue.IO, max_attempts=3, time_limit_s=_DAY_S)
async def pull_model(context: JobContext, payload: ModelPull) -> Mapping[str, object]:
    """Have the Ollama server download a model; cancelling stops the server, which keeps what it has."""
    language = context.actor.language
    fraction, loaded = 0.0, PullProgress(status="")
    async with aclosing(library.ollama().pull(payload.model)) as steps:
        async for loaded in steps:
            await context.raise_if_cancelled()
            share = loaded.completed_bytes / loaded.total_bytes if loaded.total_bytes else 0.0
            fraction = max(fraction, share * _NEARLY)  # parts become known one after another, so the share may fall
            await context.progress(
                fraction,
                said(loaded, language),
                completed_bytes=loaded.completed_bytes,
                total_bytes=loaded.total_bytes,
            )
    await context.progress(1.0, text("llm.pull.done", language))
    return {"model": payload.model, "size_bytes": loaded.total_bytes}
