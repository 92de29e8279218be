"""Row-level rules: which rows and columns of a dataset a role shows. Pure: no I/O.

What an actor sees follows from three sentences (docs/adr has the reasons):

1. A dataset without rules shows everything to everybody who may read datasets.
2. As soon as it has one, people see the union of what the rules of *their* roles show; roles without a rule add
   nothing.
3. Who holds no role with a rule sees nothing, except those who may change rules.

A column is gone when every rule that applies hides it. Where only some do, its value is empty in the rows that
only those show.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from pydantic import Field
from sqlglot import exp

from backend_services.datasets.catalogue import FieldType, Operator, Scalar
from backend_services.datasets.query.errors import QueryError
from backend_services.datasets.query.predicates import column_node, condition
from backend_services.datasets.query.source import Column
from backend_services.kernel.schemas import Strict

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

ATTRIBUTES: Final = ("tenant.id", "user.email", "user.id")
"""What a condition may name in braces instead of a fixed value."""


class RuleCondition(Strict):
    """A condition on a stored column. It names the column, not a field of the catalogue, which people edit.

    Attributes:
        values: Fixed values, or one of :data:`ATTRIBUTES` in braces, such as ``{user.email}``.
    """

    column: str = Field(min_length=1, max_length=255)
    operator: Operator
    values: tuple[Scalar, ...] = Field(default=(), max_length=500)


class RowRule(Strict):
    """What one role is shown of a dataset.

    Attributes:
        conditions: All must hold; none at all means every row.
        hidden_columns: Stored columns that the role does not see.
    """

    role: str = Field(min_length=1, max_length=64)
    conditions: tuple[RuleCondition, ...] = Field(default=(), max_length=20)
    hidden_columns: tuple[str, ...] = Field(default=(), max_length=500)


@dataclass(frozen=True, slots=True)
class RowScope:
    """What an actor may see of a dataset: the union of ``alternatives``, already filled in.

    Attributes:
        alternatives: Rules that apply; empty shows nothing, ``None`` shows everything.
    """

    alternatives: tuple[RowRule, ...] | None = None

    @property
    def denied(self) -> bool:
        """Return whether no row is shown."""
        return self.alternatives == ()

    @property
    def shows_every_row(self) -> bool:
        """Return whether it is certain that no row is hidden.

        A rule that hides columns shows no row at all when one of them is gone, which only the data can tell.
        """
        return self.alternatives is None or any(
            not rule.conditions and not rule.hidden_columns for rule in self.alternatives
        )

    @property
    def roles(self) -> tuple[str, ...]:
        """Return the roles whose rules apply, for "how was this computed"."""
        return tuple(rule.role for rule in self.alternatives or ())

    @property
    def hidden(self) -> frozenset[str]:
        """Return the columns that are gone."""
        if not self.alternatives:
            return frozenset()
        return frozenset.intersection(*(frozenset(rule.hidden_columns) for rule in self.alternatives))

    @property
    def masked(self) -> frozenset[str]:
        """Return the columns that are empty in some of the rows shown."""
        every = frozenset(name for rule in self.alternatives or () for name in rule.hidden_columns)
        return every - self.hidden

    @property
    def fingerprint(self) -> str:
        """Return a digest that is equal only for actors who see the same."""
        shown = "all" if self.alternatives is None else "\n".join(rule.model_dump_json() for rule in self.alternatives)
        return sha256(shown.encode()).hexdigest()


def scope_of(
    rules: Iterable[RowRule], *, roles: Iterable[str], may_change_rules: bool, attributes: Mapping[str, str | None]
) -> RowScope:
    """Return what somebody with ``roles`` sees. A rule on an attribute that the actor lacks shows nothing."""
    every = tuple(rules)
    if not every:
        return RowScope()
    held = frozenset(roles)
    applying = sorted((rule for rule in every if rule.role in held), key=lambda rule: rule.role)
    if not applying and may_change_rules:
        return RowScope()
    filled = (_fill(rule, attributes) for rule in applying)
    return RowScope(alternatives=tuple(rule for rule in filled if rule is not None))


def unknown_attributes(rule: RowRule) -> tuple[str, ...]:
    """Return names in braces that are no attribute."""
    return tuple(name for name in named_attributes(rule) if name not in ATTRIBUTES)


def named_attributes(rule: RowRule) -> tuple[str, ...]:
    """Return the names in braces."""
    named = (_attribute(value) for one in rule.conditions for value in one.values)
    return tuple(name for name in named if name is not None)


def _attribute(value: Scalar) -> str | None:
    if isinstance(value, str) and value.startswith("{") and value.endswith("}"):
        return value[1:-1].strip()
    return None


def _fill(rule: RowRule, attributes: Mapping[str, str | None]) -> RowRule | None:
    conditions: list[RuleCondition] = []
    for one in rule.conditions:
        values: list[Scalar] = []
        for value in one.values:
            name = _attribute(value)
            filled = value if name is None else attributes.get(name)
            if filled is None:
                return None
            values.append(filled)
        conditions.append(one.model_copy(update={"values": tuple(values)}))
    return rule.model_copy(update={"conditions": tuple(conditions)})


def row_condition(scope: RowScope, columns: Mapping[str, Column], *, zone: ZoneInfo) -> exp.Expr | None:
    """Return the condition that a row is shown, or ``None`` when every row is.

    A rule on a column that the data no longer have, or have in a type that it does not fit, shows no row. So does one
    that hides such a column: it may have got another name, under which nothing would hide it.
    """
    if scope.alternatives is None or any(not rule.conditions and _fits(rule, columns) for rule in scope.alternatives):
        return None
    return _any_of(scope.alternatives, columns, zone=zone)


def _fits(rule: RowRule, columns: Mapping[str, Column]) -> bool:
    return all(name in columns for name in rule.hidden_columns)


def shown_columns(
    scope: RowScope, wanted: Iterable[Column], columns: Mapping[str, Column], *, zone: ZoneInfo
) -> list[exp.Expr]:
    """Return the select list of the ``wanted`` columns; a masked one keeps its name and loses some values.

    ``columns`` are all that are stored: a rule may look at one that is not wanted.
    """
    return [_shown(column, scope, columns, zone=zone) for column in wanted if column.name not in scope.hidden]


def _shown(column: Column, scope: RowScope, columns: Mapping[str, Column], *, zone: ZoneInfo) -> exp.Expr:
    node = column_node(column.name)
    if column.name not in scope.masked:
        return node
    showing = tuple(rule for rule in scope.alternatives or () if column.name not in rule.hidden_columns)
    if any(not rule.conditions and _fits(rule, columns) for rule in showing):
        return node
    masked = exp.Case(ifs=[exp.If(this=_any_of(showing, columns, zone=zone), true=node)])
    return exp.alias_(masked, column.name, quoted=True)


def _any_of(rules: Iterable[RowRule], columns: Mapping[str, Column], *, zone: ZoneInfo) -> exp.Expr:
    parts = [
        exp.and_(*(_holds(one, columns, zone=zone) for one in rule.conditions), copy=False)
        for rule in rules
        if _fits(rule, columns)
    ]
    return exp.or_(*parts, copy=False) if parts else exp.false()


def _holds(one: RuleCondition, columns: Mapping[str, Column], *, zone: ZoneInfo) -> exp.Expr:
    column = columns.get(one.column)
    if column is None:
        return exp.false()
    try:
        return condition(column, one.operator, one.values, zone=zone)
    except QueryError:
        return exp.false()


def check_rule(rule: RowRule, columns: Mapping[str, Column], *, zone: ZoneInfo) -> None:
    """Refuse a rule whose values do not fit the columns; attributes are checked as texts.

    Raises:
        QueryError: A value or operator does not fit its column.
    """
    for one in rule.conditions:
        column = columns[one.column]
        if any(_attribute(value) is not None for value in one.values):
            condition(Column(column.name, FieldType.TEXT), one.operator, one.values, zone=zone)
            if column.type is not FieldType.TEXT:
                for value in one.values:
                    condition(column, one.operator, (value,) * len(one.values), zone=zone)
        else:
            condition(column, one.operator, one.values, zone=zone)
