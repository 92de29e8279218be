"""Tells one recipient of one entry: with the recipient's own figures and language, in the inbox and by mail."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from backend_services.dashboards.alerts import queries
from backend_services.dashboards.alerts.evaluating import PASSING
from backend_services.dashboards.alerts.observing import Observer
from backend_services.dashboards.alerts.schemas import AlertChange
from backend_services.dashboards.alerts.standing import Notice
from backend_services.dashboards.alerts.wording import Figures, message_of
from backend_services.datasets.catalogue import Unit
from backend_services.identity import service as identity
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import DomainError
from backend_services.kernel.events import service as events
from backend_services.kernel.mail import service as mail
from backend_services.kernel.mail.message import compose
from backend_services.kernel.mail.settings import get_mail_settings
from backend_services.kernel.settings import get_settings

if TYPE_CHECKING:
    from uuid import UUID

    from backend_services.dashboards.alerts.models import Alert, AlertEntry, AlertNotice
    from backend_services.kernel.actor import Actor

MAX_ATTEMPTS: Final = 6
_LONGEST_HEADING, _LONGEST_TEXT = 300, 4000


@dataclass(frozen=True, slots=True)
class _Outcome:
    state: str
    reason: str = ""
    heading: str = ""
    said: str = ""


async def notify(platform: Actor, notice_id: UUID, *, attempt: int) -> str:
    """Tell the recipient and settle the notice; return its state. One that is settled stays as it is.

    Raises:
        DomainError: It failed; a passing failure is tried again until the last attempt.
    """
    async with transaction(platform) as session:
        found = await queries.notice_with_alert(session, notice_id)
    if found is None:
        return "gone"
    notice, entry, alert = found
    if notice.state != "waiting":
        return notice.state
    try:
        outcome = await _tell(notice, entry, alert)
    except DomainError as error:
        if error.kind not in PASSING or attempt >= MAX_ATTEMPTS:
            await _settle(platform, notice_id, _Outcome("failed", error.code))
        raise
    await _settle(platform, notice_id, outcome)
    return outcome.state


async def _tell(notice: AlertNotice, entry: AlertEntry, alert: Alert) -> _Outcome:
    reader = await identity.load_actor(notice.tenant_id, notice.user_id)
    if reader is None:
        return _Outcome("refused", "member_left")
    content = AlertChange.model_validate(alert.content)
    figures = Figures()
    if alert.owner_id == notice.user_id:
        figures = _owners(alert, entry)
    elif Notice(entry.notice) is not Notice.ERROR:
        try:
            figures = await figures_for(reader, content, entry)
        except DomainError as error:
            if error.kind in PASSING:
                raise
            return _Outcome("refused", error.code)
    heading, said = message_of(alert.title, content, entry, figures, reader)
    if notice.mail:
        await _mail(notice, reader, heading, said)
    return _Outcome("sent", heading=heading[:_LONGEST_HEADING], said=said[:_LONGEST_TEXT])


def _owners(alert: Alert, entry: AlertEntry) -> Figures:
    """Return what the owner's rights showed: the very figures that made the state."""
    unit = Unit.model_validate(alert.unit) if alert.unit else None
    return Figures(value=entry.value, compared=entry.compared, unit=unit, group=entry.group)


async def figures_for(reader: Actor, content: AlertChange, entry: AlertEntry) -> Figures:
    """Return what ``reader``'s own rights show of what an entry tells; a group that is not shown has no name.

    Raises:
        DomainError: The reader may not see the figure at all.
    """
    observer = await Observer.of(reader, content)
    observation = await observer.observe(entry.at)
    seen = observation.seen.get(entry.group)
    if seen is None or seen.value is None:
        is_shown = seen is not None
        return Figures(unit=observation.unit, group=entry.group if is_shown else "")
    return Figures(value=seen.value, compared=seen.compared, unit=observation.unit, group=entry.group)


async def _mail(notice: AlertNotice, reader: Actor, heading: str, said: str) -> None:
    settings = get_mail_settings()
    message = compose(
        "alert",
        to=reader.label,
        language=reader.language,
        sender=settings.sender,
        reply_to=settings.reply_to,
        message_id=str(notice.id),
        params={
            "heading": heading,
            "text": said,
            "link": f"{get_settings().base_url}/alerts/{notice.alert_id}",
        },
    )
    await mail.mail_transport().deliver(message)


async def _settle(platform: Actor, notice_id: UUID, outcome: _Outcome) -> None:
    async with transaction(platform) as session:
        found = await queries.notice_with_alert(session, notice_id)
        if found is None or found[0].state != "waiting":
            return
        notice = found[0]
        notice.state, notice.reason, notice.settled_at = outcome.state, outcome.reason[:64], now()
        notice.title, notice.text = outcome.heading, outcome.said
        await session.flush()
        if outcome.state == "sent":
            data = {"user_id": str(notice.user_id)}
            await events.record(
                platform, session, name="dashboards.alert_notified", subject_id=notice.alert_id, data=data
            )
