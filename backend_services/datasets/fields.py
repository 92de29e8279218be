"""What a catalogue names: measures and dimensions, their types and units. Pure: no I/O."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

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
