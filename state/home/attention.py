"""What needs attention: what failed lately, what stops working soon, and parts of the system that do not answer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from backend_services.audit import service as audit
from backend_services.audit.schemas import AuditFilter
from backend_services.dashboards.alerts import service as alerts
from backend_services.dashboards.alerts.standing import State
from backend_services.datasets import service as datasets
from backend_services.datasets.connections import service as connections
from backend_services.identity import service as identity
from backend_services.kernel.clock import now
from backend_services.kernel.i18n import format_date, plural, text
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.jobs.schemas import JobFilter, JobState
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from backend_services.operations import service as operations
from state.connections.wording import fault_text
from state.wording import code_text, when

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor

LATELY = timedelta(days=7)
SOON = timedelta(days=14)
LOOKED_AT = 50
MOST_KEYS = 200
MOST = 6

Item = dict[str, str]


async def from_database(actor: Actor, session: AsyncSession) -> list[Item]:
    """Return what the actor may know of and should look after, the gravest first."""
    found: list[Item] = []
    if actor.can(Permission.AUDIT_EVENT_READ):
        found += await _reused_tokens(actor, session)
    if actor.can(Permission.DASHBOARDS_ALERT_READ):
        found += await _alerts(actor, session)
    if actor.can(Permission.DATASETS_DATASET_READ):
        found += await _failed_datasets(actor, session)
        found += await _failing_copies(actor, session)
    if actor.can(Permission.KERNEL_JOB_READ):
        found += await _failed_jobs(actor, session)
    if actor.can(Permission.IDENTITY_API_KEY_READ):
        found += await _ending_keys(actor, session)
    return found[:MOST]


async def from_system(actor: Actor) -> list[Item]:
    """Return the parts of the system that fail just now; no transaction is open meanwhile."""
    if not actor.can(Permission.OPERATIONS_HEALTH_READ):
        return []
    report = await operations.health()
    language = actor.language
    return [
        _item(
            f"part-{part.name}",
            text("attention.part", language, name=code_text("health.part", part.name, language)),
            text("attention.part_needed" if part.needed else "attention.part_text", language),
            "/health",
            tone="da" if part.needed else "wa",
        )
        for part in report.parts
        if part.state == "failing"
    ]


def _item(identity_: str, said: str, detail: str, href: str, *, tone: str) -> Item:
    return {"id": identity_, "text": said, "detail": detail, "href": href, "tone": tone}


async def _reused_tokens(actor: Actor, session: AsyncSession) -> list[Item]:
    wanted = AuditFilter(action="identity.token.reuse", since=now() - LATELY)
    total = (await audit.list_events(actor, session, PageRequest(limit=1), wanted)).total
    if not total:
        return []
    said = plural("attention.reuse", total, actor.language)
    detail = text("attention.reuse_text", actor.language)
    return [_item("reuse", said, detail, f"/audit?action={wanted.action}", tone="da")]


async def _alerts(actor: Actor, session: AsyncSession) -> list[Item]:
    """Return the alerts that fire, have no data or cannot be evaluated, and that nobody looks after yet."""
    page = await alerts.list_received(actor, session, PageRequest(limit=LOOKED_AT, sort="-since"))
    return [
        _item(
            f"alert-{one.id}",
            text(
                "attention.alert",
                actor.language,
                title=one.title,
                state=text(f"alerts.state.{one.state.value}", actor.language),
            ),
            text("attention.alert_text", actor.language, time=when(one.since, actor)),
            f"/alerts/{one.id}",
            tone="wa" if one.state is State.NO_DATA else "da",
        )
        for one in page.items
        if one.state in {State.ERROR, State.FIRING, State.NO_DATA} and not one.acknowledged_by
    ][:MOST]


async def _failed_datasets(actor: Actor, session: AsyncSession) -> list[Item]:
    page = await datasets.list_datasets(actor, session, PageRequest(limit=LOOKED_AT, sort="-updated_at"))
    return [
        _item(
            f"dataset-{one.id}",
            text("attention.dataset", actor.language, name=one.name),
            text("attention.dataset_text", actor.language),
            f"/datasets/{one.id}",
            tone="da",
        )
        for one in page.items
        if one.state == "failed"
    ][:MOST]


async def _failing_copies(actor: Actor, session: AsyncSession) -> list[Item]:
    copies = await connections.failing_copies(actor, session, since=now() - LATELY, limit=MOST)
    return [
        _item(
            f"copy-{one.dataset_id}",
            text("attention.copy_stopped" if one.stopped else "attention.copy", actor.language, name=one.dataset_name),
            fault_text(one.error, actor.language) or text("attention.copy_stopped_text", actor.language),
            f"/datasets/{one.dataset_id}",
            tone="da" if one.stopped else "wa",
        )
        for one in copies
        if one.version
    ]


async def _failed_jobs(actor: Actor, session: AsyncSession) -> list[Item]:
    page = await jobs.list_jobs(actor, session, PageRequest(limit=LOOKED_AT), JobFilter(state=JobState.FAILED))
    lately = [one for one in page.items if one.finished_at is not None and one.finished_at >= now() - LATELY]
    if not lately:
        return []
    newest = text("attention.jobs_text", actor.language, name=lately[0].title or lately[0].name)
    said = plural("attention.jobs", len(lately), actor.language)
    return [_item("jobs", said, newest, "/jobs?state=failed", tone="da")]


async def _ending_keys(actor: Actor, session: AsyncSession) -> list[Item]:
    """Return keys that ended lately or end soon; one that ended long ago is nobody's concern any more."""
    page = await identity.list_api_keys(actor, session, PageRequest(limit=MOST_KEYS, sort="expires_at"))
    found = []
    for key in page.items:
        if key.state == "revoked" or key.expires_at is None or not now() - LATELY < key.expires_at < now() + SOON:
            continue
        has_ended = key.state == "expired"
        on = format_date(key.expires_at, actor.language, style="text", time_zone=actor.time_zone)
        kind = "attention.key_ended" if has_ended else "attention.key_ends"
        said = text(kind, actor.language, name=key.name, date=on)
        detail = text(f"{kind}_text", actor.language)
        tone = "da" if has_ended else "wa"
        found.append(_item(f"key-{key.id}", said, detail, "/keys", tone=tone))
    return found
