"""Use cases of those who manage embeds; what viewers get is in :mod:`backend_services.dashboards.embeds.viewing`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from backend_services.audit import service as audit
from backend_services.dashboards import service as dashboards
from backend_services.dashboards.embeds import credentials, queries
from backend_services.dashboards.embeds.errors import EmbedChangedError, EmbedFieldUnknownError, EmbedRevokedError
from backend_services.dashboards.embeds.models import Embed
from backend_services.dashboards.embeds.schemas import (
    EmbedChange,
    EmbedCreate,
    EmbedMode,
    EmbedSecret,
    EmbedState,
    EmbedView,
)
from backend_services.dashboards.embeds.settings import get_embed_settings
from backend_services.dashboards.errors import TileNotFoundError
from backend_services.datasets import rules_service
from backend_services.datasets import service as datasets
from backend_services.datasets.rules_schemas import RuleInput
from backend_services.identity import service as identity
from backend_services.kernel.clock import now
from backend_services.kernel.errors import InvalidInputError, NotFoundError, PermissionDeniedError
from backend_services.kernel.i18n import field_text
from backend_services.kernel.pagination import Page, PageRequest
from backend_services.kernel.permissions import Permission
from backend_services.kernel.settings import get_settings

if TYPE_CHECKING:
    from uuid import UUID

    from pydantic import JsonValue
    from sqlmodel.ext.asyncio.session import AsyncSession

    from backend_services.dashboards.spec import DashboardSpec
    from backend_services.kernel.actor import Actor

CHOSEN = set(EmbedChange.model_fields)
_ROLE = "viewer"  # any name does: a rule is made only to check that the filters fit the data


async def list_embeds(
    actor: Actor, session: AsyncSession, page: PageRequest, *, dashboard_id: UUID | None = None
) -> Page[EmbedView]:
    """Return a page of the actor's embeds; those who manage them see everybody's."""
    actor.require(Permission.DASHBOARDS_EMBED_WRITE)
    rows, total = await queries.page_of_embeds(actor, session, page, dashboard_id=dashboard_id)
    known: dict[tuple[UUID, UUID], bool] = {}
    for row in rows:
        place = (row.reader_id, row.dashboard_id)
        if place not in known:
            known[place] = await _reaches(session, row)
    items = tuple(_view(row, reaches=known[row.reader_id, row.dashboard_id]) for row in rows)
    return Page(items=items, total=total, limit=page.limit, offset=page.offset)


async def get_embed(actor: Actor, session: AsyncSession, embed_id: UUID) -> EmbedView:
    """Return one embed.

    Raises:
        EmbedNotFoundError: No such embed that the actor may see.
    """
    actor.require(Permission.DASHBOARDS_EMBED_WRITE)
    row = await queries.embed_of(actor, session, embed_id)
    return _view(row, reaches=await _reaches(session, row))


async def create_embed(actor: Actor, session: AsyncSession, request: EmbedCreate) -> EmbedSecret:
    """Make an embed of a dashboard or tile and return its secret, which is never shown again.

    Raises:
        DashboardNotFoundError: No such dashboard for the actor, or for the member whose rights it reads with.
        PermissionDeniedError: Reading with another member's rights needs the right to change row-level rules.
        EmbedFieldUnknownError: A field of its filters is not in every dataset.
    """
    actor.require(Permission.DASHBOARDS_EMBED_WRITE)
    if actor.user_id is None:
        raise PermissionDeniedError
    change = EmbedChange.model_validate(request.model_dump(include=CHOSEN))
    await _check(actor, session, request.dashboard_id, change)
    secret = credentials.new_secret()
    row = Embed(
        tenant_id=actor.tenant_id,
        owner_id=actor.user_id,
        reader_id=change.reader_id or actor.user_id,
        dashboard_id=request.dashboard_id,
        title=change.title,
        mode=request.mode.value,
        content=change.model_dump(mode="json"),
        sealed=credentials.sealed(secret),
        expires_at=change.expires_at,
    )
    session.add(row)
    await session.flush()
    await _note(actor, session, "create", row)
    return _with_secret(row, secret)


async def update_embed(
    actor: Actor, session: AsyncSession, embed_id: UUID, request: EmbedChange, *, expected_version: int
) -> EmbedView:
    """Change an embed, if nobody did since ``expected_version``; what is open on other sites follows at once.

    Raises:
        EmbedChangedError: Somebody saved it meanwhile.
        EmbedRevokedError: It was revoked.
    """
    actor.require(Permission.DASHBOARDS_EMBED_WRITE)
    row = await _open_for_change(actor, session, embed_id)
    if row.version != expected_version:
        raise EmbedChangedError
    if row.mode == EmbedMode.LINK.value and request.signed_fields:
        raise InvalidInputError(fields={"signed_fields": field_text("fields.only_signed")})
    change = request.model_copy(update={"reader_id": request.reader_id or row.reader_id})
    await _check(actor, session, row.dashboard_id, change)
    row.title, row.expires_at = change.title, change.expires_at
    row.reader_id = change.reader_id or row.reader_id
    row.content, row.version = change.model_dump(mode="json"), row.version + 1
    await session.flush()
    await _note(actor, session, "update", row)
    return _view(row, reaches=True)


async def rotate_secret(actor: Actor, session: AsyncSession, embed_id: UUID, *, at_once: bool = False) -> EmbedSecret:
    """Give an embed a new secret; the one before stays good for a while, or not when ``at_once``.

    Raises:
        EmbedRevokedError: It was revoked.
    """
    actor.require(Permission.DASHBOARDS_EMBED_WRITE)
    row = await _open_for_change(actor, session, embed_id)
    secret = credentials.new_secret()
    overlap = timedelta(hours=0 if at_once else get_embed_settings().overlap_hours)
    row.sealed_before, row.before_until = (row.sealed, now() + overlap) if overlap else (None, None)
    row.sealed, row.version = credentials.sealed(secret), row.version + 1
    await session.flush()
    await _note(actor, session, "rotate", row, details={"at_once": at_once})
    return _with_secret(row, secret)


async def revoke(actor: Actor, session: AsyncSession, embed_id: UUID) -> EmbedView:
    """Close an embed at once and for good; its entry stays with what it counted."""
    actor.require(Permission.DASHBOARDS_EMBED_WRITE)
    row = await queries.embed_of(actor, session, embed_id, lock=True)
    if row.revoked_at is None:
        row.revoked_at, row.version = now(), row.version + 1
        await session.flush()
        await _note(actor, session, "revoke", row)
    return _view(row, reaches=True)


async def delete_embed(actor: Actor, session: AsyncSession, embed_id: UUID) -> None:
    """Close an embed at once and forget it."""
    actor.require(Permission.DASHBOARDS_EMBED_WRITE)
    row = await queries.embed_of(actor, session, embed_id, lock=True)
    await session.delete(row)
    await session.flush()
    await _note(actor, session, "delete", row)


async def _open_for_change(actor: Actor, session: AsyncSession, embed_id: UUID) -> Embed:
    row = await queries.embed_of(actor, session, embed_id, lock=True)
    if row.revoked_at is not None:
        raise EmbedRevokedError
    return row


async def _check(actor: Actor, session: AsyncSession, dashboard_id: UUID, change: EmbedChange) -> None:
    view = await dashboards.get_dashboard(actor, session, dashboard_id)
    if change.tile_id is not None and view.spec.tile(change.tile_id) is None:
        raise TileNotFoundError(params={"tile": change.tile_id})
    latest = now() + timedelta(days=get_embed_settings().max_days)
    if not now() < change.expires_at <= latest:
        raise InvalidInputError(fields={"expires_at": field_text("fields.until", latest=f"{latest:%Y-%m-%d}")})
    await _check_reader(actor, session, dashboard_id, change)
    for dataset_id in _datasets_of(view.spec, change.tile_id):
        await _check_fields(actor, session, dataset_id, change)


async def _check_reader(actor: Actor, session: AsyncSession, dashboard_id: UUID, change: EmbedChange) -> None:
    """Refuse a reader whose rights the actor could not get anyway: one's own, or any for who changes the rules."""
    if change.reader_id is None or change.reader_id == actor.user_id:
        return
    actor.require(Permission.DATASETS_RULE_WRITE)
    reader = await identity.load_actor(actor.tenant_id, change.reader_id)
    if reader is None:
        raise InvalidInputError(fields={"reader_id": field_text("fields.nobody")})
    await dashboards.get_dashboard(reader, session, dashboard_id)


def _datasets_of(spec: DashboardSpec, tile_id: str | None) -> tuple[UUID, ...]:
    tiles = [one for one in spec.tiles if tile_id in {None, one.id}]
    return tuple(dict.fromkeys(one.dataset_id for one in tiles if one.dataset_id is not None))


async def _check_fields(actor: Actor, session: AsyncSession, dataset_id: UUID, change: EmbedChange) -> None:
    version = await datasets.readable_version(actor, session, dataset_id)
    shown = {one.id for one in version.catalogue.dimensions if not one.hidden}
    known = {one.id for one in version.catalogue.dimensions}
    fixed = {*change.signed_fields, *(one.field for one in change.locked_filters)}
    missing = sorted((fixed - known) | (set(change.open_fields) - shown))
    if missing:
        raise EmbedFieldUnknownError(params={"field": missing[0]})
    if change.locked_filters:
        rules_service.resolve(RuleInput(role=_ROLE, filters=change.locked_filters), version)


async def _reaches(session: AsyncSession, row: Embed) -> bool:
    """Return whether the member whose rights the embed reads with still sees its dashboard."""
    reader = await identity.load_actor(row.tenant_id, row.reader_id)
    if reader is None:
        return False
    try:
        await dashboards.get_dashboard(reader, session, row.dashboard_id)
    except (NotFoundError, PermissionDeniedError):
        return False
    return True


async def _note(
    actor: Actor, session: AsyncSession, action: str, row: Embed, *, details: dict[str, JsonValue] | None = None
) -> None:
    await audit.record(
        actor,
        session,
        action=f"dashboards.embed.{action}",
        subject_type="embed",
        subject_id=row.id,
        subject_label=row.title,
        details={"dashboard_id": str(row.dashboard_id), "reader_id": str(row.reader_id), **(details or {})},
    )


def address_of(row: Embed) -> str:
    """Return the address of an embed's page."""
    return f"{get_settings().base_url}/embed/{row.id}"


def _with_secret(row: Embed, secret: str) -> EmbedSecret:
    link = f"{address_of(row)}#key={secret}" if row.mode == EmbedMode.LINK.value else None
    return EmbedSecret(embed=_view(row, reaches=True), secret=secret, link=link)


def _state(row: Embed, *, reaches: bool) -> EmbedState:
    if row.revoked_at is not None:
        return EmbedState.REVOKED
    if row.expires_at <= now():
        return EmbedState.EXPIRED
    return EmbedState.ACTIVE if reaches else EmbedState.NO_ACCESS


def _view(row: Embed, *, reaches: bool) -> EmbedView:
    chosen = EmbedChange.model_validate(row.content).model_dump(exclude={"reader_id"})
    return EmbedView(
        **chosen,
        id=row.id,
        reader_id=row.reader_id,
        dashboard_id=row.dashboard_id,
        owner_id=row.owner_id,
        mode=EmbedMode(row.mode),
        state=_state(row, reaches=reaches),
        address=address_of(row),
        uses=row.uses,
        last_used_at=row.last_used_at,
        rotated_until=row.before_until if row.before_until and row.before_until > now() else None,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
