"""Table of row-level rules."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend_services.kernel.models import TenantRow


class DatasetRule(TenantRow, table=True):
    """What one role is shown of one dataset.

    Attributes:
        dataset_id: No foreign key: the platform's own tables have rules too, and no row in ``datasets``.
        rule: Conditions and hidden columns (``rules.RowRule``).
    """

    __tablename__: ClassVar[str] = "dataset_rules"
    __table_args__ = (UniqueConstraint("tenant_id", "dataset_id", "role", name="uq_dataset_rules_role"),)

    dataset_id: UUID
    role: str = Field(max_length=64)
    rule: dict[str, Any] = Field(sa_type=JSONB, nullable=False)
