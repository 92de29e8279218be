"""Which events concern the open page of a dashboard. Pure: no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from uuid import UUID

    from backend_services.kernel.events.schemas import Event

OF_DATA = frozenset({"datasets.version_ready", "datasets.catalogue_changed", "datasets.dataset_deleted"})
COMMENTS = "dashboards.comment"


@dataclass(slots=True)
class Concerns:
    """Says whether an event changes what the page of a dashboard shows.

    Attributes:
        datasets: Those whose figures are shown.
    """

    dashboard_id: UUID
    datasets: set[UUID] = field(default_factory=set)

    def __call__(self, event: Event) -> bool:
        """Return whether ``event`` concerns the page."""
        if event.subject_id == self.dashboard_id:
            return event.name.startswith("dashboards.") and not event.name.startswith(COMMENTS)
        return event.name in OF_DATA and event.subject_id in self.datasets
