"""Columns that follow from a measure's figures in the other groups: change, growth, running total, share. Pure.

The groups are one subquery, what follows from them a window over it, and what is shown is chosen outside: so a
condition on figures or a limit never changes what a change is measured against or what a share is a part of.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, assert_never
from zoneinfo import ZoneInfo

from sqlglot import exp

from backend_services.datasets.catalogue import (
    Aggregation,
    Derivation,
    Derived,
    FieldType,
    Grain,
    GroupBy,
    Measure,
    ResultColumn,
    Unit,
    UnitKind,
)
from backend_services.datasets.derived import inside
from backend_services.datasets.query import periods
from backend_services.datasets.query.errors import (
    FieldTypeError,
    NotAdditiveError,
    NoTimeToFollowError,
    UnknownFieldError,
)
from backend_services.datasets.query.predicates import named, ordered, time_literal
from backend_services.datasets.query.source import Column

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_FAR_BACK: Final = ("{}, {} periods before", "{}, obdobij prej: {}")
LABELS: Final = {
    Derivation.CHANGE: ("Change in {}", "Sprememba: {}"),
    Derivation.GROWTH: ("Growth of {}", "Rast: {}"),
    Derivation.PREVIOUS: ("{}, period before", "{}, obdobje prej"),
    Derivation.RUNNING_TOTAL: ("Running total of {}", "Tekoči seštevek: {}"),
    Derivation.SHARE: ("Share of {}", "Delež: {}"),
}
_BACK: Final = frozenset({Derivation.CHANGE, Derivation.GROWTH, Derivation.PREVIOUS})
_ADDITIVE: Final = frozenset({Aggregation.COUNT, Aggregation.LAST, Aggregation.SUM})
_RELATIVE: Final = frozenset({Derivation.GROWTH, Derivation.PART, Derivation.SHARE})
_YEARS: Final = re.compile(r"(?:^|_)(?:year|leto)$")
_FIGURES: Final = "figures"


@dataclass(frozen=True, slots=True)
class Axis:
    """The dimension along which one group comes before another: a time in buckets, or whole numbers of years."""

    name: str
    grain: Grain | None

    def steps(self, count: int) -> exp.Expr:
        """Return what lies between a bucket and the one ``count`` further."""
        if self.grain is None:
            return exp.Literal.number(count)
        many, unit = (3, "month") if self.grain is Grain.QUARTER else (1, self.grain.value)
        return exp.Interval(this=exp.Literal.string(str(many * count)), unit=exp.var(unit.upper()))

    def at(self, local: datetime) -> exp.Expr:
        """Return the bucket that begins at ``local``, comparable with the column."""
        kind = FieldType.DATETIME if self.grain is Grain.HOUR else FieldType.DATE
        return time_literal(local, Column(self.name, kind), zone=ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True)
class Followed:
    """What a question wants to follow from its groups.

    Attributes:
        groups: Columns of the groups, in their order.
        columns: Of what follows, in the order of ``wanted``.
    """

    wanted: tuple[Derived, ...]
    groups: tuple[ResultColumn, ...]
    columns: tuple[ResultColumn, ...]
    axis: Axis | None

    @property
    def looks_back(self) -> int:
        """Return how many buckets before the first one asked for are needed."""
        return max((one.back for one in self.wanted if one.kind in _BACK), default=0)

    def select(
        self,
        groups: exp.Select,
        *,
        beside: Sequence[str],
        having: Sequence[exp.Expr],
        order: Sequence[exp.Expr],
        begins: datetime | None = None,
    ) -> exp.Select:
        """Return the answer, not ordered yet.

        Args:
            groups: The query of the groups, with the columns of :attr:`groups` and ``beside``.
            beside: Further columns: parts, which follow from no other group, and what ``having`` and ``order`` name.
            having: Conditions on the columns of the answer.
            order: The order of the answer, for running totals where there is no time.
            begins: The first bucket asked for, where ``groups`` begin one before it.
        """
        names = [*(one.name for one in self.groups), *beside]
        select = groups
        due = [one for one in self.wanted if one.kind is not Derivation.PART]
        for running in (False, True):  # running totals last, because the order may name the other columns
            some = [one for one in due if (one.kind is Derivation.RUNNING_TOTAL) is running]
            values = [exp.alias_(self._value(one, order=order, begins=begins), one.name, quoted=True) for one in some]
            if values:
                select = _over(select, [*map(named, names), *values])
                names.extend(one.name for one in some)
        shown = [named(one.name) for one in (*self.groups, *self.columns)]
        conditions = list(having)
        if begins is not None and self.axis is not None:
            conditions.append(exp.GTE(this=named(self.axis.name), expression=self.axis.at(begins)))
        select = _over(select, shown)
        return select.where(*conditions, copy=False) if conditions else select

    def with_one_before(
        self, ends: periods.Ends, field_id: str, dimensions: Sequence[GroupBy]
    ) -> tuple[periods.Ends, datetime | None]:
        """Return the ends of a period of ``field_id``, as many buckets earlier as its first one looks back.

        Beside them the first moment asked for, if they are earlier. A period that begins inside a bucket stays as it
        is: the bucket would no longer be the part that was asked for.
        """
        axis, (start, end) = self.axis, ends
        if not self.looks_back or axis is None or axis.grain is None or start is None or start.year <= 1:
            return ends, None
        groups = [one.name for one in self.groups if one.role == "dimension"]
        along = dimensions[groups.index(axis.name)].field
        if along != field_id or periods.floor(start, axis.grain) != start:
            return ends, None
        return (periods.shift(start, axis.grain, -self.looks_back), end), start

    def _value(self, one: Derived, *, order: Sequence[exp.Expr], begins: datetime | None) -> exp.Expr:
        now = named(one.of)
        match one.kind:
            case Derivation.CHANGE:
                return exp.Sub(this=now, expression=self._before(one.of, one.back))
            case Derivation.PART:
                return named(one.name)
            case Derivation.PREVIOUS:
                return self._before(one.of, one.back)
            case Derivation.GROWTH:
                before = exp.cast(self._before(one.of, one.back), "double")
                size = exp.Abs(this=before.copy())
                return _quotient(exp.paren(exp.Sub(this=exp.cast(now, "double"), expression=before)), size)
            case Derivation.SHARE:
                along = [named(self.axis.name)] if self.axis is not None else []
                whole = exp.Window(this=exp.Sum(this=now.copy()), partition_by=along)
                return _quotient(exp.cast(now, "double"), exp.cast(whole, "double"))
            case Derivation.RUNNING_TOTAL:
                return self._running(now, order=order, begins=begins)
            case _:
                assert_never(one.kind)

    def _running(self, value: exp.Expr, *, order: Sequence[exp.Expr], begins: datetime | None) -> exp.Expr:
        if self.axis is not None and begins is not None:
            inside_period = exp.GTE(this=named(self.axis.name), expression=self.axis.at(begins))
            value = exp.Case(ifs=[exp.If(this=inside_period, true=value)])
        along = [_ascending(self.axis.name)] if self.axis is not None else [node.copy() for node in order]
        return exp.Window(
            this=exp.Sum(this=value),
            partition_by=self._others() if self.axis is not None else [],
            order=exp.Order(expressions=along) if along else None,
            spec=exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW"),
        )

    def _before(self, name: str, back: int) -> exp.Expr:
        """Return the figure ``back`` buckets before, nothing where the group has none."""
        axis = self.axis
        if axis is None:
            raise NoTimeToFollowError(name)
        if back > 1:
            return self._far_before(name, axis, back)
        due = exp.Sub(this=named(axis.name), expression=axis.steps(1))
        found = exp.EQ(this=self._lag(axis.name), expression=due)
        return exp.Case(ifs=[exp.If(this=found, true=self._lag(name))])

    def _lag(self, name: str) -> exp.Expr:
        axis = self.axis
        order = exp.Order(expressions=[_ascending(axis.name)]) if axis is not None else None
        return exp.Window(this=exp.Lag(this=named(name)), partition_by=self._others(), order=order)

    def _far_before(self, name: str, axis: Axis, back: int) -> exp.Expr:
        """Return the figure of exactly that bucket, however many of those between are missing."""
        frame = exp.WindowSpec(
            kind="RANGE", start=axis.steps(back), start_side="PRECEDING", end=axis.steps(back), end_side="PRECEDING"
        )
        order = exp.Order(expressions=[_ascending(axis.name)])
        return exp.Window(this=exp.Max(this=named(name)), partition_by=self._others(), order=order, spec=frame)

    def _others(self) -> list[exp.Expr]:
        """Return the dimensions other than the time."""
        axis = self.axis.name if self.axis is not None else None
        return [named(one.name) for one in self.groups if one.role == "dimension" and one.name != axis]


def follow(
    wanted: tuple[Derived, ...],
    groups: tuple[ResultColumn, ...],
    *,
    measures: Mapping[str, Measure],
    parts: Mapping[str, str],
    language: str,
) -> Followed:
    """Return what follows from groups with these columns, after checking that it means something.

    ``parts`` are the labels of the measures' parts.

    Raises:
        UnknownFieldError: It is to follow from what the question does not ask for.
        NoTimeToFollowError: It needs the time before, and there is none.
        NotAdditiveError: It needs a sum of figures that do not add up.
        FieldTypeError: The figures are no numbers.
    """
    once = tuple(dict.fromkeys(wanted))
    axis = _axis(groups, measures)
    found = {one.name: one for one in groups if one.role == "measure"}
    for one in once:
        column = found.get(one.of)
        if column is None or one.name in found:
            raise UnknownFieldError(one.of if column is None else one.name, nearest=list(found)[:3])
        _check(one, column, measures[one.of], axis=axis)
    columns = tuple(_described(one, found[one.of], label=_label(one, found, parts, language)) for one in once)
    return Followed(wanted=once, groups=groups, columns=columns, axis=axis)


def _label(one: Derived, found: Mapping[str, ResultColumn], parts: Mapping[str, str], language: str) -> str:
    if one.kind is Derivation.PART:
        return parts[one.of]
    english, slovenian = LABELS[one.kind]
    pattern = slovenian if language == "sl" else english
    if one.kind is Derivation.PREVIOUS and one.back > 1:
        return _FAR_BACK[language == "sl"].format(found[one.of].label, one.back)
    base = found[one.of].label
    return pattern.format(base if pattern.startswith("{") else inside(base))


def _described(one: Derived, base: ResultColumn, *, label: str) -> ResultColumn:
    """Return the column of ``one``, which follows from the column ``base``."""
    relative = one.kind in _RELATIVE
    return ResultColumn(
        name=one.name,
        label=label,
        type=FieldType.DECIMAL if relative else base.type,
        role="measure",
        unit=Unit(kind=UnitKind.PERCENT) if relative else base.unit,
    )


def _axis(groups: tuple[ResultColumn, ...], measures: Mapping[str, Measure]) -> Axis | None:
    """Return the first time in buckets, else the first dimension of whole numbers that are years."""
    dimensions = [one for one in groups if one.role == "dimension"]
    for one in dimensions:
        if one.type is FieldType.DATE or (one.type is FieldType.DATETIME and one.grain is not None):
            return Axis(one.name, one.grain or Grain.DAY)
    levels = {one.over for one in measures.values()}
    for one in dimensions:
        if one.type is FieldType.INTEGER and (one.name in levels or _YEARS.search(one.name)):
            return Axis(one.name, None)
    return None


def _check(one: Derived, column: ResultColumn, measure: Measure, *, axis: Axis | None) -> None:
    if not column.type.is_number:
        raise FieldTypeError(one.of, type=column.type, action=one.kind)
    if one.kind in _BACK:
        if axis is None:
            raise NoTimeToFollowError(one.name)
        return
    if one.kind is Derivation.PART:
        return
    level = measure.aggregation is Aggregation.LAST and one.kind is Derivation.RUNNING_TOTAL and axis is not None
    if measure.aggregation not in _ADDITIVE or level:
        raise NotAdditiveError(measure.id)


def _over(groups: exp.Select, nodes: Sequence[exp.Expr]) -> exp.Select:
    return exp.select(*nodes, copy=False).from_(groups.subquery(_FIGURES, copy=False), copy=False)


def _ascending(name: str) -> exp.Expr:
    return ordered(named(name), descending=False)


def _quotient(above: exp.Expr, below: exp.Expr) -> exp.Expr:
    """Return a quotient that is empty over zero."""
    over = exp.Nullif(this=below, expression=exp.Literal.number(0))
    return exp.Div(this=above, expression=over, typed=False, safe=False)
