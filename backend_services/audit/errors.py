"""Refusals of the audit log."""

from __future__ import annotations

from backend_services.kernel.errors import InvalidInputError


class AuditSortError(InvalidInputError):
    """The list cannot be put in that order."""

    code = "audit_sort"
    default_message = "Sort audit events by created_at, action or actor_label."
