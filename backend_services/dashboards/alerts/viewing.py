"""Rows of alerts as their readers see them. Figures and groups were seen with the owner's rights: only the owner's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.dashboards.alerts.schemas import (
    AlertChange,
    AlertMode,
    AlertNoticeView,
    AlertView,
    EntryView,
    EvaluationView,
    GroupView,
    RecipientNotice,
    Trigger,
)
from backend_services.dashboards.alerts.standing import Notice, State, shown
from backend_services.datasets.catalogue import Unit
from backend_services.kernel.clock import now
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from datetime import datetime

    from backend_services.dashboards.alerts.models import Alert, AlertEntry, AlertEvaluation, AlertGroup, AlertNotice
    from backend_services.kernel.actor import Actor


def silenced(until: datetime | None) -> datetime | None:
    """Return until when something is silenced, or ``None`` if it is not."""
    return until if until is not None and until > now() else None


def is_own(actor: Actor, row: Alert) -> bool:
    """Return whether the actor is the alert's owner, and may still read data."""
    return row.owner_id == actor.user_id and actor.can(Permission.DATASETS_DATASET_READ)


def state_of(row: Alert) -> State:
    """Return an alert's state as people see it."""
    return shown(State(row.state), silenced=silenced(row.silenced_until) is not None)


def alert_view(actor: Actor, row: Alert, course: tuple[float | None, ...]) -> AlertView:
    """Return an alert; its figures only to its owner."""
    own = is_own(actor, row)
    return AlertView(
        **AlertChange.model_validate(row.content).model_dump(),
        id=row.id,
        owner_id=row.owner_id,
        dataset_id=row.dataset_id,
        mode=AlertMode(row.mode),
        state=state_of(row),
        reason=row.reason,
        since=row.since,
        silenced_until=silenced(row.silenced_until),
        own=own,
        value=row.value if own else None,
        compared=row.compared if own else None,
        threshold=row.threshold if own else None,
        unit=Unit.model_validate(row.unit) if own and row.unit else None,
        course=course if own else (),
        last_at=row.last_at,
        next_at=row.next_at,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def group_view(row: AlertGroup, *, silenced_until: datetime | None) -> GroupView:
    """Return how a group stands, for the alert's owner."""
    until = max((one for one in (silenced(row.silenced_until), silenced(silenced_until)) if one), default=None)
    return GroupView(
        key=row.key,
        state=shown(State(row.state), silenced=until is not None),
        since=row.since,
        streak=row.streak,
        value=row.value,
        compared=row.compared,
        threshold=row.threshold,
        silenced_until=until,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        note=row.note,
    )


def entry_view(row: AlertEntry, *, own: bool) -> EntryView:
    """Return an entry of the history."""
    return EntryView(
        id=row.id,
        at=row.at,
        kind=row.kind,
        group=row.group if own else "",
        from_state=State(row.from_state),
        to_state=State(row.to_state),
        value=row.value if own else None,
        compared=row.compared if own else None,
        measured=row.measured if own else None,
        threshold=row.threshold if own else None,
        dataset_version=row.dataset_version,
        took_ms=row.took_ms,
        reason=row.reason,
        notice=Notice(row.notice) if row.notice else None,
        by=row.by,
        note=row.note,
    )


def evaluation_view(row: AlertEvaluation, *, own: bool) -> EvaluationView:
    """Return an evaluation."""
    return EvaluationView(
        at=row.at,
        trigger=Trigger(row.trigger),
        state=State(row.state),
        reason=row.reason,
        value=row.value if own else None,
        compared=row.compared if own else None,
        threshold=row.threshold if own else None,
        dataset_version=row.dataset_version,
        groups=row.groups,
        took_ms=row.took_ms,
    )


def recipient_notice(row: AlertNotice) -> RecipientNotice:
    """Return how a message to one recipient went; never what it said, for it holds the recipient's figures."""
    return RecipientNotice(
        entry_id=row.entry_id,
        user_id=row.user_id,
        kind=Notice(row.kind),
        state=row.state,
        reason=row.reason,
        created_at=row.created_at,
        settled_at=row.settled_at,
    )


def my_notice(row: AlertNotice) -> AlertNoticeView:
    """Return a message that the reader got."""
    return AlertNoticeView(
        id=row.id,
        alert_id=row.alert_id,
        kind=Notice(row.kind),
        title=row.title,
        text=row.text,
        read=row.read_at is not None,
        created_at=row.created_at,
    )
