"""Carries an edited catalogue over to a new version of its table. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from backend_services.datasets.catalogue import Aggregation, Catalogue, Dimension, FieldType, Measure
from backend_services.datasets.proposal import ROWS_ID
from backend_services.datasets.schemas import ColumnView, SchemaChange


def _column_changes(
    columns: tuple[ColumnView, ...], before: list[dict[str, Any]]
) -> tuple[list[SchemaChange], Mapping[str, ColumnView]]:
    old = {one.name: one for one in (ColumnView.model_validate(field) for field in before)}
    new = {one.name: one for one in columns}
    changes = [SchemaChange(kind="removed", name=name) for name in old if name not in new]
    changes += [SchemaChange(kind="added", name=name) for name in new if name not in old]
    changes += [
        SchemaChange(kind="retyped", name=name, detail=f"{old[name].type.value} → {new[name].type.value}")
        for name in new
        if name in old and old[name].type is not new[name].type
    ]
    return changes, new


def _fits(measure: Measure, columns: Mapping[str, ColumnView]) -> bool:
    if measure.column is None:
        return True
    column = columns.get(measure.column)
    if column is None:
        return False
    adds = measure.aggregation in {Aggregation.AVG, Aggregation.LAST, Aggregation.MEDIAN, Aggregation.SUM}
    return column.type.is_number or not adds


def _became_numbers(current: Catalogue, proposed: Catalogue, columns: Mapping[str, ColumnView]) -> set[str]:
    """Return the columns that were texts and are now proposed as measures: what they were is of no use any more."""
    measured = {one.column for one in proposed.measures if one.column is not None}
    grouped = {one.column for one in proposed.dimensions}
    return {
        one.column
        for one in current.dimensions
        if one.type is FieldType.TEXT
        and one.column in measured - grouped
        and one.column in columns
        and columns[one.column].type.is_number
    }


def _unasked(
    current: Catalogue,
    measures: Iterable[Measure],
    dimensions: Iterable[Dimension],
    *,
    old_names: set[str],
    new: set[str],
) -> set[str]:
    """Return the columns that need fields: new ones, and those whose fields were all dropped with their kind."""
    told = {one.column for one in measures} | {one.column for one in dimensions}
    before = {one.column for one in current.measures} | {one.column for one in current.dimensions}
    return {name for name in new if name not in old_names or name in before - told}


def _dated(measure: Measure, proposed: Catalogue, times: set[str], default_time: str | None) -> Measure:
    """Return a measure that still has its time, or as the new version proposes to fold it without."""
    if measure.aggregation is not Aggregation.LAST or (measure.over in times if measure.over else default_time):
        return measure
    fresh = next((one for one in proposed.measures if one.column == measure.column), None)
    update = {"aggregation": fresh.aggregation, "over": fresh.over} if fresh else {"aggregation": Aggregation.AVG}
    return measure.model_copy(update=update)


def carried_over(
    current: Catalogue, proposed: Catalogue, columns: tuple[ColumnView, ...], *, before: list[dict[str, Any]]
) -> tuple[Catalogue, tuple[SchemaChange, ...]]:
    """Return ``current`` as it fits a new version, and what changed.

    What people edited stays. Fields whose column is gone or changed its kind are dropped and named; columns that are
    new get the fields that were proposed for them; values and counts of dimensions are those of the new version.
    """
    changes, new = _column_changes(columns, before)
    old_names = {str(field["name"]) for field in before}
    fresh = {one.column: one for one in proposed.dimensions}
    measures = [one for one in current.measures if _fits(one, new)]
    known = {one.id for one in measures}
    measures = [one for one in measures if {one.numerator, one.denominator} - {None} <= known]
    became_numbers = _became_numbers(current, proposed, new)
    dimensions = []
    for one in current.dimensions:
        if one.column not in new or one.column in became_numbers:
            continue
        column, now = new[one.column], fresh.get(one.column)
        update: dict[str, object] = {"type": column.type, "values": (), "distinct": 0, "grain": None}
        if now is not None:
            update |= {"values": now.values, "distinct": now.distinct, "grain": now.grain}
        dimensions.append(one.model_copy(update=update))
    kept = {one.id for one in measures} | {one.id for one in dimensions}
    labels = {one.id: one.label.en for one in current.measures} | {one.id: one.label.en for one in current.dimensions}
    changes += [
        SchemaChange(kind="dropped", name=name, detail=label) for name, label in labels.items() if name not in kept
    ]
    welcome = _unasked(current, measures, dimensions, old_names=old_names, new=set(new))
    measures += [one for one in proposed.measures if one.column in welcome and one.id not in kept]
    kept |= {one.id for one in measures}
    dimensions += [one for one in proposed.dimensions if one.column in welcome and one.id not in kept]
    times = {one.id for one in dimensions if one.type.is_time}
    ordered = times | {one.id for one in dimensions if one.type.is_number}
    default_time = current.default_time if current.default_time in times else proposed.default_time
    by_measure = {one.id for one in measures}
    return (
        Catalogue(
            version=current.version + 1,
            measures=tuple(_dated(one, proposed, ordered, default_time) for one in measures),
            dimensions=tuple(dimensions),
            default_time=default_time,
            default_measure=current.default_measure if current.default_measure in by_measure else ROWS_ID,
        ),
        tuple(changes),
    )
