"""What goes in and out of row-level rules."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field

from backend_services.datasets.catalogue import Filter
from backend_services.datasets.rules import RowRule
from backend_services.kernel.schemas import Strict


class RuleInput(Strict):
    """What a role shall be shown; conditions name fields of the catalogue or columns, and are kept as columns.

    Attributes:
        filters: All must hold; none means every row. A value may be ``{user.email}``, ``{user.id}`` or
            ``{tenant.id}``.
        hidden_columns: Columns, or dimensions of the catalogue, that the role does not see.
    """

    role: str = Field(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_-]*$")
    filters: tuple[Filter, ...] = Field(default=(), max_length=20)
    hidden_columns: tuple[str, ...] = Field(default=(), max_length=500)


class RuleView(Strict):
    """A stored rule."""

    id: UUID
    dataset_id: UUID
    role: str
    rule: RowRule
    created_at: datetime
    updated_at: datetime
