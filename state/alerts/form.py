"""An alert as the fields of a form, and back. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from backend_services.dashboards.alerts.conditions import Change, Missing, Threshold
from backend_services.dashboards.alerts.schedule import Every
from backend_services.dashboards.subscriptions.schedule import Daily
from backend_services.datasets.catalogue import Grain, RelativePeriod
from backend_services.kernel.i18n import format_typed, read_number

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from backend_services.dashboards.alerts.schemas import AlertChange
    from backend_services.datasets.catalogue import Filter

PERIODS: Final[dict[str, RelativePeriod]] = {
    "1h": RelativePeriod(kind="last", grain=Grain.HOUR),
    "today": RelativePeriod(kind="this", grain=Grain.DAY),
    "1d": RelativePeriod(kind="last", grain=Grain.DAY),
    "7d": RelativePeriod(kind="last", n=7, grain=Grain.DAY),
    "30d": RelativePeriod(kind="last", n=30, grain=Grain.DAY),
    "week": RelativePeriod(kind="last", grain=Grain.WEEK),
    "month": RelativePeriod(kind="this", grain=Grain.MONTH),
    "last_month": RelativePeriod(kind="last", grain=Grain.MONTH),
}
OWN: Final = "own"
"""The period of an alert that was made elsewhere and is none of ``PERIODS``."""
KINDS: Final = ("above", "below", "outside", "up", "down", "either", "missing", "stale")
EVERY: Final = ("5", "15", "60", "360", "1440")
DAILY: Final = "daily"
EMPTY: Final[dict[str, str]] = {
    "title": "", "dataset": "", "measure": "", "group": "", "period": "1d", "kind": "above", "value": "", "lower": "",
    "by": "20", "unit": "percent", "against": "previous", "hours": "24", "margin": "", "for": "1", "no_data": "no_data",
    "reminder": "", "every": "60", "at": "07:00", "time_zone": "UTC", "new_data": "yes", "mail": "yes",
    "webhook": "", "message": "", "dashboard": "", "tile": "",
}  # fmt: skip
"""A new form. Numbers are as the reader's language writes them."""


class NumberError(ValueError):
    """A field holds no number.

    Attributes:
        field: Its name.
    """

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(field)


def form_of(content: AlertChange, language: str) -> dict[str, str]:
    """Return the fields that describe an alert on a metric."""
    watched, rules, to = content.watched, content.rules, content.recipients
    form = EMPTY | {
        "title": content.title,
        "time_zone": content.time_zone,
        "new_data": "yes" if content.on_new_data else "",
        "mail": "yes" if to.mail else "",
        "webhook": next((str(one) for one in to.webhook_ids), ""),
        "message": content.message,
        "for": str(rules.for_evaluations),
        "no_data": rules.no_data,
        "reminder": "" if rules.reminder_hours is None else str(rules.reminder_hours),
    }
    if watched.kind == "metric":
        known = next((name for name, period in PERIODS.items() if period == watched.period), OWN)
        form |= {
            "dataset": str(watched.dataset_id),
            "measure": watched.measure,
            "group": watched.group or "",
            "period": known if watched.period else "",
        }
    if isinstance(content.schedule, Every):
        form["every"] = str(content.schedule.minutes)
    elif isinstance(content.schedule, Daily):
        form |= {"every": DAILY, "at": content.schedule.at}
    else:
        form["every"] = OWN
    return form | _condition_fields(content, language)


def _condition_fields(content: AlertChange, language: str) -> dict[str, str]:
    match content.condition:
        case Threshold(side=side, value=value, lower=lower, margin=margin):
            lowest = "" if lower is None else format_typed(lower, language)
            return {
                "kind": side,
                "value": format_typed(value, language),
                "lower": lowest,
                "margin": format_typed(margin, language) if margin else "",
            }
        case Change(direction=direction, by=by, unit=unit, against=against, margin=margin):
            return {
                "kind": direction,
                "by": format_typed(by, language),
                "unit": unit,
                "against": against,
                "margin": format_typed(margin, language) if margin else "",
            }
        case Missing(stale_hours=hours):
            return {"kind": "missing"} if hours is None else {"kind": "stale", "hours": str(hours)}


def chosen_of(
    form: dict[str, str],
    known: AlertChange | None,
    *,
    language: str,
    filters: Sequence[Filter] = (),
    user_ids: Sequence[UUID] = (),
    roles: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the form as an alert takes it; what it cannot show stays as it is in ``known``.

    Args:
        form: The fields by name.
        known: The alert as it was; ``None`` for a new one.
        language: Of who typed the numbers.
        filters: As they were put together.
        user_ids: Of the people who were chosen.
        roles: That were chosen.

    Raises:
        NumberError: A field holds no number.
    """
    return {
        "title": form["title"],
        "watched": _watched(form, known, filters),
        "condition": _condition(form, language),
        "rules": {
            "for_evaluations": _whole(form, "for"),
            "recover_after": known.rules.recover_after if known else 1,
            "no_data": form["no_data"],
            "reminder_hours": _whole(form, "reminder") if form["reminder"] else None,
        },
        "schedule": _schedule(form, known),
        "time_zone": form["time_zone"],
        "on_new_data": form["new_data"] == "yes",
        "recipients": {
            "user_ids": user_ids,
            "roles": roles,
            "mail": form["mail"] == "yes",
            "webhook_ids": _kept(form["webhook"], [str(one) for one in known.recipients.webhook_ids] if known else ()),
        },
        "message": form["message"],
    }


def _kept(chosen: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return the one that the form shows, with those that were chosen elsewhere behind it."""
    return tuple(dict.fromkeys((chosen, *known[1:]))) if chosen else ()


def _watched(form: dict[str, str], known: AlertChange | None, filters: Sequence[Filter]) -> Any:
    if known is not None and known.watched.kind == "tile":
        return known.watched
    if form["tile"]:
        return {"kind": "tile", "dashboard_id": form["dashboard"], "tile_id": form["tile"]}
    own = known.watched.period if known is not None and known.watched.kind == "metric" else None
    return {
        "kind": "metric",
        "dataset_id": form["dataset"],
        "measure": form["measure"] or "rows__count",
        "group": form["group"] or None,
        "filters": filters,
        "period": own if form["period"] == OWN else PERIODS.get(form["period"]),
        "time_field": known.watched.time_field if known is not None and known.watched.kind == "metric" else None,
    }


def _condition(form: dict[str, str], language: str) -> dict[str, Any]:
    kind = form["kind"]
    margin = _number(form, "margin", language) if form["margin"] else 0.0
    if kind in {"above", "below", "outside"}:
        lower = _number(form, "lower", language) if kind == "outside" else None
        return {
            "kind": "threshold",
            "side": kind,
            "value": _number(form, "value", language),
            "lower": lower,
            "margin": margin,
        }
    if kind in {"up", "down", "either"}:
        return {
            "kind": "change",
            "direction": kind,
            "by": _number(form, "by", language),
            "unit": form["unit"],
            "against": form["against"],
            "margin": margin,
        }
    return {"kind": "missing", "stale_hours": _whole(form, "hours") if kind == "stale" else None}


def _schedule(form: dict[str, str], known: AlertChange | None) -> Any:
    if form["every"] == OWN and known is not None:
        return known.schedule
    if form["every"] == DAILY:
        return {"kind": "daily", "at": form["at"][:5]}
    return {"kind": "every", "minutes": _whole(form, "every")}


def _number(form: dict[str, str], name: str, language: str) -> float:
    found = read_number(form[name], language)
    if found is None:
        raise NumberError(name)
    return found


def _whole(form: dict[str, str], name: str) -> int:
    typed = form[name].strip()
    if not typed.isdecimal():
        raise NumberError(name)
    return int(typed)
