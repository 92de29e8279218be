"""Exporting a dashboard as a file and importing it where its datasets have other ids, on a real PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from backend_services.dashboards import service
from backend_services.dashboards.errors import DashboardInvalidError
from backend_services.dashboards.schemas import DashboardExport, DashboardImport
from backend_services.dashboards.spec import ChartKind
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import Database, transaction
from backend_services.kernel.errors import PermissionDeniedError
from backend_services.kernel.pagination import PageRequest
from tests.factories.dashboards import query, spec, store_orders, tile
from tests.factories.identity import make_actor

pytestmark = pytest.mark.usefixtures("database")


async def _call(actor: Actor, use_case: Any, *arguments: Any, **named: Any) -> Any:
    async with transaction(actor) as session:
        return await use_case(actor, session, *arguments, **named)


@pytest.fixture
async def file(database: Database, tmp_path: Path) -> DashboardExport:
    """Return a file of another tenant's dashboard over its orders."""
    assert database
    theirs = await make_actor(role="analyst")
    asked = query("revenue", by=["country"], dataset_id=await store_orders(theirs, tmp_path))
    made = await _call(theirs, service.create_dashboard, spec(tile(ChartKind.BAR, asked)))
    found: DashboardExport = await _call(theirs, service.export_dashboard, made.id)
    return found


async def test_a_file_finds_the_one_dataset_with_its_name_and_fields(file: DashboardExport, tmp_path: Path) -> None:
    ana = await make_actor(role="analyst")
    mine = await store_orders(ana, tmp_path)
    plan = await _call(ana, service.plan_import, file)
    assert (plan.ready, [(one.name, one.found) for one in plan.datasets]) == (True, [("Orders", mine)])
    made = await _call(ana, service.import_dashboard, DashboardImport(file=file))
    assert made.spec.dataset_ids == (mine,)


async def test_what_is_not_clear_is_asked_and_taken_as_chosen(file: DashboardExport, tmp_path: Path) -> None:
    ana = await make_actor(role="analyst")
    first, second = await store_orders(ana, tmp_path), await store_orders(ana, tmp_path)
    plan = await _call(ana, service.plan_import, file)
    assert (plan.ready, plan.datasets[0].found) == (False, None)
    assert {one.id for one in plan.datasets[0].choices[:2]} == {first, second}
    with pytest.raises(DashboardInvalidError):
        await _call(ana, service.import_dashboard, DashboardImport(file=file))
    chosen = DashboardImport(file=file, dataset_map={plan.datasets[0].id: second})
    assert (await _call(ana, service.import_dashboard, chosen)).spec.dataset_ids == (second,)


async def test_a_file_without_its_data_writes_nothing(file: DashboardExport) -> None:
    ana = await make_actor(role="analyst")
    with pytest.raises(DashboardInvalidError):
        await _call(ana, service.import_dashboard, DashboardImport(file=file))
    assert (await _call(ana, service.list_dashboards, PageRequest())).total == 0
    with pytest.raises(PermissionDeniedError):
        await _call(await make_actor(role="viewer"), service.plan_import, file)
