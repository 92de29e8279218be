"""What free SQL may consist of: pieces of syntax, functions and types. Everything else is refused. Pure: no I/O.

Functions are named as sqlglot names them after reading (``date_trunc`` is read as ``TIMESTAMP_TRUNC``); the names
that people write are kept beside them for suggestions. None of these reads a file, a table, a setting or the
session, waits, is random, or makes rows or long texts out of a number.
"""

from __future__ import annotations

from typing import Final

from sqlglot import exp

NODES: Final[frozenset[type[exp.Expr]]] = frozenset(
    {
        exp.Add, exp.Alias, exp.All, exp.And, exp.Any, exp.AtTimeZone, exp.Between, exp.Boolean, exp.CTE, exp.Case,
        exp.Cast, exp.Column, exp.CurrentDate, exp.CurrentTimestamp, exp.DPipe, exp.DataType, exp.DataTypeParam,
        exp.Distinct,
        exp.Div, exp.EQ, exp.Escape, exp.Except, exp.Exists, exp.Extract, exp.Filter, exp.From, exp.GT, exp.GTE,
        exp.Group, exp.Having, exp.ILike, exp.Identifier, exp.If, exp.IgnoreNulls, exp.In, exp.IntDiv, exp.Intersect,
        exp.Interval,
        exp.Is, exp.Join, exp.LT, exp.LTE, exp.Like, exp.Limit, exp.Literal, exp.Mod, exp.Mul, exp.NEQ, exp.Neg,
        exp.Not, exp.Null, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Offset, exp.Or, exp.Order, exp.Ordered, exp.Paren,
        exp.Qualify, exp.Rollup, exp.Select, exp.Star, exp.Sub, exp.Subquery, exp.Table, exp.TableAlias, exp.TryCast,
        exp.Tuple, exp.Union, exp.Var, exp.Where, exp.Window, exp.WindowSpec, exp.With, exp.WithinGroup,
    }
)  # fmt: skip
"""Pieces of syntax that are no functions."""

FUNCTIONS: Final[frozenset[str]] = frozenset(
    {
        # folding
        "ANY_VALUE", "APPROX_DISTINCT", "ARG_MAX", "ARG_MIN", "AVG", "BOOL_AND", "BOOL_OR", "CORR", "COUNT",
        "COUNT_IF", "COVAR_POP", "COVAR_SAMP", "FIRST", "LAST", "LOGICAL_AND", "LOGICAL_OR", "MAX", "MEDIAN", "MIN",
        "MODE", "PERCENTILE_CONT", "PERCENTILE_DISC", "QUANTILE", "STDDEV", "STDDEV_POP", "STDDEV_SAMP", "SUM",
        "VARIANCE", "VARIANCE_POP",
        # windows
        "CUME_DIST", "DENSE_RANK", "FIRST_VALUE", "LAG", "LAST_VALUE", "LEAD", "NTH_VALUE", "NTILE", "PERCENT_RANK",
        "RANK", "ROW_NUMBER",
        # numbers
        "ABS", "CBRT", "CEIL", "EXP", "FLOOR", "GREATEST", "LEAST", "LN", "LOG", "POW", "POWER", "ROUND", "SIGN",
        "SQRT",
        "TRUNC",
        # empty values and choices
        "CASE", "COALESCE", "IF", "NULLIF",
        # texts
        "CHAR_LENGTH", "CONCAT", "CONCAT_WS", "CONTAINS", "ENDS_WITH", "INITCAP", "LEFT", "LENGTH", "LOWER",
        "GROUP_CONCAT", "REGEXP_LIKE", "REPLACE", "RIGHT", "SPLIT_PART", "STARTS_WITH", "STR_POSITION", "SUBSTRING",
        "TRIM", "UPPER",
        # times
        "CAST", "CURRENT_DATE", "CURRENT_TIMESTAMP", "DATE", "DATEDIFF", "DATE_DIFF", "DATE_TRUNC", "DAY", "DAYNAME",
        "DAY_OF_MONTH",
        "DAY_OF_WEEK", "DAY_OF_YEAR", "EXTRACT", "HOUR", "LAST_DAY", "MINUTE", "MONTH", "MONTHNAME", "QUARTER",
        "SECOND",
        "TIMESTAMP_TRUNC", "TIME_TO_STR", "TIME_TO_UNIX", "TRY_CAST", "WEEK", "WEEK_OF_YEAR", "YEAR",
    }
)  # fmt: skip
"""Functions that sqlglot knows, by its names."""

PLAIN_FUNCTIONS: Final[frozenset[str]] = frozenset({"date_part", "isodow", "isoyear", "now"})
"""Functions that sqlglot hands through by the name that was written, in lower case."""

SUGGESTED: Final[tuple[str, ...]] = (
    "abs", "avg", "ceil", "coalesce", "concat", "contains", "count", "date_diff", "date_part", "date_trunc", "day",
    "dense_rank", "extract", "first_value", "floor", "greatest", "hour", "lag", "lead", "least", "left", "length",
    "lower", "max", "median", "min", "month", "nullif", "quantile_cont", "quarter", "rank", "right", "round",
    "row_number", "split_part", "starts_with", "stddev", "strftime", "substring", "sum", "trim", "upper", "week",
    "year",
)  # fmt: skip
"""Names as people write them, for "nearest"."""

_T = exp.DType
TYPES: Final[frozenset[exp.DType]] = frozenset(
    {
        _T.BIGINT, _T.BOOLEAN, _T.CHAR, _T.DATE, _T.DECIMAL, _T.DOUBLE, _T.FLOAT, _T.INT, _T.INT128, _T.INTERVAL,
        _T.SMALLINT, _T.TEXT, _T.TIME, _T.TIMESTAMP, _T.TIMESTAMPNTZ, _T.TIMESTAMPTZ, _T.TINYINT, _T.UUID, _T.VARCHAR,
    }
)  # fmt: skip
"""Types that values may be turned into."""

MAX_TOKENS: Final = 3000
MAX_NESTING: Final = 32
MAX_TABLES: Final = 12
MAX_ROLLUP: Final = 8
"""Groups of ROLLUP; each is one more pass that cannot be stopped in between."""
