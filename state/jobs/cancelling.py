"""Stopping a job from a page, whichever lists it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import text
from backend_services.kernel.jobs import service as jobs
from state.feedback import flash, refusals_as_flash
from state.forms import id_of
from state.session import actor_of

if TYPE_CHECKING:
    import reflex as rx


async def cancel(page: rx.State, job_id: str) -> None:
    """Ask a job to stop, and say so on the page."""
    actor = await actor_of(page)
    async with refusals_as_flash(page):
        async with transaction(actor) as session:
            job = await jobs.cancel_job(actor, session, id_of(job_id))
        await flash(page, text("jobs.cancelled", actor.language, title=job.title))
