"""Table of the models that organisations chose."""

from __future__ import annotations

from typing import ClassVar

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from backend_services.kernel.models import TenantRow


class ModelChoice(TenantRow, table=True):
    """The model that an organisation's builder uses, where it chose one."""

    __tablename__: ClassVar[str] = "llm_model_choices"
    __table_args__ = (UniqueConstraint("tenant_id", name="uq_llm_model_choices_tenant_id"),)

    model: str = Field(nullable=False, max_length=200)
