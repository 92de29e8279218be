"""Conditions that nobody who asks can lift: they narrow the view itself, below every question. Pure: no I/O."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from backend_services.datasets.rules import RowRule, RowScope, RuleCondition

if TYPE_CHECKING:
    from backend_services.datasets.catalogue import Catalogue, Filter
    from backend_services.datasets.query.view import View

LOCKED: Final = "locked"
"""Stands where a role's name would in the scope of somebody who sees every row."""


def narrowed(view: View, locked: tuple[Filter, ...]) -> View:
    """Return the view with only those rows that fulfil every ``locked`` condition as well.

    The conditions become part of the scope, so metrics, free SQL, values of a field and exports read through them,
    and an answer that is kept for one set of conditions is never found by another. A condition on a field that the
    data does not have shows no row at all.
    """
    if not locked:
        return view
    conditions = tuple(_condition(one, view.source.catalogue) for one in locked)
    present = view.scope.alternatives
    before = (RowRule(role=LOCKED),) if present is None else present
    alternatives = tuple(rule.model_copy(update={"conditions": (*rule.conditions, *conditions)}) for rule in before)
    return replace(view, scope=RowScope(alternatives=alternatives))


def _condition(one: Filter, catalogue: Catalogue) -> RuleCondition:
    dimension = catalogue.dimension(one.field)
    column = dimension.column if dimension is not None else one.field
    return RuleCondition(column=column, operator=one.operator, values=one.values)
