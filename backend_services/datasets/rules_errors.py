"""Refusals of row-level rules."""

from __future__ import annotations

from backend_services.kernel.errors import ConflictError, NotFoundError


class RuleNotFoundError(NotFoundError):
    """No such rule on this dataset."""

    code = "dataset_rule_not_found"
    default_message = "There is no such rule on this dataset. It may have been deleted."


class RuleExistsError(ConflictError):
    """The role has a rule on this dataset already."""

    code = "dataset_rule_exists"
    default_message = "This role already has a rule on this dataset. Change that one."
