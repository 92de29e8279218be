"""What an event looks like to those who listen."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field, JsonValue

from backend_services.kernel.schemas import Strict


class Event(Strict):
    """A fact, written in the same transaction as the change it tells of.

    Attributes:
        name: ``area.thing_happened``.
        tenant_id: Whose it is.
        subject_id: What it is about.
        user_id: Who caused it, if a person did.
    """

    id: UUID
    name: str
    tenant_id: UUID
    subject_id: UUID | None = None
    user_id: UUID | None = None
    data: dict[str, JsonValue] = Field(default_factory=dict)
    created_at: datetime
