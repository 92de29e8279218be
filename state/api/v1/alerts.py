"""Alerts over REST: figures that are watched, how they stand, what happened, and messages to the caller."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from backend_services.dashboards.alerts import service
from backend_services.dashboards.alerts.schemas import (
    Acknowledgement,
    AlertChange,
    AlertCreate,
    AlertNoticeView,
    AlertView,
    Backtest,
    EntryView,
    EvaluationView,
    GroupView,
    NoticeCount,
    ReceivedAlert,
    RecipientNotice,
    Silence,
    Unsilence,
)
from backend_services.dashboards.alerts.standing import State
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission
from backend_services.kernel.schemas import Strict
from state.api.deps import ActorDep, PageDep, SessionDep, needs
from state.api.etags import expected_version, tagged
from state.api.idempotency import idempotent

router = APIRouter(prefix="/api/v1/alerts", tags=["alerts"])

READ = needs(Permission.DASHBOARDS_ALERT_READ)
WRITE = needs(Permission.DASHBOARDS_ALERT_WRITE)
CREATE = WRITE | {"dependencies": [*WRITE["dependencies"], idempotent], "status_code": 201}
EVALUATE = WRITE | {"dependencies": [*WRITE["dependencies"], idempotent], "status_code": 202}
VersionDep = Annotated[int, Depends(expected_version)]
StateDep = Annotated[State | None, Query(description="Only alerts in this state.")]


class Acknowledged(Strict):
    """How many groups somebody looks after now."""

    groups: int


class Asked(Strict):
    """The job that evaluates the alert."""

    job_id: UUID


@router.get("", operation_id="alerts_list", **WRITE)
async def list_alerts(actor: ActorDep, session: SessionDep, page: PageDep, state: StateDep = None) -> Page[AlertView]:
    """List your alerts; those who manage them see everybody's, without the figures."""
    return await service.list_alerts(actor, session, page, state=state)


@router.post("", operation_id="alerts_create", **CREATE)
async def create_alert(body: AlertCreate, actor: ActorDep, session: SessionDep, response: Response) -> AlertView:
    """Watch a figure; it is evaluated at once."""
    view = await service.create_alert(actor, session, body)
    response.headers["Location"] = f"{router.prefix}/{view.id}"
    return tagged(response, view)


@router.post("/preview", operation_id="alerts_preview", **WRITE)
async def preview(body: AlertCreate, actor: ActorDep) -> Backtest:
    """Return how often an alert would have fired lately; nothing is saved."""
    return await service.preview(actor, body)


@router.get("/received", operation_id="alerts_received", **READ)
async def list_received(actor: ActorDep, session: SessionDep, page: PageDep) -> Page[ReceivedAlert]:
    """List the alerts that tell you, with what they last said."""
    return await service.list_received(actor, session, page)


@router.get("/received/{alert_id}", operation_id="alerts_received_get", **READ)
async def get_received(alert_id: UUID, actor: ActorDep, session: SessionDep) -> ReceivedAlert:
    """Return one alert that tells you."""
    return await service.get_received(actor, session, alert_id)


@router.post("/received/{alert_id}/read", operation_id="alerts_read", **READ)
async def read_alert(alert_id: UUID, actor: ActorDep, session: SessionDep) -> NoticeCount:
    """Remember that you read every message of one alert, and count those of others that you have not read."""
    return await service.read_alert(actor, session, alert_id)


@router.get("/notices", operation_id="alerts_my_notices", **READ)
async def list_my_notices(actor: ActorDep, session: SessionDep, page: PageDep) -> Page[AlertNoticeView]:
    """List the messages that alerts sent to you, newest first."""
    return await service.list_my_notices(actor, session, page)


@router.get("/notices/unread", operation_id="alerts_unread", **READ)
async def count_unread(actor: ActorDep, session: SessionDep) -> NoticeCount:
    """Count the messages of alerts that you have not read."""
    return await service.count_unread(actor, session)


@router.post("/notices/{notice_id}/read", operation_id="alerts_read_notice", **READ)
async def read_notice(notice_id: UUID, actor: ActorDep, session: SessionDep) -> AlertNoticeView:
    """Return one of your messages and remember that you read it."""
    return await service.read_notice(actor, session, notice_id)


@router.get("/{alert_id}", operation_id="alerts_get", **WRITE)
async def get_alert(alert_id: UUID, actor: ActorDep, session: SessionDep, response: Response) -> AlertView:
    """Return one alert; its ETag goes into If-Match when you change it."""
    return tagged(response, await service.get_alert(actor, session, alert_id))


@router.put("/{alert_id}", operation_id="alerts_update", **WRITE)
async def update_alert(
    alert_id: UUID,
    body: AlertChange,
    actor: ActorDep,
    session: SessionDep,
    expected: VersionDep,
    response: Response,
) -> AlertView:
    """Change your alert, if nobody did since the version in If-Match."""
    view = await service.update_alert(actor, session, alert_id, body, expected_version=expected)
    return tagged(response, view)


@router.delete("/{alert_id}", operation_id="alerts_delete", status_code=204, **WRITE)
async def delete_alert(alert_id: UUID, actor: ActorDep, session: SessionDep) -> None:
    """Delete an alert with its history and the messages that it sent."""
    await service.delete_alert(actor, session, alert_id)


@router.post("/{alert_id}/pause", operation_id="alerts_pause", **WRITE)
async def pause(alert_id: UUID, actor: ActorDep, session: SessionDep, response: Response) -> AlertView:
    """Stop watching until it is resumed."""
    return tagged(response, await service.pause(actor, session, alert_id))


@router.post("/{alert_id}/resume", operation_id="alerts_resume", **WRITE)
async def resume(alert_id: UUID, actor: ActorDep, session: SessionDep, response: Response) -> AlertView:
    """Watch again from now on."""
    return tagged(response, await service.resume(actor, session, alert_id))


@router.post("/{alert_id}/evaluate", operation_id="alerts_evaluate", **EVALUATE)
async def evaluate_now(alert_id: UUID, actor: ActorDep, session: SessionDep) -> Asked:
    """Evaluate now, beside the schedule."""
    return Asked(job_id=await service.evaluate_now(actor, session, alert_id))


@router.post("/{alert_id}/acknowledge", operation_id="alerts_acknowledge", **READ)
async def acknowledge(alert_id: UUID, body: Acknowledgement, actor: ActorDep, session: SessionDep) -> Acknowledged:
    """Say that you look after it: nobody is reminded until it recovers."""
    return Acknowledged(groups=await service.acknowledge(actor, session, alert_id, body))


@router.post("/{alert_id}/silence", operation_id="alerts_silence", **WRITE)
async def silence(alert_id: UUID, body: Silence, actor: ActorDep, session: SessionDep, response: Response) -> AlertView:
    """Send no messages until a time, of one group or of all."""
    return tagged(response, await service.silence(actor, session, alert_id, body))


@router.post("/{alert_id}/unsilence", operation_id="alerts_unsilence", **WRITE)
async def unsilence(
    alert_id: UUID, body: Unsilence, actor: ActorDep, session: SessionDep, response: Response
) -> AlertView:
    """End a silence."""
    return tagged(response, await service.unsilence(actor, session, alert_id, body))


@router.get("/{alert_id}/groups", operation_id="alerts_groups", **WRITE)
async def list_groups(alert_id: UUID, actor: ActorDep, session: SessionDep) -> tuple[GroupView, ...]:
    """Return how each group of your alert stands."""
    return await service.list_groups(actor, session, alert_id)


@router.get("/{alert_id}/history", operation_id="alerts_history", **WRITE)
async def list_history(alert_id: UUID, actor: ActorDep, session: SessionDep, page: PageDep) -> Page[EntryView]:
    """List what happened to an alert, newest first."""
    return await service.list_history(actor, session, alert_id, page)


@router.get("/{alert_id}/evaluations", operation_id="alerts_evaluations", **WRITE)
async def list_evaluations(alert_id: UUID, actor: ActorDep, session: SessionDep, page: PageDep) -> Page[EvaluationView]:
    """List an alert's evaluations, newest first."""
    return await service.list_evaluations(actor, session, alert_id, page)


@router.get("/{alert_id}/notices", operation_id="alerts_notices", **WRITE)
async def list_notices(alert_id: UUID, actor: ActorDep, session: SessionDep, page: PageDep) -> Page[RecipientNotice]:
    """List how an alert's messages to each recipient went, newest first."""
    return await service.list_notices(actor, session, alert_id, page)
