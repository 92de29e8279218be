"""Alerts in people's words: conditions, figures, messages. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from backend_services.dashboards import formats
from backend_services.dashboards.alerts.conditions import Change, Missing, Threshold
from backend_services.dashboards.alerts.observing import WHOLE
from backend_services.dashboards.alerts.standing import Notice, State
from backend_services.kernel.i18n import format_datetime, has_text, plural, text, texts
from backend_services.kernel.i18n.catalogue import parameters_of

if TYPE_CHECKING:
    from backend_services.dashboards.alerts.conditions import Condition
    from backend_services.dashboards.alerts.models import AlertEntry
    from backend_services.dashboards.alerts.schemas import AlertChange
    from backend_services.datasets.catalogue import Unit
    from backend_services.kernel.actor import Actor

_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True, slots=True)
class Figures:
    """What one recipient may see of what an alert tells; ``None`` where the recipient's rights show nothing."""

    value: float | None = None
    compared: float | None = None
    unit: Unit | None = None
    group: str = WHOLE


def condition_text(condition: Condition, unit: Unit | None, language: str) -> str:
    """Return a condition in words, as the end of "fires when"."""
    match condition:
        case Threshold(lower=None):
            return text(f"alerts.when.{condition.side}", language, value=formats.exact(condition.value, unit, language))
        case Threshold():
            lower = formats.exact(condition.lower or 0.0, unit, language)
            upper = formats.exact(condition.value, unit, language)
            return text("alerts.when.outside", language, lower=lower, upper=upper)
        case Change():
            by = (
                formats.percent(condition.by / 100, language)
                if condition.unit == "percent"
                else formats.exact(condition.by, unit, language)
            )
            against = text(f"alerts.against.{condition.against}", language)
            return text(f"alerts.when.{condition.direction}", language, by=by, against=against)
        case Missing(stale_hours=None):
            return text("alerts.when.missing", language)
        case Missing():
            return plural("alerts.when.stale", condition.stale_hours or 0, language)
        case _:
            assert_never(condition)


def value_text(condition: Condition, value: float | None, unit: Unit | None, language: str) -> str:
    """Return a figure as the condition counts it: with its unit, as rows, or as hours."""
    if value is None:
        return formats.MISSING
    if isinstance(condition, Missing):
        if condition.stale_hours is None:
            return plural("alerts.rows", value, language)
        return plural("alerts.hours", round(value, 1), language)
    return formats.exact(value, unit, language)


def reason_text(reason: str, language: str) -> str:
    """Return why there is no figure, in words."""
    for key in (f"alerts.reason.{reason}", f"errors.{reason}"):
        if has_text(key, language) and not parameters_of(texts(language)[key]):
            return text(key, language)
    return text("alerts.reason_other", language, code=reason)


def message_of(title: str, content: AlertChange, entry: AlertEntry, figures: Figures, reader: Actor) -> tuple[str, str]:
    """Return the heading and the text of a message to ``reader``, with the reader's own figures."""
    language, kind = reader.language, Notice(entry.notice)
    named = title if figures.group == WHOLE else f"{title} ({figures.group})"
    heading = text(f"alerts.told.{kind.value}", language, title=named)
    lines = [_custom(title, content, entry, figures, language), *_said(content, entry, figures, language)]
    at = format_datetime(entry.at, language, time_zone=reader.time_zone)
    lines.append(text("alerts.seen_at", language, time=at))
    return heading, "\n".join(line for line in lines if line)


def _said(content: AlertChange, entry: AlertEntry, figures: Figures, language: str) -> list[str]:
    kind = Notice(entry.notice)
    if kind in {Notice.ERROR, Notice.NO_DATA}:
        return [reason_text(entry.reason or "no_data", language)]
    condition = condition_text(content.condition, figures.unit, language)
    said = [text("alerts.fires_when", language, condition=condition)]
    if figures.value is None:
        return [*said, text("alerts.without_figure", language)]
    value = value_text(content.condition, figures.value, figures.unit, language)
    if not isinstance(content.condition, Change) or figures.compared is None:
        return [*said, text("alerts.value_is", language, value=value)]
    before = value_text(content.condition, figures.compared, figures.unit, language)
    change = change_text(content.condition, figures, language)
    return [*said, text("alerts.value_was", language, value=value, before=before, change=change)]


def change_text(condition: Change, figures: Figures, language: str) -> str:
    """Return by how much a figure changed, with its sign."""
    difference = (figures.value or 0.0) - (figures.compared or 0.0)
    if condition.unit == "percent" and figures.compared:
        return formats.percent(difference / abs(figures.compared), language, signed=True)
    return f"{'+' if difference > 0 else ''}{formats.exact(difference, figures.unit, language)}"


def _custom(title: str, content: AlertChange, entry: AlertEntry, figures: Figures, language: str) -> str:
    """Return the owner's own sentence; what the reader may not see is a dash."""
    known = {
        "group": figures.group or formats.MISSING,
        "state": text(f"alerts.state.{State(entry.to_state).value}", language),
        "threshold": condition_text(content.condition, figures.unit, language),
        "title": title,
        "value": value_text(content.condition, figures.value, figures.unit, language),
    }
    return _PLACEHOLDER.sub(lambda match: known[match[1]], content.message)
