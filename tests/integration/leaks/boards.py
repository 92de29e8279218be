"""The ways out of dashboards: tiles of every kind, files, drill, embeds, deliveries, the builder, code and texts."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import httpx
from pypdf import PdfReader

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.builder import service as builder
from backend_services.dashboards.builder import tasks as builds
from backend_services.dashboards.builder.schemas import BuildRequest
from backend_services.dashboards.code_schemas import CodeApply
from backend_services.dashboards.embeds import service as embeds
from backend_services.dashboards.embeds import viewing
from backend_services.dashboards.embeds.schemas import EmbedAsk, EmbedCreate, EmbedExport
from backend_services.dashboards.library_schemas import CommentCreate
from backend_services.dashboards.rendering.schemas import FileKind
from backend_services.dashboards.rendering.service import render_dashboard, render_tile
from backend_services.dashboards.schemas import DashboardImport, RowsRequest, ShareRequest, TilePreview
from backend_services.dashboards.spec import ChartKind, DashboardSpec, MetricSource, SqlSource, Tile
from backend_services.dashboards.subscriptions import service as subscriptions
from backend_services.dashboards.subscriptions import tasks as deliveries
from backend_services.dashboards.subscriptions.schemas import Channel, Format, Recipients, SubscriptionCreate
from backend_services.datasets.catalogue import Derivation, Derived, Filter, Grain, GroupBy, MetricQuery, Operator
from backend_services.datasets.query.schemas import ExportFormat
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import DomainError
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.jobs.runner import run_waiting
from backend_services.kernel.pagination import PageRequest
from tests.integration.leaks.way import Client, Path, answered, body_of, check_answer, shown, without_sql

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from backend_services.dashboards.schemas import TileResult
    from tests.integration.leaks.questions import Question
    from tests.integration.leaks.world import World

assert builds.build_dashboard is not None
assert deliveries.make_delivery is not None  # registered, as the composition root does
_ALL: Final = PageRequest(limit=200)
_DAY = GroupBy(field="day", grain=Grain.MONTH)
_ADDRESS: Final = "192.0.2.7"
LOCKED_FROM: Final = date(2026, 3, 1)


def _query(world: World, *measures: str, by: tuple[str | GroupBy, ...] = (), **more: Any) -> MetricQuery:
    groups = tuple(GroupBy(field=one) if isinstance(one, str) else one for one in by)
    return MetricQuery(dataset_id=world.dataset_id, measures=measures, dimensions=groups, **more)


def every_kind(world: World) -> tuple[Tile, ...]:
    """Return a tile of each kind that draws data."""
    course = _query(
        world,
        "total",
        by=(_DAY,),
        derived=tuple(Derived(kind=one, of="total") for one in Derivation),
        part=(Filter(field="region", operator=Operator.EQ, values=("north",)),),
    )
    asked: tuple[tuple[ChartKind, MetricQuery, dict[str, Any]], ...] = (
        (ChartKind.AREA, _query(world, "orders", by=(_DAY, "region")), {"series": "region", "stacked": True}),
        (ChartKind.BAR, _query(world, "total", by=("mark",)), {}),
        (ChartKind.HEATMAP, _query(world, "orders", by=("region", "mark")), {}),
        (ChartKind.HISTOGRAM, _query(world, "orders", by=("amount_of",)), {"bins": 5}),
        (ChartKind.LINE, _query(world, "total", by=(_DAY,)), {"compare": True}),
        (ChartKind.MAP, _query(world, "orders", by=("lat", "lon", "mark")), {}),
        (ChartKind.NUMBER, _query(world, "most"), {}),
        (ChartKind.PIE, _query(world, "orders", by=("region",)), {}),
        (ChartKind.PIVOT, _query(world, "total", by=("mark", "region")), {"series": "region"}),
        (ChartKind.SCATTER, _query(world, "total", "orders", by=("secret",)), {}),
        (ChartKind.TABLE, course, {}),
    )
    return tuple(
        Tile(id=kind.value, title=kind.value.title(), chart=kind, source=MetricSource(query=query), **more)
        for kind, query, more in asked
    )


async def _stored(world: World, question: Question, *more: Tile) -> UUID:
    """Store a dashboard of the owner's that the team may read."""
    first = (
        Tile(id="marks", title="Marks", chart=ChartKind.TABLE, source=MetricSource(query=marks(world))),
        Tile(id="free", title="Free", chart=ChartKind.TABLE, source=SqlSource(query=question.sql(world))),
        Tile(id="asked", title="Asked", chart=ChartKind.TABLE, source=MetricSource(query=question.metric(world))),
    )
    async with transaction(world.owner) as session:
        view = await dashboards.create_dashboard(
            world.owner, session, DashboardSpec(title="Leaks", tiles=(*first, *more))
        )
        await dashboards.share(world.owner, session, view.id, ShareRequest())
    return view.id


def marks(world: World) -> MetricQuery:
    """Return the question that every visible row answers once."""
    return _query(world, "orders", by=("mark",))


def told(results: tuple[TileResult, ...]) -> bytes:
    """Return everything of the tiles but the SQL, which says the rules' own conditions."""
    parts = [one.model_dump(mode="json", exclude={"how": True, "result": {"sql"}}) for one in results]
    return json.dumps(parts).encode()


async def _kinds(world: World, _: Question, __: Client) -> bytes:
    """Return tiles of every kind, each as it is previewed."""
    said = b""
    for tile in every_kind(world):
        try:
            said += told((await dashboards.preview_tile(world.reader, TilePreview(tile=tile)),))
        except DomainError as error:
            said += f"{error} {error.params}".encode()
    return said


async def _dashboard(world: World, question: Question, client: Client) -> bytes:
    """Return a stored dashboard on all its ways, with the rights of the present."""
    board = await _stored(world, question, *every_kind(world))
    results = await dashboards.tile_results(world.reader, board)
    said = told(results)
    if world.is_denied or "mark" in world.hidden:
        assert results[0].state == "failed"
    else:
        assert {row[0] for row in results[0].result.rows} == {row["mark"] for row in world.visible}  # type: ignore[union-attr]
    if results[2].result is not None:
        check_answer(results[2].result.rows, world, question)
    for tile in ("marks", "asked", "histogram", "pivot"):
        said += await answered(_tile_ways(world, board, tile, question))
    address = f"/dashboards/{board}"
    said += body_of(await client.get(f"{address}/results"))
    said += body_of(await client.get(f"{address}/tiles/marks/result"))
    said += body_of(await client.get(f"{address}/tiles/marks/csv"))
    said += body_of(await client.get(f"{address}/tiles/marks/rows"))
    said += body_of(await client.get(f"{address}/tiles/marks/rows/export?format=csv"))
    said += body_of(await client.get(f"{address}/tiles/free/export?format=csv"))
    said += body_of(await client.post(f"{address.replace(str(board), 'preview')}", json=_previewed(world)))
    return said


def _previewed(world: World) -> dict[str, Any]:
    tile = Tile(id="t", title="T", chart=ChartKind.TABLE, source=MetricSource(query=marks(world)))
    return TilePreview(tile=tile).model_dump(mode="json")


async def _tile_ways(world: World, board: UUID, tile: str, question: Question) -> bytes:
    reader = world.reader
    said = told((await dashboards.tile_result(reader, board, tile),))
    rows = await dashboards.tile_rows(reader, board, tile, RowsRequest(limit=1000))
    if tile == "marks":
        assert len(rows.rows) == len(world.visible)
    said += shown(rows)
    if tile == "asked":
        cell = RowsRequest(cell=question.cell(world), limit=1000)
        said += shown(await dashboards.tile_rows(reader, board, tile, cell))
    said += await whole(await dashboards.export_tile(reader, board, tile, export_format=ExportFormat.CSV))
    said += await whole(
        await dashboards.export_tile_rows(reader, board, tile, RowsRequest(), export_format=ExportFormat.CSV)
    )
    return said


async def whole(pieces: AsyncIterator[bytes]) -> bytes:
    """Return a file that comes in pieces."""
    return b"".join([piece async for piece in pieces])


async def _files(world: World, question: Question, _: Client) -> bytes:
    """Return the words of drawn files."""
    board = await _stored(world, question)
    drawn = await render_dashboard(world.reader, board, kind=FileKind.PDF)
    said = _words(drawn)
    return said + await answered(_tile_words(world, board))


async def _tile_words(world: World, board: UUID) -> bytes:
    return _words(await render_tile(world.reader, board, "marks", kind=FileKind.PDF))


def _words(pdf: bytes) -> bytes:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).encode()


async def _texts(world: World, question: Question, _: Client) -> bytes:
    """Return what is kept and told about a dashboard beside its figures: code, files, versions, comments, problems."""
    board = await _stored(world, question)
    reader = world.reader
    async with transaction(reader) as session:
        view = await dashboards.get_dashboard(reader, session, board)
        file = await dashboards.export_dashboard(reader, session, board)
        code = await dashboards.export_code(reader, session)
        found: list[Any] = [
            view,
            file,
            code,
            await dashboards.plan_import(reader, session, file),
            *await dashboards.validate_spec(reader, session, view.spec.model_copy(update={"title": "Other"})),
            await dashboards.list_versions(reader, session, board, _ALL),
            await dashboards.get_version(reader, session, board, 1),
            await dashboards.compare_versions(reader, session, board, 1),
            await dashboards.list_dashboards(reader, session, _ALL),
            await dashboards.add_comment(reader, session, board, CommentCreate(body="Why?", tile_id="marks")),
            await dashboards.list_comments(reader, session, board, _ALL),
        ]
    said = json.dumps([_dumped(one) for one in found]).encode()
    documents = tuple(one.document for one in code.dashboards)
    said += await answered(_applied(world, CodeApply(documents=documents, dry_run=True)))
    return said + await answered(_imported(world, DashboardImport(file=file)))


def _dumped(one: Any) -> Any:
    if isinstance(one, tuple | list):
        return [_dumped(each) for each in one]
    return one.model_dump(mode="json")


async def _applied(world: World, request: CodeApply) -> bytes:
    async with transaction(world.reader) as session:
        return (await dashboards.apply_code(world.reader, session, request)).model_dump_json().encode()


async def _imported(world: World, request: DashboardImport) -> bytes:
    async with transaction(world.reader) as session:
        return (await dashboards.import_dashboard(world.reader, session, request)).model_dump_json().encode()


async def _embed(world: World, question: Question, client: Client) -> bytes:
    """Return what anybody sees of an embed that reads with the reader's rights, also under a locked filter."""
    board = await _stored(world, question)
    about = question.about(world)
    locked = Filter(field="day", operator=Operator.GTE, values=(LOCKED_FROM.isoformat(),))
    said = b""
    for filters in ((), (locked,)):
        made = EmbedCreate(
            dashboard_id=board,
            title="Leaks",
            reader_id=world.reader.user_id,
            locked_filters=filters,
            open_fields=("mark", "secret"),
            allow_csv=True,
            expires_at=now() + timedelta(days=1),
        )
        said += await answered(_seen_in_embed(world, made, client, wanted=str(about["mark"])))
    return said


async def _seen_in_embed(world: World, request: EmbedCreate, client: Client, *, wanted: str) -> bytes:
    async with transaction(world.owner) as session:
        made = await embeds.create_embed(world.owner, session, request)
    credential, embed_id = made.secret, made.embed.id
    view = await viewing.show(embed_id, EmbedAsk(credential=credential), address=_ADDRESS)
    table = next(one.table for one in view.tiles if one.id == "marks")
    locked = bool(request.locked_filters)
    if table is not None:
        expected = {row["mark"] for row in world.visible if row["day"] >= LOCKED_FROM or not locked}
        assert len(table.rows) == len(expected)
    said = view.model_dump_json().encode()
    ask = EmbedAsk(credential=credential, filters={"mark": (wanted,)})
    said += (await viewing.show(embed_id, ask, address=_ADDRESS)).model_dump_json().encode()
    for tile in ("marks", "free"):
        file = EmbedExport(credential=credential, tile_id=tile)
        said += await answered(_embed_file(embed_id, file))
    rest = await client.post(f"/embeds/{embed_id}/view", json={"credential": credential})
    return said + body_of(rest)


async def _embed_file(embed_id: UUID, file: EmbedExport) -> bytes:
    return await whole(await viewing.export(embed_id, file, address=_ADDRESS))


async def _delivery(world: World, question: Question, __: Client) -> bytes:
    """Return what arrives where somebody who sees everything subscribes the reader."""
    board = await _stored(world, question)
    request = SubscriptionCreate(
        dashboard_id=board,
        title="Leaks",
        tile_id="marks",
        format=Format.CSV,
        channel=Channel.INBOX,
        recipients=Recipients(user_ids=(world.member_id,)),
    )
    async with transaction(world.owner) as session:
        made = await subscriptions.create_subscription(world.owner, session, request)
    async with transaction(world.owner) as session:
        await subscriptions.send_now(world.owner, session, made.id)
    await run_waiting()
    async with transaction(world.reader) as session:
        items = (await subscriptions.list_inbox(world.reader, session, _ALL)).items
        said = json.dumps([one.model_dump(mode="json") for one in items]).encode()
        newest = items[:1] if not world.is_denied and "mark" not in world.hidden else ()
        for item in newest:
            _, pieces = await subscriptions.open_file(world.reader, session, item.id)
            said += await whole(pieces)
        found = await jobs.list_jobs(world.reader, session, _ALL)
    return said + found.model_dump_json().encode()


async def _builder(world: World, question: Question, client: Client) -> bytes:
    """Return everything that the builder says to a question, its options and chips included."""
    row = question.about(world)
    figure, group = question.figures[0], (*question.groups, "mark")[0]
    asked = f"{figure} by {group}"
    named = {1: "mark", 2: "secret"}.get(question.condition)
    if named is not None:
        asked += f" where {named} is {row[named]}"
    request = BuildRequest(question=asked, dataset_id=world.dataset_id, language="en")
    answer = await builder.build(world.reader, request)
    said = without_sql(answer.model_dump(mode="json"))
    rest = await client.post("/dashboards/build", json=request.model_dump(mode="json"))
    return json.dumps(said).encode() + body_of(rest)


async def _builds_of_others(world: World, _: Question, client: Client) -> bytes:
    """Return what the reader is told of a build that went on as a job of somebody who sees everything."""
    request = BuildRequest(question="orders by mark", dataset_id=world.dataset_id, language="en")
    async with transaction(world.owner) as session:
        job = await jobs.enqueue(world.owner, session, name=builder.JOB, payload=request, title="Build", max_attempts=1)
    await run_waiting()
    async with transaction(world.owner) as session:
        own = await builder.status(world.owner, session, job.id)
    assert own.result is not None
    assert "mk" in own.result.model_dump_json()
    status = await client.get(f"/dashboards/build/status?job_id={job.id}")
    assert status.status_code == httpx.codes.NOT_FOUND
    said = body_of(status)
    said += body_of(await client.get(f"/jobs/{job.id}"))
    said += body_of(await client.get("/jobs?limit=20")) + body_of(await client.get("/jobs/export"))
    return said + body_of(await client.get(f"/jobs/{job.id}/log"))


def _path(name: str, ask: Any, covers: str, *, every: int = 1, **more: bool) -> Path:
    return Path(name, ask, tuple(covers.split()), every=every, **{"is_per_table": True, **more})


BOARDS: Final = (
    _path("kinds", _kinds, "dashboards.preview_tile"),
    _path(
        "dashboard",
        _dashboard,
        "dashboards.tile_results dashboards.tile_result dashboards.tile_rows dashboards.export_tile"
        " dashboards.export_tile_rows query.export_answer dashboards_preview dashboards_results dashboards_tile_csv"
        " dashboards_tile_export dashboards_tile_result dashboards_tile_rows dashboards_tile_rows_export",
        every=4,
    ),
    _path(
        "files",
        _files,
        "rendering.render_dashboard rendering.render_tile rendering.shown_of rendering.file_of dashboards_pdf"
        " dashboards_png dashboards_tile_pdf dashboards_tile_png",
        every=12,
    ),
    _path(
        "texts",
        _texts,
        "dashboards.add_comment dashboards.apply_code dashboards.compare_versions dashboards.export_code"
        " dashboards.export_dashboard dashboards.get_dashboard dashboards.get_version dashboards.import_dashboard"
        " dashboards.list_comments dashboards.list_dashboards dashboards.list_versions dashboards.plan_import"
        " dashboards.validate_spec dashboards_code_apply dashboards_code_export dashboards_comment_create"
        " dashboards_comments dashboards_export dashboards_get dashboards_import dashboards_import_plan"
        " dashboards_list dashboards_validate dashboards_version dashboards_version_changes dashboards_versions",
        every=4,
        shows_rows=False,
    ),
    _path("embed", _embed, "viewing.show viewing.export embeds.create_embed embeds_view embeds_export", every=4),
    _path(
        "delivery",
        _delivery,
        "subscriptions.create_subscription subscriptions.send_now subscriptions.list_inbox subscriptions.open_file"
        " inbox_list inbox_file",
        every=5,
    ),
    _path("builder", _builder, "builder.build builder.start dashboards_build", every=4, is_per_table=False),
    _path(
        "builds of others",
        _builds_of_others,
        "builder.status dashboards_build_status jobs_export jobs_get jobs_list jobs_log",
        every=10,
        shows_rows=False,
    ),
)
