"""What goes in and out of subscriptions."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal, Self
from uuid import UUID

from pydantic import Field, model_validator

from backend_services.dashboards.rendering.schemas import Sheet
from backend_services.dashboards.spec import TileId
from backend_services.dashboards.subscriptions.schedule import Daily, Schedule
from backend_services.datasets.catalogue import Filter, RelativePeriod
from backend_services.kernel.i18n import field_text
from backend_services.kernel.schemas import Strict

DELIVER_JOB = "dashboards.deliver"


class Format(StrEnum):
    """As which file; tables as CSV and XLSX are of one tile."""

    CSV = "csv"
    PDF = "pdf"
    PNG = "png"
    XLSX = "xlsx"


TABULAR = frozenset({Format.CSV, Format.XLSX})


class Channel(StrEnum):
    """How it arrives. What goes by mail is in the recipient's inbox as well."""

    INBOX = "inbox"
    MAIL = "mail"
    WEBHOOK = "webhook"


class SendWhen(StrEnum):
    """Whether an occurrence is worth sending."""

    ALWAYS = "always"
    CHANGED = "changed"
    NOT_EMPTY = "not_empty"


class SubscriptionState(StrEnum):
    """Whether a subscription is followed."""

    ACTIVE = "active"
    DISABLED = "disabled"
    PAUSED = "paused"


class DeliveryState(StrEnum):
    """How a delivery stands. ``REFUSED``: the recipient may not see it any more."""

    FAILED = "failed"
    REFUSED = "refused"
    SENT = "sent"
    SKIPPED = "skipped"
    WAITING = "waiting"


class Recipients(Strict):
    """Who gets it: people and roles of the team, addresses outside (mail only), or webhooks (that channel only)."""

    user_ids: tuple[UUID, ...] = Field(default=(), max_length=100)
    roles: tuple[str, ...] = Field(default=(), max_length=20)
    addresses: tuple[str, ...] = Field(default=(), max_length=50)
    webhook_ids: tuple[UUID, ...] = Field(default=(), max_length=10)


class SubscriptionChange(Strict):
    """Everything a person chooses.

    Attributes:
        recipients: Empty is the owner alone.
        period: Replaces the dashboard's own.
        filters: Added to the dashboard's own.
    """

    title: str = Field(min_length=1, max_length=120)
    tile_id: TileId | None = None
    format: Format = Format.PDF
    sheet: Sheet = Sheet()
    period: RelativePeriod | None = None
    filters: tuple[Filter, ...] = Field(default=(), max_length=20)
    channel: Channel = Channel.MAIL
    recipients: Recipients = Recipients()
    schedule: Schedule = Daily()
    time_zone: str = Field(default="UTC", max_length=64)
    send_when: SendWhen = SendWhen.ALWAYS

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.format in TABULAR and self.tile_id is None:
            raise ValueError(field_text("fields.tabular_tile"))
        if self.recipients.addresses and self.channel is not Channel.MAIL:
            raise ValueError(field_text("fields.address_by_mail"))
        by_webhook = self.channel is Channel.WEBHOOK
        people = self.recipients.user_ids or self.recipients.roles
        if by_webhook != bool(self.recipients.webhook_ids) or (by_webhook and people):
            raise ValueError(field_text("fields.webhook_ids"))
        return self


class SubscriptionCreate(SubscriptionChange):
    """A new subscription."""

    dashboard_id: UUID


class SubscriptionView(SubscriptionChange):
    """A subscription as it stands."""

    id: UUID
    dashboard_id: UUID
    owner_id: UUID
    state: SubscriptionState
    next_at: datetime | None
    last_at: datetime | None
    failures: int
    unsubscribed: tuple[str, ...]
    version: int
    created_at: datetime
    updated_at: datetime


class DeliveryView(Strict):
    """One delivery in a subscription's history.

    Attributes:
        size_bytes: Of the file; ``None`` for another recipient's, whose rows the reader may not be allowed to see.
    """

    id: UUID
    subscription_id: UUID
    occurrence: datetime
    recipient: str
    channel: Channel
    state: DeliveryState
    reason: str
    job_id: UUID | None
    size_bytes: int | None
    settled_at: datetime | None
    created_at: datetime


class InboxItem(Strict):
    """A file that was delivered to the reader."""

    id: UUID
    title: str
    file_name: str
    media_type: str
    size_bytes: int
    read: bool
    created_at: datetime
    expires_at: datetime | None


class InboxCount(Strict):
    """How many files nobody has opened yet."""

    unread: int


class DeliverPayload(Strict):
    """Which delivery a job makes."""

    delivery_id: UUID


class UnsubscribeLink(Strict):
    """What a link to unsubscribe holds, sealed."""

    tenant_id: UUID
    subscription_id: UUID
    recipient: str
    language: Literal["en", "sl"] = "en"


class Unsubscribed(Strict):
    """What a recipient is told who took himself off."""

    title: str
    language: Literal["en", "sl"]
