"""What making several built-in dashboards at once takes and gives; REST, jobs and the command line use these."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from pydantic import Field

from backend_services.kernel.schemas import Strict


class TypesRequest(Strict):
    """Which built-in dashboards to make, or to bring up to date.

    Attributes:
        priority_filter: Only those of this priority; without it all twenty.
    """

    priority_filter: int | None = Field(default=None, ge=1, le=3)


class TypeBuilt(Strict):
    """What came of one built-in dashboard.

    Attributes:
        status: ``insufficient_data`` when nothing it needs is there; ``missing`` says what.
        dashboard_id: The dashboard, also one made earlier of a type whose data is gone.
    """

    id: str
    name: str
    priority: int
    status: Literal["ok", "insufficient_data"]
    missing: tuple[str, ...] = ()
    dashboard_id: UUID | None = None
    version: int | None = None
    tiles: int = 0


class TypesBuilt(Strict):
    """What came of all that were asked for.

    Attributes:
        status: ``ok`` when at least one dashboard was made.
        message: In one sentence.
    """

    status: Literal["ok", "insufficient_data"]
    message: str
    total_dashboards: int
    dashboards: tuple[TypeBuilt, ...]
    took_ms: float
