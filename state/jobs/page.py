"""Jobs: the list, live while something runs; one job with its log; cancel and retry."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import reflex as rx

from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import text
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.jobs.schemas import JobFilter, JobState
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from state.feedback import flash, refusals_as_flash
from state.following import Following
from state.forms import id_of
from state.jobs import cancelling
from state.listing import Listing, address, read_request, show_page
from state.live import job_changes
from state.policy import requires
from state.session import actor_of
from state.wording import code_text, job_row, when

PATH = "/jobs"
SORTABLE = ("created_at", "name", "state", "finished_at")
WITH_ROUTINE = "yes"
LOG_LINES = 200
LEDGER_LINES = {"finished": "finished", "stopped because it was cancelled": "cancelled"}
"""What the ledger of jobs writes down itself, in English, and the name of its text."""
BACK_LINE = re.compile(r"put back into the queue by (?P<who>.+)")
ATTEMPT_LINE = re.compile(
    r"attempt (?P<n>\d+) of (?P<most>\d+) failed \((?P<code>[a-z_.]+)\); "
    r"(?:again in (?P<pause>\d+) s|no more attempts)"
)


class JobsState(Listing, Following, rx.State):
    """What the list of jobs shows."""

    wanted: str = ""
    routine: str = ""

    @rx.event
    @requires(Permission.KERNEL_JOB_READ)
    async def load(self) -> Any:
        """Read the page that the address asks for and follow what runs."""
        await self._read()
        return JobsState.follow

    async def _read(self) -> None:
        actor = await actor_of(self)
        parameters = self.router.url.query_parameters
        request = read_request(parameters, sortable=SORTABLE, default_sort="-created_at")
        wanted = parameters.get("state", "")
        self.wanted = wanted if wanted in set(JobState) else ""
        self.routine = WITH_ROUTINE if parameters.get("routine") == WITH_ROUTINE else ""
        async with refusals_as_flash(self), transaction(actor) as session:
            chosen = JobFilter(state=JobState(self.wanted) if self.wanted else None, routine=bool(self.routine))
            page = await jobs.list_jobs(actor, session, request, chosen)
            self.rows = [job_row(job, actor) for job in page.items]
            show_page(self, page, request, path=PATH, language=actor.language, sortable=SORTABLE, keep=self._kept())

    def _kept(self) -> dict[str, str]:
        return {"state": self.wanted, "routine": self.routine}

    @rx.event(background=True)
    @requires(Permission.KERNEL_JOB_READ)
    async def follow(self) -> None:
        """Read again as jobs change, while a shown one runs and the page is open."""
        async with self:
            actor = await actor_of(self)
        await self._follow(PATH, job_changes(actor.tenant_id), self._again)

    async def _again(self) -> bool:
        if not self._is_open():
            return False
        await self._read()
        return True

    def _is_open(self) -> bool:
        return str(self.router.url.path).rstrip("/") == PATH and any(row["open"] for row in self.rows)

    @rx.event
    @requires(Permission.KERNEL_JOB_READ)
    async def find(self, wanted: str) -> Any:
        """Search by title."""
        return rx.redirect(address(PATH, {**self._kept(), "q": wanted, "sort": self.sort}), replace=True)

    @rx.event
    @requires(Permission.KERNEL_JOB_READ)
    async def choose_state(self, wanted: str) -> Any:
        """Show only jobs in this state."""
        return rx.redirect(address(PATH, {**self._kept(), "q": self.search, "sort": self.sort, "state": wanted}))

    @rx.event
    @requires(Permission.KERNEL_JOB_READ)
    async def choose_routine(self, routine: str) -> Any:
        """Show only what people asked for and what failed, or also what the platform does by itself."""
        return rx.redirect(address(PATH, {**self._kept(), "q": self.search, "sort": self.sort, "routine": routine}))

    @rx.event
    @requires(Permission.KERNEL_JOB_CANCEL)
    async def cancel(self, job_id: str) -> Any:
        """Ask a job to stop."""
        await cancelling.cancel(self, job_id)
        return JobsState.load

    @rx.event
    @requires(Permission.KERNEL_JOB_RETRY)
    async def retry(self, job_id: str) -> Any:
        """Put a job that failed back into its queue."""
        actor = await actor_of(self)
        async with refusals_as_flash(self):
            async with transaction(actor) as session:
                job = await jobs.retry_job(actor, session, id_of(job_id))
            await flash(self, text("jobs.retried", actor.language, title=job.title))
        return JobsState.load


class JobDetailState(Following, rx.State):
    """What the page of one job shows."""

    loaded: bool = False
    missing: bool = False
    job: dict[str, Any] = {}
    name: str = ""
    log: list[dict[str, str]] = []

    @rx.event
    @requires(Permission.KERNEL_JOB_READ)
    async def load(self) -> Any:
        """Read the job of the address."""
        self.loaded, self.missing = False, False
        await self._read()
        self.missing = not self.loaded
        return JobDetailState.follow if self.loaded and self.job.get("open") else None

    async def _read(self) -> None:
        actor = await actor_of(self)
        async with refusals_as_flash(self), transaction(actor) as session:
            job = await jobs.get_job(actor, session, _identity(self))
            page = await jobs.read_log(actor, session, job.id, PageRequest(limit=LOG_LINES))
            self.job, self.name = job_row(job, actor), code_text("jobs.kind", job.name, actor.language)
            self.log = [
                {
                    "id": str(line.id),
                    "text": log_text(line.text, actor.language),
                    "level": code_text("jobs.level", line.level, actor.language),
                    "time": when(line.created_at, actor),
                }
                for line in page.items
            ]
            self.loaded = True

    @rx.event(background=True)
    @requires(Permission.KERNEL_JOB_READ)
    async def follow(self) -> None:
        """Read again as the job changes, while it runs and the page is open."""
        async with self:
            actor, mine = await actor_of(self), _identity(self)

        async def again() -> bool:
            if _identity(self) != mine or not self.job.get("open"):
                return False
            await self._read()
            return True

        await self._follow(str(mine), job_changes(actor.tenant_id, mine), again)


def log_text(line: str, language: str) -> str:
    """Return a line of a job's log; those that the ledger itself writes in the reader's language."""
    if line in LEDGER_LINES:
        return text(f"jobs.logged.{LEDGER_LINES[line]}", language)
    if (back := BACK_LINE.fullmatch(line)) is not None:
        return text("jobs.logged.back", language, who=back["who"])
    found = ATTEMPT_LINE.fullmatch(line)
    if found is None:
        return line
    key = "again" if found["pause"] else "given_up"
    return text(f"jobs.logged.{key}", language, **found.groupdict())


def _identity(state: rx.State) -> UUID:
    parts = str(state.router.url.path).rstrip("/").split("/")
    return id_of(parts[-1])
