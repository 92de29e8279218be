"""What goes in and out of webhooks."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from pydantic import Field

from backend_services.kernel.schemas import Strict

DELIVER_JOB = "kernel.deliver_webhook"


class WebhookEvent(StrEnum):
    """What a message can be about, alphabetical."""

    ALERT_ERROR = "alert.error"
    ALERT_FIRED = "alert.fired"
    ALERT_NO_DATA = "alert.no_data"
    ALERT_RECOVERED = "alert.recovered"
    ALERT_REMINDER = "alert.reminder"
    SUBSCRIPTION_DUE = "subscription.due"
    TEST = "webhook.test"


class WebhookState(StrEnum):
    """Whether messages go to an endpoint. ``DISABLED``: switched off after failures."""

    ACTIVE = "active"
    DISABLED = "disabled"
    PAUSED = "paused"


class WebhookDeliveryState(StrEnum):
    """How a delivery stands."""

    FAILED = "failed"
    SENT = "sent"
    WAITING = "waiting"


class WebhookChange(Strict):
    """What a person chooses.

    Attributes:
        events: Which messages it takes; none named is all.
        enabled: Switching on again also ends a switching off after failures.
    """

    name: str = Field(min_length=1, max_length=120)
    url: str = Field(min_length=9, max_length=2000)
    events: tuple[WebhookEvent, ...] = Field(default=(), max_length=50)
    enabled: bool = True


class WebhookView(Strict):
    """An endpoint as it stands; its secret is never shown again."""

    id: UUID
    name: str
    url: str
    events: tuple[WebhookEvent, ...]
    state: WebhookState
    failing_since: datetime | None
    last_at: datetime | None
    rotated_until: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime


class WebhookSecret(Strict):
    """An endpoint with its secret, shown this once."""

    webhook: WebhookView
    secret: str


class WebhookRotate(Strict):
    """Whether the secret before ends at once; otherwise both sign for a while."""

    at_once: bool = False


class WebhookDeliveryView(Strict):
    """One message to one endpoint.

    Attributes:
        status: Of the last answer over HTTP.
        reason: Why the last try failed without one.
        answer: The beginning of what the server said.
    """

    id: UUID
    message_id: str
    event: WebhookEvent
    state: WebhookDeliveryState
    attempts: int
    status: int | None
    reason: Literal["", "timeout", "unreachable", "name_unknown", "address_refused", "job_lost", "switched_off"]
    answer: str
    took_ms: float | None
    created_at: datetime
    settled_at: datetime | None


class DeliverWebhook(Strict):
    """Which delivery a job makes."""

    delivery_id: UUID
