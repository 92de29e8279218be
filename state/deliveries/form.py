"""A subscription as the fields of a form, and back. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from backend_services.dashboards.subscriptions.schedule import Cron, Monthly, Weekly
from state.dashboards.place import PERIODS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from backend_services.dashboards.subscriptions.schemas import SubscriptionChange
    from backend_services.datasets.catalogue import Filter, RelativePeriod

OWN: Final = "own"
"""The period of a subscription that is none of ``PERIODS``."""
EMPTY: Final[dict[str, str]] = {
    "title": "", "tile": "", "format": "pdf", "period": "", "kind": "daily", "at": "07:00", "days": "1", "date": "1",
    "expression": "0 7 * * 1-5", "time_zone": "UTC", "send_when": "always", "channel": "mail", "webhook": "",
    "addresses": "",
}  # fmt: skip
"""A new form. ``days`` are the digits of the days of the week, Monday is 1."""
DAYS: Final = tuple(str(day) for day in range(1, 8))
TICKED: Final = frozenset({"on", "true"})


def form_of(content: SubscriptionChange) -> dict[str, str]:
    """Return the fields that describe a subscription."""
    to, schedule = content.recipients, content.schedule
    form = EMPTY | {
        "title": content.title,
        "tile": content.tile_id or "",
        "format": content.format.value,
        "period": period_name(content.period),
        "kind": schedule.kind,
        "time_zone": content.time_zone,
        "send_when": content.send_when.value,
        "channel": content.channel.value,
        "webhook": next((str(one) for one in to.webhook_ids), ""),
        "addresses": ", ".join(to.addresses),
    }
    if isinstance(schedule, Cron):
        return form | {"expression": schedule.expression}
    if isinstance(schedule, Weekly):
        form["days"] = "".join(str(day) for day in sorted(set(schedule.days)))
    if isinstance(schedule, Monthly):
        form["date"] = str(schedule.day)
    return form | {"at": schedule.at}


def period_name(period: RelativePeriod | None) -> str:
    """Return the choice that stands for a period; empty is the dashboard's own."""
    if period is None:
        return ""
    return next((name for name, one in PERIODS.items() if one == period), OWN)


def chosen_of(
    form: Mapping[str, Any],
    known: SubscriptionChange | None,
    *,
    own_period: RelativePeriod | None = None,
    filters: Sequence[Filter] = (),
    user_ids: Sequence[UUID] = (),
    roles: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the form as a subscription takes it; what it cannot show stays as it is in ``known``.

    Args:
        form: As the browser sends it; fields that are not shown come as ``None`` or not at all.
        known: The subscription as it was; ``None`` for a new one.
        own_period: What the choice ``OWN`` stands for.
        filters: As they were put together.
        user_ids: Of the people who were chosen.
        roles: That were chosen.
    """
    given = {name: str(value) for name, value in form.items() if value is not None}
    channel = given.get("channel", EMPTY["channel"])
    people = channel != "webhook"
    written = given.get("addresses", "").replace(";", ",").replace("\n", ",")
    hooks = [str(one) for one in known.recipients.webhook_ids] if known else []
    period = given.get("period", "")
    before = known.model_dump() if known else {}
    return before | {
        "title": given.get("title", ""),
        "tile_id": given.get("tile") or None,
        "format": given.get("format", EMPTY["format"]),
        "period": own_period if period == OWN else PERIODS.get(period),
        "filters": filters,
        "channel": channel,
        "time_zone": given.get("time_zone", EMPTY["time_zone"]),
        "send_when": given.get("send_when", EMPTY["send_when"]),
        "schedule": _schedule(given),
        "recipients": {
            "user_ids": user_ids if people else (),
            "roles": roles if people else (),
            "webhook_ids": () if people else _kept(given.get("webhook", ""), hooks),
            "addresses": tuple(one.strip() for one in written.split(",") if one.strip()) if channel == "mail" else (),
        },
    }


def _kept(chosen: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return the one that the form shows, with those that were chosen elsewhere behind it."""
    return tuple(dict.fromkeys((chosen, *known[1:]))) if chosen else ()


def _schedule(given: Mapping[str, str]) -> dict[str, Any]:
    kind = given.get("kind", EMPTY["kind"])
    if kind == "cron":
        return {"kind": kind, "expression": given.get("expression", "")}
    schedule: dict[str, Any] = {"kind": kind, "at": given.get("at", EMPTY["at"])[:5]}
    if kind == "weekly":
        schedule["days"] = tuple(int(day) for day in DAYS if given.get(f"day-{day}", "").casefold() in TICKED)
    if kind == "monthly":
        schedule["day"] = given.get("date", EMPTY["date"])
    return schedule
