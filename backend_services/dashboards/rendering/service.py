"""Use cases of rendering: a dashboard or a tile as a file, with the reader's rights, period, filters and language."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from backend_services.dashboards import service as dashboards
from backend_services.dashboards import surroundings
from backend_services.dashboards.errors import TileNotFoundError
from backend_services.dashboards.rendering.process import render
from backend_services.dashboards.rendering.schemas import Document, FileKind, Panel, Sheet, Words
from backend_services.dashboards.schemas import Overrides
from backend_services.dashboards.sizes import rows_of
from backend_services.datasets import service as datasets
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import NotFoundError
from backend_services.kernel.i18n import format_datetime, text
from backend_services.kernel.permissions import Permission
from backend_services.kernel.product import NAME

if TYPE_CHECKING:
    from uuid import UUID

    from backend_services.dashboards.schemas import DashboardView, TileResult
    from backend_services.kernel.actor import Actor

__all__ = ["file_of", "render_dashboard", "render_tile", "shown_of"]


async def render_dashboard(
    actor: Actor,
    dashboard_id: UUID,
    *,
    kind: FileKind,
    sheet: Sheet | None = None,
    overrides: Overrides | None = None,
) -> bytes:
    """Return the whole dashboard as a PDF or one long PNG.

    Raises:
        DashboardNotFoundError: There is no such dashboard, or it is not shared with the actor.
        RenderingFailedError: It could not be drawn.
    """
    view, shown = await shown_of(actor, dashboard_id, overrides=overrides)
    return await file_of(actor, view, shown, kind=kind, sheet=sheet, overrides=overrides)


async def render_tile(
    actor: Actor,
    dashboard_id: UUID,
    tile_id: str,
    *,
    kind: FileKind,
    sheet: Sheet | None = None,
    overrides: Overrides | None = None,
) -> bytes:
    """Return one tile as a PDF or PNG.

    Raises:
        DashboardNotFoundError: There is no such dashboard, or it is not shared with the actor.
        TileNotFoundError: It has no such tile.
    """
    view, shown = await shown_of(actor, dashboard_id, tile_id=tile_id, overrides=overrides)
    return await file_of(actor, view, shown, kind=kind, sheet=sheet, overrides=overrides)


async def shown_of(
    actor: Actor, dashboard_id: UUID, *, tile_id: str | None = None, overrides: Overrides | None = None
) -> tuple[DashboardView, tuple[TileResult, ...]]:
    """Return the dashboard and what its tiles, or the one tile, show to the actor."""
    actor.require(Permission.DASHBOARDS_DASHBOARD_READ)
    async with transaction(actor) as session:
        view = await dashboards.get_dashboard(actor, session, dashboard_id)
    if tile_id is None:
        return view, await dashboards.tile_results(actor, dashboard_id, overrides)
    if view.spec.tile(tile_id) is None:
        raise TileNotFoundError(params={"tile": tile_id})
    return view, (await dashboards.tile_result(actor, dashboard_id, tile_id, overrides),)


async def file_of(
    actor: Actor,
    view: DashboardView,
    shown: tuple[TileResult, ...],
    *,
    kind: FileKind,
    sheet: Sheet | None = None,
    overrides: Overrides | None = None,
) -> bytes:
    """Return the file of answers that :func:`shown_of` gave for the same actor."""
    chosen = overrides or Overrides()
    reader = replace(actor, language=chosen.language or actor.language)
    document = await _document(reader, view, shown, kind=kind, sheet=sheet or Sheet(), overrides=chosen)
    return await render(document)


async def _document(
    reader: Actor,
    view: DashboardView,
    shown: tuple[TileResult, ...],
    *,
    kind: FileKind,
    sheet: Sheet,
    overrides: Overrides,
) -> Document:
    language = reader.language
    at = format_datetime(now(), language, time_zone=reader.time_zone, zone=True)
    alone = len(shown) == 1 and len(view.spec.tiles) > 1
    places = {one.id: one.model_copy(update={"width": 12}) if alone else one for one in view.spec.tiles}
    return Document(
        kind=kind,
        sheet=sheet,
        language="sl" if language == "sl" else "en",
        title=view.spec.title,
        description=view.spec.description,
        lines=(*_periods(shown, language), *await _filters(reader, view, overrides)),
        made=text("rendering.made", language, title=view.spec.title, time=at, product=NAME),
        words=Words(
            page=text("rendering.page", language, page="{page}", pages="{pages}"),
            more_rows=text("rendering.more_rows", language, shown="{shown}", total="{total}"),
            empty=text("rendering.empty", language),
        ),
        panels=tuple(
            Panel.of(one, width=places[one.tile_id].width, height=rows_of(places[one.tile_id])) for one in shown
        ),
    )


def _periods(shown: tuple[TileResult, ...], language: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(one.how.period for one in shown if one.how is not None and one.how.period))
    return (text("rendering.period", language, period="; ".join(found)),) if found else ()


async def _filters(reader: Actor, view: DashboardView, overrides: Overrides) -> tuple[str, ...]:
    """Return the filters of dashboard and viewer in words, by the first dataset that knows their field."""
    wanted = surroundings.merged(view.spec.filters, overrides.filters)
    if not wanted:
        return ()
    catalogues = []
    async with transaction(reader) as session:
        for dataset_id in view.spec.dataset_ids:
            try:
                catalogues.append(await datasets.get_catalogue(reader, session, dataset_id))
            except NotFoundError:
                continue
    said = []
    for one in wanted:
        known = next((each for each in catalogues if each.dimension(one.field) is not None), None)
        if known is not None:
            said.append(surroundings.filter_text(one, known, reader.language))
    return (text("rendering.filters", reader.language, filters="; ".join(said)),) if said else ()
