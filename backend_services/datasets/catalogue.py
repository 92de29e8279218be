"""The metric catalogue: the named measures and dimensions of a dataset, and a question in those terms.

Dashboards, the builder, alerts and exports speak in these classes only; no one but the compiler
(:mod:`backend_services.datasets.compile`) turns them into SQL. Pure: no I/O.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from backend_services.kernel.schemas import Strict

FieldId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
"""Identifier of a measure or dimension: made from the column's name, unique in its dataset."""

Exact = Annotated[str, StringConstraints(strip_whitespace=False)]
"""A text that stands in data: a space at its end tells it from another."""


class FieldType(StrEnum):
    """What a column holds, as far as questions are concerned."""

    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    DECIMAL = "decimal"
    INTEGER = "integer"
    TEXT = "text"

    @property
    def is_number(self) -> bool:
        """Return whether values can be added."""
        return self in {FieldType.DECIMAL, FieldType.INTEGER}

    @property
    def is_time(self) -> bool:
        """Return whether values lie on a calendar."""
        return self in {FieldType.DATE, FieldType.DATETIME}


class Grain(StrEnum):
    """Width of a time bucket."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Aggregation(StrEnum):
    """How a measure folds rows into one number.

    ``LAST`` is for semi-additive measures (levels: population, stock, balance): the value at the last period that the
    group has, added up over everything but time.
    """

    AVG = "avg"
    COUNT = "count"
    COUNT_DISTINCT = "count_distinct"
    LAST = "last"
    MAX = "max"
    MEDIAN = "median"
    MIN = "min"
    RATIO = "ratio"
    SUM = "sum"


class UnitKind(StrEnum):
    """What a number counts; decides how it is written."""

    BYTES = "bytes"
    COUNT = "count"
    CURRENCY = "currency"
    DURATION = "duration"
    NUMBER = "number"
    PERCENT = "percent"


class Unit(Strict):
    """Unit of a measure.

    Attributes:
        kind: What the number counts.
        code: ISO 4217 code for a currency; ``s`` or ``ms`` for a duration; else a free text such as ``°C``.
    """

    kind: UnitKind = UnitKind.NUMBER
    code: str = Field(default="", max_length=12)


class Text(Strict):
    """A text in both languages; an empty Slovenian one falls back to English."""

    en: str = Field(max_length=200)
    sl: str = Field(default="", max_length=200)

    def in_language(self, language: str) -> str:
        """Return the text in ``language``, or in English where it is missing."""
        return self.sl if language == "sl" and self.sl else self.en


class Words(Strict):
    """Further words that people use for a thing, by language."""

    en: tuple[str, ...] = ()
    sl: tuple[str, ...] = ()


class Dimension(Strict):
    """A column to group and filter by.

    Attributes:
        column: The column's name in the stored table.
        values: Most frequent values, for recognition in questions; never more than 200, never of a hidden column.
    """

    id: FieldId
    column: str = Field(max_length=255)
    label: Text
    type: FieldType
    description: Text = Text(en="")
    synonyms: Words = Words()
    hidden: bool = False
    grain: Grain | None = Field(default=None, description="Finest grain of the data, for times.")
    distinct: int = Field(default=0, ge=0, description="Distinct values when it was profiled.")
    values: tuple[Exact, ...] = Field(default=(), max_length=200)


class Measure(Strict):
    """A number that rows fold into.

    Attributes:
        column: What is folded; ``None`` only for ``count`` (rows) and ``ratio``.
        numerator: Measure id, for ``ratio`` only; computed as sum over sum, not as a mean of ratios.
        denominator: Measure id, for ``ratio`` only.
        over: Dimension along which ``last`` does not add up; without it the catalogue's ``default_time``.
        higher_is_better: Decides the tone of a change; ``None`` is neutral.
    """

    id: FieldId
    column: str | None = Field(default=None, max_length=255)
    aggregation: Aggregation
    label: Text
    unit: Unit = Unit()
    description: Text = Text(en="")
    synonyms: Words = Words()
    hidden: bool = False
    numerator: FieldId | None = None
    denominator: FieldId | None = None
    over: FieldId | None = None
    higher_is_better: bool | None = None


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
        dimension's values, ``revenue__per__orders`` divides one measure by another, ``rows__count`` counts rows.
        """
        named = next((one for one in self.measures if one.id == field_id), None)
        return named or derived_measure(self, field_id)

    def dimension(self, field_id: str) -> Dimension | None:
        """Return the dimension with this id, if there is one."""
        return next((one for one in self.dimensions if one.id == field_id), None)

    def dimension_over(self, measure: Measure) -> Dimension | None:
        """Return the dimension along which a measure that folds as ``last`` does not add up."""
        return self.dimension(measure.over or self.default_time or "")


PER = "__per__"
ROW_COUNT = "rows__count"
_DERIVED_LABELS = {
    Aggregation.AVG: ("Average {}", "Povprečje: {}"),
    Aggregation.COUNT: ("Count of {}", "Število: {}"),
    Aggregation.COUNT_DISTINCT: ("Distinct {}", "Število različnih: {}"),
    Aggregation.LAST: ("Latest {}", "Zadnje stanje: {}"),
    Aggregation.MAX: ("Highest {}", "Največ: {}"),
    Aggregation.MEDIAN: ("Median {}", "Mediana: {}"),
    Aggregation.MIN: ("Lowest {}", "Najmanj: {}"),
    Aggregation.SUM: ("Total {}", "Skupaj: {}"),
}


def derived_measure(catalogue: Catalogue, field_id: str) -> Measure | None:
    """Return the measure that ``field_id`` makes from what the catalogue names, or ``None``."""
    if field_id == ROW_COUNT:
        unit = Unit(kind=UnitKind.COUNT)
        return Measure(
            id=field_id, column=None, aggregation=Aggregation.COUNT, label=Text(en="Rows", sl="Vrstice"), unit=unit
        )
    if PER in field_id:
        return _ratio(catalogue, field_id)
    base_id, separator, folding = field_id.rpartition("__")
    if not separator or folding not in set(Aggregation) - {Aggregation.RATIO}:
        return None
    base = next((one for one in catalogue.measures if one.id == base_id), None) or catalogue.dimension(base_id)
    if base is None or base.column is None:
        return None
    aggregation = Aggregation(folding)
    counts = aggregation in {Aggregation.COUNT, Aggregation.COUNT_DISTINCT}
    over = base.over if isinstance(base, Measure) else None
    is_timeless = aggregation is Aggregation.LAST and not (over or catalogue.default_time)
    if is_timeless or (not counts and isinstance(base, Dimension) and not base.type.is_number):
        return None
    english, slovenian = _DERIVED_LABELS[aggregation]
    unit = Unit(kind=UnitKind.COUNT) if counts else base.unit if isinstance(base, Measure) else Unit()
    return Measure(
        id=field_id,
        column=base.column,
        aggregation=aggregation,
        label=Text(
            en=english.format(_inside(base.label.en))[:200], sl=slovenian.format(_inside(base.label.in_language("sl")))
        ),
        unit=unit,
        description=base.description,
        hidden=base.hidden,
        over=over,
        higher_is_better=base.higher_is_better if isinstance(base, Measure) else None,
    )


def _ratio(catalogue: Catalogue, field_id: str) -> Measure | None:
    """Return the quotient of two measures that ``a__per__b`` names."""
    above, _, below = field_id.partition(PER)
    numerator, denominator = catalogue.measure(above), catalogue.measure(below)
    if (
        numerator is None
        or denominator is None
        or Aggregation.RATIO in {numerator.aggregation, denominator.aggregation}
    ):
        return None
    return Measure(
        id=field_id,
        column=None,
        aggregation=Aggregation.RATIO,
        label=Text(
            en=f"{numerator.label.en} per {_inside(denominator.label.en)}"[:200],
            sl=f"{numerator.label.in_language('sl')} / {_inside(denominator.label.in_language('sl'))}"[:200],
        ),
        unit=Unit(kind=UnitKind.NUMBER) if numerator.unit.kind is UnitKind.COUNT else numerator.unit,
        hidden=numerator.hidden or denominator.hidden,
        numerator=above,
        denominator=below,
    )


def _inside(label: str) -> str:
    """Return ``label`` as it stands inside a sentence: abbreviations keep their capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


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
    """A dimension to group by; times take a grain."""

    field: FieldId
    grain: Grain | None = None


class Sort(Strict):
    """Order by a field of the query."""

    field: FieldId
    descending: bool = False


class MetricQuery(Strict):
    """A question in catalogue terms. With no measure it lists rows (the drill-through)."""

    dataset_id: UUID
    measures: tuple[FieldId, ...] = Field(default=(), max_length=12)
    dimensions: tuple[GroupBy, ...] = Field(default=(), max_length=6)
    filters: tuple[Filter, ...] = Field(default=(), max_length=40)
    having: tuple[Filter, ...] = Field(default=(), max_length=12)
    period: RelativePeriod | None = None
    time_field: FieldId | None = Field(default=None, description="Dimension of the period; default is the catalogue's.")
    sort: tuple[Sort, ...] = Field(default=(), max_length=6)
    limit: int = Field(default=1000, ge=1, le=10_000)
    offset: int = Field(default=0, ge=0)


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
    rows: tuple[tuple[Scalar | None, ...], ...]
    sql: str
    freshness: Freshness
    truncated: bool = False
    cached: bool = False
    took_ms: float = 0.0
    rules_applied: tuple[str, ...] = ()
    insufficient: str | None = None
