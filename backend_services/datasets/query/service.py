"""Use cases of the query engine. Each opens short transactions itself and holds none while a query runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, assert_never
from uuid import UUID

from backend_services.datasets.catalogue import (
    Aggregation,
    FieldType,
    Filter,
    Freshness,
    GroupBy,
    Measure,
    MetricQuery,
    Operator,
    QueryResult,
    ResultColumn,
    Scalar,
    Sort,
    SqlQuery,
    Text,
)
from backend_services.datasets.query import convert, drill, exporting, guard
from backend_services.datasets.query.compile import Compiled, compile_metric
from backend_services.datasets.query.errors import QueryError, UnknownFieldError
from backend_services.datasets.query.execution import Views, estimated_rows, execute, view_of
from backend_services.datasets.query.schemas import DryRun, ExportFormat, FieldValue, Problem
from backend_services.datasets.query.settings import get_query_settings
from backend_services.datasets.query.view import View
from backend_services.kernel.clock import elapsed_ms, monotonic_s
from backend_services.kernel.errors import DomainError
from backend_services.kernel.metrics import QUERIES, QUERY_SECONDS
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from backend_services.kernel.actor import Actor

_ROWS = Measure(id="rows_of_value", aggregation=Aggregation.COUNT, label=Text(en="Rows", sl="Vrstice"))
_MOST_VALUES = 10_000


async def run_metric(actor: Actor, query: MetricQuery, *, views: Views | None = None) -> QueryResult:
    """Answer a question in catalogue terms; several questions of one request share ``views``.

    Raises:
        PermissionDeniedError: The actor may not read this data.
        QueryError: The question cannot be run as it stands.
        TooLargeError: It takes too long or too much memory.
    """
    return await _answered(actor, query, views or Views(actor), kind="metric")


async def run_sql(actor: Actor, query: SqlQuery, *, views: Views | None = None) -> QueryResult:
    """Answer guarded free SQL over one dataset, which it names ``data``; see :func:`run_metric` for ``views``.

    Raises:
        PermissionDeniedError: The actor may not read this data or not run SQL.
        SqlRefusedError: The guard does not let it through; the error says which part and why.
        SqlFailedError: The engine cannot run it.
        TooLargeError: It takes too long or too much memory.
    """
    return await _answered(actor, query, views or Views(actor), kind="sql")


async def _answered(actor: Actor, query: MetricQuery | SqlQuery, views: Views, *, kind: str) -> QueryResult:
    began_s = monotonic_s()
    try:
        _require_sql(actor, query)
        view = await views.of(actor, query.dataset_id)
        compiled = await _compiled(query, view)
        outcome = await execute(actor, view, compiled)
    except DomainError as error:
        QUERIES.labels(kind, error.kind.value).inc()
        raise
    took_ms = elapsed_ms(began_s)
    QUERIES.labels(kind, "answered").inc()
    QUERY_SECONDS.labels(kind).observe(took_ms / 1000)
    columns = compiled.columns or _plain_columns(outcome.answer.names, outcome.answer.types)
    # not validated once more: the engine's rows are made of plain values, and there may be many
    return QueryResult.model_construct(
        columns=columns,
        rows=outcome.answer.rows,
        sql=compiled.sql,
        freshness=_freshness(view),
        truncated=outcome.answer.truncated,
        cached=outcome.cached,
        took_ms=round(took_ms, 3),
        rules_applied=view.scope.roles,
    )


def _require_sql(actor: Actor, query: MetricQuery | SqlQuery) -> None:
    if isinstance(query, SqlQuery):
        actor.require(Permission.DATASETS_SQL_RUN)


async def _compiled(query: MetricQuery | SqlQuery, view: View) -> Compiled:
    match query:
        case MetricQuery():
            return compile_metric(query, view)
        case SqlQuery():
            # long SQL takes long to read, and the loop serves others meanwhile
            return await asyncio.to_thread(guard.guard, query.sql, view, limit=query.limit)
        case _:
            assert_never(query)


def _plain_columns(names: tuple[str, ...], types: tuple[FieldType, ...]) -> tuple[ResultColumn, ...]:
    """Return the columns of free SQL; a name used twice is told apart by a number."""
    found: list[ResultColumn] = []
    used: set[str] = set()
    for name, kind in zip(names, types, strict=True):
        unique, number = name, 1
        while unique in used:
            number += 1
            unique = f"{name}_{number}"
        used.add(unique)
        found.append(ResultColumn(name=unique, label=name, type=kind))
    return tuple(found)


def _freshness(view: View) -> Freshness:
    source = view.source
    return Freshness(
        dataset_id=source.dataset_id,
        dataset_name=source.name,
        dataset_version=source.version,
        source_rows=source.rows if view.scope.shows_every_row else None,
        data_as_of=convert.iso_utc(view.now if source.live else source.data_as_of),
        live=source.live,
    )


async def dry_run(actor: Actor, query: MetricQuery | SqlQuery) -> DryRun:
    """Check a question without running it: names, types, rights, the guard, and the engine's own plan.

    Raises:
        PermissionDeniedError: The actor may not read this data.
    """
    _require_sql(actor, query)
    view = await view_of(actor, query.dataset_id)
    sql = ""
    try:
        compiled = await _compiled(query, view)
        sql = compiled.sql
        expected = await estimated_rows(actor, view, compiled)
        # the engine guesses from all of the rows, also from those that rules hide
        return DryRun(ok=True, sql=sql, estimated_rows=expected if view.scope.shows_every_row else None)
    except QueryError as error:
        problem = Problem(
            code=error.code,
            message=error.message,
            params={name: str(value) for name, value in error.params.items()},
            part=error.part,
            position=error.position,
            suggestions=error.suggestions,
        )
        return DryRun(ok=False, sql=sql, problems=(problem,))


async def field_values(
    actor: Actor, dataset_id: UUID, *, field: str, search: str = "", limit: int = 50, views: Views | None = None
) -> tuple[FieldValue, ...]:
    """Return the most frequent values of a dimension among the rows that the actor may see, here within ``views``.

    Raises:
        UnknownFieldError: There is no such dimension for the actor.
    """
    view = await (views or Views(actor)).of(actor, dataset_id)
    dimension = view.source.catalogue.dimension(field)
    if dimension is None:
        raise UnknownFieldError(field, nearest=[one.id for one in view.source.catalogue.dimensions][:3])
    wanted = search.strip()
    by_text = bool(wanted) and dimension.type is FieldType.TEXT
    query = MetricQuery(
        dataset_id=dataset_id,
        measures=(_ROWS.id,),
        dimensions=(GroupBy(field=field),),
        filters=(Filter(field=field, operator=Operator.CONTAINS, values=(wanted,)),) if by_text else (),
        sort=(Sort(field=_ROWS.id, descending=True),),
        limit=_MOST_VALUES if wanted and not by_text else min(limit, _MOST_VALUES),
    )
    outcome = await execute(actor, view, compile_metric(query, drill.with_measure(view, _ROWS)))
    found = (FieldValue(value=value, rows=int(rows or 0)) for value, rows in outcome.answer.rows)
    return tuple(one for one in found if by_text or wanted.lower() in str(one.value).lower())[:limit]


async def rows_behind(
    actor: Actor, query: MetricQuery, *, cell: dict[str, Scalar | None], limit: int = 200, offset: int = 0
) -> QueryResult:
    """Return the rows that one row of the answer to ``query`` was computed from.

    ``cell`` holds the dimensions of that row as the answer showed them (column name → value).

    Raises:
        UnknownFieldError: ``cell`` names something that is no dimension of the query.
    """
    views = Views(actor)
    view = await views.of(actor, query.dataset_id)
    listing = drill.rows_of(query, cell=cell, catalogue=view.source.catalogue, zone=view.zone)
    return await run_metric(actor, listing.model_copy(update={"limit": limit, "offset": offset}), views=views)


async def export_rows_behind(
    actor: Actor, query: MetricQuery, *, cell: dict[str, Scalar | None], export_format: ExportFormat
) -> AsyncIterator[bytes]:
    """Return every row that one row of the answer to ``query`` was computed from as a file, in pieces.

    Raises:
        UnknownFieldError: ``cell`` names something that is no dimension of the query.
    """
    view = await view_of(actor, query.dataset_id)
    listing = drill.rows_of(query, cell=cell, catalogue=view.source.catalogue, zone=view.zone)
    return await export(actor, listing, export_format=export_format, whole=True)


async def export(
    actor: Actor,
    query: MetricQuery | SqlQuery,
    *,
    export_format: ExportFormat,
    whole: bool = False,
    byte_order_mark: bool = True,
    views: Views | None = None,
) -> AsyncIterator[bytes]:
    """Return the answer as a file, in pieces; refusals are raised before the first piece.

    ``whole`` replaces the limit of the query by the limit of exports. A file that does not hold everything says so.
    ``views`` are those of :func:`run_metric`.
    """
    _require_sql(actor, query)
    view = await (views or Views(actor)).of(actor, query.dataset_id)
    settings = get_query_settings()
    most = settings.export_csv_rows if export_format is ExportFormat.CSV else settings.export_xlsx_rows
    wanted = query.model_copy(update={"limit": most if whole else min(query.limit, most)})
    compiled = await _compiled(wanted, view)
    about = exporting.About(
        freshness=_freshness(view), sql=compiled.sql, language=actor.language, byte_order_mark=byte_order_mark
    )
    return await exporting.write(actor, view, compiled, about, export_format=export_format)


async def export_answer(
    actor: Actor, answer: QueryResult, *, export_format: ExportFormat, byte_order_mark: bool = True
) -> AsyncIterator[bytes]:
    """Return an answer that is there already, as it was arranged for showing, as a file, in pieces.

    Raises:
        PermissionDeniedError: The actor may not read data.
    """
    actor.require(Permission.DATASETS_DATASET_READ)
    about = exporting.About(
        freshness=answer.freshness, sql=answer.sql, language=actor.language, byte_order_mark=byte_order_mark
    )
    return await exporting.write_answer(answer, about, export_format=export_format)
