"""A plan as one line, to compare with what a person expected.

``measures by dimensions share conditions where filters having conditions in period top n``; several tiles are joined
by ``||``. ``? a, b`` is a clarification with these options, ``!`` a refusal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.datasets.catalogue import Filter, GroupBy, MetricQuery, Operator, RelativePeriod

if TYPE_CHECKING:
    from backend_services.dashboards.builder.plan import Plan

_SIGNS = {
    Operator.EQ: "=",
    Operator.IN: "=",
    Operator.NE: "!=",
    Operator.NOT_IN: "!=",
    Operator.GT: ">",
    Operator.GTE: ">=",
    Operator.LT: "<",
    Operator.LTE: "<=",
    Operator.BETWEEN: " between ",
}
_EVERYTHING = 100


def canonical(plan: Plan) -> str:
    """Return the plan in one line."""
    if plan.missing or not plan.recognised:
        return "!"
    if plan.ambiguities:
        first = plan.ambiguities[0]
        names = {one.field_id for one in first.candidates}
        return "? " + ", ".join(sorted(names))
    return " || ".join(_line(tile.query) for tile in plan.tiles)


def _line(query: MetricQuery) -> str:
    parts = [" + ".join(query.measures) or "rows of table"]
    if query.dimensions:
        parts.append("by " + ", ".join(_group(one) for one in query.dimensions))
    if query.part:
        parts.append("share " + ", ".join(sorted(_filter(one) for one in query.part)))
    if query.filters:
        parts.append("where " + ", ".join(sorted(_filter(one) for one in query.filters)))
    if query.having:
        parts.append("having " + ", ".join(sorted(_filter(one) for one in query.having)))
    if query.period:
        parts.append("in " + _period(query.period))
    if query.limit < _EVERYTHING and query.sort:
        direction = "top" if query.sort[0].descending else "bottom"
        parts.append(f"{direction} {query.limit}")
    return " ".join(parts)


def _group(one: GroupBy) -> str:
    return f"{one.field}:{one.grain.value}" if one.grain else one.field


def _filter(one: Filter) -> str:
    return f"{one.field}{_SIGNS[one.operator]}{'/'.join(str(value) for value in one.values)}"


def _period(period: RelativePeriod) -> str:
    match period.kind:
        case "between":
            return f"{period.start or ''}..{period.end or ''}"
        case "last":
            return f"last {period.n} {period.grain}"
        case _:
            return f"{period.kind} {period.grain}"
