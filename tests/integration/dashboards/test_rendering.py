"""Dashboards as files: real tables, the real query engine, the real drawing process; files are read back."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from PIL import Image
from pypdf import PdfReader

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.errors import DashboardNotFoundError, TileNotFoundError
from backend_services.dashboards.rendering import service
from backend_services.dashboards.rendering.errors import RenderingFailedError
from backend_services.dashboards.rendering.process import render
from backend_services.dashboards.rendering.schemas import Document, FileKind, Orientation, Paper, Sheet, Words
from backend_services.dashboards.rendering.settings import get_rendering_settings
from backend_services.dashboards.schemas import Overrides
from backend_services.dashboards.spec import ChartKind, DashboardSpec, TextSource, Tile
from backend_services.datasets.catalogue import Filter, Grain, GroupBy, Operator, RelativePeriod
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import frozen
from backend_services.kernel.db import Database, transaction
from tests.factories.dashboards import query, spec, store_orders, tile
from tests.factories.identity import make_actor

AT = datetime(2026, 11, 5, 12, 0, tzinfo=UTC)
BY_MONTH = GroupBy(field="ordered_at", grain=Grain.MONTH)
SLOVENIA = Filter(field="country", operator=Operator.IN, values=("Slovenia",))
MM = 72 / 25.4


@pytest.fixture
async def ana(database: Database) -> Actor:
    assert database
    return await make_actor(role="analyst")


def _every_kind(orders: UUID) -> DashboardSpec:
    revenue = query("revenue", by=[BY_MONTH], dataset_id=orders)
    parts = query("revenue", by=[BY_MONTH, "country"], dataset_id=orders)
    return spec(
        tile(ChartKind.NUMBER, query("revenue", dataset_id=orders), tile_id="number", title="Prihodki šč", width=3),
        tile(ChartKind.LINE, revenue, tile_id="line", title="Course"),
        tile(ChartKind.AREA, parts, tile_id="area", title="Parts", stacked=True),
        tile(ChartKind.BAR, query("revenue", by=["product"], dataset_id=orders), tile_id="bar", title="Products"),
        tile(ChartKind.BAR, parts, tile_id="stack", title="Stacked", stacked=True),
        tile(ChartKind.PIE, query("orders", by=["country"], dataset_id=orders), tile_id="pie", title="Share"),
        tile(
            ChartKind.SCATTER,
            query("revenue", "orders", by=["product"], dataset_id=orders),
            tile_id="scatter",
            title="Points",
        ),
        tile(
            ChartKind.TABLE,
            query("revenue", "orders", by=["ordered_at"], dataset_id=orders, limit=120),
            tile_id="table",
            title="Days",
        ),
        title="Prodaja po državah č š ž",
    )


async def _save(actor: Actor, made: DashboardSpec) -> UUID:
    async with transaction(actor) as session:
        return (await dashboards.create_dashboard(actor, session, made)).id


def _words(page_text: str) -> str:
    return re.sub(r"\s+", " ", page_text)


async def test_a_pdf_has_every_tile_as_text_and_says_its_language_and_title(ana: Actor, tmp_path: Path) -> None:
    dashboard_id = await _save(ana, _every_kind(await store_orders(ana, tmp_path)))
    with frozen(AT):
        overrides = Overrides(filters=(SLOVENIA,), language="sl")
        made = await service.render_dashboard(ana, dashboard_id, kind=FileKind.PDF, overrides=overrides)
        shown = await dashboards.tile_results(ana, dashboard_id, overrides)
    file = PdfReader(io.BytesIO(made))
    words = _words(" ".join(page.extract_text() for page in file.pages))
    assert file.metadata is not None
    assert file.metadata.title == "Prodaja po državah č š ž"
    assert file.root_object["/Lang"] == "sl"
    assert "Prodaja po državah č š ž" in words
    assert "Filtri: Država = Slovenia" in words
    assert [one.state for one in shown] == ["ready"] * 8
    assert all(one.title in words for one in shown)
    number, line, *_, table = shown
    assert number.number is not None
    assert _words(number.number.short) in words
    assert line.figure is not None
    assert all(_words(one) in words for one in line.figure["layout"]["yaxis"]["ticktext"])
    assert table.table is not None
    assert all(_words(cell) in words for row in table.table.rows for cell in row)
    assert f"{len(file.pages)} / {len(file.pages)}" in words
    assert len(file.pages) > 3


def _new_kinds(orders: UUID) -> DashboardSpec:
    both = [GroupBy(field="country"), BY_MONTH]
    note = "# Aim\n\nReach **100** by [May](https://example.com).\n\n1. Measure\n2. Mend\n\n> č š ž"
    return spec(
        tile(ChartKind.HEATMAP, query("revenue", by=both, dataset_id=orders), tile_id="heat", title="Warm", width=12),
        tile(
            ChartKind.HISTOGRAM,
            query("orders", by=[GroupBy(field="revenue__each")], dataset_id=orders),
            tile_id="bins",
            title="Spread",
        ),
        tile(ChartKind.MAP, query("revenue", by=["country"], dataset_id=orders), tile_id="map", title="Places"),
        tile(
            ChartKind.LINE,
            query("revenue", by=[BY_MONTH], dataset_id=orders),
            tile_id="both",
            title="Both",
            compare=True,
        ),
        Tile(id="note", title="Note", chart=ChartKind.TEXT, source=TextSource(text=note)),
        tile(
            ChartKind.PIVOT,
            query("average_basket", by=both, dataset_id=orders),
            tile_id="pivot",
            title="Across",
            series="ordered_at",
        ),
        period=RelativePeriod(kind="between", start="2025-01-01", end="2026-01-01"),
    )


async def test_a_pdf_has_cells_bins_places_texts_and_totals_as_the_page_has(ana: Actor, tmp_path: Path) -> None:
    dashboard_id = await _save(ana, _new_kinds(await store_orders(ana, tmp_path)))
    with frozen(AT):
        made = await service.render_dashboard(ana, dashboard_id, kind=FileKind.PDF)
        shown = {one.tile_id: one for one in await dashboards.tile_results(ana, dashboard_id)}
    words = _words(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages))
    heat, pivot, bins = shown["heat"].figure, shown["pivot"].table, shown["bins"].figure
    assert heat is not None
    assert all(_words(one) in words for one in heat["data"][0]["text"])
    assert bins is not None
    assert all(_words(one) in words for one in bins["layout"]["xaxis"]["ticktext"])
    assert pivot is not None
    assert all(_words(cell) in words for row in (*pivot.rows, pivot.footer) for cell in row)
    assert words.count("Across") >= 2  # too wide for one sheet, so it goes on below with its first column
    assert "Period before" in words
    assert "Reach 100 by May (https://example.com)." in words
    assert "1. Measure 2. Mend" in words
    assert "č š ž" in words


async def test_a_map_is_drawn_with_its_circles_and_outlines(ana: Actor, tmp_path: Path) -> None:
    dashboard_id = await _save(ana, _new_kinds(await store_orders(ana, tmp_path)))
    with frozen(AT):
        made = await service.render_tile(ana, dashboard_id, "map", kind=FileKind.PNG)
        cells = await service.render_tile(ana, dashboard_id, "heat", kind=FileKind.PNG)
    colours = [Image.open(io.BytesIO(one)).convert("RGB").getcolors(maxcolors=2**24) or () for one in (made, cells)]
    counted = [{colour: count for count, colour in one} for one in colours]
    quiet = sum(count for (red, green, blue), count in counted[0].items() if red < green < blue and red > 0x60)
    assert quiet > 2_000
    assert counted[1][0x05, 0x3F, 0x4B] > 500  # the highest cell has the darkest shade


async def test_a_torn_table_repeats_the_names_of_its_columns(ana: Actor, tmp_path: Path) -> None:
    orders = await store_orders(ana, tmp_path)
    days = query("revenue", by=["ordered_at"], dataset_id=orders, limit=120)
    dashboard_id = await _save(ana, spec(tile(ChartKind.TABLE, days, title="Days")))
    file = PdfReader(io.BytesIO(await service.render_dashboard(ana, dashboard_id, kind=FileKind.PDF)))
    pages = [page.extract_text() for page in file.pages]
    assert len(pages) == 3
    assert all("Revenue" in page for page in pages)


@pytest.mark.parametrize(
    ("sheet", "size_mm"),
    [
        (Sheet(), (210.0, 297.0)),
        (Sheet(paper=Paper.A3, orientation=Orientation.LANDSCAPE), (420.0, 297.0)),
        (Sheet(paper=Paper.LETTER), (215.9, 279.4)),
    ],
)
async def test_the_paper_is_the_one_asked_for(
    ana: Actor, tmp_path: Path, sheet: Sheet, size_mm: tuple[float, float]
) -> None:
    orders = await store_orders(ana, tmp_path)
    dashboard_id = await _save(ana, spec(tile(ChartKind.NUMBER, query("revenue", dataset_id=orders))))
    made = await service.render_dashboard(ana, dashboard_id, kind=FileKind.PDF, sheet=sheet)
    box = PdfReader(io.BytesIO(made)).pages[0].mediabox
    assert (float(box.width), float(box.height)) == pytest.approx((size_mm[0] * MM, size_mm[1] * MM), abs=0.5)


async def test_heights_of_tiles_hold_on_paper_as_far_as_the_sheet_goes(ana: Actor, tmp_path: Path) -> None:
    orders = await store_orders(ana, tmp_path)
    revenue = query("revenue", by=[BY_MONTH], dataset_id=orders)

    async def drawn(height: int | None, kind: FileKind) -> bytes:
        line = tile(ChartKind.LINE, revenue, title="Course", height=height)
        sheet = Sheet(orientation=Orientation.LANDSCAPE)
        return await service.render_dashboard(ana, await _save(ana, spec(line)), kind=kind, sheet=sheet)

    heights = [Image.open(io.BytesIO(await drawn(rows, FileKind.PNG))).height for rows in (4, None, 12)]
    assert heights == sorted(set(heights))
    page = PdfReader(io.BytesIO(await drawn(20, FileKind.PDF))).pages[0]
    found: list[tuple[float, str]] = []
    page.extract_text(visitor_text=lambda text, around, at, *_: found.append((around[5] + at[5], text.strip())))
    below_the_tile = [text for at, text in found if text and at < (14 + 8) * MM]
    assert len(below_the_tile) == 2, found


async def test_a_tile_alone_is_a_picture_with_the_palette_of_the_page(ana: Actor, tmp_path: Path) -> None:
    dashboard_id = await _save(ana, _every_kind(await store_orders(ana, tmp_path)))
    made = await service.render_tile(ana, dashboard_id, "bar", kind=FileKind.PNG)
    picture = Image.open(io.BytesIO(made)).convert("RGB")
    colours = {colour for _, colour in picture.getcolors(maxcolors=2**24) or ()}
    assert picture.width > 1000
    assert (0x0B, 0x62, 0x74) in colours
    with pytest.raises(TileNotFoundError):
        await service.render_tile(ana, dashboard_id, "none", kind=FileKind.PNG)


async def test_what_is_not_shared_is_not_rendered(ana: Actor, tmp_path: Path) -> None:
    dashboard_id = await _save(ana, _every_kind(await store_orders(ana, tmp_path)))
    stranger = await make_actor(role="owner")
    with pytest.raises(DashboardNotFoundError):
        await service.render_dashboard(stranger, dashboard_id, kind=FileKind.PDF)


async def test_a_tile_without_data_says_why_on_paper(ana: Actor, tmp_path: Path) -> None:
    orders = await store_orders(ana, tmp_path)
    dashboard_id = await _save(ana, spec(tile(ChartKind.BAR, query("revenue", by=["country"], dataset_id=orders))))
    nowhere = Filter(field="country", operator=Operator.IN, values=("Nowhere",))
    made = await service.render_dashboard(ana, dashboard_id, kind=FileKind.PDF, overrides=Overrides(filters=(nowhere,)))
    shown = (await dashboards.tile_results(ana, dashboard_id, Overrides(filters=(nowhere,))))[0]
    assert shown.insufficient is not None
    assert shown.insufficient.message in _words(PdfReader(io.BytesIO(made)).pages[0].extract_text())


async def test_a_drawing_beyond_its_time_is_ended(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    assert database
    monkeypatch.setenv("OMNI_DASHBOARDS_RENDERING_TIMEOUT_S", "0.05")
    get_rendering_settings.cache_clear()
    document = Document(
        kind=FileKind.PDF,
        language="en",
        title="Slow",
        made="",
        words=Words(page="{page}", more_rows="", empty=""),
        panels=(),
    )
    try:
        with pytest.raises(RenderingFailedError):
            await render(document)
    finally:
        get_rendering_settings.cache_clear()
