"""Subscriptions and deliveries in the reader's words. Pure."""

from __future__ import annotations

from typing import Any

from backend_services.dashboards.subscriptions.schedule import Cron, Monthly, Schedule, Weekly
from backend_services.dashboards.subscriptions.schemas import DeliveryView, InboxItem, SubscriptionView
from backend_services.kernel.actor import Actor
from backend_services.kernel.i18n import text
from state.wording import code_text, size, when


def schedule_text(schedule: Schedule, time_zone: str, language: str) -> str:
    """Return when something is due, in words, with its time zone."""
    if isinstance(schedule, Cron):
        return f"{schedule.expression} ({time_zone})"
    params: dict[str, object] = {"time": schedule.at}
    if isinstance(schedule, Weekly):
        params["days"] = ", ".join(text(f"deliveries.day.{day}", language) for day in sorted(set(schedule.days)))
    if isinstance(schedule, Monthly):
        which = str(schedule.day) if schedule.day else text("deliveries.last_day", language)
        params["day"] = which
    return f"{text(f'deliveries.every.{schedule.kind}', language, **params)} ({time_zone})"


def subscription_row(one: SubscriptionView, actor: Actor, *, before: str = "") -> dict[str, Any]:
    """Return a subscription as a row of the list; its dashboard's page lies below ``before``."""
    return {
        "id": str(one.id),
        "title": one.title,
        "href": f"{before}/dashboards/{one.dashboard_id}",
        "format": one.format.value.upper(),
        "channel": text(f"deliveries.channel.{one.channel.value}", actor.language),
        "schedule": schedule_text(one.schedule, one.time_zone, actor.language),
        "state": one.state.value,
        "next": when(one.next_at, actor),
        "last": when(one.last_at, actor),
    }


def delivery_row(one: DeliveryView, actor: Actor, names: dict[str, str]) -> dict[str, Any]:
    """Return a delivery as a row of the history; ``names`` are those of recipients by key."""
    reason = code_text("errors", one.reason, actor.language) if one.reason else ""
    known = code_text("deliveries.reason", one.reason, actor.language) if one.reason else ""
    return {
        "id": str(one.id),
        "occurrence": when(one.occurrence, actor),
        "recipient": names.get(one.recipient, one.recipient.partition(":")[2]),
        "state": one.state.value,
        "reason": reason if known == one.reason else known,
    }


def inbox_row(one: InboxItem, actor: Actor) -> dict[str, Any]:
    """Return a delivered file as a row of the inbox."""
    return {
        "id": str(one.id),
        "title": one.title,
        "file": one.file_name,
        "href": f"/api/v1/inbox/{one.id}/file",
        "size": size(one.size_bytes, actor.language),
        "state": "read" if one.read else "new",
        "created": when(one.created_at, actor),
        "expires": when(one.expires_at, actor),
    }
