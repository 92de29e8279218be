"""What goes in and out of alerts."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from backend_services.dashboards.alerts.conditions import Change, Condition, Missing
from backend_services.dashboards.alerts.schedule import Every, Schedule
from backend_services.dashboards.alerts.standing import Notice, Rules, State
from backend_services.dashboards.spec import TileId
from backend_services.datasets.catalogue import FieldId, Filter, RelativePeriod, Unit
from backend_services.kernel.i18n import field_text
from backend_services.kernel.schemas import Strict

EVALUATE_JOB = "dashboards.evaluate_alert"
NOTIFY_JOB = "dashboards.notify_alert"
PLACEHOLDERS = frozenset({"group", "state", "threshold", "title", "value"})
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class MetricWatched(Strict):
    """A figure in catalogue terms, of the whole or for each value of a dimension."""

    kind: Literal["metric"] = "metric"
    dataset_id: UUID
    measure: FieldId
    group: FieldId | None = Field(default=None, description="Dimension whose values each have a state of their own.")
    filters: tuple[Filter, ...] = Field(default=(), max_length=20)
    period: RelativePeriod | None = None
    time_field: FieldId | None = None


class TileWatched(Strict):
    """The number of a dashboard's tile, with the dashboard's own period and filters."""

    kind: Literal["tile"] = "tile"
    dashboard_id: UUID
    tile_id: TileId


Watched = Annotated[MetricWatched | TileWatched, Field(discriminator="kind")]


class AlertRecipients(Strict):
    """Whom an alert tells. Nobody named is the owner alone."""

    user_ids: tuple[UUID, ...] = Field(default=(), max_length=100)
    roles: tuple[str, ...] = Field(default=(), max_length=20)
    mail: bool = Field(default=True, description="By e-mail too; it is in the inbox anyway.")
    webhook_ids: tuple[UUID, ...] = Field(
        default=(), max_length=10, description="Webhooks that get what the owner sees."
    )


class AlertChange(Strict):
    """Everything a person chooses.

    Attributes:
        time_zone: In which the period and the schedule are meant.
        on_new_data: Also evaluated at once when the dataset gets a new version.
        message: A sentence of one's own for the message; may name the placeholders of ``PLACEHOLDERS``.
    """

    title: str = Field(min_length=1, max_length=120)
    watched: Watched
    condition: Condition
    rules: Rules = Rules()
    schedule: Schedule = Every()
    time_zone: str = Field(default="UTC", max_length=64)
    on_new_data: bool = True
    recipients: AlertRecipients = AlertRecipients()
    message: str = Field(
        default="", max_length=1000, description="May name {title}, {state}, {value}, {threshold} and {group}."
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        unknown = sorted(set(_PLACEHOLDER.findall(self.message)) - PLACEHOLDERS)
        if unknown:
            raise ValueError(field_text("fields.no_placeholder", name=f"{{{unknown[0]}}}"))
        if self.condition.kind == "missing" and self.watched.kind == "tile":
            raise ValueError(field_text("fields.missing_on_dataset"))
        if isinstance(self.watched, MetricWatched) and self.watched.period is None and self._needs_period:
            raise ValueError(field_text("fields.condition_needs_period"))
        return self

    @property
    def _needs_period(self) -> bool:
        return isinstance(self.condition, Change) or (
            isinstance(self.condition, Missing) and self.condition.stale_hours is None
        )


class AlertCreate(AlertChange):
    """A new alert."""


class AlertMode(StrEnum):
    """Whether an alert is followed."""

    ACTIVE = "active"
    PAUSED = "paused"


class Trigger(StrEnum):
    """Why an evaluation was made."""

    DATA = "data"
    MANUAL = "manual"
    SCHEDULE = "schedule"


class AlertView(AlertChange):
    """An alert as it stands.

    Attributes:
        state: The worst of its groups; ``silenced`` while it is.
        reason: Code of why there is no figure.
        own: The reader is its owner. To others no figures are shown, for they are seen with the owner's rights.
        course: Its last figures, oldest first.
    """

    id: UUID
    owner_id: UUID
    dataset_id: UUID
    mode: AlertMode
    state: State
    reason: str
    since: datetime | None
    silenced_until: datetime | None
    own: bool
    value: float | None
    compared: float | None
    threshold: float | None
    unit: Unit | None
    course: tuple[float | None, ...] = ()
    last_at: datetime | None
    next_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


class GroupView(Strict):
    """How one group of an alert stands; the key of the whole is empty."""

    key: str
    state: State
    since: datetime | None
    streak: int
    value: float | None
    compared: float | None
    threshold: float | None
    silenced_until: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    note: str


class EvaluationView(Strict):
    """One evaluation; the figures are those of the whole, or of the worst group."""

    at: datetime
    trigger: Trigger
    state: State
    reason: str
    value: float | None
    compared: float | None
    threshold: float | None
    dataset_version: int
    groups: int
    took_ms: float


class EntryView(Strict):
    """One entry of an alert's history, which is never changed.

    Attributes:
        kind: ``state`` for a change of state or a message, else what a person did.
        notice: What people were told because of it.
    """

    id: UUID
    at: datetime
    kind: Literal["state", "acknowledged", "silenced", "unsilenced", "paused", "resumed", "edited"]
    group: str
    from_state: State
    to_state: State
    value: float | None
    compared: float | None
    measured: float | None
    threshold: float | None
    dataset_version: int
    took_ms: float
    reason: str
    notice: Notice | None
    by: str
    note: str


class Acknowledgement(Strict):
    """Somebody looks after it: no reminders until it recovers. Without a group all that fire are meant."""

    group: str | None = Field(default=None, max_length=300)
    note: str = Field(default="", max_length=500)


class Silence(Strict):
    """No messages until a time, of one group or of all."""

    until: datetime
    group: str | None = Field(default=None, max_length=300)
    note: str = Field(default="", max_length=500)


class Unsilence(Strict):
    """End a silence."""

    group: str | None = Field(default=None, max_length=300)


class BacktestPoint(Strict):
    """What an evaluation would have seen."""

    at: datetime
    value: float | None
    compared: float | None
    threshold: float | None
    state: State


class GroupBacktest(Strict):
    """How often one group would have fired."""

    key: str
    fired: int
    firing_days: float


class Backtest(Strict):
    """How the alert would have done on the dataset's own history, as the data are today.

    Attributes:
        fired: Messages that it fires, over all groups.
        evaluations: Simulated evaluations, at most one a day.
        groups: The groups that fired most.
        points: Of the whole, or of the group that fired most.
        sees: Whether there was any figure at all.
    """

    days: int
    evaluations: int
    fired: int
    recovered: int
    sees: bool
    unit: Unit | None
    groups: tuple[GroupBacktest, ...]
    points: tuple[BacktestPoint, ...]
    took_ms: float


class ReceivedAlert(Strict):
    """An alert as one of its recipients sees it: no figures but those of the recipient's own notices."""

    id: UUID
    title: str
    state: State
    since: datetime | None
    acknowledged_by: str
    last_notice: str


class AlertNoticeView(Strict):
    """A message that the reader got, in the reader's language and with the reader's own figures."""

    id: UUID
    alert_id: UUID
    kind: Notice
    title: str
    text: str
    read: bool
    created_at: datetime


class NoticeCount(Strict):
    """How many notices the reader has not read."""

    unread: int


class RecipientNotice(Strict):
    """How a message to one recipient went, for the alert's owner."""

    entry_id: UUID
    user_id: UUID
    kind: Notice
    state: Literal["waiting", "sent", "refused", "failed"]
    reason: str
    created_at: datetime
    settled_at: datetime | None


class EvaluatePayload(Strict):
    """Which evaluation a job makes; the occurrence tells a repeated one."""

    alert_id: UUID
    occurrence: datetime
    trigger: Trigger


class NotifyPayload(Strict):
    """Which notice a job brings."""

    notice_id: UUID
