"""Making embeds, signing tokens and looking, for the tests of this folder."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import OctKey

from backend_services.dashboards.embeds import service, viewing
from backend_services.dashboards.embeds.schemas import (
    EmbedAsk,
    EmbedCreate,
    EmbeddedView,
    EmbedSecret,
)
from backend_services.datasets.catalogue import Filter, Operator
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction

SLOVENIA = Filter(field="country", operator=Operator.IN, values=("Slovenia",))
OTHERS = ("Croatia", "Austria", "Italy")
ADDRESS = "192.0.2.7"


def request(board: UUID, **chosen: Any) -> EmbedCreate:
    return EmbedCreate(dashboard_id=board, **{"title": "For Acme", "expires_at": now() + timedelta(days=30), **chosen})


async def make(actor: Actor, board: UUID, **chosen: Any) -> EmbedSecret:
    async with transaction(actor) as session:
        return await service.create_embed(actor, session, request(board, **chosen))


async def show(made: EmbedSecret, credential: str | None = None, **asked: Any) -> EmbeddedView:
    ask = EmbedAsk(credential=credential or made.secret, **asked)
    return await viewing.show(made.embed.id, ask, address=ADDRESS)


def token(secret: str, *, life_s: int = 300, **claims: Any) -> str:
    body = {"exp": int(now().timestamp()) + life_s, **claims}
    return jwt.encode({"alg": "HS256"}, body, OctKey.import_key(secret), algorithms=["HS256"])


def countries(view: EmbeddedView) -> set[str]:
    table = next(one.table for one in view.tiles if one.id == "table")
    assert table is not None
    return {row[0] for row in table.rows}


def shows_only_slovenia(view: EmbeddedView) -> None:
    assert [one.state for one in view.tiles] == ["ready"] * len(view.tiles)
    assert countries(view) == {"Slovenia"}
    written = view.model_dump_json()
    assert "Slovenia" in written
    assert not [one for one in OTHERS if one in written]
