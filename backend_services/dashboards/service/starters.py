"""First dashboards over the sample data or a fresh upload."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from backend_services.dashboards import queries, starters
from backend_services.dashboards.service import storage
from backend_services.datasets import service as datasets
from backend_services.kernel.db import transaction
from backend_services.kernel.permissions import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from backend_services.dashboards.schemas import DashboardView
    from backend_services.datasets.schemas import ColumnProfile
    from backend_services.kernel.actor import Actor


async def seed_starter_dashboards(actor: Actor, dataset_id: UUID) -> tuple[DashboardView, ...]:
    """Make the team's first dashboard over a dataset, once; empty where there is one or nothing to measure."""
    actor.require(Permission.DASHBOARDS_DASHBOARD_WRITE)
    async with transaction(actor) as session:
        dataset = await datasets.get_dataset(actor, session, dataset_id)
        catalogue = await datasets.get_catalogue(actor, session, dataset_id)
        profile = await datasets.get_profile(actor, session, dataset_id)
        time = None if catalogue.default_time is None else catalogue.dimension(catalogue.default_time)
        span = next((one for one in profile.columns if time is not None and one.name == time.column), None)
        table = starters.Table(
            dataset_id=dataset_id,
            title=dataset.title.in_language(actor.language),
            catalogue=catalogue,
            first=_end(span, "minimum"),
            last=_end(span, "maximum"),
        )
        spec = starters.starter(table, actor.language)
        if spec is None or spec.title in await queries.starter_titles(actor, session):
            return ()
        await storage.require_valid(actor, session, spec)
        return (await storage.write_new(actor, session, spec, origin="starter", team=True),)


def _end(column: ColumnProfile | None, which: str) -> datetime | None:
    value = None if column is None else getattr(column, which)
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=None)
