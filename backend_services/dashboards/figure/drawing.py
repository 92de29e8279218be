"""Which marks in which frame: one figure for a tile, a second layout for phones, the legend and what must be said."""

from __future__ import annotations

from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any

from backend_services.dashboards import formats
from backend_services.dashboards.arrangement import MAX_POINTS, Arrangement, Axis, Reading, arrange
from backend_services.dashboards.columns import amount, dimension_columns, measure_columns
from backend_services.dashboards.figure import grids, layout, maps, traces
from backend_services.dashboards.grid import lay_out
from backend_services.dashboards.places import locate
from backend_services.dashboards.schemas import LegendEntry
from backend_services.dashboards.sizes import figure_px
from backend_services.dashboards.spec import ChartKind, Tile
from backend_services.kernel.clock import now
from backend_services.kernel.i18n import format_number, plural, text

if TYPE_CHECKING:
    from backend_services.datasets.catalogue import QueryResult

LABEL_HEIGHT, ROOM_OF_AXIS = 14, 46
LABELLED_LINES = range(2, 5)
SCATTER_MEASURES = 2
BIN_GAP = 0.06
MOST_LOST = 5
ROOM_FOR_TEXT = 0.12
"""Part of the axis left free beyond lying bars, where their values stand."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure and what belongs to it; ``phone_layout`` replaces the layout on a narrow screen."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]
    phone_layout: dict[str, Any]
    legend: tuple[LegendEntry, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def figure(self) -> dict[str, Any]:
        """Return what Plotly takes."""
        return {"data": self.data, "layout": self.layout}


def build(tile: Tile, result: QueryResult, language: str, *, reading: Reading | None = None) -> dict[str, Any] | None:
    """Return the Plotly figure of a tile, or ``None`` for numbers, tables and answers that cannot be drawn."""
    drawing = draw(tile, result, reading or Reading(language=language, now=now().replace(tzinfo=None)))
    return None if drawing is None else drawing.figure


def draw(tile: Tile, result: QueryResult, reading: Reading, arranged: Arrangement | None = None) -> Drawing | None:
    """Return the drawing of a tile, or ``None`` for numbers, tables and answers that cannot be drawn."""
    match tile.chart:
        case ChartKind.NUMBER | ChartKind.PIVOT | ChartKind.TABLE | ChartKind.TEXT:
            return None
        case ChartKind.SCATTER:
            return _scatter(tile, result, reading)
        case ChartKind.HEATMAP:
            return _heatmap(tile, result, reading)
        case ChartKind.MAP:
            return _map(tile, result, reading)
        case _:
            return _along_axis(tile, result, reading, arranged)


def _along_axis(tile: Tile, result: QueryResult, reading: Reading, arranged: Arrangement | None) -> Drawing | None:
    arrangement = arranged or arrange(tile, result, reading)
    if arrangement is None:
        return None
    if tile.chart is ChartKind.PIE and _fits_pie(arrangement):
        return _pie(tile, arrangement, reading)
    if tile.chart in {ChartKind.LINE, ChartKind.AREA} and arrangement.axis is not Axis.CATEGORY:
        return _lines(tile, arrangement, reading)
    return _bars(tile, arrangement, reading)


def _fits_pie(arrangement: Arrangement) -> bool:
    series = arrangement.series[0]
    negative = any(value is not None and value < 0 for value in series.values)
    return len(arrangement.series) == 1 and not negative and not arrangement.left_out


def _notes(arrangement: Arrangement, reading: Reading, axis: dict[str, Any] | None) -> tuple[str, ...]:
    notes = []
    if arrangement.running is not None:
        label = arrangement.labels[arrangement.running]
        until = f"{formats.day(reading.now.date(), reading.language)} {reading.now:%H:%M}"
        notes.append(text("dashboards.note.running", reading.language, bucket=label, time=until))
    if arrangement.folded and not arrangement.left_out:
        which = "further" if arrangement.kept_order else "other"
        notes.append(plural(f"dashboards.note.{which}", arrangement.folded, reading.language))
    if arrangement.left_out:
        shown = format_number(len(arrangement.keys), reading.language)
        total = format_number(arrangement.total, reading.language)
        which = "left_out_first" if arrangement.kept_order else "left_out"
        notes.append(text(f"dashboards.note.{which}", reading.language, shown=shown, total=total))
    if arrangement.series_left_out:
        shown = format_number(len(arrangement.series), reading.language)
        total = format_number(len(arrangement.series) + arrangement.series_left_out, reading.language)
        notes.append(text("dashboards.note.series_left_out", reading.language, shown=shown, total=total))
    if arrangement.undated:
        key = "valueless" if arrangement.axis is Axis.BINS else "undated"
        notes.append(text(f"dashboards.note.{key}", reading.language))
    if axis is not None and layout.starts_above_zero(axis):
        notes.append(text("dashboards.note.axis", reading.language))
    return tuple(notes)


def _legend(arrangement: Arrangement, *, dashed: bool) -> tuple[LegendEntry, ...]:
    count, drawn = len(arrangement.series), traces.with_earlier(arrangement)
    if len(drawn) == 1:
        return ()
    return tuple(
        LegendEntry(
            name=one.name,
            palette=one.slot,
            dash=(traces.EARLIER_DASH if one is arrangement.earlier else traces.dash_of(one.slot, count))
            if dashed
            else "solid",
        )
        for one in drawn
    )


def _extent(arrangement: Arrangement, *, stacked: bool) -> tuple[float, float]:
    if stacked:
        stacks = [[one.values[index] or 0.0 for one in arrangement.series] for index in range(len(arrangement.keys))]
        ups = [sum(value for value in stack if value > 0) for stack in stacks]
        downs = [sum(value for value in stack if value < 0) for stack in stacks]
        return min(downs, default=0.0), max(ups, default=0.0)
    values = [value for one in traces.with_earlier(arrangement) for value in one.values if value is not None]
    return min(values, default=0.0), max(values, default=0.0)


def _lines(tile: Tile, arrangement: Arrangement, reading: Reading) -> Drawing:
    language, area = reading.language, tile.chart is ChartKind.AREA
    stacked = area and (tile.stacked or len(arrangement.series) > 1)
    low, high = _extent(arrangement, stacked=stacked)
    unit = arrangement.series[0].unit
    amounts = layout.value_axis(low, high, unit, language, from_zero=area)
    wide = layout.frame(language=language, height=layout.height_of(tile, layout.HEIGHT), hovermode="x unified")
    wide["yaxis"] = amounts
    phone = wide | {"height": layout.height_of(tile, layout.PHONE_HEIGHT)}
    if arrangement.axis is Axis.NUMBER:
        keys = [value for key in arrangement.keys if (value := amount(key)) is not None]
        wide["xaxis"] = phone["xaxis"] = layout.number_axis(keys, None, language)
    else:
        wide["xaxis"] = layout.key_axis(arrangement, lying=False)
        phone["xaxis"] = layout.key_axis(arrangement, lying=False, ticks=layout.PHONE_TICKS)
    if len(arrangement.series) in LABELLED_LINES and not stacked and arrangement.earlier is None:
        _label_ends(wide, arrangement)
        phone |= {"annotations": [], "margin": phone["margin"]}
    return Drawing(
        data=traces.line_traces(arrangement, language, filled=area, stacked=stacked),
        layout=wide,
        phone_layout=phone,
        legend=_legend(arrangement, dashed=True),
        notes=_notes(arrangement, reading, amounts),
    )


def _label_ends(wide: dict[str, Any], arrangement: Arrangement) -> None:
    """Write the names of two to four lines at their ends, and make room for them at the right."""
    annotations: list[dict[str, Any]] = []
    for one in arrangement.series:
        last = max((index for index, value in enumerate(one.values) if value is not None), default=None)
        if last is None:
            continue
        annotations.append(
            {
                "x": layout.safe(arrangement.labels[last]),
                "y": one.values[last],
                "xref": "x",
                "yref": "y",
                "text": layout.safe(layout.clipped(one.name)),
                "xanchor": "left",
                "xshift": 6,
                "showarrow": False,
            }
        )
    _keep_apart(annotations, wide)
    longest = max((len(annotation["text"]) for annotation in annotations), default=0)
    wide["annotations"] = annotations
    wide["margin"] = wide["margin"] | {"r": layout.MARGIN + longest * layout.LABEL_WIDTH}


def _keep_apart(annotations: list[dict[str, Any]], wide: dict[str, Any]) -> None:
    """Move labels at the same place of the axis that would lie on each other apart, upwards from the lowest."""
    low, high = wide["yaxis"]["range"]
    scale = (wide["height"] - ROOM_OF_AXIS) / ((high - low) or 1.0)
    least: dict[str, float] = {}
    for one in sorted(annotations, key=lambda annotation: float(annotation["y"])):
        at = (float(one["y"]) - low) * scale
        shift = max(0.0, least.get(one["x"], at) - at)
        if shift:
            one["yshift"] = round(shift)
        least[one["x"]] = at + shift + LABEL_HEIGHT


def _lies(tile: Tile, arrangement: Arrangement) -> bool:
    return arrangement.axis is Axis.CATEGORY if tile.horizontal is None else tile.horizontal


def _bars(tile: Tile, arrangement: Arrangement, reading: Reading) -> Drawing:
    language, lying = reading.language, _lies(tile, arrangement)
    stacked = tile.stacked and len(arrangement.series) > 1
    low, high = _extent(arrangement, stacked=stacked)
    amounts = layout.value_axis(low, high, arrangement.series[0].unit, language, from_zero=True)
    hovermode = "y unified" if lying else "x unified"
    wide = layout.frame(language=language, height=layout.height_of(tile, layout.BAR_HEIGHT), hovermode=hovermode)
    wide["barmode"] = "relative" if stacked else "group"
    if arrangement.axis is Axis.BINS:
        wide["bargap"] = BIN_GAP
    phone = wide | {"height": layout.height_of(tile, layout.PHONE_HEIGHT)}
    for one, ticks in ((wide, layout.TICKS), (phone, layout.PHONE_TICKS)):
        keys = layout.key_axis(arrangement, lying=lying, ticks=ticks)
        one["xaxis"], one["yaxis"] = (amounts, keys) if lying else (keys, amounts)
    if lying:
        phone["height"] = max(phone["height"], 24 * len(arrangement.keys) + 2 * layout.MARGIN + 24)
        wide["xaxis"] = phone["xaxis"] = _lying_amounts(
            amounts, low, high, alone=len(traces.with_earlier(arrangement)) == 1
        )
    data = traces.bar_traces(arrangement, language, lying=lying)
    if lying and len(traces.with_earlier(arrangement)) == 1:
        longest = max((len(label) for label in data[0]["text"]), default=0)
        room = wide["margin"] | {"r": layout.MARGIN + longest * layout.LABEL_WIDTH}
        wide["margin"] = phone["margin"] = room
    return Drawing(
        data=data,
        layout=wide,
        phone_layout=phone,
        legend=_legend(arrangement, dashed=False),
        notes=_notes(arrangement, reading, None),
    )


def _lying_amounts(amounts: dict[str, Any], low: float, high: float, *, alone: bool) -> dict[str, Any]:
    """Return the axis below lying bars; those of one series say their values themselves, so they need none to read."""
    if not alone or (high <= 0 and low >= 0):
        return amounts | {"showgrid": True, "showline": False}
    if low >= 0:
        bare = {"showgrid": False, "showline": False, "showticklabels": False, "ticks": "", "zeroline": False}
        return amounts | bare | {"range": [0.0, high]}
    low, high = amounts["range"]
    room = (high - low) * ROOM_FOR_TEXT
    return amounts | {
        "showgrid": True,
        "showline": False,
        "range": [low - room, high + (room if high > 0 else 0)],
    }


def _pie(tile: Tile, arrangement: Arrangement, reading: Reading) -> Drawing:
    wide = layout.frame(language=reading.language, height=layout.height_of(tile, layout.HEIGHT), hovermode="closest")
    return Drawing(
        data=[traces.pie_trace(arrangement, reading.language)],
        layout=wide,
        phone_layout=wide | {"height": layout.height_of(tile, layout.PHONE_HEIGHT)},
        legend=tuple(LegendEntry(name=name, palette=index + 1) for index, name in enumerate(arrangement.labels)),
        notes=_notes(arrangement, reading, None),
    )


def _heatmap(tile: Tile, result: QueryResult, reading: Reading) -> Drawing | None:
    grid = lay_out(tile, result, reading)
    if grid is None or not grid.values:
        return None
    wide, phone = grids.heat_layouts(grid, reading.language, height=figure_px(tile))
    notes = []
    for side, key in ((grid.down, "rows_left_out"), (grid.across, "columns_left_out")):
        if side.total > len(side.keys):
            counts = {"shown": len(side.keys), "total": side.total}
            said = {name: format_number(count, reading.language) for name, count in counts.items()}
            notes.append(text(f"dashboards.note.{key}", reading.language, **said))
    return Drawing(data=[grids.heat_trace(grid, reading.language)], layout=wide, phone_layout=phone, notes=tuple(notes))


def _map(tile: Tile, result: QueryResult, reading: Reading) -> Drawing | None:
    located = locate(tile, result, reading)
    if located is None or not located.places:
        return None
    language = reading.language
    ranked = sorted(located.places, key=lambda one: (one.value is None, -abs(one.value or 0.0)))
    places = ranked[:MAX_POINTS]
    wide, phone = maps.map_layouts(places, language, height=figure_px(tile))
    notes = []
    if located.lost:
        names = ", ".join(dict.fromkeys(located.lost[:MOST_LOST]))
        notes.append(plural("dashboards.note.lost", len(located.lost), language, names=names))
    if len(ranked) > MAX_POINTS:
        shown, total = format_number(MAX_POINTS, language), format_number(len(ranked), language)
        notes.append(text("dashboards.note.largest", language, shown=shown, total=total))
    return Drawing(data=maps.map_traces(located, places, language), layout=wide, phone_layout=phone, notes=tuple(notes))


def _scatter(tile: Tile, result: QueryResult, reading: Reading) -> Drawing | None:
    groups, measures = dimension_columns(result), measure_columns(result)
    if len(measures) < SCATTER_MEASURES:
        return None
    language = reading.language
    split = tile.series or (groups[1].name if len(groups) > 1 else None)
    data = traces.scatter_traces(result, groups, measures, split, reading)
    xs = [float(value) for trace in data for value in trace["x"]]
    ys = [float(value) for trace in data for value in trace["y"]]
    if not xs:
        return None
    wide = layout.frame(language=language, height=layout.height_of(tile, layout.HEIGHT), hovermode="closest")
    for name, values, column in (("xaxis", xs, measures[0]), ("yaxis", ys, measures[1])):
        axis = layout.value_axis(min(values), max(values), column.unit, language, from_zero=False)
        wide[name] = axis | {"title": {"text": layout.safe(column.label)}}
    notes = []
    at = {column.name: index for index, column in enumerate(result.columns)}
    drawable = sum(
        row[at[measures[0].name]] is not None and row[at[measures[1].name]] is not None for row in result.rows
    )
    if drawable > MAX_POINTS:
        shown, total = format_number(MAX_POINTS, language), format_number(drawable, language)
        notes.append(text("dashboards.note.sampled", language, shown=shown, total=total))
    legend = tuple(LegendEntry(name=unescape(trace["name"]), palette=index + 1) for index, trace in enumerate(data))
    return Drawing(
        data=data,
        layout=wide,
        phone_layout=wide | {"height": layout.height_of(tile, layout.PHONE_HEIGHT)},
        legend=legend if len(legend) > 1 else (),
        notes=tuple(notes),
    )
