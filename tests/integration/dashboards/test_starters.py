"""A sample that somebody takes brings its first dashboard, once."""

from __future__ import annotations

from backend_services.dashboards import listeners
from backend_services.dashboards import service as dashboards
from backend_services.dashboards.spec import ChartKind
from backend_services.datasets import service as datasets
from backend_services.kernel.db import Database, transaction
from backend_services.kernel.events.relay import relay_all
from backend_services.kernel.jobs.runner import run_waiting
from backend_services.kernel.pagination import PageRequest
from omni_app.wiring import configure
from tests.factories.identity import make_actor


async def test_a_sample_brings_its_dashboard_once_with_figures(database: Database) -> None:
    assert database
    assert listeners
    configure()
    owner = await make_actor()
    async with transaction(owner) as session:
        await datasets.take_sample(owner, session, "demo-company")
    await run_waiting()
    await relay_all()
    await relay_all()
    async with transaction(owner) as session:
        page = await dashboards.list_dashboards(owner, session, PageRequest(), origins=("starter",))
    assert page.total == 1
    results = await dashboards.tile_results(owner, page.items[0].id)
    assert results
    assert {one.state for one in results} == {"ready"}
    assert {one.chart for one in results} == set(ChartKind) - {ChartKind.AREA, ChartKind.PIE, ChartKind.SCATTER}
