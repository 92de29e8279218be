"""Values as the reader's texts: sizes, instants, jobs, refusals of fields."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from backend_services.kernel.actor import Actor
from backend_services.kernel.i18n import format_datetime, format_number, format_percent, format_relative, has_text, text
from backend_services.kernel.jobs.schemas import JobState, JobView

SIZE_UNITS = ("B", "kB", "MB", "GB", "TB")
DASH = "\N{EN DASH}"


def size(size_bytes: int, language: str) -> str:
    """Return a size such as ``214 MB``."""
    value, unit = float(size_bytes), 0
    while value >= 1000 and unit < len(SIZE_UNITS) - 1:  # noqa: PLR2004 - decimal units
        value, unit = value / 1000, unit + 1
    decimals = 0 if unit == 0 or value >= 100 else 1  # noqa: PLR2004 - three digits are enough
    return f"{format_number(value, language, decimals=decimals)}\N{NO-BREAK SPACE}{SIZE_UNITS[unit]}"


def when(value: datetime | None, actor: Actor) -> str:
    """Return an instant in the reader's zone, or a dash."""
    return DASH if value is None else format_datetime(value, actor.language, time_zone=actor.time_zone)


def ago(value: datetime | None, actor: Actor) -> str:
    """Return "3 hours ago", or a dash."""
    return DASH if value is None else format_relative(value, actor.language)


def count(value: int | None, language: str) -> str:
    """Return a number, or a dash where it is not known."""
    return DASH if value is None else format_number(value, language)


def code_text(prefix: str, code: str, language: str, **params: object) -> str:
    """Return the text ``<prefix>.<code>``, or the code itself where there is none."""
    key = f"{prefix}.{code}"
    return text(key, language, **params) if has_text(key, language) else code


def job_row(job: JobView, actor: Actor) -> dict[str, Any]:
    """Return a job as ``components.ui.job_card`` and the list show it.

    A job that was refused (``failed``) would be refused again, so only one that was given up or cancelled is repeated.
    """
    language = actor.language
    return {
        "id": str(job.id),
        "href": f"/jobs/{job.id}",
        "title": job.title,
        "state": job.state.value,
        "open": not job.ended,
        "retryable": job.state in {JobState.DEAD, JobState.CANCELLED},
        "subject_href": f"/datasets/{job.subject_id}" if job.subject_id and job.name.startswith("datasets.") else "",
        "percent": round(job.progress * 100),
        "percent_text": format_percent(job.progress, language, decimals=0),
        "detail": job_detail(job, actor),
        "attempts": f"{job.attempts}/{job.max_attempts}",
        "created": when(job.created_at, actor),
        "finished": when(job.finished_at, actor),
    }


def job_detail(job: JobView, actor: Actor) -> str:
    """Return what a job says about itself in one line."""
    language = actor.language
    if job.error is not None:
        key = f"errors.{job.error.code}"
        return text(key, language, **job.error.params) if has_text(key, language) else job.error.message
    counters = [
        text(f"jobs.counter.{name}", language, n=format_number(value, language))
        for name, value in job.counters.items()
        if has_text(f"jobs.counter.{name}", language)
    ]
    message = code_text("jobs.message", job.message, language) if job.message else ""
    ended = [ago(job.finished_at, actor)] if job.finished_at is not None else []
    return " · ".join(part for part in (message, *counters, *ended) if part)
