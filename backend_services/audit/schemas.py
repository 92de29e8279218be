"""What the audit log shows and takes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import Field, JsonValue

from backend_services.kernel.schemas import Strict


class AuditEventView(Strict):
    """One thing that was done."""

    id: UUID
    sequence: int
    created_at: datetime
    actor_kind: str
    actor_label: str
    user_id: UUID | None
    api_key_id: UUID | None
    action: str
    subject_type: str
    subject_id: str
    subject_label: str
    details: dict[str, JsonValue]
    request_id: str
    ip: str
    previous_hash: str
    hash: str


class AuditFilter(Strict):
    """Which events are wanted; an empty field does not narrow.

    Attributes:
        action: The action itself, or all below it when it ends in ``.``.
    """

    action: str = Field(default="", max_length=96)
    subject_type: str = Field(default="", max_length=48)
    subject_id: str = Field(default="", max_length=96)
    user_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


class ChainReport(Strict):
    """What checking a tenant's chain found.

    Attributes:
        ok: Every event follows the one before it, and the last one is the recorded end.
        checked: How many events were read.
        broken_at: Sequence number of the first event that does not fit.
        reason: ``changed``, ``missing`` or ``cut_short``; empty when all is well.
        head: Hash of the last event.
    """

    ok: bool
    checked: int
    broken_at: int | None = None
    reason: str = ""
    head: str
