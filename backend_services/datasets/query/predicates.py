"""One condition on one column as a syntax tree. Used by filters and by row-level rules alike. Pure: no I/O.

Values only ever become literal nodes, so no text of a person is read as SQL.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Final, assert_never

from sqlglot import exp

from backend_services.datasets.catalogue import FieldType, Grain, Operator, Scalar
from backend_services.datasets.query import periods
from backend_services.datasets.query.errors import (
    CalendarRangeError,
    FieldTypeError,
    FilterCountError,
    FilterValueError,
    QueryError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from backend_services.datasets.query.source import Column

_TRUE, _FALSE = frozenset({"true", "1", "yes", "da"}), frozenset({"false", "0", "no", "ne"})
_ONE_DAY = timedelta(days=1)


def quoted(name: str) -> exp.Identifier:
    """Return ``name`` as a quoted identifier."""
    return exp.to_identifier(name, quoted=True)


def column_node(name: str) -> exp.Column:
    """Return a reference to a column of the source."""
    return exp.Column(this=quoted(name), table=quoted("data"))


def named(name: str) -> exp.Column:
    """Return a reference to a column of an answer."""
    return exp.column(quoted(name))


def ordered(node: exp.Expr, *, descending: bool) -> exp.Expr:
    """Return a place in an order; what is missing comes last."""
    return exp.Ordered(this=node, desc=descending, nulls_first=False)


def condition(
    column: Column, operator: Operator, values: tuple[Scalar, ...], *, zone: ZoneInfo, label: str | None = None
) -> exp.Expr:
    """Return the condition that ``column`` meets ``operator`` and ``values``.

    ``label`` is what to call the column in a refusal.

    Raises:
        FieldTypeError: The operator does not work on the column's type.
        FilterValueError: A value does not fit the column's type.
        FilterCountError: There are too few or too many values.
    """
    name = label or column.name
    _check_count(operator, values, name=name)
    node = column_node(column.name)
    match operator:
        case Operator.IS_NULL:
            return exp.Is(this=node, expression=exp.Null())
        case Operator.NOT_NULL:
            return exp.Not(this=exp.Is(this=node, expression=exp.Null()))
        case Operator.CONTAINS | Operator.STARTS_WITH:
            if column.type is not FieldType.TEXT:
                raise FieldTypeError(name, type=column.type, action=operator)
            return _text_match(node, operator, str(values[0]), name=name)
        case _ if column.type.is_time:
            return _on_calendar(column, operator, values, zone=zone, name=name)
        case _:
            if column.type is FieldType.BOOLEAN and operator not in _EQUALITIES:
                raise FieldTypeError(name, type=column.type, action=operator)
            return compare(node, operator, [literal(value, column.type, name=name) for value in values])


_EQUALITIES = frozenset({Operator.EQ, Operator.NE, Operator.IN, Operator.NOT_IN})


_COUNTS: Final[Mapping[Operator, tuple[int, int]]] = {
    Operator.BETWEEN: (2, 2),
    Operator.IN: (1, 500),
    Operator.IS_NULL: (0, 0),
    Operator.NOT_IN: (1, 500),
    Operator.NOT_NULL: (0, 0),
}


def _check_count(operator: Operator, values: tuple[Scalar, ...], *, name: str) -> None:
    least, most = _COUNTS.get(operator, (1, 1))
    if not least <= len(values) <= most:
        raise FilterCountError(name, count=str(len(values)), action=operator)


_COMPARISONS: Final[Mapping[Operator, type[exp.Binary]]] = {
    Operator.EQ: exp.EQ,
    Operator.GT: exp.GT,
    Operator.GTE: exp.GTE,
    Operator.LT: exp.LT,
    Operator.LTE: exp.LTE,
    Operator.NE: exp.NullSafeNEQ,
}


def figure_condition(node: exp.Expr, operator: Operator, values: tuple[Scalar, ...], *, label: str) -> exp.Expr:
    """Return the condition that a computed number meets ``operator`` and ``values``.

    Raises:
        FieldTypeError: The operator is one for texts.
        FilterValueError: A value is no number.
        FilterCountError: There are too few or too many values.
    """
    _check_count(operator, values, name=label)
    match operator:
        case Operator.CONTAINS | Operator.STARTS_WITH:
            raise FieldTypeError(label, type=FieldType.DECIMAL, action=operator)
        case Operator.IS_NULL:
            return exp.Is(this=node, expression=exp.Null())
        case Operator.NOT_NULL:
            return exp.Not(this=exp.Is(this=node, expression=exp.Null()))
        case _:
            return compare(node, operator, [literal(value, FieldType.DECIMAL, name=label) for value in values])


def compare(node: exp.Expr, operator: Operator, literals: list[exp.Expr]) -> exp.Expr:
    """Return the comparison of ``node`` with literals that already have its type. A null is unlike every value."""
    match operator:
        case Operator.BETWEEN:
            return exp.Between(this=node, low=literals[0], high=literals[1])
        case Operator.IN:
            return exp.In(this=node, expressions=literals)
        case Operator.NOT_IN:
            absent = exp.Is(this=node.copy(), expression=exp.Null())
            return exp.paren(exp.or_(exp.Not(this=exp.In(this=node, expressions=literals)), absent, copy=False))
        case _:
            return _COMPARISONS[operator](this=node, expression=literals[0])


def literal(value: Scalar, kind: FieldType, *, name: str) -> exp.Expr:
    """Return ``value`` as a literal of ``kind``, which is not a time.

    Raises:
        FilterValueError: It cannot be read as one.
    """
    match kind:
        case FieldType.BOOLEAN:
            lowered = str(value).strip().lower()
            if lowered in _TRUE | _FALSE:
                return exp.Boolean(this=lowered in _TRUE)
        case FieldType.INTEGER | FieldType.DECIMAL:
            number = _number(value)
            if number is not None:
                return number_node(number)
        case FieldType.TEXT:
            text = ("true" if value else "false") if isinstance(value, bool) else str(value)
            if "\x00" not in text:
                return exp.Literal.string(text)
        case FieldType.DATE | FieldType.DATETIME:
            pass  # they are compared as stretches of a calendar, see ``_on_calendar``
        case _:
            assert_never(kind)
    raise FilterValueError(name, value=str(value), type=kind)


def _number(value: Scalar) -> Decimal | None:
    if isinstance(value, bool) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= 300 else None  # noqa: PLR2004 - range of doubles


def number_node(number: Decimal) -> exp.Expr:
    """Return a number as a literal, in plain notation where that is short."""
    text = f"{abs(number):f}" if abs(number.adjusted()) <= 30 else f"{abs(number):e}"  # noqa: PLR2004 - readable width
    node = exp.Literal.number(text)
    return exp.Neg(this=node) if number < 0 else node


def _text_match(node: exp.Column, operator: Operator, text: str, *, name: str) -> exp.Expr:
    wanted = exp.Lower(this=literal(text, FieldType.TEXT, name=name))
    if operator is Operator.STARTS_WITH:
        return exp.StartsWith(this=exp.Lower(this=node), expression=wanted)
    return exp.GT(this=exp.StrPosition(this=exp.Lower(this=node), substr=wanted), expression=exp.Literal.number(0))


def time_literal(local: datetime, column: Column, *, zone: ZoneInfo) -> exp.Expr:
    """Return a wall-clock time of ``zone`` as a literal comparable with ``column``."""
    if column.type is FieldType.DATE:
        return exp.cast(exp.Literal.string(local.date().isoformat()), "date")
    if column.zoned:
        at = periods.instant(local, zone=zone)
        return exp.cast(exp.Literal.string(at.isoformat(sep=" ")), "timestamptz")
    return exp.cast(exp.Literal.string(local.isoformat(sep=" ")), "timestamp")


def within(column: Column, ends: periods.Ends, *, zone: ZoneInfo) -> exp.Expr | None:
    """Return the condition that ``column`` lies from the first end up to, not including, the second."""
    start, end = ends
    parts: list[exp.Expr] = []
    if start is not None:
        parts.append(
            exp.GTE(this=column_node(column.name), expression=time_literal(_from(start, column), column, zone=zone))
        )
    if end is not None:
        parts.append(
            exp.LT(this=column_node(column.name), expression=time_literal(_from(end, column), column, zone=zone))
        )
    return exp.and_(*parts, copy=False) if parts else None


def _from(local: datetime, column: Column) -> datetime:
    """Return the first value of the column that is not before ``local``: days only compare with whole days.

    Raises:
        CalendarRangeError: There is no day after it.
    """
    whole = periods.floor(local, Grain.DAY)
    if column.type is not FieldType.DATE or local == whole:
        return local
    try:
        return whole + _ONE_DAY
    except OverflowError as error:
        raise CalendarRangeError(local.isoformat()) from error


def _on_calendar(
    column: Column, operator: Operator, values: tuple[Scalar, ...], *, zone: ZoneInfo, name: str
) -> exp.Expr:
    stretches = [_stretch(value, column, zone=zone, name=name) for value in values]
    node = column_node(column.name)
    start, end = stretches[0]

    def bound(at: datetime) -> exp.Expr:
        return time_literal(_from(at, column), column, zone=zone)

    match operator:
        case Operator.GT | Operator.LTE:
            return _COMPARISONS[Operator.GTE if operator is Operator.GT else Operator.LT](
                this=node, expression=bound(end)
            )
        case Operator.GTE | Operator.LT:
            return _COMPARISONS[operator](this=node, expression=bound(start))
        case Operator.BETWEEN:
            return _one(column, (start, stretches[1][0]), zone=zone)
        case _:
            inside = exp.or_(*(_one(column, stretch, zone=zone) for stretch in stretches), copy=False)
            if operator in {Operator.EQ, Operator.IN}:
                return exp.paren(inside, copy=False)
            absent = exp.Is(this=node, expression=exp.Null())
            return exp.paren(exp.or_(exp.Not(this=exp.paren(inside, copy=False)), absent, copy=False), copy=False)


def _one(column: Column, stretch: tuple[datetime, datetime], *, zone: ZoneInfo) -> exp.Expr:
    found = within(column, stretch, zone=zone)
    return found if found is not None else exp.true()


def _stretch(value: Scalar, column: Column, *, zone: ZoneInfo, name: str) -> tuple[datetime, datetime]:
    """Return the stretch of time that a value names: a whole day for a date, a microsecond for a time."""
    if not isinstance(value, str):
        raise FilterValueError(name, value=str(value), type=column.type)
    try:
        start = periods.parse_local(value.strip(), zone=zone)
        width = _ONE_DAY if periods.is_date(value) or column.type is FieldType.DATE else timedelta(microseconds=1)
        return start, start + width
    except (QueryError, OverflowError) as error:
        raise FilterValueError(name, value=value, type=column.type) from error
