"""Refusals of operations."""

from __future__ import annotations

from backend_services.kernel.errors import PermissionDeniedError


class OperatorOnlyError(PermissionDeniedError):
    """The numbers of the whole install belong to the tenant that runs it."""

    code = "operator_only"
    default_message = "Only the team that runs this install may see this."
