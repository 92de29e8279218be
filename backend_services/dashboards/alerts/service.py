"""Use cases of alerts; those who only get their messages have :mod:`backend_services.dashboards.alerts.receiving`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.audit import service as audit
from backend_services.dashboards.alerts import queries, viewing
from backend_services.dashboards.alerts.backtest import backtest
from backend_services.dashboards.alerts.errors import (
    AlertChangedError,
    AlertConditionError,
    AlertNotYoursError,
    AlertPausedError,
)
from backend_services.dashboards.alerts.evaluating import add_entry
from backend_services.dashboards.alerts.models import Alert
from backend_services.dashboards.alerts.observing import question_of
from backend_services.dashboards.alerts.planning import ask
from backend_services.dashboards.alerts.receiving import (
    acknowledge,
    count_unread,
    get_received,
    list_my_notices,
    list_received,
    read_alert,
    read_notice,
)
from backend_services.dashboards.alerts.schedule import checked, next_after
from backend_services.dashboards.alerts.schemas import (
    AlertChange,
    AlertCreate,
    AlertMode,
    AlertView,
    Backtest,
    EntryView,
    EvaluationView,
    GroupView,
    RecipientNotice,
    Trigger,
)
from backend_services.dashboards.alerts.settings import get_alert_settings
from backend_services.dashboards.alerts.silencing import silence, unsilence
from backend_services.dashboards.alerts.standing import State
from backend_services.dashboards.service import recipients
from backend_services.datasets.catalogue import ROW_COUNT, GroupBy
from backend_services.datasets.query import service as engine
from backend_services.kernel.clock import now
from backend_services.kernel.errors import PermissionDeniedError, TooLargeError
from backend_services.kernel.i18n import field_text
from backend_services.kernel.pagination import Page, PageRequest
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.kernel.actor import Actor

__all__ = [
    "acknowledge",
    "count_unread",
    "create_alert",
    "delete_alert",
    "evaluate_now",
    "get_alert",
    "get_received",
    "list_alerts",
    "list_evaluations",
    "list_groups",
    "list_history",
    "list_my_notices",
    "list_notices",
    "list_received",
    "pause",
    "preview",
    "read_alert",
    "read_notice",
    "resume",
    "silence",
    "unsilence",
    "update_alert",
]

CHOSEN = set(AlertChange.model_fields)


async def list_alerts(
    actor: Actor, session: AsyncSession, page: PageRequest, *, state: State | None = None
) -> Page[AlertView]:
    """Return a page of the actor's alerts; those who manage them see everybody's, without the figures."""
    actor.require(Permission.DASHBOARDS_ALERT_WRITE)
    rows, total = await queries.page_of_alerts(actor, session, page, state=None if state is None else state.value)
    courses = await queries.courses(session, [row.id for row in rows])
    items = tuple(viewing.alert_view(actor, row, courses.get(row.id, ())) for row in rows)
    return Page(items=items, total=total, limit=page.limit, offset=page.offset)


async def get_alert(actor: Actor, session: AsyncSession, alert_id: UUID) -> AlertView:
    """Return one alert.

    Raises:
        AlertNotFoundError: No such alert that the actor may see.
    """
    actor.require(Permission.DASHBOARDS_ALERT_WRITE)
    return await _view(actor, session, await queries.alert_of(actor, session, alert_id))


async def create_alert(actor: Actor, session: AsyncSession, request: AlertCreate) -> AlertView:
    """Watch a figure that the actor may see; it is evaluated at once.

    Raises:
        PermissionDeniedError: Telling others than oneself needs the right to share, webhooks that to send outside.
        AlertConditionError: The figure cannot be asked so; ``fields`` says why.
        ScheduleInvalidError: The schedule cannot be followed.
    """
    actor.require(Permission.DASHBOARDS_ALERT_WRITE)
    if actor.user_id is None:
        raise PermissionDeniedError
    most = get_alert_settings().most_alerts
    if await queries.count_alerts(actor, session) >= most:
        raise TooLargeError(params={"most": most})
    change = AlertChange.model_validate(request.model_dump(include=CHOSEN))
    await _require_recipients(actor, session, change)
    row = Alert(
        tenant_id=actor.tenant_id,
        owner_id=actor.user_id,
        title=change.title,
        content=change.model_dump(mode="json"),
        dataset_id=await _checked(actor, change),
        next_at=next_after(change.schedule, change.time_zone, now()),
    )
    session.add(row)
    await session.flush()
    await ask(session, row, occurrence=now(), trigger=Trigger.MANUAL)
    await _note(actor, session, "create", row)
    return await _view(actor, session, row)


async def update_alert(
    actor: Actor, session: AsyncSession, alert_id: UUID, request: AlertChange, *, expected_version: int
) -> AlertView:
    """Change an alert, if nobody did since ``expected_version``; another figure or condition begins anew.

    Raises:
        AlertChangedError: Somebody saved it meanwhile.
        AlertNotYoursError: It sees with another person's rights, so only that person says what it watches.
    """
    actor.require(Permission.DASHBOARDS_ALERT_WRITE)
    row = await queries.alert_of(actor, session, alert_id, lock=True)
    if row.owner_id != actor.user_id:
        raise AlertNotYoursError
    if row.version != expected_version:
        raise AlertChangedError
    before = AlertChange.model_validate(row.content)
    await _require_recipients(actor, session, request, before=before)
    row.dataset_id = await _checked(actor, request)
    row.title, row.content, row.version = request.title, request.model_dump(mode="json"), row.version + 1
    if (request.watched, request.condition) != (before.watched, before.condition):
        await _begin_anew(session, row)
    if row.mode == AlertMode.ACTIVE.value:
        row.next_at = next_after(request.schedule, request.time_zone, now())
        await ask(session, row, occurrence=now(), trigger=Trigger.MANUAL)
    _did(session, actor, row, "edited")
    await session.flush()
    await _note(actor, session, "update", row)
    return await _view(actor, session, row)


async def _begin_anew(session: AsyncSession, row: Alert) -> None:
    await queries.forget_groups(session, row.id)
    row.watched_version += 1
    row.state, row.reason, row.since = State.OK.value, "", None
    row.value = row.compared = row.threshold = row.unit = None


async def pause(actor: Actor, session: AsyncSession, alert_id: UUID) -> AlertView:
    """Stop watching until it is resumed."""
    actor.require(Permission.DASHBOARDS_ALERT_WRITE)
    row = await queries.alert_of(actor, session, alert_id, lock=True)
    if row.mode == AlertMode.ACTIVE.value:
        row.mode, row.next_at, row.version = AlertMode.PAUSED.value, None, row.version + 1
        _did(session, actor, row, "paused")
        await session.flush()
        await _note(actor, session, "pause", row)
    return await _view(actor, session, row)


async def resume(actor: Actor, session: AsyncSession, alert_id: UUID) -> AlertView:
    """Watch again from now on."""
    actor.require(Permission.DASHBOARDS_ALERT_WRITE)
    row = await queries.alert_of(actor, session, alert_id, lock=True)
    if row.mode == AlertMode.PAUSED.value:
        content = AlertChange.model_validate(row.content)
        row.mode, row.version = AlertMode.ACTIVE.value, row.version + 1
        row.next_at = next_after(content.schedule, content.time_zone, now())
        await ask(session, row, occurrence=now(), trigger=Trigger.MANUAL)
        _did(session, actor, row, "resumed")
        await session.flush()
        await _note(actor, session, "resume", row)
    return await _view(actor, session, row)


async def delete_alert(actor: Actor, session: AsyncSession, alert_id: UUID) -> None:
    """Delete an alert with its history and the messages that it sent."""
    actor.require(Permission.DASHBOARDS_ALERT_WRITE)
    row = await queries.alert_of(actor, session, alert_id, lock=True)
    await session.delete(row)
    await session.flush()
    await _note(actor, session, "delete", row)


async def evaluate_now(actor: Actor, session: AsyncSession, alert_id: UUID) -> UUID:
    """Evaluate at once, beside the schedule; return the job's id.

    Raises:
        AlertPausedError: It is paused.
    """
    actor.require(Permission.DASHBOARDS_ALERT_WRITE)
    row = await queries.alert_of(actor, session, alert_id, lock=True)
    if row.mode != AlertMode.ACTIVE.value:
        raise AlertPausedError
    return await ask(session, row, occurrence=now(), trigger=Trigger.MANUAL)


async def preview(actor: Actor, request: AlertCreate) -> Backtest:
    """Return how often the alert would have fired lately, on the data as the actor sees them today.

    Opens its own short transactions; none is open while the past is asked.

    Raises:
        AlertConditionError: The figure cannot be asked so; ``fields`` says why.
    """
    actor.require(Permission.DASHBOARDS_ALERT_WRITE)
    recipients.require_people(actor, user_ids=request.recipients.user_ids, roles=request.recipients.roles)
    await _checked(actor, request)
    return await backtest(actor, request)


async def list_groups(actor: Actor, session: AsyncSession, alert_id: UUID) -> tuple[GroupView, ...]:
    """Return how each group of an alert stands. The groups are seen with the owner's rights, so only by the owner."""
    actor.require(Permission.DASHBOARDS_ALERT_WRITE)
    row = await queries.alert_of(actor, session, alert_id)
    if not viewing.is_own(actor, row):
        return ()
    groups = await queries.groups_of(session, row.id)
    named = [one for one in groups if one.key] or groups
    return tuple(viewing.group_view(one, silenced_until=row.silenced_until) for one in named)


async def list_history(actor: Actor, session: AsyncSession, alert_id: UUID, page: PageRequest) -> Page[EntryView]:
    """Return a page of an alert's history, newest first; figures and groups are shown to its owner only."""
    actor.require(Permission.DASHBOARDS_ALERT_WRITE)
    row = await queries.alert_of(actor, session, alert_id)
    rows, total = await queries.page_of_history(session, row.id, page)
    items = tuple(viewing.entry_view(one, own=viewing.is_own(actor, row)) for one in rows)
    return Page(items=items, total=total, limit=page.limit, offset=page.offset)


async def list_evaluations(
    actor: Actor, session: AsyncSession, alert_id: UUID, page: PageRequest
) -> Page[EvaluationView]:
    """Return a page of an alert's evaluations, newest first; figures are shown to its owner only."""
    actor.require(Permission.DASHBOARDS_ALERT_WRITE)
    row = await queries.alert_of(actor, session, alert_id)
    rows, total = await queries.page_of_evaluations(session, row.id, page)
    items = tuple(viewing.evaluation_view(one, own=viewing.is_own(actor, row)) for one in rows)
    return Page(items=items, total=total, limit=page.limit, offset=page.offset)


async def list_notices(actor: Actor, session: AsyncSession, alert_id: UUID, page: PageRequest) -> Page[RecipientNotice]:
    """Return a page of how the messages of an alert went, newest first."""
    actor.require(Permission.DASHBOARDS_ALERT_WRITE)
    row = await queries.alert_of(actor, session, alert_id)
    rows, total = await queries.page_of_sent(session, row.id, page)
    items = tuple(viewing.recipient_notice(one) for one in rows)
    return Page(items=items, total=total, limit=page.limit, offset=page.offset)


async def _require_recipients(
    actor: Actor, session: AsyncSession, change: AlertChange, *, before: AlertChange | None = None
) -> None:
    chosen, known = change.recipients, () if before is None else before.recipients.user_ids
    recipients.require_people(actor, user_ids=chosen.user_ids, roles=chosen.roles)
    await recipients.require_members(actor, session, chosen.user_ids, before=known)
    await recipients.require_webhooks(actor, session, chosen.webhook_ids)


async def _checked(actor: Actor, change: AlertChange) -> UUID:
    """Refuse what cannot be watched; return the dataset that it reads."""
    checked(change.schedule, change.time_zone, at=now())
    question = await question_of(actor, change)
    query = question.query
    if question.group is not None:
        measures = tuple(dict.fromkeys((*query.measures, ROW_COUNT)))
        query = query.model_copy(update={"dimensions": (GroupBy(field=question.group),), "measures": measures})
    plan = await engine.dry_run(actor, query.model_copy(update={"period": question.period}))
    if not plan.ok:
        raise AlertConditionError(fields={"watched": " ".join(one.message for one in plan.problems)})
    if question.period is None and change.condition.kind == "change":
        raise AlertConditionError(fields={"condition": field_text("fields.no_period")})
    return query.dataset_id


def _did(session: AsyncSession, actor: Actor, row: Alert, kind: str) -> None:
    add_entry(session, row, at=now(), kind=kind, from_state=row.state, to_state=row.state, by=actor.label)


async def _view(actor: Actor, session: AsyncSession, row: Alert) -> AlertView:
    courses = await queries.courses(session, [row.id])
    return viewing.alert_view(actor, row, courses.get(row.id, ()))


async def _note(actor: Actor, session: AsyncSession, action: str, row: Alert) -> None:
    await audit.record(
        actor,
        session,
        action=f"dashboards.alert.{action}",
        subject_type="alert",
        subject_id=row.id,
        subject_label=row.title,
    )
