"""Alerts in the reader's words, as rows and figures of pages. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from backend_services.dashboards import formats
from backend_services.dashboards.alerts.conditions import Missing
from backend_services.dashboards.alerts.schedule import Every, Schedule
from backend_services.dashboards.alerts.wording import condition_text, reason_text, value_text
from backend_services.dashboards.figure.layout import value_axis
from backend_services.kernel.i18n import plural, text
from state.dashboards.shown import spark_points
from state.deliveries.wording import schedule_text as calendar_text
from state.wording import DASH, code_text, when

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from backend_services.dashboards.alerts.conditions import Condition
    from backend_services.dashboards.alerts.schemas import (
        AlertNoticeView,
        AlertView,
        EntryView,
        GroupView,
        ReceivedAlert,
        RecipientNotice,
    )
    from backend_services.datasets.catalogue import Unit
    from backend_services.kernel.actor import Actor

Row = dict[str, Any]
Points = list[tuple["datetime", float | None, float | None]]


def schedule_text(schedule: Schedule, time_zone: str, language: str) -> str:
    """Return when something is evaluated, in words."""
    if isinstance(schedule, Every):
        return plural("alerts.every", schedule.minutes, language)
    return calendar_text(schedule, time_zone, language)


def state_of(one: AlertView) -> str:
    """Return the state for the badge: paused shows over all others."""
    return "paused" if one.mode.value == "paused" else one.state.value


def alert_row(one: AlertView, actor: Actor) -> Row:
    """Return an alert as a row of the list."""
    language = actor.language
    return {
        "id": str(one.id),
        "title": one.title,
        "href": f"/alerts/{one.id}",
        "condition": condition_text(one.condition, one.unit, language),
        "state": state_of(one),
        "value": value_text(one.condition, one.value, one.unit, language) if one.own else DASH,
        "spark": spark_points(one.course),
        "since": when(one.since, actor),
        "last": when(one.last_at, actor),
        "paused": one.mode.value == "paused",
        "own": one.own,
    }


def facts_of(one: AlertView, actor: Actor, *, source: str) -> dict[str, str]:
    """Return what the page of one alert says about it."""
    language = actor.language
    return {
        "id": str(one.id),
        "title": one.title,
        "state": state_of(one),
        "paused": "yes" if one.mode.value == "paused" else "",
        "own": "yes" if one.own else "",
        "silenced": when(one.silenced_until, actor) if one.silenced_until else "",
        "value": value_text(one.condition, one.value, one.unit, language) if one.own else DASH,
        "compared": value_text(one.condition, one.compared, one.unit, language),
        "condition": condition_text(one.condition, one.unit, language),
        "schedule": schedule_text(one.schedule, one.time_zone, language),
        "reason": reason_text(one.reason, language) if one.reason else "",
        "source": source,
        "since": when(one.since, actor),
        "last": when(one.last_at, actor),
        "next": when(one.next_at, actor),
    }


def group_row(one: GroupView, condition: Condition, unit: Unit | None, actor: Actor) -> Row:
    """Return a group as a row."""
    return {
        "id": one.key,
        "key": one.key,
        "state": one.state.value,
        "value": value_text(condition, one.value, unit, actor.language),
        "since": when(one.since, actor),
        "by": " · ".join(part for part in (one.acknowledged_by, one.note) if part),
    }


def entry_row(one: EntryView, condition: Condition, unit: Unit | None, actor: Actor) -> Row:
    """Return an entry of the history as a row."""
    language = actor.language
    if one.kind == "state":
        said = text(f"alerts.notice.{one.notice.value}", language) if one.notice else ""
        what = text(f"alerts.state.{one.to_state.value}", language)
        why = reason_text(one.reason, language) if one.reason else ""
    else:
        said, what, why = "", text(f"alerts.did.{one.kind}", language), one.note
    return {
        "id": str(one.id),
        "at": when(one.at, actor),
        "what": what,
        "group": one.group,
        "value": DASH if one.value is None else value_text(condition, one.value, unit, language),
        "notice": said,
        "why": " · ".join(part for part in (one.by, why) if part),
    }


def sent_row(number: int, one: RecipientNotice, names: dict[str, str], actor: Actor) -> Row:
    """Return how a message to one recipient went as a row."""
    return {
        "id": str(number),
        "at": when(one.created_at, actor),
        "to": names.get(str(one.user_id), DASH),
        "kind": text(f"alerts.notice.{one.kind.value}", actor.language),
        "state": one.state,
        "why": code_text("deliveries.reason", one.reason, actor.language) if one.reason else "",
    }


def received_row(one: ReceivedAlert, actor: Actor) -> Row:
    """Return an alert as its recipients see it."""
    return {
        "id": str(one.id),
        "title": one.title,
        "state": one.state.value,
        "since": when(one.since, actor),
        "by": one.acknowledged_by,
        "firing": one.state.value in {"firing", "no_data", "error"},
    }


def notice_row(one: AlertNoticeView, actor: Actor) -> Row:
    """Return a message that the reader got as a row."""
    return {
        "id": str(one.id),
        "title": one.title,
        "text": one.text,
        "state": "read" if one.read else "new",
        "at": when(one.created_at, actor),
    }


def figure_of(points: Points, condition: Condition, unit: Unit | None, actor: Actor) -> Row:
    """Return the course of a figure with its threshold as a dashed line, for Plotly; no colour is named."""
    language, zone = actor.language, actor.time_zone
    times = [at.astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat(timespec="seconds") for at, _, _ in points]
    values = [value for _, value, _ in points]
    texts = [value_text(condition, value, unit, language) for value in values]
    limits = [] if condition.kind == "change" else [limit for _, _, limit in points]
    data: list[Row] = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": text("alerts.value", language),
            "x": times,
            "y": values,
            "text": texts,
            "hovertemplate": "%{text}<extra></extra>",
            "connectgaps": False,
            "marker": {"size": 5},
        }
    ]
    if any(limit is not None for limit in limits):
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": text("alerts.threshold", language),
                "x": times,
                "y": limits,
                "line": {"dash": "dash", "width": 1.5, "shape": "hv"},
                "hoverinfo": "skip",
            }
        )
    shown = [one for one in (*values, *limits) if one is not None]
    low, high = (min(shown), max(shown)) if shown else (0.0, 1.0)
    axis = value_axis(low, high, None if isinstance(condition, Missing) else unit, language, from_zero=low >= 0)
    lasts_days = bool(points) and points[-1][0] - points[0][0] > timedelta(days=2)
    return {"data": data, "layout": _layout(language, axis, days=lasts_days)}


def _layout(language: str, axis: Row, *, days: bool) -> Row:
    by_day = "%-d. %-m." if language == "sl" else "%-d %b"
    return {
        "height": 286,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "hovermode": "x unified",
        "showlegend": False,
        "separators": formats.separators(language),
        "xaxis": {
            "type": "date",
            "automargin": True,
            "nticks": 6,
            "tickformat": by_day if days else "%H:%M",
        },
        "yaxis": {**axis, "automargin": True},
    }


def sentence_of(points: Points, condition: Condition, unit: Unit | None, actor: Actor) -> str:
    """Return what the course shows in one sentence, for those who do not see it."""
    known: Sequence[float] = [value for _, value, _ in points if value is not None]
    if not known:
        return text("alerts.no_course", actor.language)
    low, high, last = (value_text(condition, one, unit, actor.language) for one in (min(known), max(known), known[-1]))
    return plural("alerts.course", len(known), actor.language, low=low, high=high, last=last)
