"""Every figure of the built-in dashboards against a count of the tables themselves."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from backend_services.dashboards import service
from backend_services.dashboards.blueprints import BLUEPRINTS
from backend_services.dashboards.schemas import TileResult
from backend_services.dashboards.types import TYPES
from backend_services.identity.models import BrowserSession
from backend_services.kernel.actor import Actor
from backend_services.kernel.clock import now
from backend_services.kernel.db import transaction
from backend_services.kernel.ids import new_id
from backend_services.kernel.jobs.models import Job
from backend_services.metering.models import ApiCall
from tests.factories.dashboards import spec
from tests.factories.identity import make_actor, make_tenant

pytestmark = pytest.mark.usefixtures("database")

RECENT = "created_at > now() - interval '30 days'"
SIGN_INS = (
    f"(SELECT user_id, created_at FROM browser_sessions WHERE tenant_id = :t AND {RECENT} UNION ALL "  # noqa: S608 - words of ours
    f"SELECT user_id, created_at FROM refresh_families WHERE tenant_id = :t AND {RECENT}) s"
)


def of(table: str, what: str, *, where: str = "true", by: str = "") -> str:
    """Return a statement over recent rows of one table."""
    group = f" GROUP BY {by}" if by else ""
    chosen = f"{by}, {what}" if by else what
    return f"SELECT {chosen} FROM {table} WHERE tenant_id = :t AND {RECENT} AND {where}{group}"  # noqa: S608


DAY = "(created_at AT TIME ZONE 'UTC')::date::text"
TRUTH = {
    "people": "SELECT count(*) FROM memberships WHERE tenant_id = :t",
    "people-by-role": "SELECT array_to_string(roles, ', '), count(*) FROM memberships WHERE tenant_id = :t GROUP BY 1",
    "sign-ins": f"SELECT count(*) FROM {SIGN_INS}",  # noqa: S608
    "active": f"SELECT count(DISTINCT user_id) FROM {SIGN_INS}",  # noqa: S608
    "sign-ins-by-day": f"SELECT {DAY}, count(*) FROM {SIGN_INS} GROUP BY 1",  # noqa: S608
    "actions": of("audit_events", "count(*)"),
    "actions-by-kind": of("audit_events", "count(*)", by="action"),
    "actions-by-day": of("audit_events", "count(*)", by=DAY),
    "most-active": of("audit_events", "count(*)", by="actor_label"),
    "actions-by-person": of("audit_events", "count(*)", by="actor_label, action"),
    "jobs": of("jobs", "count(*)"),
    "jobs-failed": of("jobs", "count(*)", where="state IN ('failed', 'dead')"),
    "jobs-by-state": of("jobs", "count(*)", by="state"),
    "jobs-by-name": of("jobs", "count(*)", by="name"),
    "jobs-by-day": of("jobs", "count(*)", by=f"{DAY}, state"),
    "calls": of("api_calls", "count(*)"),
    "refused": of("api_calls", "count(*)", where="status >= 400"),
    "broken": of("api_calls", "count(*)", where="status >= 500"),
    "latency": of("api_calls", "avg(latency_ms)"),
    "latency-by-day": of("api_calls", "avg(latency_ms)", by=DAY),
    "calls-by-day": of("api_calls", "count(*)", by=DAY),
    "calls-by-status": of("api_calls", "count(*)", by="status"),
    "calls-by-route": of("api_calls", "count(*), avg(latency_ms), max(latency_ms)", by="route, method"),
}


async def _used() -> Actor:
    """Return somebody of a team that has worked with the platform, lately and long ago."""
    tenant = await make_tenant()
    actor = await make_actor(tenant=tenant)
    colleague = await make_actor(tenant=tenant, role="viewer")
    async with transaction(actor) as session:
        for days, status in ((0, 200), (0, 404), (3, 500), (3, 200), (60, 503)):
            route = "/api/v1/datasets" if status == 200 else "/api/v1/jobs"
            session.add(
                ApiCall(tenant_id=actor.tenant_id, method="GET", route=route, status=status, latency_ms=10.5 + days)
            )
            state, at = "failed" if status >= 500 else "succeeded", now() - timedelta(days=days)
            session.add(
                Job(tenant_id=actor.tenant_id, name="datasets.ingest", title="Orders", state=state, created_at=at)
            )
        await service.create_dashboard(actor, session, spec(title="Sales"))
    for who, days in ((actor, 0), (actor, 3), (colleague, 3), (colleague, 60)):
        async with transaction(actor) as session:
            at = now() - timedelta(days=days)
            session.add(
                BrowserSession(
                    tenant_id=actor.tenant_id,
                    user_id=who.user_id,
                    token_hash=new_id().hex,
                    created_at=at,
                    last_seen_at=at,
                    expires_at=now() + timedelta(days=1),
                )
            )
    return actor


def _plain(cell: Any) -> Any:
    if isinstance(cell, str):
        return cell[:10] if cell[4:5] == "-" and cell[7:8] == "-" else cell
    return cell if isinstance(cell, int) else round(float(cell), 6)


def _rows(rows: Any) -> set[tuple[Any, ...]]:
    return {tuple(_plain(cell) for cell in row) for row in rows}


async def _shown(actor: Actor, name: str) -> tuple[TileResult, ...]:
    made = await service.build_type(actor, name)
    return await service.tile_results(actor, made.id)


async def test_every_figure_of_every_real_type_is_what_the_tables_hold() -> None:
    actor = await _used()
    seen: set[str] = set()
    for name in BLUEPRINTS:
        tiles = await _shown(actor, name)
        async with transaction(actor) as session:
            for tile in tiles:
                assert tile.result is not None, (name, tile.tile_id, tile.problem)
                truth = await session.execute(text(TRUTH[tile.tile_id]), {"t": actor.tenant_id})
                expected = _rows(truth.all())
                given = {row for row in _rows(tile.result.rows) if not _is_gap(tile, row)}
                assert given == expected, (name, tile.tile_id)
                seen.add(tile.tile_id)
    assert seen == TRUTH.keys()


def _is_gap(tile: TileResult, row: tuple[Any, ...]) -> bool:
    """Return whether a row only says that nothing happened on a day."""
    return tile.tile_id.endswith("-by-day") and row[-1] == 0


async def test_types_without_tiles_say_what_they_lack_in_both_languages() -> None:
    for one in TYPES:
        if one.pieces:
            continue
        assert one.lacks.in_language("en")
        assert one.lacks.in_language("sl") != one.lacks.in_language("en"), one.id
