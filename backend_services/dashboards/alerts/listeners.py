"""What alerts do when something happens elsewhere."""

from __future__ import annotations

from backend_services.dashboards.alerts.planning import plan_new_data
from backend_services.kernel.events.schemas import Event
from backend_services.kernel.events.service import listener


@listener("datasets.version_ready")
async def look_at_new_data(event: Event) -> None:
    """Evaluate the alerts that read a dataset as soon as it has a new version."""
    if event.subject_id is not None:
        await plan_new_data(event.tenant_id, event.subject_id, at=event.created_at)
