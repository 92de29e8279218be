"""Home: what there is, what runs, what was opened last; the portal's first page too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import reflex as rx

from backend_services.dashboards import service as dashboards
from backend_services.datasets import service as datasets
from backend_services.identity import service as identity
from backend_services.identity.schemas import ApiKeyView
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction
from backend_services.kernel.i18n import format_date, format_number, text
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.jobs.schemas import JobFilter, JobState
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from state.dashboards.listing import dashboard_row
from state.feedback import refusals_as_flash
from state.home import attention
from state.identity.keys import key_row
from state.policy import requires
from state.session import actor_of
from state.wording import job_row

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

OWN_DASHBOARDS = 5
MORNING_FROM, AFTERNOON_FROM, EVENING_FROM = 4, 12, 18


class HomeState(rx.State):
    """What home shows."""

    loaded: bool = False
    greeting: str = ""
    today: str = ""
    counts: dict[str, str] = {}
    first_steps: bool = False
    recent: list[dict[str, Any]] = []
    jobs: list[dict[str, Any]] = []
    keys: list[dict[str, Any]] = []
    stops: list[dict[str, str]] = []
    attention: list[dict[str, str]] = []

    @rx.event
    @requires(Permission.SELF_ACCOUNT_READ)
    async def load(self) -> None:
        """Read what needs attention, counts, the dashboards changed last, and the latest jobs somebody asked for."""
        actor = await actor_of(self)
        failing = await attention.from_system(actor)
        language = actor.language
        one, few = PageRequest(limit=1), PageRequest(limit=4)
        async with refusals_as_flash(self), transaction(actor) as session:
            account = await identity.me(actor, session)
            self.greeting = text(
                f"home.good.{_part_of_day(account.time_zone)}", language, name=account.name.split(" ")[0]
            )
            self.today = format_date(now(), language, style="text", time_zone=account.time_zone)
            counts: dict[str, int] = {}
            if actor.can(Permission.DASHBOARDS_DASHBOARD_READ):
                counts["dashboards"], self.recent = await _own_dashboards(actor, session)
            if actor.can(Permission.DATASETS_DATASET_READ):
                counts["datasets"] = (await datasets.list_datasets(actor, session, one)).total
            if actor.can(Permission.KERNEL_JOB_READ):
                latest = await jobs.list_jobs(actor, session, few, JobFilter(routine=False))
                self.jobs = [job_row(job, actor) for job in latest.items]
                by_state = await jobs.count_jobs(actor, session, JobState.RUNNING, JobState.FAILED)
                counts["running"], counts["failed"] = by_state[JobState.RUNNING], by_state[JobState.FAILED]
            if actor.can(Permission.IDENTITY_API_KEY_READ):
                held = await identity.list_api_keys(actor, session, few)
                counts["keys"] = held.total
                self.keys = [key_row(key, actor) for key in held.items]
                self.stops = stopped_keys(held.items, language)
            self.attention = [*failing, *await attention.from_database(actor, session)]
            self.counts = {name: format_number(value, language) for name, value in counts.items()}
            self.first_steps = counts.get("dashboards", 1) == 0
            self.loaded = True


async def _own_dashboards(actor: Actor, session: AsyncSession) -> tuple[int, list[dict[str, Any]]]:
    """Return how many there are, and a few: favourites first, then what was changed last."""
    page = await dashboards.list_dashboards(actor, session, PageRequest(limit=OWN_DASHBOARDS))
    return page.total, [dashboard_row(one, actor) for one in page.items]


def _part_of_day(time_zone: str) -> str:
    hour = now().astimezone(ZoneInfo(time_zone)).hour
    if MORNING_FROM <= hour < AFTERNOON_FROM:
        return "morning"
    return "afternoon" if AFTERNOON_FROM <= hour < EVENING_FROM else "evening"


def stopped_keys(keys: Sequence[ApiKeyView], language: str) -> list[dict[str, str]]:
    """Return why programs are refused: keys that have ended, or that there is no working key at all."""
    ended = [
        {
            "text": text("portal.key_ended", language, name=key.name),
            "detail": text("portal.key_ended_text", language),
        }
        for key in keys
        if key.state == "expired"
    ]
    if keys and not ended and all(key.state == "revoked" for key in keys):
        return [{"text": text("portal.no_key", language), "detail": text("portal.no_key_text", language)}]
    return ended
