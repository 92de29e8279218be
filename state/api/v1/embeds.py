"""Embeds over REST: managing them, and what the page of one asks for without any account."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from backend_services.dashboards.embeds import service, viewing
from backend_services.dashboards.embeds.schemas import (
    EmbedAsk,
    EmbedChange,
    EmbedCreate,
    EmbeddedView,
    EmbedExport,
    EmbedSecret,
    EmbedView,
)
from backend_services.kernel.pagination import Page
from backend_services.kernel.permissions import Permission
from backend_services.kernel.schemas import Strict
from state.api.deps import ActorDep, CallerDep, PageDep, SessionDep, needs, public
from state.api.etags import expected_version, tagged

router = APIRouter(prefix="/api/v1/embeds", tags=["embeds"])

WRITE = needs(Permission.DASHBOARDS_EMBED_WRITE)
VersionDep = Annotated[int, Depends(expected_version)]
OfDashboard = Annotated[UUID | None, Query(description="Only those of this dashboard.")]


class Rotation(Strict):
    """How to change a secret: with ``at_once`` the one before opens nothing from now on."""

    at_once: bool = False


@router.get("", operation_id="embeds_list", **WRITE)
async def list_embeds(
    actor: ActorDep, session: SessionDep, page: PageDep, dashboard_id: OfDashboard = None
) -> Page[EmbedView]:
    """List your embeds; those who manage them see everybody's."""
    return await service.list_embeds(actor, session, page, dashboard_id=dashboard_id)


@router.post("", operation_id="embeds_create", status_code=201, **WRITE)
async def create_embed(body: EmbedCreate, actor: ActorDep, session: SessionDep, response: Response) -> EmbedSecret:
    """Make an embed; its secret is in this answer and never again."""
    made = await service.create_embed(actor, session, body)
    response.headers["Location"] = f"{router.prefix}/{made.embed.id}"
    tagged(response, made.embed)
    return made


@router.get("/{embed_id}", operation_id="embeds_get", **WRITE)
async def get_embed(embed_id: UUID, actor: ActorDep, session: SessionDep, response: Response) -> EmbedView:
    """Return one embed; its ETag goes into If-Match when you change it."""
    view = await service.get_embed(actor, session, embed_id)
    return tagged(response, view)


@router.put("/{embed_id}", operation_id="embeds_update", **WRITE)
async def update_embed(
    embed_id: UUID, body: EmbedChange, actor: ActorDep, session: SessionDep, expected: VersionDep, response: Response
) -> EmbedView:
    """Change an embed, if nobody did since the version in If-Match."""
    view = await service.update_embed(actor, session, embed_id, body, expected_version=expected)
    return tagged(response, view)


@router.delete("/{embed_id}", operation_id="embeds_delete", status_code=204, **WRITE)
async def delete_embed(embed_id: UUID, actor: ActorDep, session: SessionDep) -> None:
    """Close an embed at once and forget it."""
    await service.delete_embed(actor, session, embed_id)


@router.post("/{embed_id}/revoke", operation_id="embeds_revoke", **WRITE)
async def revoke(embed_id: UUID, actor: ActorDep, session: SessionDep, response: Response) -> EmbedView:
    """Close an embed at once and for good; it stays in the list."""
    view = await service.revoke(actor, session, embed_id)
    return tagged(response, view)


@router.post("/{embed_id}/rotate", operation_id="embeds_rotate", **WRITE)
async def rotate_secret(embed_id: UUID, body: Rotation, actor: ActorDep, session: SessionDep) -> EmbedSecret:
    """Give an embed a new secret; it is in this answer and never again."""
    return await service.rotate_secret(actor, session, embed_id, at_once=body.at_once)


@router.post("/{embed_id}/view", operation_id="embeds_view", **public())
async def show(embed_id: UUID, body: EmbedAsk, caller: CallerDep) -> EmbeddedView:
    """Return what an embed shows to whoever holds its key or a signed token."""
    return await viewing.show(embed_id, body, address=caller.ip)


@router.post("/{embed_id}/export", operation_id="embeds_export", response_class=StreamingResponse, **public())
async def export(embed_id: UUID, body: EmbedExport, caller: CallerDep) -> StreamingResponse:
    """Return one tile's answer as CSV, if the embed allows it."""
    pieces = await viewing.export(embed_id, body, address=caller.ip)
    disposition = f'attachment; filename="{body.tile_id}.csv"'
    return StreamingResponse(pieces, media_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition})
