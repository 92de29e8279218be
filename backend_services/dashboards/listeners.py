"""What dashboards do when something happens elsewhere."""

from __future__ import annotations

from backend_services.dashboards.service.starters import seed_starter_dashboards
from backend_services.datasets.schemas import DatasetKind
from backend_services.identity import service as identity
from backend_services.kernel.events.schemas import Event
from backend_services.kernel.events.service import listener
from backend_services.kernel.permissions import Permission


@listener("datasets.version_ready")
async def show_a_sample(event: Event) -> None:
    """Give a sample that somebody took its first dashboard. An upload's first dashboard is asked for by its owner."""
    is_sample = event.data.get("kind") == DatasetKind.SAMPLE.value and event.data.get("version") == 1
    if not is_sample or event.user_id is None or event.subject_id is None:
        return
    actor = await identity.load_actor(event.tenant_id, event.user_id)
    if actor is not None and actor.can(Permission.DASHBOARDS_DASHBOARD_WRITE):
        await seed_starter_dashboards(actor, event.subject_id)
