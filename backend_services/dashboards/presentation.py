"""From an answer to everything a tile shows. Pure: figure, number, finding, table, source line and computation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from backend_services.dashboards import formats, periods, surroundings
from backend_services.dashboards.arrangement import Arrangement, Reading, arrange, dimension_columns, measure_columns
from backend_services.dashboards.figure import draw
from backend_services.dashboards.finding import accessible, finding
from backend_services.dashboards.number import number_view, value_of
from backend_services.dashboards.schemas import (
    Computation,
    Insufficient,
    NumberView,
    SourceLine,
    TableColumn,
    TableView,
    TileResult,
)
from backend_services.dashboards.spec import ChartKind, Tile
from backend_services.datasets.catalogue import Catalogue, MetricQuery, QueryResult
from backend_services.kernel.i18n import format_datetime, has_text, plural, text

if TYPE_CHECKING:
    from backend_services.dashboards.figure import Drawing
    from backend_services.dashboards.surroundings import Question

INTENDED_TOP = 50
TABLE_ROWS = 500


@dataclass(frozen=True, slots=True)
class Answers:
    """What the query engine said of a tile; ``previous`` and ``course`` only for numbers with a period."""

    result: QueryResult
    previous: QueryResult | None = None
    course: QueryResult | None = None


def present(
    tile: Tile, question: Question, answers: Answers, catalogue: Catalogue, reading: Reading, *, time_zone: str
) -> TileResult:
    """Return everything the tile shows."""
    result = answers.result
    arranged = None if tile.chart in {ChartKind.NUMBER, ChartKind.TABLE} else arrange(tile, result, reading)
    drawing = draw(tile, result, reading, arranged)
    missing = insufficiency(tile, result, arranged, drawing, reading.language)
    number = None
    if tile.chart is ChartKind.NUMBER and missing is None:
        number = number_view(result, reading, previous=answers.previous, period=question.period, course=answers.course)
    said = "" if missing else finding(tile, result, arranged, reading, number)
    shown = None if missing else drawing
    return TileResult(
        tile_id=tile.id,
        title=tile.title,
        chart=tile.chart,
        state="insufficient_data" if missing else "ready",
        result=result,
        figure=None if shown is None else shown.figure,
        phone_layout=None if shown is None else shown.phone_layout,
        legend=() if shown is None else shown.legend,
        number=number,
        table=table_view(result, reading.language),
        finding=said,
        accessible=_accessible(tile, arranged, said, missing, number, reading),
        notes=(
            *_notes(tile, question, result, catalogue, shown, reading.language),
            *_not_compared(number, answers.previous, reading.language),
        ),
        source=source_line(result, reading.language, time_zone=time_zone),
        how=_computation(question, result, catalogue, reading),
        insufficient=missing,
    )


def _accessible(
    tile: Tile,
    arranged: Arrangement | None,
    said: str,
    missing: Insufficient | None,
    number: NumberView | None,
    reading: Reading,
) -> str:
    if missing is not None:
        return f"{tile.title}. {missing.message} {missing.needed}"
    if number is not None:
        return f"{tile.title}: {number.text}. {said}".strip()
    return accessible(tile, arranged, said, reading)


def insufficiency(
    tile: Tile, result: QueryResult, arranged: Arrangement | None, drawing: Drawing | None, language: str
) -> Insufficient | None:
    """Return why the answer gives no figure, or ``None`` where it does. A missing value is never shown as 0."""
    if result.insufficient is not None:
        known = has_text(f"dashboards.insufficient.{result.insufficient}", language)
        found = _insufficient(result.insufficient if known else "source", language)
        return found if known else found.model_copy(update={"message": result.insufficient})
    code = _lack_of_number(result) if tile.chart is ChartKind.NUMBER else _lack(tile, result, arranged, drawing)
    return None if code is None else _insufficient(code, language)


def _lack_of_number(result: QueryResult) -> str | None:
    if not measure_columns(result):
        return "not_drawable"
    return "no_values" if value_of(result) is None else None


def _lack(tile: Tile, result: QueryResult, arranged: Arrangement | None, drawing: Drawing | None) -> str | None:
    if not result.rows:
        return "no_rows"
    if tile.chart is ChartKind.TABLE:
        return None
    if drawing is None:
        points = tile.chart is ChartKind.SCATTER and len(measure_columns(result)) > 1
        return "no_points" if points else "not_drawable"
    if arranged is not None and all(value is None for one in arranged.series for value in one.values):
        return "no_values"
    return None


def _insufficient(code: str, language: str) -> Insufficient:
    return Insufficient(
        code=code,
        message=text(f"dashboards.insufficient.{code}", language),
        needed=text(f"dashboards.insufficient.{code}.needed", language),
    )


def table_view(result: QueryResult, language: str) -> TableView:
    """Return the answer as texts in the reader's locale, numbers to the right."""
    groups = {column.name for column in dimension_columns(result)}
    return TableView(
        columns=tuple(
            TableColumn(
                name=column.name,
                label=column.label,
                type=column.type,
                align="right" if column.type.is_number and column.name not in groups else "left",
            )
            for column in result.columns
        ),
        rows=tuple(
            tuple(formats.cell(value, column, language) for value, column in zip(row, result.columns, strict=True))
            for row in result.rows[:TABLE_ROWS]
        ),
        total=len(result.rows),
    )


def source_line(result: QueryResult, language: str, *, time_zone: str) -> SourceLine:
    """Return the line that closes a tile: dataset, rows, time."""
    fresh = result.freshness
    at = datetime.fromisoformat(fresh.data_as_of)
    said = format_datetime(at, language, time_zone=time_zone)
    key = f"dashboards.source.{'live' if fresh.live else 'stored'}"
    if fresh.source_rows is None:
        line = text(f"{key}_uncounted", language, dataset=fresh.dataset_name, time=said)
    else:
        line = plural(key, fresh.source_rows, language, dataset=fresh.dataset_name, time=said)
    return SourceLine(
        dataset_id=fresh.dataset_id,
        dataset_name=fresh.dataset_name,
        rows=fresh.source_rows,
        data_as_of=fresh.data_as_of,
        live=fresh.live,
        text=line,
    )


def _not_compared(number: NumberView | None, previous: QueryResult | None, language: str) -> tuple[str, ...]:
    """Return why a figure is not compared, where the earlier period was asked for and holds nothing."""
    if number is None or not number.value or number.delta is not None or previous is None:
        return ()
    return (text("dashboards.note.nothing_before", language),)


def _notes(
    tile: Tile,
    question: Question,
    result: QueryResult,
    catalogue: Catalogue,
    drawing: Drawing | None,
    language: str,
) -> tuple[str, ...]:
    notes = list(drawing.notes) if drawing is not None else []
    query = question.query
    intended = isinstance(query, MetricQuery) and bool(query.sort) and query.limit <= INTENDED_TOP
    if result.truncated and not intended and tile.chart is not ChartKind.TABLE:
        notes.append(plural("dashboards.note.truncated", len(result.rows), language))
    if question.period_ignored:
        notes.append(text("dashboards.note.period_ignored", language))
    if question.ignored:
        found = [catalogue.dimension(field) for field in question.ignored]
        labels = [
            field if one is None else one.label.in_language(language)
            for field, one in zip(question.ignored, found, strict=True)
        ]
        notes.append(text("dashboards.note.filters_ignored", language, names=", ".join(labels)))
    return tuple(notes)


def _computation(question: Question, result: QueryResult, catalogue: Catalogue, reading: Reading) -> Computation:
    query, fresh = question.query, result.freshness
    filters = (*query.filters, *query.having) if isinstance(query, MetricQuery) else ()
    return Computation(
        sql=result.sql,
        dataset_version=fresh.dataset_version,
        data_as_of=fresh.data_as_of,
        live=fresh.live,
        rules_applied=result.rules_applied,
        period=_period_text(question, reading),
        filters=tuple(surroundings.filter_text(one, catalogue, reading.language) for one in filters),
        ignored=question.ignored,
        cached=result.cached,
        took_ms=result.took_ms,
    )


def _period_text(question: Question, reading: Reading) -> str:
    """Return the period as its first and last moment, both included."""
    if question.period is None:
        return ""
    start, end = periods.bounds(question.period, reading.now)
    ends = [
        "…" if at is None else formats.bucket(at, None, reading.language)
        for at in (start, None if end is None else periods.last_moment(end))
    ]
    return formats.TO.join(dict.fromkeys(ends)) if "…" not in ends else " ".join(ends)


def wall_clock(now: datetime, time_zone: str) -> datetime:
    """Return ``now`` as a clock in ``time_zone`` shows it, without an offset."""
    return now.astimezone(ZoneInfo(time_zone)).replace(tzinfo=None)
