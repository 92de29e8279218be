"""What was understood as chips that can be changed, each with its own list. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from backend_services.dashboards.spec import ChartKind, MetricSource, Tile
from backend_services.datasets.catalogue import Catalogue, Dimension, Measure
from backend_services.kernel.i18n import text
from state.dashboards.tile_form import CHARTS, GRAINS, LIMITS, form_of, tile_of
from state.dashboards.view import PERIODS

CHANGEABLE = frozenset({"measure", "dimension", "grain", "period", "limit", "chart"})
NONE = {"value": "", "label": "\N{EN DASH}"}


def chips_of(tile: Tile, catalogue: Catalogue, language: str) -> list[dict[str, Any]]:
    """Return a chip for each thing that can be changed: its name, its value, and what else it may be."""
    if not isinstance(tile.source, MetricSource):
        return []
    form = form_of(tile)
    query = tile.source.query
    dimension = catalogue.dimension(form["dimension"])
    names = {one.id: one for one in catalogue.measures if not one.hidden}
    for one in query.measures[:1]:
        found = catalogue.measure(one)
        if found is not None:
            names.setdefault(one, found)
    lists: dict[str, list[dict[str, str]]] = {
        "measure": _options(tuple(names.values()), language),
        "dimension": [NONE, *_options([one for one in catalogue.dimensions if not one.hidden], language)],
    }
    if dimension is not None and dimension.type.is_time:
        lists["grain"] = [{"value": one, "label": text(f"builder.grain.{one}", language)} for one in GRAINS]
    lists["period"] = [
        {"value": "", "label": text("edit.whole_time", language)},
        *({"value": one, "label": text(f"dashboards.period.{one}", language)} for one in PERIODS),
    ]
    limits = sorted({*LIMITS, query.limit})
    lists["limit"] = [{"value": str(one), "label": str(one)} for one in limits]
    lists["chart"] = [{"value": one, "label": text(f"dashboards.chart.{one}", language)} for one in CHARTS]
    return [_chip(slot, form[slot], options, language) for slot, options in lists.items()]


def _options(fields: Sequence[Measure | Dimension], language: str) -> list[dict[str, str]]:
    return [{"value": one.id, "label": one.label.in_language(language)} for one in fields]


def _chip(slot: str, value: str, options: list[dict[str, str]], language: str) -> dict[str, Any]:
    shown = next((one["label"] for one in options if one["value"] == value), value)
    return {"slot": slot, "name": text(f"builder.change.{slot}", language), "value": shown, "options": options}


def changed_tile(tile: Tile, catalogue: Catalogue, *, slot: str, value: str, language: str) -> Tile:
    """Return the tile with one thing changed and the rest kept; chart and grouping follow each other.

    Raises:
        ValidationError: The value breaks a rule of the specification.
        ValueError: The value is none of those offered.
    """
    form = {**form_of(tile), slot: value}
    if slot == "dimension":
        dimension = catalogue.dimension(value)
        timed = dimension is not None and dimension.type.is_time
        form["grain"] = (form["grain"] or "month") if timed else ""
        if not value:
            form["chart"] = ChartKind.NUMBER
        elif form["chart"] == ChartKind.NUMBER:
            form["chart"] = ChartKind.LINE if timed else ChartKind.BAR
        elif not timed and form["chart"] in {ChartKind.LINE, ChartKind.AREA}:
            form["chart"] = ChartKind.BAR
        if value == form["split"]:
            form["split"] = ""
    if slot == "chart" and value != ChartKind.NUMBER and not form["dimension"]:
        first = next((one.id for one in catalogue.dimensions if not one.hidden), "")
        form["dimension"] = catalogue.default_time or first
    changed = tile_of(form, tile, catalogue)
    return changed.model_copy(update={"title": title_of(changed, catalogue, language)[:120]})


def title_of(tile: Tile, catalogue: Catalogue, language: str) -> str:
    """Return a title that says what the tile now shows."""
    if not isinstance(tile.source, MetricSource):
        return tile.title
    query = tile.source.query
    measures = (catalogue.measure(one) for one in query.measures)
    name = ", ".join(one.label.in_language(language) for one in measures if one is not None)
    if not name or not query.dimensions:
        return name or tile.title
    group = query.dimensions[0]
    dimension = catalogue.dimension(group.field)
    if group.grain is not None:
        by = text(f"builder.grain.{group.grain.value}", language)
    else:
        by = group.field if dimension is None else dimension.label.in_language(language)
    return text("builder.example.by", language, measure=name, dimension=by.lower())
