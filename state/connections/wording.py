"""Connections, tables and copies as rows of lists, and what is wrong with a server in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend_services.datasets.connections.schedule import CopySchedule, EveryHours
from backend_services.datasets.connections.schemas import ConnectionView, CopiedTableView
from backend_services.kernel.i18n import format_number, format_percent, plural, stored_text, text
from backend_services.kernel.schedule import Cron, Monthly, Weekly
from state.wording import DASH, ago, count, size

if TYPE_CHECKING:
    from datetime import datetime

    from backend_services.datasets.schemas import Fault
    from backend_services.kernel.actor import Actor

PATH = "/connections"


def place_of(one: ConnectionView, language: str) -> str:
    """Return where a connection leads: ``host:port/database``, or the file with its size."""
    if one.file_name:
        return f"{one.file_name} · {size(one.size_bytes, language)}"
    host = f"[{one.host}]" if ":" in one.host else one.host
    return f"{host}:{one.port}/{one.database}"


def fault_text(fault: Fault | None, language: str) -> str:
    """Return what is wrong and, where the server said something itself, its own words."""
    if fault is None:
        return ""
    sentence = stored_text(fault.code, fault.params, language, otherwise=fault.message)
    reason = str(fault.params.get("reason", ""))
    said = text("connections.server_said", language, reason=reason) if reason else ""
    return f"{sentence} {said}".strip()


def connection_row(one: ConnectionView, actor: Actor) -> dict[str, Any]:
    """Return a connection as a row of the list."""
    return {
        "id": str(one.id),
        "href": f"{PATH}/{one.id}",
        "name": one.name,
        "kind": one.kind.value,
        "place": place_of(one, actor.language),
        "state": one.state.value,
        "checked": ago(one.checked_at, actor),
        "datasets": count(one.datasets, actor.language),
    }


def place_of_table(schema_name: str, table_name: str) -> str:
    """Return a table with its schema, where it has one."""
    return ".".join(one for one in (schema_name, table_name) if one)


def copy_row(one: CopiedTableView, actor: Actor) -> dict[str, Any]:
    """Return a dataset that is a copy as a row of the list."""
    language = actor.language
    open_ = one.job_state is not None and one.job_state.value in {"queued", "running"}
    return {
        "id": str(one.dataset_id),
        "href": f"/datasets/{one.dataset_id}",
        "name": one.dataset_name,
        "table": place_of_table(one.schema_name, one.table_name),
        "columns": count(len(one.columns), language) if one.columns else text("connections.all_columns", language),
        "rows": count(one.rows, language) if one.version else DASH,
        "copied": ago(one.copied_at, actor),
        "schedule": schedule_text(one.settings.schedule, one.settings.time_zone, language),
        "state": one.job_state.value if one.job_state else "",
        "percent": format_percent(one.progress, language, decimals=0) if open_ else "",
        "problem": "" if open_ else fault_text(one.error, language),
    }


def took_text(began: datetime, ended: datetime | None, language: str) -> str:
    """Return how long something took, or a dash while it goes on."""
    if ended is None:
        return DASH
    took_s = max(0.0, (ended - began).total_seconds())
    if took_s < 60:  # noqa: PLR2004 - a minute
        return text("copies.seconds", language, n=format_number(took_s, language, decimals=1))
    minutes, seconds = divmod(round(took_s), 60)
    return text("copies.minutes", language, n=format_number(minutes, language), s=seconds)


def schedule_text(schedule: CopySchedule | None, time_zone: str, language: str) -> str:
    """Return when a table is copied by itself, in words, with the time zone where that matters."""
    match schedule:
        case None:
            return text("copies.kind.manual", language)
        case EveryHours(hours=1):
            return text("copies.hourly", language)
        case EveryHours(hours=hours):
            return plural("copies.every", hours, language)
        case Cron(expression=expression):
            return f"{expression} ({time_zone})"
        case _:
            params: dict[str, object] = {"time": schedule.at}
            if isinstance(schedule, Weekly):
                params["days"] = ", ".join(text(f"deliveries.day.{day}", language) for day in schedule.days)
            if isinstance(schedule, Monthly):
                params["day"] = str(schedule.day) if schedule.day else text("deliveries.last_day", language)
            return f"{text(f'deliveries.every.{schedule.kind}', language, **params)} ({time_zone})"
