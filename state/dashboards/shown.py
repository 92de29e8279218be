"""Turns the service's answers into what tiles show: plain texts and plain figures."""

from __future__ import annotations

import shlex
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from backend_services.dashboards.schemas import Computation, LegendEntry, NumberView, Overrides, TileResult
from backend_services.dashboards.sizes import rows_of
from backend_services.dashboards.spec import ChartKind, MetricSource, Tile
from backend_services.kernel.actor import Actor
from backend_services.kernel.i18n import format_number, text
from state.dashboards.picking import axis_of
from state.wording import when

COORDINATES = 2
SPARK_WIDTH, SPARK_HEIGHT, SPARK_INSET = 84, 28, 2
BLANK: dict[str, Any] = {
    "state": "loading", "finding": "", "accessible": "", "legend": [], "figure": {}, "phone_layout": {}, "value": "",
    "value_full": "", "delta": "", "direction": "flat", "tone": "", "against": "", "spark": "", "columns": [],
    "rows": [],
    "source": "", "source_href": "", "csv_href": "", "xlsx_href": "", "png_href": "", "call": "",
    "stale": "", "as_table": False, "notes": [], "problem_message": "",
    "problem_code": "", "insufficient_message": "", "insufficient_needed": "", "how": {"facts": [], "sql": ""},
    "asks": "", "rows_high": "", "drill": "", "axis": {"field": "", "grain": ""}, "footer": [], "blocks": [],
}  # fmt: skip
WORDS = ("id", "title", "chart", "width", "asks", "rows_high", "drill", "axis")
"""What a tile is, without its answer."""
ANSWERED = frozenset({"ready", "insufficient_data"})
UNDRILLED = frozenset({ChartKind.HEATMAP, ChartKind.HISTOGRAM, ChartKind.PIVOT})
SIGNS = "+-\N{MINUS SIGN}"
TONES = {"good": "good", "bad": "bad", "neutral": ""}


def loading_tile(tile: Tile) -> dict[str, Any]:
    """Return a tile that waits for its answer."""
    words = {"id": tile.id, "title": tile.title, "chart": tile.chart.value, "width": str(tile.width)}
    words |= {"asks": tile.source.kind, "rows_high": str(rows_of(tile) or "")}
    return {**BLANK, **words, "drill": drill_field(tile), "axis": axis_of(tile)}


def drill_field(tile: Tile) -> str:
    """Return the field whose values the figure shows one by one, if there is one; times have the period instead."""
    if tile.chart in UNDRILLED or not isinstance(tile.source, MetricSource):
        return ""
    groups = tile.source.query.dimensions
    texts = groups[COORDINATES:] if tile.chart is ChartKind.MAP and len(groups) >= COORDINATES else groups
    return next((group.field for group in texts if group.grain is None), "")


def failed_tile(tile: dict[str, Any], *, message: str, code: str, keep: bool = False) -> dict[str, Any]:
    """Return ``tile`` with the reason why it has no answer.

    With ``keep``, one that had an answer keeps it and says the reason.
    """
    if keep and tile["state"] in ANSWERED:
        return {**tile, "stale": message}
    words = {name: tile[name] for name in WORDS}
    return {**BLANK, **words, "state": "failed", "problem_message": message, "problem_code": code}


def kept_tile(tile: Tile, before: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return a tile of a dashboard that was saved anew, with the answer it had ``before`` (tiles by id) if it fits."""
    fresh, old = loading_tile(tile), before.get(tile.id)
    if old is None or old["chart"] != fresh["chart"]:
        return fresh
    return {**old, **{name: fresh[name] for name in WORDS if name not in {"id", "chart"}}}


def shown_tile(
    tile: dict[str, Any],
    result: TileResult,
    *,
    actor: Actor,
    dashboard_id: UUID | None = None,
    overrides: Overrides | None = None,
) -> dict[str, Any]:
    """Return ``tile`` with its answer, in the language and the time zone of ``actor``.

    With ``dashboard_id`` also where the answer lies as a file, and how it is asked for over REST.
    """
    shown = {
        **tile,
        "state": result.state,
        "stale": "",
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
        shown["footer"] = list(result.table.footer)
    if result.text:
        shown["blocks"] = [block.model_dump() for block in result.text]
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
    if dashboard_id is not None and result.chart is not ChartKind.TEXT:
        shown |= _ways_out(result, dashboard_id, overrides or Overrides())
    return shown


def _ways_out(result: TileResult, dashboard_id: UUID, overrides: Overrides) -> dict[str, str]:
    """Return the files of an answer and the call that asks for it; there is no file of what is no answer."""
    ways = {"csv_href": "", "xlsx_href": "", "png_href": "", "call": rest_call(dashboard_id, result.tile_id, overrides)}
    if result.state == "ready":
        ways["csv_href"] = csv_address(dashboard_id, result.tile_id, overrides)
        ways["xlsx_href"] = _address(dashboard_id, result.tile_id, "export", overrides, {"format": "xlsx"})
        ways["png_href"] = _address(dashboard_id, result.tile_id, "png", overrides, {})
    return ways


def csv_address(dashboard_id: UUID, tile_id: str, overrides: Overrides) -> str:
    """Return where a tile's answer lies as CSV, for the same period and filters as on the page."""
    return _address(dashboard_id, tile_id, "export", overrides, {"format": "csv"})


def rows_address(dashboard_id: UUID, tile_id: str, overrides: Overrides) -> str:
    """Return where all rows behind a tile lie as CSV, for the same period and filters as on the page."""
    return _address(dashboard_id, tile_id, "rows/export", overrides, {"format": "csv"})


def rest_call(dashboard_id: UUID, tile_id: str, overrides: Overrides) -> str:
    """Return the end of a call of ``curl`` that asks for the tile, behind the address of the installation.

    The key stays a variable of the shell; what a reader typed into a filter is quoted for the shell.
    """
    lines = [f'/api/v1/dashboards/{dashboard_id}/tiles/{tile_id}/result"', '-H "X-API-Key: $OMNI_KEY"']
    seen = _narrowing(overrides)
    if seen:
        lines.append(f"--data-urlencode {shlex.quote(f'overrides={seen}')}")
    return " \\\n  ".join(lines)


def _address(dashboard_id: UUID, tile_id: str, what: str, overrides: Overrides, asked: dict[str, str]) -> str:
    seen = _narrowing(overrides)
    query = urlencode(asked | ({"overrides": seen} if seen else {}))
    return f"/api/v1/dashboards/{dashboard_id}/tiles/{tile_id}/{what}" + (f"?{query}" if query else "")


def _narrowing(overrides: Overrides) -> str:
    seen = overrides.model_dump_json(exclude_defaults=True)
    return "" if seen == "{}" else seen


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
        "sql": "\n\n".join((how.sql, *how.beside)),
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
