"""Refusals of the query engine.

::

    InvalidInputError
    └── QueryError               the question cannot be run as it stands; knows the part at fault
        ├── UnknownFieldError, FieldTypeError, FilterValueError, …   of questions in catalogue terms
        ├── SqlRefusedError      free SQL that the guard does not let through; one class a reason
        └── SqlFailedError       free SQL that passed the guard but that the engine cannot run
    TooLargeError
    ├── QueryTimeoutError
    ├── QueryMemoryError
    │   └── QueryMemoryLimitError
    └── ResultTooLargeError
    UnavailableError
    ├── QueryBusyError
    ├── QueryProcessEndedError
    └── SourceUnreadableError
    PermissionDeniedError
    └── NoRowsForRoleError       the dataset has row-level rules and none is for a role of the actor
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from backend_services.kernel.errors import InvalidInputError, PermissionDeniedError, TooLargeError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterable


class QueryError(InvalidInputError):
    """The question cannot be run as it stands.

    Attributes:
        template: The English sentence, with places for ``part`` and further details.
        part: The piece of the question that is at fault.
        position: Where that piece begins in the SQL, in characters from 0, if it is known.
        suggestions: The nearest things that exist.
    """

    code = "query.invalid"
    template: ClassVar[str] = "The question cannot be run as it stands: {part}."

    def __init__(
        self, part: str = "", *, position: int | None = None, nearest: Iterable[str] = (), **details: str
    ) -> None:
        """Name the part at fault and, by name, whatever the sentence mentions."""
        self.part = part
        self.position = position
        self.suggestions = tuple(nearest)
        params: dict[str, object] = {"part": part, **details}
        if position is not None:
            params["position"] = position
        if self.suggestions or "{nearest}" in self.template:
            params["nearest"] = ", ".join(self.suggestions) or "\N{EN DASH}"
        super().__init__(self.template.format(**params), params=params)


class UnknownFieldError(QueryError):
    """The question names a measure, dimension or column that this dataset does not have for the actor."""

    code = "query.unknown_field"
    template = "This dataset has no field “{part}”. Nearest: {nearest}."


class FieldTypeError(QueryError):
    """The question does something with a field that its type does not allow."""

    code = "query.field_type"
    template = "“{part}” holds values of type {type}; “{action}” does not work on them."


class FilterValueError(QueryError):
    """A filter's value does not fit the type of its field."""

    code = "query.filter_value"
    template = "The filter on “{part}” expects a value of type {type}, not “{value}”."


class FilterCountError(QueryError):
    """A filter has too few or too many values for its operator."""

    code = "query.filter_count"
    template = "The filter on “{part}” has {count} values; “{action}” does not take that many."


class NotADateError(QueryError):
    """A text is no ISO date or time."""

    code = "query.not_a_date"
    template = "“{part}” is not an ISO date or time, such as 2026-01-31."


class PeriodReversedError(QueryError):
    """A period ends before it begins."""

    code = "query.period_reversed"
    template = "The period {part} ends before it begins."


class CalendarRangeError(QueryError):
    """A period reaches beyond the years 1 to 9999."""

    code = "query.calendar_range"
    template = "The calendar does not reach as far as “{part}”."


class TimeZoneUnknownError(QueryError):
    """The actor's time zone does not exist."""

    code = "query.time_zone_unknown"
    template = "There is no time zone “{part}”. Choose another in your settings."


class NoTimeFieldError(QueryError):
    """The question has a period, but the dataset has no time, or the field named is none."""

    code = "query.no_time_field"
    template = "A period needs a date; “{part}” is none."


class RowsHaveNoFiguresError(QueryError):
    """The question lists rows but filters or sorts by a measure."""

    code = "query.rows_have_no_figures"
    template = "A list of rows has no figure “{part}” to compare or sort by. Add the measure to the question."


class NoTimeToFollowError(QueryError):
    """The question compares a figure with the one before but has no time in buckets to follow."""

    code = "query.no_time_to_follow"
    template = "“{part}” compares with the time before. Group by a date, in days, weeks, months, quarters or years."


class NoPartError(QueryError):
    """The question asks for a part of a figure but does not say of which rows."""

    code = "query.no_part"
    template = "The part of “{part}” needs conditions that say which rows it is of."


class NotAdditiveError(QueryError):
    """The question adds up figures of which the sum means nothing, such as averages."""

    code = "query.not_additive"
    template = (
        "Figures of “{part}” cannot be added up, so they have no share and no running total. Choose a sum or a count."
    )


class MeasureBrokenError(QueryError):
    """A measure of the catalogue cannot be computed, for example a ratio of ratios or one without a column."""

    code = "query.measure_broken"
    template = "The measure “{part}” cannot be computed. Mend it in the dataset's catalogue."


class SqlRefusedError(QueryError):
    """The guard does not let this SQL through. Each reason is a class of its own."""

    code = "query.sql_refused"
    template = "“{part}” is not allowed."


class SqlSyntaxError(SqlRefusedError):
    """The SQL cannot be read."""

    code = "query.sql_syntax"
    template = "This SQL cannot be read near “{part}”."


class SqlStatementRefusedError(SqlRefusedError):
    """It is not one query that only reads."""

    code = "query.sql_statement"
    template = "Only one SELECT is allowed, and it may only read: “{part}” is something else."


class SqlTableRefusedError(SqlRefusedError):
    """It names a table other than ``data`` and its own WITH parts."""

    code = "query.sql_table"
    template = "The only table here is data: “{part}” is another."


class SqlShadowedError(SqlRefusedError):
    """A part of WITH, or an alias of another table, is called ``data``."""

    code = "query.sql_shadowed"
    template = "Nothing else may be called “{part}”. Choose another name."


class SqlFunctionRefusedError(SqlRefusedError):
    """It calls a function that is not on the list."""

    code = "query.sql_function"
    template = "The function “{part}” is not among those allowed. Nearest: {nearest}."


class SqlConstructRefusedError(SqlRefusedError):
    """It uses a piece of syntax that is not on the list."""

    code = "query.sql_construct"
    template = "This piece of SQL is not allowed here: “{part}”."


class SqlTypeRefusedError(SqlRefusedError):
    """It casts to a type that is not on the list."""

    code = "query.sql_type"
    template = "Values cannot be turned into the type “{part}” here."


class SqlTooDeepError(SqlRefusedError):
    """It is nested too deeply."""

    code = "query.sql_too_deep"
    template = "This SQL is nested too deeply near “{part}”."


class SqlTooLongError(SqlRefusedError):
    """It has too many parts."""

    code = "query.sql_too_long"
    template = "This SQL has too many parts: {part}."


class SqlGrowsError(SqlRefusedError):
    """It joins texts to ever longer ones."""

    code = "query.sql_grows"
    template = "“{part}” would make texts too long to hold. Join fewer of them, or shorter ones."


class SqlFailedError(QueryError):
    """The SQL passed the guard but the engine cannot run it, for example for an unknown column."""

    code = "query.sql_failed"
    template = "The query cannot be run: {reason}"


class QueryTimeoutError(TooLargeError):
    """The query ran longer than it may; it was stopped."""

    code = "query.timeout"

    def __init__(self, limit_s: float) -> None:
        """Say how long a query may run."""
        super().__init__(
            f"The query was stopped after {limit_s:g} s. Ask for a shorter period, fewer groups or a filter.",
            params={"limit_s": f"{limit_s:g}"},
        )


class QueryMemoryError(TooLargeError):
    """The query needs more memory than it may; it was stopped."""

    code = "query.memory"
    default_message = "The query needs more memory than is allowed. Ask for fewer groups or add a filter."


class QueryMemoryLimitError(QueryMemoryError):
    """The query needs more than a certain amount of memory; it was stopped."""

    code = "query.memory_limit"

    def __init__(self, limit_mb: int) -> None:
        """Say how much memory a query may use."""
        super().__init__(
            f"The query needs more than the {limit_mb} MB of memory that a query may use."
            " Ask for fewer columns or groups, or add a filter.",
            params={"limit_mb": str(limit_mb)},
        )


class ResultTooLargeError(TooLargeError):
    """The texts of the answer are larger than an answer may be."""

    code = "query.result_too_large"
    default_message = "The answer is too large. Ask for fewer rows or columns."


class QueryBusyError(UnavailableError):
    """As many queries are waiting as may wait."""

    code = "query.busy"
    default_message = "Too many queries are running just now. Try again in a moment."


class QueryProcessEndedError(UnavailableError):
    """The process that ran the query ended before it answered, for example because the machine had no memory left."""

    code = "query.process_ended"
    default_message = (
        "The process that ran this query ended before it answered. Try again, and if that does not help, "
        "ask for fewer rows, columns or groups."
    )


class SourceUnreadableError(UnavailableError):
    """The dataset's stored file is missing or damaged."""

    code = "query.source_unreadable"
    default_message = "The data of this dataset cannot be read. Upload it again, or ask an operator to restore it."


class NoRowsForRoleError(PermissionDeniedError):
    """The dataset has row-level rules and none of them is for a role of the actor."""

    code = "query.no_rows_for_role"
    default_message = (
        "The rows of this dataset are given out by role, and none of your roles has been given any. "
        "Ask an owner or admin of your team."
    )
