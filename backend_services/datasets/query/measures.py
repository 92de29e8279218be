"""How a measure of the catalogue folds rows: its syntax tree and its type. Pure: no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from sqlglot import exp

from backend_services.datasets.catalogue import Aggregation, Catalogue, FieldType, Measure
from backend_services.datasets.query.errors import FieldTypeError, MeasureBrokenError
from backend_services.datasets.query.levels import level_name
from backend_services.datasets.query.predicates import column_node

if TYPE_CHECKING:
    from collections.abc import Mapping

    from backend_services.datasets.query.source import Column


def figure(measure: Measure, *, catalogue: Catalogue, columns: Mapping[str, Column]) -> exp.Expr:
    """Return the expression that computes ``measure`` for a group of rows.

    Raises:
        FieldTypeError: The column cannot be folded so, such as the sum of texts.
        MeasureBrokenError: The catalogue's entry is not complete, or a ratio of ratios.
    """
    match measure.aggregation:
        case Aggregation.RATIO:
            return _ratio(measure, catalogue=catalogue, columns=columns)
        case Aggregation.COUNT if measure.column is None:
            return exp.Count(this=exp.Star())
        case Aggregation.LAST:
            column = _column(measure, columns)
            if not column.type.is_number:
                raise FieldTypeError(measure.id, type=column.type, action=measure.aggregation)
            return exp.Sum(this=column_node(level_name(measure, columns)))
        case aggregation:
            column = _column(measure, columns)
            return _folded(aggregation, column, name=measure.id)


def result_type(measure: Measure, columns: Mapping[str, Column]) -> FieldType:
    """Return the type of the figures of ``measure``."""
    match measure.aggregation:
        case Aggregation.COUNT | Aggregation.COUNT_DISTINCT:
            return FieldType.INTEGER
        case Aggregation.AVG | Aggregation.MEDIAN | Aggregation.RATIO:
            return FieldType.DECIMAL
        case Aggregation.LAST | Aggregation.MAX | Aggregation.MIN | Aggregation.SUM:
            return _column(measure, columns).type
        case _:
            assert_never(measure.aggregation)


def _column(measure: Measure, columns: Mapping[str, Column]) -> Column:
    column = columns.get(measure.column or "")
    if column is None:
        raise MeasureBrokenError(measure.id)
    return column


def _folded(aggregation: Aggregation, column: Column, *, name: str) -> exp.Expr:
    node = column_node(column.name)
    match aggregation:
        case Aggregation.COUNT:
            return exp.Count(this=node)
        case Aggregation.COUNT_DISTINCT:
            return exp.Count(this=exp.Distinct(expressions=[node]))
        case Aggregation.MIN | Aggregation.MAX if column.type is not FieldType.BOOLEAN:
            return exp.Min(this=node) if aggregation is Aggregation.MIN else exp.Max(this=node)
        case Aggregation.AVG | Aggregation.MEDIAN | Aggregation.SUM if column.type.is_number:
            exact = aggregation is Aggregation.MEDIAN and column.type is FieldType.DECIMAL
            # the middle of two decimals may need one digit more than they have
            return _NUMERIC[aggregation](this=exp.cast(node, "double") if exact else node)
        case Aggregation.AVG if column.type is FieldType.BOOLEAN:
            return exp.Avg(this=exp.cast(exp.cast(node, "int"), "double"))
        case _:
            raise FieldTypeError(name, type=column.type, action=aggregation)


_NUMERIC: dict[Aggregation, type[exp.AggFunc]] = {
    Aggregation.AVG: exp.Avg,
    Aggregation.MEDIAN: exp.Median,
    Aggregation.SUM: exp.Sum,
}


def _ratio(measure: Measure, *, catalogue: Catalogue, columns: Mapping[str, Column]) -> exp.Expr:
    """Return figure over figure, so that a group's ratio is not a mean of its rows' ratios. Over zero is empty."""
    parts = [catalogue.measure(one or "") for one in (measure.numerator, measure.denominator)]
    nodes = []
    for part in parts:
        if part is None or part.aggregation is Aggregation.RATIO or not result_type(part, columns).is_number:
            raise MeasureBrokenError(measure.id)
        nodes.append(exp.cast(figure(part, catalogue=catalogue, columns=columns), "double"))
    over = exp.Nullif(this=nodes[1], expression=exp.Literal.number(0))
    return exp.Div(this=nodes[0], expression=over, typed=False, safe=False)
