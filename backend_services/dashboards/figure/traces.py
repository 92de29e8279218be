"""The marks of a figure: lines, bars, parts, points. Colours come from the template by order, never from here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from backend_services.dashboards import formats
from backend_services.dashboards.arrangement import MAX_POINTS, MAX_SERIES, OTHER_KEY, Axis, other_label
from backend_services.dashboards.figure.layout import safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.dashboards.arrangement import Arrangement, Reading, Series
    from backend_services.datasets.catalogue import QueryResult, ResultColumn

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "solid", "dash")
DASHED_FROM = 4
POINT_SIZE = 7
RUNNING_SIZE = 9
RUNNING_OPACITY = 0.55
QUIET_PLACE = 7
EARLIER_DASH = "dot"
HOVER = "%{customdata[1]}<extra>%{fullData.name}</extra>"
POINT_HOVER = "%{customdata[0]}<br>%{customdata[1]} · %{customdata[2]}<extra>%{fullData.name}</extra>"


def dash_of(slot: int, series_count: int) -> str:
    """Return the dash of a line: from four series on, colour is not the only difference."""
    return DASHES[(slot - 1) % len(DASHES)] if series_count >= DASHED_FROM and slot else "solid"


def in_palette_order(series: Sequence[Series], traces: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return ``traces`` with invisible ones between, so that each takes the palette's colour of its slot.

    Plotly gives colours by the place of a trace among those that are not wholly invisible. A value that keeps its slot
    while others are filtered away so keeps its colour. The quiet series (Other, the period before) takes the palette's
    last colour, which is a grey.
    """
    by_slot = {one.slot: trace for one, trace in zip(series, traces, strict=True) if one.slot}
    quiet = [trace | {"meta": {"role": "compare"}} for one, trace in zip(series, traces, strict=True) if not one.slot]
    last = max(by_slot, default=0) if not quiet else max(QUIET_PLACE, *by_slot, 0)
    first_type = traces[0]["type"] if traces else "scatter"
    placed = [by_slot.get(slot, {"type": first_type, "visible": "legendonly"}) for slot in range(1, last + 1)]
    return [*placed, *quiet]


def _hover_data(arrangement: Arrangement, series: Series, language: str) -> list[list[Any]]:
    out: list[list[Any]] = []
    last: tuple[int, float] | None = None
    for index, value in enumerate(series.values):
        text = formats.full(value, series.unit, language)
        comparable = arrangement.axis is Axis.TIME and index != arrangement.running and value is not None
        if comparable and last is not None and last[0] == index - 1 and last[1] and value is not None:
            text = f"{text} ({formats.percent(value / last[1] - 1, language, signed=True)})"
        out.append([arrangement.keys[index], safe(text)])
        if value is not None:
            last = (index, value)
    return out


def _positions(arrangement: Arrangement) -> list[Any]:
    if arrangement.axis is Axis.NUMBER:
        return list(arrangement.keys)
    return [safe(label) for label in arrangement.labels]


def line_traces(arrangement: Arrangement, language: str, *, filled: bool, stacked: bool) -> list[dict[str, Any]]:
    """Return one line per series; dots only on single points, a star on the running one."""
    traces = []
    drawn = with_earlier(arrangement)
    for one in drawn:
        sizes = _point_sizes(one.values, arrangement.running)
        trace: dict[str, Any] = {
            "type": "scatter",
            "mode": "lines+markers",
            "name": safe(one.name),
            "x": _positions(arrangement),
            "y": list(one.values),
            "connectgaps": False,
            "line": {"width": 2.25, "dash": EARLIER_DASH if one is arrangement.earlier else _dash(one, arrangement)},
            "marker": {
                "size": sizes,
                "symbol": ["star" if index == arrangement.running else "circle" for index in range(len(sizes))],
            },
            "customdata": _hover_data(arrangement, one, language),
            "hovertemplate": HOVER,
        }
        if one is arrangement.earlier:
            trace["line"]["width"] = 1.5
        elif stacked:
            trace["stackgroup"] = "whole"
            trace["stackgaps"] = "infer zero"
        elif filled:
            trace["fill"] = "tozeroy"
        traces.append(trace)
    return in_palette_order(drawn, traces)


def with_earlier(arrangement: Arrangement) -> tuple[Series, ...]:
    """Return the series that are drawn, the course of the period before among them."""
    return arrangement.series if arrangement.earlier is None else (*arrangement.series, arrangement.earlier)


def _dash(one: Series, arrangement: Arrangement) -> str:
    return dash_of(one.slot, len(arrangement.series))


def _point_sizes(values: Sequence[float | None], running: int | None) -> list[int]:
    sizes = []
    for index, value in enumerate(values):
        alone = (
            value is not None
            and (index == 0 or values[index - 1] is None)
            and (index == len(values) - 1 or values[index + 1] is None)
        )
        sizes.append(RUNNING_SIZE if index == running else POINT_SIZE if alone else 0)
    return sizes


def bar_traces(arrangement: Arrangement, language: str, *, lying: bool) -> list[dict[str, Any]]:
    """Return one set of bars per series; lying single ones carry their value at the end.

    A bucket that still runs, and what is folded into "Other", are lighter.
    """
    traces = []
    drawn = with_earlier(arrangement)
    for one in drawn:
        along, amounts = ("y", "x") if lying else ("x", "y")
        trace: dict[str, Any] = {
            "type": "bar",
            "name": safe(one.name),
            "orientation": "h" if lying else "v",
            along: _positions(arrangement),
            amounts: list(one.values),
            "customdata": _hover_data(arrangement, one, language),
            "hovertemplate": HOVER,
        }
        if lying and len(drawn) == 1:
            trace |= {
                "text": [safe(formats.short(value, one.unit, language)) for value in one.values],
                "textposition": "outside",
                "cliponaxis": False,
                "constraintext": "none",
            }
        if arrangement.running is not None or OTHER_KEY in arrangement.keys:
            trace["marker"] = {
                "opacity": [
                    RUNNING_OPACITY if index == arrangement.running or key == OTHER_KEY else 1
                    for index, key in enumerate(arrangement.keys)
                ]
            }
        traces.append(trace)
    return in_palette_order(drawn, traces)


def pie_trace(arrangement: Arrangement, language: str) -> dict[str, Any]:
    """Return the parts of a whole, in the order of their size."""
    series = arrangement.series[0]
    values = [max(0.0, value) if value is not None else 0.0 for value in series.values]
    whole = sum(values) or 1.0
    return {
        "type": "pie",
        "labels": _positions(arrangement),
        "values": values,
        "sort": False,
        "direction": "clockwise",
        "text": [safe(formats.percent(value / whole, language)) for value in values],
        "textinfo": "label+text",
        "textposition": "outside",
        "automargin": True,
        "customdata": [
            [key, safe(formats.full(value, series.unit, language))]
            for key, value in zip(arrangement.keys, values, strict=True)
        ],
        "hovertemplate": "%{label}<br>%{customdata[0][1]} · %{text}<extra></extra>",
    }


def sampled(count: int, most: int = MAX_POINTS) -> list[int]:
    """Return at most ``most`` indexes spread evenly over ``count``; always the same ones."""
    if count <= most:
        return list(range(count))
    return sorted({index * count // most for index in range(most)})


def scatter_traces(
    result: QueryResult,
    groups: Sequence[ResultColumn],
    measures: Sequence[ResultColumn],
    split: str | None,
    reading: Reading,
) -> list[dict[str, Any]]:
    """Return points of two measures; one trace per value of ``split``, at most eight."""
    at = {column.name: index for index, column in enumerate(result.columns)}
    x, y = measures[0], measures[1]
    names = [one for one in groups if one.name != split] or list(groups)
    whole = [row for row in result.rows if row[at[x.name]] is not None and row[at[y.name]] is not None]
    rows = [whole[index] for index in sampled(len(whole))]
    split_column = next((one for one in groups if one.name == split), None)
    parts: dict[str, list[Any]] = {}
    for row in rows:
        part = "" if split_column is None else formats.cell(row[at[split_column.name]], split_column, reading.language)
        parts.setdefault(part, []).append(row)
    if len(parts) > MAX_SERIES:
        largest = sorted(sorted(parts), key=lambda part: len(parts[part]), reverse=True)[: MAX_SERIES - 1]
        rest = [row for part, rows in parts.items() if part not in largest for row in rows]
        parts = {part: parts[part] for part in largest} | {other_label(reading.language): rest}
    traces = []
    for part in sorted(parts, key=lambda part: (part == other_label(reading.language), part)):
        texts = [
            " · ".join(formats.cell(row[at[name.name]], name, reading.language) for name in names)
            for row in parts[part]
        ]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": safe(part or y.label),
                "x": [row[at[x.name]] for row in parts[part]],
                "y": [row[at[y.name]] for row in parts[part]],
                "marker": {"size": POINT_SIZE, "opacity": 0.75},
                "cliponaxis": False,
                "customdata": [
                    [
                        safe(text),
                        safe(formats.full(float(row[at[x.name]]), x.unit, reading.language)),
                        safe(formats.full(float(row[at[y.name]]), y.unit, reading.language)),
                    ]
                    for text, row in zip(texts, parts[part], strict=True)
                ],
                "hovertemplate": POINT_HOVER,
            }
        )
    return traces
