"""What viewers of an embed get: nobody's account, a member's present rights, and filters that cannot be lifted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.embeds import credentials, limits, queries
from backend_services.dashboards.embeds.errors import (
    EmbedClosedError,
    EmbedFilterRefusedError,
    EmbedNotFoundError,
    EmbedTokenError,
)
from backend_services.dashboards.embeds.schemas import (
    EmbedAsk,
    EmbedChange,
    EmbeddedTile,
    EmbeddedView,
    EmbedExport,
    EmbedFrame,
    OpenField,
)
from backend_services.dashboards.embeds.settings import get_embed_settings
from backend_services.dashboards.schemas import Overrides
from backend_services.dashboards.sizes import rows_of
from backend_services.datasets import service as datasets
from backend_services.datasets.catalogue import Filter, Operator
from backend_services.datasets.query import service as engine
from backend_services.datasets.query.execution import Views
from backend_services.datasets.query.schemas import ExportFormat
from backend_services.identity import service as identity
from backend_services.kernel.clock import now
from backend_services.kernel.db import system_transaction, transaction
from backend_services.kernel.errors import DomainError, NotFoundError, PermissionDeniedError
from backend_services.kernel.i18n import text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from uuid import UUID

    from backend_services.dashboards.embeds.models import Embed
    from backend_services.dashboards.schemas import DashboardView, NumberView, TileResult
    from backend_services.dashboards.spec import Tile
    from backend_services.kernel.actor import Actor

MOST_VALUES = 100
SIGNS = "+-\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class _Opened:
    """An embed that a good credential opened.

    Attributes:
        locked: Of the embed and of the token together.
    """

    id: UUID
    reader: Actor
    chosen: EmbedChange
    view: DashboardView
    locked: tuple[Filter, ...]

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """Return the tiles that are shown."""
        wanted = self.chosen.tile_id
        return tuple(one for one in self.view.spec.tiles if wanted in {None, one.id})


async def frame_of(embed_id: UUID) -> EmbedFrame:
    """Return who may show the embed's page in a frame; tells nothing of what is in it.

    Raises:
        EmbedNotFoundError: There is none.
    """
    async with system_transaction() as session:
        row = await queries.any_embed(session, embed_id)
    if row is None:
        raise EmbedNotFoundError
    chosen = EmbedChange.model_validate(row.content)
    return EmbedFrame(origins=chosen.origins, language=chosen.language, theme=chosen.theme)


async def show(embed_id: UUID, ask: EmbedAsk, *, address: str) -> EmbeddedView:
    """Return everything that the page of an embed shows.

    Raises:
        EmbedTokenError: The credential does not open it.
        EmbedClosedError: It expired, was revoked, or its member lost the right to see the dashboard.
        EmbedFilterRefusedError: The viewer may not choose this filter or period.
        EmbedBusyError: Too many requests.
    """
    opened = await _open(embed_id, ask.credential, address=address)
    overrides = _overrides(opened, ask)
    results = await dashboards.tile_results(
        opened.reader, opened.view.id, overrides, tile_id=opened.chosen.tile_id, locked=opened.locked
    )
    choices = await _choices(opened)
    if ask.opened:
        async with transaction(opened.reader) as session:
            await queries.count_use(session, opened.id)
    chosen, single = opened.chosen, opened.chosen.tile_id is not None
    places = {one.id: one.model_copy(update={"width": 12}) if single else one for one in opened.tiles}
    return EmbeddedView(
        title=opened.view.title if chosen.show_title and not single else "",
        language=chosen.language,
        theme=chosen.theme,
        tiles=tuple(_tile(one, places[one.tile_id], chosen.language) for one in results),
        open_fields=choices,
        period=overrides.period or opened.view.spec.period,
        period_open=chosen.period_open,
        allow_csv=chosen.allow_csv,
        refresh_s=_refresh_s(opened.view),
    )


async def export(embed_id: UUID, ask: EmbedExport, *, address: str) -> AsyncIterator[bytes]:
    """Return a tile's answer as CSV, in pieces.

    Raises:
        PermissionDeniedError: The embed does not allow it.
        EmbedNotFoundError: It does not show this tile.
    """
    opened = await _open(embed_id, ask.credential, address=address)
    if not opened.chosen.allow_csv:
        raise PermissionDeniedError
    if all(one.id != ask.tile_id for one in opened.tiles):
        raise EmbedNotFoundError
    return await dashboards.export_tile(
        opened.reader,
        opened.view.id,
        ask.tile_id,
        export_format=ExportFormat.CSV,
        overrides=_overrides(opened, ask),
        locked=opened.locked,
    )


async def _open(embed_id: UUID, credential: str, *, address: str) -> _Opened:
    settings = get_embed_settings()
    await limits.count(embed_id, f"address:{address}", most=settings.address_per_minute)
    async with system_transaction() as session:
        row = await queries.any_embed(session, embed_id)
    if row is None:
        raise EmbedTokenError  # what is not there looks like what does not open
    chosen = EmbedChange.model_validate(row.content)
    fixed = credentials.opened_filters(row, credential, signed_fields=chosen.signed_fields)
    await limits.count(embed_id, "all", most=settings.embed_per_minute)
    if row.revoked_at is not None or row.expires_at <= now():
        raise EmbedClosedError
    reader, view = await _read(row, chosen)
    return _Opened(id=row.id, reader=reader, chosen=chosen, view=view, locked=(*chosen.locked_filters, *fixed))


async def _read(row: Embed, chosen: EmbedChange) -> tuple[Actor, DashboardView]:
    member = await identity.load_actor(row.tenant_id, row.reader_id)
    if member is None:
        raise EmbedClosedError
    reader = replace(member, language=chosen.language)
    try:
        async with transaction(reader) as session:
            view = await dashboards.get_dashboard(reader, session, row.dashboard_id)
    except (NotFoundError, PermissionDeniedError) as error:
        raise EmbedClosedError from error
    if chosen.tile_id is not None and view.spec.tile(chosen.tile_id) is None:
        raise EmbedClosedError
    return reader, view


def _refresh_s(view: DashboardView) -> int:
    wanted = view.spec.refresh_s or 0
    return max(wanted, get_embed_settings().min_refresh_s) if wanted else 0


def _overrides(opened: _Opened, ask: EmbedAsk) -> Overrides:
    chosen = opened.chosen
    refused = sorted(set(ask.filters) - set(chosen.open_fields))
    if refused or (ask.period is not None and not chosen.period_open):
        raise EmbedFilterRefusedError(params={"field": refused[0] if refused else "period"})
    filters = tuple(
        Filter(field=field, operator=Operator.IN, values=values) for field, values in ask.filters.items() if values
    )
    return Overrides(period=ask.period or chosen.period, filters=filters, language=chosen.language)


async def _choices(opened: _Opened) -> tuple[OpenField, ...]:
    """Return what viewers may filter by: only values of rows that they may see."""
    found: list[OpenField] = []
    views = Views(opened.reader, locked=opened.locked)
    for field in opened.chosen.open_fields:
        label, values = field, {}
        for dataset_id in dict.fromkeys(one.dataset_id for one in opened.tiles if one.dataset_id is not None):
            try:
                async with transaction(opened.reader) as session:
                    catalogue = await datasets.get_catalogue(opened.reader, session, dataset_id)
                dimension = catalogue.dimension(field)
                label = label if dimension is None else dimension.label.in_language(opened.reader.language)
                for one in await engine.field_values(
                    opened.reader, dataset_id, field=field, limit=MOST_VALUES, views=views
                ):
                    if one.value is not None:
                        values[str(one.value)] = one.value
            except DomainError:
                continue  # the tile over this dataset says so itself
        found.append(OpenField(field=field, label=label, values=tuple(values.values())[:MOST_VALUES]))
    return tuple(found)


def _tile(shown: TileResult, place: Tile, language: str) -> EmbeddedTile:
    message = "" if shown.problem is None else text("embeds.tile_failed", language)
    if shown.insufficient is not None:
        message = shown.insufficient.message
    return EmbeddedTile(
        id=shown.tile_id,
        title=shown.title,
        chart=shown.chart,
        width=place.width,
        height=rows_of(place),
        state=shown.state,
        figure=shown.figure,
        phone_layout=shown.phone_layout,
        legend=shown.legend,
        number=_number(shown.number, language),
        table=shown.table,
        text=shown.text,
        finding=shown.finding,
        period="" if shown.how is None else shown.how.period,
        accessible=shown.accessible,
        notes=shown.notes,
        message=message,
        data_as_of="" if shown.source is None else shown.source.data_as_of,
    )


def _number(number: NumberView | None, language: str) -> NumberView | None:
    """Return the number with its change in whole words, for a page that has no texts of its own for it."""
    if number is None or number.delta is None:
        return number
    delta = number.delta
    against = text(f"tile.{delta.direction}", language, against=delta.against)
    size = "" if delta.direction == "flat" else delta.text.lstrip(SIGNS)  # "less" says it already
    return number.model_copy(update={"delta": delta.model_copy(update={"against": against, "text": size})})
