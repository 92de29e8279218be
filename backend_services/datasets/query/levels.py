"""Levels, which add up over everything but time: population, stock, balance. Pure: no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from backend_services.datasets.catalogue import Aggregation, FieldId, GroupBy, MetricQuery
from backend_services.datasets.query.predicates import column_node, named

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from backend_services.datasets.catalogue import Catalogue, Measure
    from backend_services.datasets.query.source import Column


class LevelRows(MetricQuery):
    """The question for the rows that levels were added up from; only the platform asks it.

    Attributes:
        counted: The levels.
        groups: The dimensions of the question whose figures they are: each group has a last period of its own.
    """

    counted: tuple[FieldId, ...]
    groups: tuple[GroupBy, ...]


def only_levels(measures: Sequence[str], catalogue: Catalogue) -> bool:
    """Return whether every one of ``measures`` is a level, or a ratio of levels."""
    found = [catalogue.measure(one) for one in measures]
    folded = [part for one in found if one is not None for part in folded_by(one, catalogue)]
    return bool(folded) and None not in found and all(one.aggregation is Aggregation.LAST for one in folded)


def folded_by(measure: Measure, catalogue: Catalogue) -> list[Measure]:
    """Return the measures that fold rows for ``measure``: itself, or the two parts of a ratio."""
    parts = [catalogue.measure(one) for one in (measure.numerator, measure.denominator) if one]
    return [one for one in parts if one is not None] or [measure]


def counts(names: Iterable[str]) -> exp.Expr:
    """Return the condition that one of the levels with these names counts the row."""
    known = [exp.Not(this=exp.Is(this=named(one), expression=exp.Null())) for one in names]
    return exp.or_(*known)


def level_name(measure: Measure, columns: Collection[str]) -> str:
    """Return the name of the inner column that holds a level; no column of the source is called so."""
    name = f"{measure.column} at last {measure.over or 'time'}"
    while name in columns:
        name += " "
    return name


def of_last_period(value: Column, *, period: exp.Expr, groups: Sequence[exp.Expr]) -> exp.Expr:
    """Return a row's value if the row belongs to the last period for which its group has one, else nothing.

    A window, because a figure beside it may need the other rows too.
    """
    known = exp.Not(this=exp.Is(this=column_node(value.name), expression=exp.Null()))
    dated = exp.Case(ifs=[exp.If(this=known, true=period.copy())])
    last = exp.Window(this=exp.Max(this=dated), partition_by=[one.copy() for one in groups])
    return exp.Case(ifs=[exp.If(this=exp.EQ(this=period, expression=last), true=column_node(value.name))])


def columns_of(measure: Measure, catalogue: Catalogue) -> Iterator[str]:
    """Yield the columns that a measure folds, and those that tell which period is the last."""
    parts = [catalogue.measure(one) for one in (measure.numerator, measure.denominator) if one]
    for one in (measure, *parts):
        if one is None:
            continue
        if one.column is not None:
            yield one.column
        if one.aggregation is Aggregation.LAST:
            over = catalogue.dimension_over(one)
            if over is not None:
                yield over.column
