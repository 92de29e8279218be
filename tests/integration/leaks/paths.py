"""The ways out of a dataset. A new one is one more entry of :data:`PATHS`, with what it covers.

Each asks in the reader's name and gives everything back that the reader gets to see, as bytes. Where the right answer
is known it is compared, so that a figure over hidden rows is found too.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, Any, Final

import httpx

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.schemas import TilePreview
from backend_services.dashboards.spec import ChartKind, MetricSource, SqlSource, Tile
from backend_services.datasets import service as datasets
from backend_services.datasets.query import metrics, service
from backend_services.datasets.query.execution import close_pool
from backend_services.datasets.query.schemas import ExportFormat
from backend_services.kernel.db import transaction
from backend_services.kernel.pagination import PageRequest
from tests.integration.leaks.boards import BOARDS
from tests.integration.leaks.watching import ALERTS
from tests.integration.leaks.way import Client, Path, body_of, check_answer, shown

if TYPE_CHECKING:
    from backend_services.datasets.catalogue import QueryResult
    from tests.integration.leaks.questions import Question
    from tests.integration.leaks.world import World


async def _metric(world: World, question: Question, _: Client) -> bytes:
    result = await service.run_metric(world.reader, question.metric(world))
    check_answer(result.rows, world, question)
    return shown(result)


async def _after_another(world: World, question: Question, _: Client) -> bytes:
    """Ask after somebody who sees everything has asked the same: nothing is kept across rights."""
    await service.run_metric(world.owner, question.metric(world))
    return await _metric(world, question, _)


async def _dry_run(world: World, question: Question, _: Client) -> bytes:
    found = await service.dry_run(world.reader, question.metric(world))
    free = await service.dry_run(world.reader, question.sql(world))
    return json.dumps([one.model_dump(mode="json", exclude={"sql"}) for one in (found, free)]).encode()


async def _values(world: World, question: Question, _: Client) -> bytes:
    field = (*question.groups, "mark")[0]
    found = await service.field_values(world.reader, world.dataset_id, field=field, limit=500)
    assert {one.value for one in found} == {_written(row[field]) for row in world.visible}
    return json.dumps([one.model_dump(mode="json") for one in found]).encode()


def _written(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


async def _behind(world: World, question: Question, _: Client) -> bytes:
    result = await service.rows_behind(world.reader, question.metric(world), cell=question.cell(world), limit=10_000)
    _check_rows(result, world, question)
    return shown(result)


def _check_rows(result: QueryResult, world: World, question: Question) -> None:
    mark = next((index for index, one in enumerate(result.columns) if one.name == "mark"), None)
    expected = question.behind(world)
    assert len(result.rows) == len(expected)
    if mark is not None:
        marks = sorted(str(row["mark"]) for row in world.visible if row["id"] in expected)
        assert sorted(str(row[mark]) for row in result.rows) == marks


async def _behind_as_csv(world: World, question: Question, _: Client) -> bytes:
    pieces = await service.export_rows_behind(
        world.reader, question.metric(world), cell=question.cell(world), export_format=ExportFormat.CSV
    )
    return b"".join([piece async for piece in pieces])


async def _sql(world: World, question: Question, _: Client) -> bytes:
    result = await service.run_sql(world.reader, question.sql(world))
    if question.statement == 1:
        assert result.rows[0][0] == len(world.visible)
    return shown(result)


async def _whole(world: World, query: Any, export_format: ExportFormat) -> bytes:
    pieces = await service.export(world.reader, query, export_format=export_format, whole=True)
    return b"".join([piece async for piece in pieces])


async def _csv(world: World, question: Question, _: Client) -> bytes:
    return await _whole(world, question.metric(world, listing=True), ExportFormat.CSV)


async def _csv_of_sql(world: World, question: Question, _: Client) -> bytes:
    return await _whole(world, question.sql(world), ExportFormat.CSV)


async def _xlsx(world: World, question: Question, _: Client) -> bytes:
    book = await _whole(world, question.metric(world, listing=True), ExportFormat.XLSX)
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


async def _table(world: World, _: Question, __: Client) -> bytes:
    """Return all that is told of the table itself."""
    reader, dataset_id, page = world.reader, world.dataset_id, PageRequest()
    rows = await datasets.read_rows(reader, dataset_id, page)
    assert len(rows.rows) == len(world.visible)
    async with transaction(reader) as session:
        told = [
            await datasets.get_schema(reader, session, dataset_id),
            await datasets.get_profile(reader, session, dataset_id),
            await datasets.get_catalogue(reader, session, dataset_id),
            await metrics.list_metrics(reader, session, page),
        ]
        (version,) = (await datasets.list_versions(reader, session, dataset_id, page)).items
        dataset = await datasets.get_dataset(reader, session, dataset_id)
        listed = (await datasets.list_datasets(reader, session, PageRequest(limit=200))).items
        ingested = await datasets.latest_ingestion(reader, session, dataset_id)
        told += [one for one in listed if one.id == dataset_id]
    assert ingested is not None
    if len(world.visible) < len(world.rows):
        assert (dataset.rows, dataset.size_bytes) == (None, None)
        assert (version.rows, version.size_bytes, version.sha256) == (None, None, None)
        assert (ingested.rows, ingested.rejected, ingested.size_bytes) == (None, None, None)
    assert not {one.name for one in rows.columns} & world.hidden
    return json.dumps([one.model_dump(mode="json") for one in (*told, version, dataset, rows, ingested)]).encode()


async def _tile(world: World, question: Question, _: Client) -> bytes:
    sources = (
        MetricSource(query=question.metric(world)),
        SqlSource(query=question.sql(world)),
    )
    said = b""
    for source in sources:
        tile = Tile(id="tile", title="Tile", chart=ChartKind.TABLE, source=source)
        result = await dashboards.preview_tile(world.reader, TilePreview(tile=tile))
        assert result.result is not None
        if isinstance(source, MetricSource):
            check_answer(result.result.rows, world, question)
        said += json.dumps(result.model_dump(mode="json", exclude={"how"})).encode() + shown(result.result)
    return said


async def _rest(world: World, question: Question, client: Client) -> bytes:
    query = question.metric(world).model_dump(mode="json")
    answer = await client.post("/analytics/query", json={"kind": "metric", **query})
    if answer.status_code == httpx.codes.OK:
        check_answer(answer.json()["rows"], world, question)
    rows = await client.post("/analytics/query/rows", json={"query": query, "cell": question.cell(world)})
    if rows.status_code == httpx.codes.OK:
        assert len(rows.json()["rows"]) == len(question.behind(world))
    return body_of(answer) + body_of(rows)


async def _rest_sql(world: World, question: Question, client: Client) -> bytes:
    query = {"kind": "sql", **question.sql(world).model_dump(mode="json")}
    dry = await client.post("/analytics/query/dry-run", json=query)
    return body_of(dry) + body_of(await client.post("/analytics/query", json=query))


async def _rest_files(world: World, question: Question, client: Client) -> bytes:
    query = {"kind": "metric", **question.metric(world, listing=True).model_dump(mode="json")}
    file = await client.post("/analytics/exports", json={"query": query, "format": "csv", "whole": True})
    values = await client.get(f"/analytics/datasets/{world.dataset_id}/values/secret?limit=500")
    entries = await client.get("/analytics/metrics")
    return b"".join([body_of(file), body_of(values), body_of(entries)])


async def _rest_table(world: World, _: Question, client: Client) -> bytes:
    about, job = f"/datasets/{world.dataset_id}", f"/ingestion/jobs/{world.job_id}"
    places = ("", "/schema", "/profile", "/preview", "/rows", "/versions", "/catalogue", "/rejects")
    addresses = (*(f"{about}{one}" for one in places), job, f"{job}/rejects", f"{job}/rejects.csv")
    return b"".join([body_of(await client.get(one)) for one in (*addresses, "/datasets?limit=20&sort=-size_bytes")])


def close() -> None:
    """Close the tables that were opened."""
    close_pool()


ENGINE: Final = (
    Path("metric", _metric, ("query.run_metric",)),
    Path("cache", _after_another, ("query.run_metric",)),
    Path("dry run", _dry_run, ("query.dry_run",), shows_rows=False),
    Path("values", _values, ("query.field_values",)),
    Path("rows behind", _behind, ("query.rows_behind",)),
    Path("rows behind as csv", _behind_as_csv, ("query.export_rows_behind",)),
    Path("sql", _sql, ("query.run_sql",)),
    Path("csv", _csv, ("query.export",)),
    Path("csv of sql", _csv_of_sql, ("query.export",)),
    Path("xlsx", _xlsx, ("query.export",), every=2),
    Path("tile", _tile, ("dashboards.preview_tile",)),
    Path(
        "table",
        _table,
        (
            "datasets.read_rows",
            "datasets.list_versions",
            "datasets.list_datasets",
            "datasets.get_catalogue",
            "datasets.get_dataset",
            "datasets.get_profile",
            "datasets.get_schema",
            "datasets.latest_ingestion",
        ),
        is_per_table=True,
    ),
    Path("rest", _rest, ("analytics_query", "analytics_rows")),
    Path("rest sql", _rest_sql, ("analytics_query", "analytics_dry_run")),
    Path(
        "rest files",
        _rest_files,
        (
            "analytics_export",
            "analytics_values",
            "analytics_metrics",
        ),
    ),
    Path(
        "rest table",
        _rest_table,
        (
            "datasets_catalogue",
            "datasets_get",
            "datasets_list",
            "datasets_preview",
            "datasets_profile",
            "datasets_rejects",
            "datasets_rows",
            "datasets_schema",
            "datasets_versions",
            "ingestion_job",
            "ingestion_rejects",
            "ingestion_rejects_csv",
            "datasets.get_ingestion",
            "datasets.list_rejects",
            "datasets.rejects_of_job",
            "datasets.export_rejects",
        ),
        is_per_table=True,
    ),
)
PATHS: Final = (*ENGINE, *BOARDS, *ALERTS)
