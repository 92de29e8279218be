"""A pivot table: groups down and across, and totals that the engine computed. Pure.

Totals are questions of their own, so that the total of an average is the average of all rows, not of the cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from backend_services.dashboards import formats
from backend_services.dashboards.columns import dimension_columns, measure_columns
from backend_services.dashboards.schemas import TableColumn, TableView
from backend_services.datasets.catalogue import Filter, Operator, QueryResult, Scalar
from backend_services.kernel.i18n import text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backend_services.dashboards.spec import Tile
    from backend_services.datasets.catalogue import MetricQuery, ResultColumn

MOST_ROWS: Final = 200
MOST_ACROSS: Final = 24
MOST_CELLS: Final = 10_000

Row = tuple[Scalar | None, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """The answers by row, by column and for everything."""

    down: QueryResult
    across: QueryResult
    whole: QueryResult


def questions(tile: Tile, query: MetricQuery) -> tuple[MetricQuery, MetricQuery, MetricQuery, MetricQuery]:
    """Return what is asked: the cells, the totals of the rows and of the columns, and that of everything.

    Conditions on figures choose rows by their totals; the other totals are of everything that the filters leave.
    """
    across = tuple(one for one in query.dimensions if one.field == tile.series)
    down = tuple(one for one in query.dimensions if one.field != tile.series)
    fields = {one.field for one in down}
    figures = {*query.measures, *(one.name for one in query.derived)}
    bare = query.model_copy(update={"having": (), "derived": ()})
    rows = query.model_copy(
        update={
            "dimensions": down,
            "sort": tuple(one for one in query.sort if one.field in fields | figures),
            "limit": min(query.limit, MOST_ROWS),
        }
    )
    return (
        bare.model_copy(update={"sort": (), "limit": MOST_CELLS}),
        rows,
        bare.model_copy(update={"dimensions": across, "sort": (), "limit": MOST_CELLS}),
        bare.model_copy(update={"dimensions": (), "sort": (), "limit": 1}),
    )


def narrowed(cells: MetricQuery, tile: Tile, totals: Totals) -> MetricQuery:
    """Return the question for the cells of the rows and columns that are shown, where there are too many in all."""
    more = []
    for one in cells.dimensions:
        is_across = one.field == tile.series
        answer = totals.across if is_across else totals.down
        column = next(found for found in dimension_columns(answer) if found.name == one.field)
        shown = _shown_keys(answer, column) if is_across else _keys(answer, column)
        present = [key for key in shown if key is not None]
        if len(present) < len(shown) or not present or one.width is not None:
            continue  # rows without a value are no value to ask for
        if column.type.is_time:
            more.append(Filter(field=one.field, operator=Operator.GTE, values=(min(map(str, present)),)))
        else:
            more.append(Filter(field=one.field, operator=Operator.IN, values=tuple(present)))
    return cells.model_copy(update={"filters": (*cells.filters, *more)})


def _shown_keys(result: QueryResult, across: ResultColumn) -> list[Scalar | None]:
    keys = _keys(result, across)
    return keys[-MOST_ACROSS:] if across.type.is_time else keys[:MOST_ACROSS]


@dataclass(frozen=True, slots=True)
class Pivoted:
    """A pivot table before it is written out.

    Attributes:
        answer: Its columns and rows as an answer; the columns of the totals come last.
        footer: The totals below, under its columns; texts under what lies down.
        left_out: How many columns across are not shown.
    """

    answer: QueryResult
    footer: Row
    left_out: int

    def view(self, language: str) -> TableView:
        """Return the table as texts in the reader's locale."""
        columns = self.answer.columns
        down = sum(one.role == "dimension" for one in columns)
        lines = (*self.answer.rows, self.footer)
        heads = [
            [*formats.column_texts([row[index] for row in self.answer.rows], one, language), str(self.footer[index])]
            for index, one in enumerate(columns[:down])
        ]
        figures = [
            formats.column_texts([row[index] for row in lines], one, language)
            for index, one in enumerate(columns)
            if index >= down
        ]
        texts = tuple(zip(*heads, *figures, strict=True))
        return TableView(
            columns=tuple(
                TableColumn(name=one.name, label=one.label, type=one.type, align="left" if index < down else "right")
                for index, one in enumerate(columns)
            ),
            rows=texts[:-1],
            total=len(self.answer.rows),
            footer=texts[-1],
        )

    def file(self) -> QueryResult:
        """Return the table with its totals as rows of a file, whose columns are called as on the page."""
        columns = tuple(
            one if one.role == "dimension" else one.model_copy(update={"name": one.label})
            for one in self.answer.columns
        )
        return self.answer.model_copy(update={"columns": columns, "rows": (*self.answer.rows, self.footer)})


def pivoted(tile: Tile, cells: QueryResult, totals: Totals, language: str) -> Pivoted:
    """Return the table: each group down is a row, each group across a column for every measure."""
    groups = dimension_columns(cells)
    across = next((one for one in groups if one.name == tile.series), None)
    down = [one for one in groups if one is not across]
    measures = measure_columns(cells)
    keys = [] if across is None else _keys(totals.across, across)
    kept = [] if across is None else _shown_keys(totals.across, across)
    found = _cells(cells, down, across, measures)
    by_key = _cells(totals.across, [], across, measures)
    whole = _cells(totals.whole, [], None, measures).get(((), None), {})
    extra = measure_columns(totals.down)
    columns = (
        *down,
        *(
            one.model_copy(update={"name": f"{index}:{one.name}", "label": _over(key, across, one, measures, language)})
            for index, key in enumerate(kept)
            for one in measures
        ),
        *(
            one.model_copy(update={"name": f"total:{one.name}", "label": _total(one, across, extra, language)})
            for one in extra
        ),
    )
    rows = tuple(
        (
            *group,
            *(found.get((group, key), {}).get(one.name) for key in kept for one in measures),
            *(total[one.name] for one in extra),
        )
        for (group, _), total in _cells(totals.down, down, None, extra).items()
    )
    footer = (
        *((text("dashboards.pivot.total", language), *("" for _ in down[1:])) if down else ()),
        *(by_key.get(((), key), {}).get(one.name) for key in kept for one in measures),
        *(whole.get(one.name, "") for one in extra),
    )
    answer = totals.down.model_copy(update={"columns": columns, "rows": rows})
    return Pivoted(answer=answer, footer=footer, left_out=len(keys) - len(kept))


def _keys(result: QueryResult, across: ResultColumn) -> list[Scalar | None]:
    """Return the groups across in the order of the answer; rows without a time come last."""
    at = [one.name for one in result.columns].index(across.name)
    return list(dict.fromkeys(row[at] for row in result.rows))


def _cells(
    result: QueryResult, down: Iterable[ResultColumn], across: ResultColumn | None, measures: Iterable[ResultColumn]
) -> dict[tuple[tuple[Scalar | None, ...], Scalar | None], dict[str, Scalar | None]]:
    """Return each group's figures by its values down and its value across."""
    at = {column.name: index for index, column in enumerate(result.columns)}
    groups, figures = [at[one.name] for one in down], [one.name for one in measures if one.name in at]
    return {
        (tuple(row[index] for index in groups), None if across is None else row[at[across.name]]): {
            name: row[at[name]] for name in figures
        }
        for row in result.rows
    }


def _over(
    key: Scalar | None,
    across: ResultColumn | None,
    measure: ResultColumn,
    every: tuple[ResultColumn, ...],
    language: str,
) -> str:
    label = "" if across is None else formats.cell(key, across, language)
    return label if len(every) == 1 else f"{label} · {measure.label}"


def _total(measure: ResultColumn, across: ResultColumn | None, every: tuple[ResultColumn, ...], language: str) -> str:
    if across is None:
        return measure.label
    total = text("dashboards.pivot.total", language)
    return total if len(every) == 1 else f"{total} · {measure.label}"
