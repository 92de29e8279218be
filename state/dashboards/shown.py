"""Turns the service's answers into what tiles show: plain texts and plain figures."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from backend_services.dashboards.schemas import Computation, LegendEntry, NumberView, Overrides, TileResult
from backend_services.dashboards.spec import MetricSource, Tile
from backend_services.kernel.actor import Actor
from backend_services.kernel.i18n import format_number, text
from state.wording import when

SPARK_WIDTH, SPARK_HEIGHT, SPARK_INSET = 84, 28, 2
BLANK: dict[str, Any] = {
    "state": "loading", "finding": "", "accessible": "", "legend": [], "figure": {}, "phone_layout": {}, "value": "",
    "value_full": "", "delta": "", "direction": "flat", "tone": "", "against": "", "spark": "", "columns": [],
    "rows": [],
    "source": "", "source_href": "", "csv_href": "", "as_table": False, "notes": [], "problem_message": "",
    "problem_code": "", "insufficient_message": "", "insufficient_needed": "", "how": {"facts": [], "sql": ""},
    "drill": "",
}  # fmt: skip
SIGNS = "+-\N{MINUS SIGN}"
TONES = {"good": "good", "bad": "bad", "neutral": ""}


def loading_tile(tile: Tile) -> dict[str, Any]:
    """Return a tile that waits for its answer."""
    words = {"id": tile.id, "title": tile.title, "chart": tile.chart.value, "width": str(tile.width)}
    return {**BLANK, **words, "drill": drill_field(tile)}


def drill_field(tile: Tile) -> str:
    """Return the field whose values the figure shows one by one, if there is one; times have the period instead."""
    groups = tile.source.query.dimensions if isinstance(tile.source, MetricSource) else ()
    return next((group.field for group in groups if group.grain is None), "")


def failed_tile(tile: dict[str, Any], *, message: str, code: str) -> dict[str, Any]:
    """Return ``tile`` with the reason why it has no answer."""
    return {**tile, "state": "failed", "problem_message": message, "problem_code": code}


def shown_tile(tile: dict[str, Any], result: TileResult, *, actor: Actor, csv_href: str = "") -> dict[str, Any]:
    """Return ``tile`` with its answer, in the language and the time zone of ``actor``.

    ``csv_href`` is where the answer lies as a file, if it does.
    """
    shown = {
        **tile,
        "state": result.state,
        "finding": _subtitle(result),
        "accessible": result.accessible or result.title,
        "notes": list(result.notes),
        "legend": [{"name": entry.name, "colour": colour_of(entry)} for entry in result.legend],
        "figure": result.figure or {},
        "phone_layout": result.phone_layout or {},
    }
    if result.number is not None:
        shown |= _number(result.number, actor.language)
    if result.table is not None:
        shown["columns"] = [{"label": column.label, "align": column.align} for column in result.table.columns]
        shown["rows"] = [list(row) for row in result.table.rows]
    if result.source is not None:
        shown |= {"source": result.source.text, "source_href": f"/datasets/{result.source.dataset_id}"}
    if result.how is not None:
        shown["how"] = how_of(result.how, actor)
    if result.insufficient is not None:
        shown |= {
            "insufficient_message": result.insufficient.message,
            "insufficient_needed": result.insufficient.needed,
        }
    if result.problem is not None:
        shown |= {"problem_message": result.problem.message, "problem_code": result.problem.code}
    if result.state == "ready":
        shown["csv_href"] = csv_href
    return shown


def csv_address(dashboard_id: UUID, tile_id: str, overrides: Overrides) -> str:
    """Return where a tile's answer lies as CSV, for the same period and filters as on the page."""
    seen = overrides.model_dump_json(exclude_defaults=True)
    asked = urlencode({"format": "csv"} if seen == "{}" else {"format": "csv", "overrides": seen})
    return f"/api/v1/dashboards/{dashboard_id}/tiles/{tile_id}/export?{asked}"


def colour_of(entry: LegendEntry) -> str:
    """Return the paint of a series' mark; a dashed line has a dashed mark."""
    colour = f"var(--o-c{entry.palette})" if entry.palette else "var(--o-compare)"
    if entry.dash == "solid":
        return colour
    return f"repeating-linear-gradient(90deg,{colour} 0 4px,transparent 4px 6px)"


def how_of(how: Computation, actor: Actor) -> dict[str, Any]:
    """Return how a figure was computed, as names and values, and the SQL."""
    language = actor.language
    version = text("tile.live", language) if how.live else format_number(how.dataset_version, language)
    facts = [
        ("tile.version", version),
        ("tile.as_of", when(datetime.fromisoformat(how.data_as_of), actor) if how.data_as_of else ""),
        ("tile.period", how.period),
        ("tile.filters", ", ".join(how.filters)),
        ("tile.ignored", ", ".join(how.ignored)),
        ("tile.rules", ", ".join(how.rules_applied)),
        ("tile.took", text("tile.took_ms", language, ms=format_number(how.took_ms, language, decimals=0))),
        ("tile.cached", text("ui.yes" if how.cached else "ui.no", language)),
    ]
    return {
        "facts": [{"name": text(key, language), "value": value} for key, value in facts if value],
        "sql": how.sql,
    }


def _subtitle(result: TileResult) -> str:
    """Return the finding; under a number its period, since the change itself stands below the value."""
    if result.number is None or result.how is None or not result.how.period:
        return result.finding
    return result.how.period


def _number(number: NumberView, language: str) -> dict[str, Any]:
    delta = number.delta
    return {
        "value": number.short,
        "value_full": number.text,
        "delta": "" if delta is None or delta.direction == "flat" else delta.text.lstrip(SIGNS),
        "direction": "flat" if delta is None else delta.direction,
        "tone": "" if delta is None else TONES[delta.tone],
        "against": "" if delta is None else text(f"tile.{delta.direction}", language, against=delta.against),
        "spark": spark_points(number.spark),
    }


def spark_points(values: tuple[float | None, ...]) -> str:
    """Return the points of a small line in a box of 84 by 28, left out where there is no value."""
    known = [(index, value) for index, value in enumerate(values) if value is not None]
    if len(known) < 2:  # noqa: PLR2004 - a line has two ends
        return ""
    low, high = min(value for _, value in known), max(value for _, value in known)
    step = SPARK_WIDTH / (len(values) - 1)
    room = SPARK_HEIGHT - 2 * SPARK_INSET
    return " ".join(
        f"{index * step:.1f},{SPARK_HEIGHT - SPARK_INSET - (value - low) / ((high - low) or 1) * room:.1f}"
        for index, value in known
    )
