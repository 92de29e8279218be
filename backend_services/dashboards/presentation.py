"""From an answer to everything a tile shows. Pure: figure, number, finding, table, source line and computation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from backend_services.dashboards import formats, periods, pivot, surroundings
from backend_services.dashboards.arrangement import Arrangement, Reading, arrange
from backend_services.dashboards.columns import amount, dimension_columns, measure_columns, parts
from backend_services.dashboards.comparison import beside_earlier
from backend_services.dashboards.figure import draw
from backend_services.dashboards.finding import accessible, finding, of_pivot
from backend_services.dashboards.number import number_view, value_of
from backend_services.dashboards.prose import blocks_of
from backend_services.dashboards.schemas import (
    Computation,
    Insufficient,
    NumberView,
    SourceLine,
    TableColumn,
    TableView,
    TileResult,
)
from backend_services.dashboards.spec import ChartKind, TextSource, Tile
from backend_services.datasets.catalogue import Catalogue, MetricQuery, QueryResult, RelativePeriod
from backend_services.kernel.i18n import format_datetime, has_text, plural, text

if TYPE_CHECKING:
    from backend_services.dashboards.comparison import Earlier
    from backend_services.dashboards.figure import Drawing
    from backend_services.dashboards.surroundings import Question

ALONG_AN_AXIS = frozenset(
    {ChartKind.AREA, ChartKind.BAR, ChartKind.HISTOGRAM, ChartKind.LINE, ChartKind.PIE, ChartKind.SCATTER}
)
INTENDED_TOP = 50
TABLE_ROWS = 500


@dataclass(frozen=True, slots=True)
class Answers:
    """What the query engine said of a tile.

    Attributes:
        previous: The same of the period before, where it is compared; ``earlier`` is that period.
        course: Points of a spark line, for numbers.
        totals: Of a pivot table.
    """

    result: QueryResult
    previous: QueryResult | None = None
    course: QueryResult | None = None
    totals: pivot.Totals | None = None
    earlier: RelativePeriod | None = None


def prose_of(tile: Tile, source: TextSource) -> TileResult:
    """Return what a tile of text shows."""
    blocks = blocks_of(source.text)
    return TileResult(
        tile_id=tile.id, title=tile.title, chart=tile.chart, state="ready", text=blocks, accessible=tile.title
    )


def present(
    tile: Tile, question: Question, answers: Answers, catalogue: Catalogue, reading: Reading, *, time_zone: str
) -> TileResult:
    """Return everything the tile shows."""
    result = answers.result
    arranged = arrange(tile, result, reading) if tile.chart in ALONG_AN_AXIS else None
    beside = None if arranged is None else _beside(tile, arranged, question, answers, reading)
    if arranged is not None and beside is not None:
        arranged = replace(arranged, earlier=beside.along(arranged.times))
    pivoted = None
    if answers.totals is not None:
        pivoted = pivot.pivoted(tile, result, answers.totals, reading.language)
    drawing = draw(tile, result, reading, arranged)
    missing = insufficiency(tile, result, arranged, drawing, reading.language)
    number = None
    if tile.chart is ChartKind.NUMBER and missing is None:
        number = _number(tile, question, answers, reading)
    said = "" if missing else finding(tile, result, arranged, reading, number)
    if missing is None and answers.totals is not None:
        said = of_pivot(tile, answers.totals.down, reading)
    shown = None if missing else drawing
    told = result if arranged is None or beside is None else beside.in_table(result, arranged)
    table = table_view(told, reading.language) if pivoted is None else pivoted.view(reading.language)
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
        table=table,
        finding=said,
        accessible=_accessible(tile, arranged, said, missing, number, reading),
        notes=(
            *_notes(tile, question, result, catalogue, shown, reading.language),
            *_not_compared(number, answers.previous, reading.language),
            *_pivot_notes(answers, pivoted, reading.language),
        ),
        source=source_line(result, reading.language, time_zone=time_zone),
        how=_computation(question, answers, catalogue, reading),
        insufficient=missing,
    )


def _number(tile: Tile, question: Question, answers: Answers, reading: Reading) -> NumberView:
    return number_view(
        answers.result,
        reading,
        parts=parts(tile),
        previous=answers.previous,
        period=question.period,
        course=answers.course,
    )


def _beside(
    tile: Tile, arranged: Arrangement, question: Question, answers: Answers, reading: Reading
) -> Earlier | None:
    if answers.previous is None or answers.earlier is None or question.period is None:
        return None
    return beside_earlier(tile, arranged, answers.previous, (question.period, answers.earlier), reading)


def file_of(tile: Tile, question: Question, answers: Answers, reading: Reading) -> QueryResult:
    """Return what a file of the tile holds: both edges of bins, the period before, the totals of a pivot table."""
    if answers.totals is not None:
        return pivot.pivoted(tile, answers.result, answers.totals, reading.language).file()
    if any(one.width is not None for one in answers.result.columns):
        return with_both_edges(answers.result, reading.language)
    arranged = arrange(tile, answers.result, reading)
    beside = None if arranged is None else _beside(tile, arranged, question, answers, reading)
    return answers.result if arranged is None or beside is None else beside.in_table(answers.result, arranged)


def _pivot_notes(answers: Answers, pivoted: pivot.Pivoted | None, language: str) -> tuple[str, ...]:
    if answers.totals is None or pivoted is None:
        return ()
    notes, across = [], pivoted.left_out
    if answers.result.truncated:
        notes.append(text("dashboards.note.pivot_cells", language))
    if answers.totals.down.truncated:
        notes.append(plural("dashboards.note.pivot_rows", len(answers.totals.down.rows), language))
    if across:
        notes.append(plural("dashboards.note.pivot_columns", across, language))
    return tuple(notes)


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
    code = _lack_of_number(tile, result) if tile.chart is ChartKind.NUMBER else _lack(tile, result, arranged, drawing)
    return None if code is None else _insufficient(code, language)


def _lack_of_number(tile: Tile, result: QueryResult) -> str | None:
    if not measure_columns(result):
        return "not_drawable"
    return "no_values" if value_of(result, parts(tile)) is None else None


def _lack(tile: Tile, result: QueryResult, arranged: Arrangement | None, drawing: Drawing | None) -> str | None:
    if not result.rows:
        return "no_rows"
    if tile.chart in {ChartKind.PIVOT, ChartKind.TABLE}:
        return None
    if drawing is None:
        return _not_drawn(tile, result)
    if arranged is not None and all(value is None for one in arranged.series for value in one.values):
        return "no_values"
    return None


def _not_drawn(tile: Tile, result: QueryResult) -> str:
    measures = measure_columns(result)
    match tile.chart:
        case ChartKind.SCATTER if len(measures) > 1:
            return "no_points"
        case ChartKind.MAP if measures:
            return "no_places"
        case ChartKind.HEATMAP if len(dimension_columns(result)) > 1 and measures:
            return "no_values"
        case _:
            return "not_drawable"


def _insufficient(code: str, language: str) -> Insufficient:
    return Insufficient(
        code=code,
        message=text(f"dashboards.insufficient.{code}", language),
        needed=text(f"dashboards.insufficient.{code}.needed", language),
    )


def table_view(result: QueryResult, language: str) -> TableView:
    """Return the answer as texts in the reader's locale, numbers to the right."""
    groups = {column.name for column in dimension_columns(result)}
    rows = result.rows[:TABLE_ROWS]
    texts = [
        formats.column_texts([row[index] for row in rows], column, language)
        for index, column in enumerate(result.columns)
    ]
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
        rows=tuple(zip(*texts, strict=True)),
        total=len(result.rows),
    )


def with_both_edges(result: QueryResult, language: str) -> QueryResult:
    """Return a histogram's answer with a column for either edge of its bins."""
    index = next(at for at, one in enumerate(result.columns) if one.width is not None)
    column, width = result.columns[index], result.columns[index].width or 0.0
    ends = tuple(
        column.model_copy(
            update={
                "name": f"{column.name}_{end}",
                "label": text(f"dashboards.edge.{end}", language, name=column.label),
                "width": None,
            }
        )
        for end in ("from", "to")
    )
    rows = []
    for row in result.rows:
        low = amount(row[index])
        both = (None, None) if low is None else (formats.upper_edge(low, 0.0), formats.upper_edge(low, width))
        rows.append((*row[:index], *both, *row[index + 1 :]))
    columns = (*result.columns[:index], *ends, *result.columns[index + 1 :])
    return result.model_copy(update={"columns": columns, "rows": tuple(rows)})


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
    listed = tile.chart in {ChartKind.PIVOT, ChartKind.TABLE}
    if result.truncated and not intended and not listed:
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


def _computation(question: Question, answers: Answers, catalogue: Catalogue, reading: Reading) -> Computation:
    query, result = question.query, answers.result
    fresh, totals = result.freshness, answers.totals
    further = (answers.previous, answers.course) if totals is None else (totals.down, totals.across, totals.whole)
    filters = (*query.filters, *query.having) if isinstance(query, MetricQuery) else ()
    return Computation(
        sql=result.sql,
        beside=tuple(one.sql for one in further if one is not None),
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
