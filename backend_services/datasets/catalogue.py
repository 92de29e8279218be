"""The metric catalogue: the named measures and dimensions of a dataset, and a question in those terms.

Dashboards, the builder, alerts and exports speak in these classes only; no one but the compiler
(:mod:`backend_services.datasets.compile`) turns them into SQL. Pure: no I/O.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal
from uuid import UUID

from pydantic import Field, SerializeAsAny

from backend_services.datasets.derived import EACH, PER, ROW_COUNT, derived_dimension, derived_measure
from backend_services.datasets.fields import (
    Aggregation,
    Dimension,
    Exact,
    FieldId,
    FieldType,
    Grain,
    Measure,
    Text,
    Unit,
    UnitKind,
    Words,
)
from backend_services.kernel.schemas import Strict

__all__ = [
    "EACH", "MOST_OFFSET", "PER", "ROW_COUNT", "Aggregation", "Catalogue", "Derivation", "Derived", "Dimension",
    "Exact", "FieldId", "FieldType", "Filter", "Freshness",
    "Grain", "GroupBy", "Measure", "MetricQuery", "Operator", "QueryResult", "RelativePeriod", "ResultColumn", "Scalar",
    "Sort", "SqlQuery", "Text", "Unit", "UnitKind", "Words", "derived_dimension", "derived_measure",
]  # fmt: skip

MOST_OFFSET: Final = 1_000_000_000
"""Of an answer: no table here has so many rows, and engines count no further than 2**63."""


class Catalogue(Strict):
    """What can be asked of one dataset.

    Attributes:
        default_time: The dimension that "last month" and "by week" mean.
        default_measure: What "how many", "top cities" and the like mean when no measure is named.
    """

    version: int = Field(default=1, ge=1, description="Counts edits; a cached answer belongs to one version.")
    measures: tuple[Measure, ...] = ()
    dimensions: tuple[Dimension, ...] = ()
    default_time: FieldId | None = None
    default_measure: FieldId | None = None

    def measure(self, field_id: str) -> Measure | None:
        """Return the measure with this id, if there is one or one follows from the others.

        ``price__median`` folds another way what a measure or a number folds, ``city__count_distinct`` counts a
        dimension's values, ``is_paid__avg`` is the part of the rows that say yes,
        ``revenue__per__orders`` divides one measure by another, ``rows__count`` counts rows.
        """
        named = next((one for one in self.measures if one.id == field_id), None)
        return named or derived_measure(self, field_id)

    def dimension(self, field_id: str) -> Dimension | None:
        """Return the dimension with this id, if there is one or it is the number that a measure folds.

        ``price__each`` is the price of a single row: "orders over 100 euros".
        """
        named = next((one for one in self.dimensions if one.id == field_id), None)
        return named or derived_dimension(self, field_id)

    def dimension_over(self, measure: Measure) -> Dimension | None:
        """Return the dimension along which a measure that folds as ``last`` does not add up."""
        return self.dimension(measure.over or self.default_time or "")


class Operator(StrEnum):
    """How a filter compares. ``BETWEEN`` includes both ends for numbers and excludes the end for times."""

    BETWEEN = "between"
    CONTAINS = "contains"
    EQ = "eq"
    GT = "gt"
    GTE = "gte"
    IN = "in"
    IS_NULL = "is_null"
    LT = "lt"
    LTE = "lte"
    NE = "ne"
    NOT_IN = "not_in"
    NOT_NULL = "not_null"
    STARTS_WITH = "starts_with"


Scalar = Exact | int | float | bool


class Filter(Strict):
    """A condition on a dimension (before folding) or on a measure (after it)."""

    field: FieldId
    operator: Operator
    values: tuple[Scalar, ...] = Field(default=(), max_length=500)


class RelativePeriod(Strict):
    """A stretch of time relative to today in the actor's time zone, or between two dates.

    ``last`` n grains: complete ones before the running one. ``trailing`` n grains: up to now, the running one
    included. ``this``: the running one. ``previous``: the one before.
    ``to_date``: from the start of the running grain until now. ``between``: from ``start`` up to, not including,
    ``end`` (ISO dates; either may be missing).
    """

    kind: Literal["last", "trailing", "this", "previous", "to_date", "between"]
    n: int = Field(default=1, ge=1, le=1000)
    grain: Grain = Grain.MONTH
    start: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}(T[\d:.+Z-]+)?$")
    end: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}(T[\d:.+Z-]+)?$")


class GroupBy(Strict):
    """A dimension to group by; times take a grain, numbers may take a width.

    Attributes:
        width: Of the bins that a number falls into; a bin is named by its lower edge, a multiple of the width.
    """

    field: FieldId
    grain: Grain | None = None
    width: float | None = Field(default=None, gt=0, allow_inf_nan=False, description="Width of the bins of a number.")


class Sort(Strict):
    """Order by a field of the query."""

    field: FieldId
    descending: bool = False


MOST_BACK: Final = 400


class Derivation(StrEnum):
    """What follows from a measure's figures in the other rows of the same answer.

    ``CHANGE``, ``GROWTH`` and ``PREVIOUS`` look at the bucket of time just before, or so many before as
    ``Derived.back`` says, within the other dimensions: a missing bucket gives nothing. ``GROWTH`` is the change over
    the size of what was before (0.1 is ten percent more), nothing over zero. ``RUNNING_TOTAL`` adds up along the time
    within the other dimensions, without a time along the order of the question. ``SHARE`` is the part of the sum of all
    rows, with a time of those in the same bucket.
    All are computed over every group, before conditions on figures and the limit choose what is shown.

    ``PART`` looks at no other row: it is the figure over those rows of the group that meet the question's ``part``,
    over the figure of all of them; nothing where that is zero.
    """

    CHANGE = "change"
    GROWTH = "growth"
    PART = "part"
    PREVIOUS = "previous"
    RUNNING_TOTAL = "running_total"
    SHARE = "share"


class Derived(Strict):
    """A further column of an answer, computed from the measure ``of`` of the same question."""

    kind: Derivation
    of: FieldId
    back: int = Field(
        default=1, ge=1, le=MOST_BACK, description="How many buckets back `change`, `growth` and `previous` look."
    )

    @property
    def name(self) -> str:
        """Return the name of its column."""
        return f"{self.of}__{self.kind.value}"


class MetricQuery(Strict):
    """A question in catalogue terms. With no measure it lists rows (the drill-through).

    ``sort`` and ``having`` may name the columns of ``derived`` too. ``filters`` narrow the whole and its ``part``.
    """

    dataset_id: UUID
    measures: tuple[FieldId, ...] = Field(default=(), max_length=12)
    derived: tuple[Derived, ...] = Field(default=(), max_length=6)
    dimensions: tuple[GroupBy, ...] = Field(default=(), max_length=6)
    filters: tuple[Filter, ...] = Field(default=(), max_length=40)
    having: tuple[Filter, ...] = Field(default=(), max_length=12)
    part: tuple[Filter, ...] = Field(
        default=(), max_length=12, description="Rows whose part of each group a derived column `part` tells."
    )
    period: RelativePeriod | None = None
    time_field: FieldId | None = Field(default=None, description="Dimension of the period; default is the catalogue's.")
    sort: tuple[Sort, ...] = Field(default=(), max_length=6)
    limit: int = Field(default=1000, ge=1, le=10_000)
    offset: int = Field(default=0, ge=0, le=MOST_OFFSET)


class SqlQuery(Strict):
    """Guarded free SQL over one dataset, which it names ``data``."""

    dataset_id: UUID
    sql: str = Field(min_length=1, max_length=20_000)
    limit: int = Field(default=1000, ge=1, le=10_000)


class ResultColumn(Strict):
    """A column of an answer."""

    name: str
    label: str
    type: FieldType
    role: Literal["dimension", "measure", "plain"] = "plain"
    unit: Unit | None = None
    grain: Grain | None = None
    width: float | None = Field(default=None, description="Width of the bins; values are their lower edges.")


class Freshness(Strict):
    """Where an answer comes from and how old it is."""

    dataset_id: UUID
    dataset_name: str
    dataset_version: int = Field(description="0 for live data.")
    source_rows: int | None = Field(
        description="Rows in the source, where that is known without counting and no rule hides some of them."
    )
    data_as_of: str = Field(description="ISO instant of the data: upload time, or now for live data.")
    live: bool = False


class QueryResult(Strict):
    """An answer.

    Attributes:
        rows: Row-major; times as ISO text, decimals as numbers, big integers beyond 2^53 as text.
        sql: What was run, readable, with the row-level rules in it.
        truncated: More rows matched than ``limit``.
        insufficient: A reason when there is too little data to answer; then ``rows`` is empty.
    """

    columns: tuple[ResultColumn, ...]
    rows: SerializeAsAny[tuple[tuple[Scalar | None, ...], ...]]  # trying each kind of a value takes twice as long
    sql: str
    freshness: Freshness
    truncated: bool = False
    cached: bool = False
    took_ms: float = 0.0
    rules_applied: tuple[str, ...] = ()
    insufficient: str | None = None
