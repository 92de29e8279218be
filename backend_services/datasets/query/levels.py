"""Levels, which add up over everything but time: population, stock, balance. Pure: no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from backend_services.datasets.catalogue import Aggregation
from backend_services.datasets.query.predicates import column_node

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from backend_services.datasets.catalogue import Catalogue, Measure
    from backend_services.datasets.query.source import Column


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
