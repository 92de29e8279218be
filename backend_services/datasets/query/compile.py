"""From a question in catalogue terms to a syntax tree. Pure: no I/O.

Every tree reads from one relation called ``data``: what the actor may see of the source (:mod:`.view`). The
catalogue names fields; a field that the actor may not see is answered like one that does not exist.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from rapidfuzz import fuzz, process
from sqlglot import exp

from backend_services.datasets.catalogue import (
    Aggregation,
    Derivation,
    Dimension,
    FieldType,
    Filter,
    Grain,
    GroupBy,
    Measure,
    MetricQuery,
    ResultColumn,
    Sort,
)
from backend_services.datasets.query import bins, derived, levels, part, periods, predicates
from backend_services.datasets.query.errors import (
    FieldTypeError,
    NoTimeFieldError,
    RowsHaveNoFiguresError,
    UnknownFieldError,
)
from backend_services.datasets.query.groups import dimension_names
from backend_services.datasets.query.listing import listed
from backend_services.datasets.query.measures import figure, result_type
from backend_services.datasets.query.source import Column, Engine
from backend_services.datasets.query.view import View, relation, visible_columns
from backend_services.datasets.query.writing import render

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Compiled:
    """A query ready to run.

    Attributes:
        sql: In the dialect of the source's engine; asks for one row more than ``limit``.
        columns: Of the answer; empty for free SQL, whose columns the engine names.
    """

    sql: str
    limit: int
    columns: tuple[ResultColumn, ...] = ()

    @property
    def is_free(self) -> bool:
        """Return whether a person wrote it, so that it may do anything that the guard lets through."""
        return not self.columns


@dataclass(slots=True)
class _Parts:
    """A SELECT in the making."""

    names: list[str] = field(default_factory=list)
    nodes: list[exp.Expr] = field(default_factory=list)
    columns: list[ResultColumn] = field(default_factory=list)

    def add(self, node: exp.Expr, column: ResultColumn) -> None:
        self.names.append(column.name)
        self.nodes.append(exp.alias_(node, column.name, quoted=True))
        self.columns.append(column)


class _Compiler:
    """Turns one question about one view into a SELECT."""

    def __init__(self, query: MetricQuery, view: View) -> None:
        self.query = query
        self.view = view
        self.catalogue = view.source.catalogue
        self.columns = {one.name: one for one in view.source.columns if one.name not in view.scope.hidden}
        self.parts = _Parts()
        self.levels: dict[str, Measure] = {}
        self.followed: derived.Followed | None = None
        self.beside: dict[str, exp.Expr] = {}
        self.begins: datetime | None = None

    def compile(self) -> Compiled:
        """Return the query."""
        query = self.query
        listing = not query.measures
        if listing:
            self._list_columns()
        else:
            self._group_columns()
        select, order = self._derived() if query.derived else self._plain(listing=listing)
        if order:
            select = select.order_by(*order, copy=False)
        select = select.limit(query.limit + 1, copy=False)
        if query.offset:
            select = select.offset(query.offset, copy=False)
        sql = render(select, engine=self.view.source.engine)
        return Compiled(sql=sql, limit=query.limit, columns=tuple(self.parts.columns))

    def _plain(self, *, listing: bool) -> tuple[exp.Select, list[exp.Expr]]:
        """Return the rows or groups as they are read."""
        where, having = self._conditions()
        select = exp.select(*self.parts.nodes, copy=False)
        select = select if listing else self._grouped(select)
        if having:
            select = select.having(*having, copy=False)
        order = self._order(listing=listing)
        select = self._read_from(select, where, beside=order)
        return (select.where(levels.counts(self.levels), copy=False) if listing and self.levels else select), order

    def _grouped(self, select: exp.Select) -> exp.Select:
        numbers = [exp.Literal.number(index + 1) for index in range(len(self.query.dimensions))]
        return select.group_by(*numbers, copy=False) if numbers else select

    def _derived(self) -> tuple[exp.Select, list[exp.Expr]]:
        """Return every group with what follows from the others; conditions on figures choose among them after."""
        query, groups = self.query, exp.select(*self.parts.nodes, copy=False)
        measures = {one: self._measure(one) for one in query.measures}
        parted = {
            one.of: measures[one.of] for one in query.derived if one.kind is Derivation.PART and one.of in measures
        }
        self.followed = derived.follow(
            query.derived,
            tuple(self.parts.columns),
            measures=measures,
            parts={one: self._part_label(measure) for one, measure in parted.items()},
            language=self.view.language,
        )
        self.beside = {f"{one}__{Derivation.PART}": self._part(measure) for one, measure in parted.items()}
        self.parts.columns.extend(self.followed.columns)
        self.parts.names.extend(one.name for one in self.followed.columns)
        where, having = self._conditions()
        order = self._order(listing=False)
        beside = [exp.alias_(node, name, quoted=True) for name, node in self.beside.items()]
        groups = self._read_from(self._grouped(groups.select(*beside, copy=False)), where)
        select = self.followed.select(groups, beside=tuple(self.beside), having=having, order=order, begins=self.begins)
        return select, order

    def _part_label(self, measure: Measure) -> str:
        part.check(self.query, measure)
        return part.label(self.query, measure, self.catalogue, self.view.language)

    def _part(self, measure: Measure) -> exp.Expr:
        """Return the part of a figure that the rows of the question's ``part`` have in each group."""
        return part.quotient(self._figure(measure), [self._on_rows(one) for one in self.query.part])

    def _read_from(self, select: exp.Select, where: list[exp.Expr], *, beside: Iterable[exp.Expr] = ()) -> exp.Select:
        """Let ``select`` read the rows that meet ``where``, each with its part of every level asked for."""
        marks = [self._level(one) for one in self.levels.values()]
        used = self._used(select, *where, *marks, *beside)
        rows: exp.Subquery | exp.Table = relation(self.view, columns=used)
        if not marks:
            select = select.where(*where, copy=False) if where else select
            return select.from_(rows, copy=False)
        plain = [exp.alias_(predicates.column_node(one.name), one.name, quoted=True) for one in used]
        inner = exp.select(*plain, *marks, copy=False).from_(rows, copy=False)
        inner = inner.where(*where, copy=False) if where else inner
        return select.from_(inner.subquery("data", copy=False), copy=False)

    def _level(self, measure: Measure) -> exp.Expr:
        """Return the column with a row's value where the row is of its group's last period, else nothing."""
        dimension = self.catalogue.dimension_over(measure)
        column = self.columns.get(dimension.column) if dimension is not None else None
        value = self.columns.get(measure.column or "")
        if dimension is None or column is None or value is None:
            raise UnknownFieldError(measure.id, nearest=self._nearest(measure.id))
        query = self.query
        by = query.groups if isinstance(query, levels.LevelRows) else query.dimensions
        groups = [self._bucket(self._dimension(one.field)[1], one) for one in by]
        grain = dimension.grain if column.type is FieldType.DATETIME else None
        period = self._bucket(column, GroupBy(field=dimension.id, grain=grain))
        name = levels.level_name(measure, self.columns)
        return exp.alias_(levels.of_last_period(value, period=period, groups=groups), name, quoted=True)

    def _figure(self, measure: Measure) -> exp.Expr:
        """Return the expression of a measure, and remember the levels that it is made of."""
        for one in levels.folded_by(measure, self.catalogue):
            if one.aggregation is Aggregation.LAST:
                self.levels[levels.level_name(one, self.columns)] = one
        return figure(measure, catalogue=self.catalogue, columns=self.columns)

    def _used(self, *nodes: exp.Expr) -> list[Column]:
        """Return the columns that the query reads; one at least, so that there are rows to count."""
        names = {node.name for one in nodes for node in one.find_all(exp.Column) if node.table}
        used = [column for column in self.columns.values() if column.name in names]
        return used or list(self.columns.values())[:1]

    def _dimension(self, field_id: str) -> tuple[Dimension, Column]:
        found = self.catalogue.dimension(field_id)
        column = self.columns.get(found.column) if found is not None and not found.hidden else None
        if found is None or column is None:
            raise UnknownFieldError(field_id, nearest=self._nearest(field_id))
        return found, column

    def _measure(self, field_id: str) -> Measure:
        found = self.catalogue.measure(field_id)
        if found is None or found.hidden or not self._computable(found):
            raise UnknownFieldError(field_id, nearest=self._nearest(field_id))
        return found

    def _computable(self, measure: Measure) -> bool:
        """Return whether every column that the measure folds is one the actor may see."""
        return all(one in self.columns for one in levels.columns_of(measure, self.catalogue))

    def _nearest(self, field_id: str) -> list[str]:
        dimensions = [one.id for one in self.catalogue.dimensions if not one.hidden and one.column in self.columns]
        measures = [one.id for one in self.catalogue.measures if not one.hidden and self._computable(one)]
        found = process.extract(field_id, [*measures, *dimensions], scorer=fuzz.WRatio, limit=3, score_cutoff=40)
        return [name for name, _, _ in found]

    def _bucket(self, column: Column, group: GroupBy) -> exp.Expr:
        node: exp.Expr = predicates.column_node(column.name)
        grain = group.grain
        if group.width is not None:
            return bins.edge(column, group.width)
        if grain is None:
            return node
        if not column.type.is_time or (column.type is FieldType.DATE and grain is Grain.HOUR):
            raise FieldTypeError(column.name, type=column.type, action=grain)
        if column.zoned:
            node = exp.AtTimeZone(this=node, zone=exp.Literal.string(self.view.zone.key))
        truncated = exp.TimestampTrunc(this=node, unit=exp.var(grain.value.upper()))
        return truncated if grain is Grain.HOUR else exp.cast(truncated, "date")

    def _group_columns(self) -> None:
        for one, name in zip(self.query.dimensions, dimension_names(self.query), strict=True):
            dimension, column = self._dimension(one.field)
            self.parts.add(self._bucket(column, one), self._described(dimension, column, one, name=name))
        for field_id in self.query.measures:
            measure = self._measure(field_id)
            kind = result_type(measure, self.columns)
            described = ResultColumn(
                name=field_id,
                label=measure.label.in_language(self.view.language),
                type=kind,
                role="measure",
                unit=measure.unit,
            )
            self.parts.add(self._figure(measure), described)

    def _described(self, dimension: Dimension, column: Column, group: GroupBy, *, name: str) -> ResultColumn:
        kind, grain = column.type, group.grain
        if grain is not None:
            kind = FieldType.DATETIME if grain is Grain.HOUR else FieldType.DATE
        label = dimension.label.in_language(self.view.language)
        unit, width = bins.unit_of(group, self.catalogue), group.width
        return ResultColumn(name=name, label=label, type=kind, role="dimension", unit=unit, grain=grain, width=width)

    def _list_columns(self) -> None:
        if isinstance(self.query, levels.LevelRows):
            for counted in self.query.counted:
                self._figure(self._measure(counted))
        if self.query.dimensions:
            for one, name in zip(self.query.dimensions, dimension_names(self.query), strict=True):
                dimension, column = self._dimension(one.field)
                described = self._described(dimension, column, one, name=name)
                self.parts.add(self._bucket(column, one), described)
            return
        columns = list(visible_columns(self.view).values())
        for column, described in zip(
            columns, listed(columns, self.catalogue, language=self.view.language), strict=True
        ):
            self.parts.add(predicates.column_node(column.name), described)

    def _conditions(self) -> tuple[list[exp.Expr], list[exp.Expr]]:
        where: list[exp.Expr] = []
        having: list[exp.Expr] = []
        period = self._period()
        if period is not None:
            where.append(period)
        for one in self.query.filters:
            if self.catalogue.dimension(one.field) is None and self._is_figure(one.field):
                having.append(self._having(one))
            else:
                where.append(self._on_rows(one))
        having.extend(self._having(one) for one in self.query.having)
        return where, having

    def _on_rows(self, one: Filter) -> exp.Expr:
        dimension, column = self._dimension(one.field)
        return predicates.condition(column, one.operator, one.values, zone=self.view.zone, label=dimension.id)

    def _is_figure(self, field_id: str) -> bool:
        follows = self.followed is not None and field_id in {one.name for one in self.followed.columns}
        return follows or self.catalogue.measure(field_id) is not None

    def _having(self, one: Filter) -> exp.Expr:
        node = self._compared(one.field)
        return predicates.figure_condition(node, one.operator, one.values, label=one.field)

    def _compared(self, field_id: str) -> exp.Expr:
        """Return what stands for a figure in a condition or in the order: itself, or its name outside its groups."""
        if self.followed is not None and field_id in self.parts.names:
            return predicates.named(field_id)
        measure = self._measure(field_id)
        if not self.query.measures:
            raise RowsHaveNoFiguresError(field_id)
        node = self._figure(measure)
        if self.followed is None:
            return node
        self.beside[field_id] = node
        return predicates.named(field_id)

    def _period(self) -> exp.Expr | None:
        if self.query.period is None:
            return None
        name = self.query.time_field or self.catalogue.default_time
        if name is None:
            raise NoTimeFieldError(self.view.source.name)
        dimension, column = self._dimension(name)
        if not column.type.is_time:
            raise NoTimeFieldError(dimension.id)
        ends = periods.resolve(self.query.period, now=self.view.now, zone=self.view.zone)
        if self.followed is not None:
            ends, self.begins = self.followed.with_one_before(ends, name, self.query.dimensions)
        return predicates.within(column, ends, zone=self.view.zone)

    def _order(self, *, listing: bool) -> list[exp.Expr]:
        wanted = list(self.query.sort) or ([] if listing else self._natural_order())
        order = [self._ordered(one) for one in wanted]
        if listing and not order and not self.levels and self.view.source.engine is Engine.DUCKDB:
            return []  # rows keep the order of the file, which the windows of levels do not
        named = {one.field for one in wanted}
        ties = self.parts.names if listing else self.parts.names[: len(self.query.dimensions)]
        order.extend(predicates.ordered(predicates.named(name), descending=False) for name in ties if name not in named)
        return order

    def _natural_order(self) -> list[Sort]:
        """Return the order people expect: along the time if there is one, else the largest figure first."""
        times = [one for one in self.parts.columns if one.role == "dimension" and one.type.is_time]
        if times:
            return [Sort(field=times[0].name)]
        return [Sort(field=self.query.measures[0], descending=True)] if self.query.dimensions else []

    def _ordered(self, one: Sort) -> exp.Expr:
        if one.field in self.parts.names:
            return predicates.ordered(predicates.named(one.field), descending=one.descending)
        if self.catalogue.measure(one.field) is not None:
            return predicates.ordered(self._compared(one.field), descending=one.descending)
        _, column = self._dimension(one.field)
        if self.query.measures:
            raise UnknownFieldError(one.field, nearest=self.parts.names)
        return predicates.ordered(predicates.column_node(column.name), descending=one.descending)


def compile_metric(query: MetricQuery, view: View) -> Compiled:
    """Return the query for a question in catalogue terms.

    Raises:
        QueryError: The question names what is not there, or does with a field what its type does not allow.
    """
    return _Compiler(query, view).compile()
