"""The page of an embed, behind the layer that stands around the whole application: who may show it in a frame."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.embeds import service
from backend_services.dashboards.embeds.schemas import EmbedCreate, EmbedSecret
from backend_services.dashboards.spec import ChartKind
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import now
from backend_services.kernel.db import Database, transaction
from backend_services.kernel.ids import new_id
from omni_app.asgi import Outer
from state.api.app import create_api
from tests.factories.dashboards import query, spec, store_orders, tile
from tests.factories.identity import make_actor

SITES = ("https://acme.example", "https://*.acme.example:8443")


@pytest.fixture
async def whole(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    assert database
    transport = httpx.ASGITransport(Outer(create_api()), client=("192.0.2.9", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://omni.test") as client:
        yield client


@pytest.fixture
async def ana(database: Database) -> Actor:
    assert database
    return await make_actor(role="owner")


async def _make(ana: Actor, folder: Path, *, origins: tuple[str, ...]) -> EmbedSecret:
    orders: UUID = await store_orders(ana, folder)
    made = spec(tile(ChartKind.NUMBER, query("orders", dataset_id=orders)), title="Secret title")
    async with transaction(ana) as session:
        board = await dashboards.create_dashboard(ana, session, made)
        request = EmbedCreate(
            dashboard_id=board.id, title="Page", expires_at=now() + timedelta(days=1), origins=origins, language="sl"
        )
        return await service.create_embed(ana, session, request)


def _ancestors(answer: httpx.Response) -> str:
    parts = answer.headers["content-security-policy"].split("; ")
    return next(one for one in parts if one.startswith("frame-ancestors"))


async def test_only_the_named_sites_may_frame_it(whole: httpx.AsyncClient, ana: Actor, tmp_path: Path) -> None:
    made = await _make(ana, tmp_path, origins=SITES)
    answer = await whole.get(f"/embed/{made.embed.id}")
    assert answer.status_code == 200
    assert _ancestors(answer) == f"frame-ancestors {' '.join(SITES)}"
    assert "x-frame-options" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self';" in answer.headers["content-security-policy"]
    assert 'lang="sl"' in answer.text
    assert made.secret not in answer.text
    assert "Secret title" not in answer.text
    assert (await whole.head(f"/embed/{made.embed.id}")).status_code == 200


async def test_without_sites_nobody_frames_it(whole: httpx.AsyncClient, ana: Actor, tmp_path: Path) -> None:
    made = await _make(ana, tmp_path, origins=())
    assert _ancestors(await whole.get(f"/embed/{made.embed.id}")) == "frame-ancestors 'none'"


async def test_everything_else_stays_as_strict_as_it_was(whole: httpx.AsyncClient) -> None:
    missing = await whole.get(f"/embed/{new_id()}")
    assert missing.status_code == 404
    assert _ancestors(missing) == "frame-ancestors 'none'"
    for path in ("/api/docs", "/api/v1/embeds", "/embed/none"):
        answer = await whole.get(path)
        assert answer.headers["x-frame-options"] == "DENY"
        assert _ancestors(answer) == "frame-ancestors 'none'"


@pytest.mark.parametrize(
    "site", ["https://a.example; script-src *", "*", "https://*", "javascript:x", "a.example", "https://a.example/path"]
)
def test_a_site_is_an_origin_and_nothing_else(site: str) -> None:
    with pytest.raises(ValueError, match="origins"):
        EmbedCreate(dashboard_id=new_id(), title="x", expires_at=now(), origins=(site,))
