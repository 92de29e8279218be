"""Profiles, catalogues and versions as rows of texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from backend_services.dashboards import formats
from backend_services.dashboards.columns import amount
from backend_services.datasets.catalogue import Catalogue, FieldType, Scalar
from backend_services.datasets.schemas import ColumnProfile, Profile, VersionView
from backend_services.kernel.actor import Actor
from backend_services.kernel.i18n import format_number, format_percent, text
from backend_services.kernel.pagination import Page
from state.wording import DASH, count, size, when

BARS = 10
DECIMALS_ALIGNED = 4
SHARE_SAID = 0.005
"""The least share of rows that is worth a percentage."""
NAMING = frozenset({"code", "id", "key", "leto", "number", "year", "zip"})
"""Last words of columns whose whole numbers name something instead of counting it."""


class _Column(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def type(self) -> FieldType: ...


def row_texts(rows: Sequence[Sequence[Scalar | None]], columns: Sequence[_Column], language: str) -> list[list[str]]:
    """Return rows as they lie in a table, by the type of their columns; a missing value is empty."""
    texts = [[cell_text(value, column, language) for value, column in zip(row, columns, strict=True)] for row in rows]
    for index, column in enumerate(columns):
        if column.type is FieldType.DECIMAL:
            _align(texts, index, "," if language == "sl" else ".")
    return texts


def _align(texts: list[list[str]], index: int, mark: str) -> None:
    """Give the numbers of a column the same decimals, unless some have so many that zeros would only be noise."""
    lengths = [len(row[index].rpartition(mark)[2]) if mark in row[index] else 0 for row in texts]
    most = max(lengths, default=0)
    if not 0 < most <= DECIMALS_ALIGNED:
        return
    for row, length in zip(texts, lengths, strict=True):
        if row[index] and length < most and "e" not in row[index]:
            row[index] += ("" if length else mark) + "0" * (most - length)


def cell_text(value: Scalar | None, column: _Column, language: str) -> str:
    """Return a stored value as the reader writes it; numbers that only name something are not grouped."""
    if value is None:
        return ""
    if column.type.is_number and (number := amount(value)) is not None:
        names = column.type is FieldType.INTEGER and column.name.lower().rsplit("_", 1)[-1] in NAMING
        # A text is a whole number beyond what a float holds exactly: it stays as it is.
        plain = value if isinstance(value, int) and not isinstance(value, bool) else number
        return value if isinstance(value, str) else formats.stored(plain, language, grouped=not names)
    if column.type.is_time and (at := formats.moment(value)) is not None:
        day = formats.day(at.date(), language)
        time = "" if column.type is FieldType.DATE else f" {at:%H:%M:%S}" if at.second else f" {at:%H:%M}"
        return day + time
    if isinstance(value, bool):
        return text("ui.yes" if value else "ui.no", language)
    return str(value)


def profile_rows(profile: Profile, language: str) -> list[dict[str, Any]]:
    """Return one row for each column: type, missing, distinct, spread, range."""
    return [
        {
            "id": column.name,
            "name": column.name,
            "type": text(f"datasets.type.{column.type.value}", language),
            "missing": format_percent(column.null_share, language),
            "distinct": ("" if column.distinct_exact else "≈ ") + format_number(column.distinct, language),
            "bars": bars(column),
            "range": range_of(column, profile.rows, language),
        }
        for column in profile.columns
    ]


def bars(column: ColumnProfile) -> list[str]:
    """Return the heights (CSS) of the most frequent values' bars; empty where values hardly repeat."""
    most = max((one.rows for one in column.top[:BARS]), default=0)
    return [f"{max(6, round(one.rows / most * 100))}%" for one in column.top[:BARS]] if most else []


def range_of(column: ColumnProfile, rows: int, language: str) -> str:
    """Return what the values span: least to greatest, or the most frequent with their share."""
    if column.minimum is not None and column.maximum is not None:
        return f"{_end(column.minimum, column, language)} {DASH} {_end(column.maximum, column, language)}"
    if column.top and rows and column.top[0].rows / rows < SHARE_SAID:
        return ", ".join(one.value for one in column.top[:2])
    if column.top and rows:
        return ", ".join(
            f"{one.value} {format_percent(one.rows / rows, language, decimals=0)}" for one in column.top[:2]
        )
    return ", ".join(column.examples[:2])


def _end(written: str, column: ColumnProfile, language: str) -> str:
    """Return the least or greatest value, which profiles keep as text, as the rows show it."""
    value = amount(written) if column.type.is_number else None
    return cell_text(written if value is None else value, column, language)


def catalogue_rows(catalogue: Catalogue, language: str) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Return the measures and the dimensions as rows."""
    measures = [
        {
            "id": one.id,
            "label": one.label.in_language(language),
            "how": text(f"datasets.aggregation.{one.aggregation.value}", language),
            "column": one.column or "",
            "unit": formats.unit_word(one.unit.code, language)
            or text(f"catalogue.unit.{one.unit.kind.value}", language),
            "words": ", ".join(one.synonyms.en + one.synonyms.sl),
            "hidden": "yes" if one.hidden else "",
            "english": one.label.en,
            "slovenian": one.label.sl,
        }
        for one in catalogue.measures
    ]
    dimensions = [
        {
            "id": one.id,
            "label": one.label.in_language(language),
            "type": text(f"datasets.type.{one.type.value}", language),
            "column": one.column,
            "words": ", ".join(one.synonyms.en + one.synonyms.sl),
            "hidden": "yes" if one.hidden else "",
            "english": one.label.en,
            "slovenian": one.label.sl,
        }
        for one in catalogue.dimensions
    ]
    return measures, dimensions


def version_rows(page: Page[VersionView], actor: Actor) -> list[dict[str, Any]]:
    """Return the stored versions as rows."""
    language = actor.language
    return [
        {
            "id": str(one.number),
            "number": count(one.number, language),
            "rows": DASH if one.rows is None else count(one.rows, language),
            "rejected": DASH if one.rejected is None else count(one.rejected, language),
            "columns": count(one.columns, language),
            "size": DASH if one.size_bytes is None else size(one.size_bytes, language),
            "source": one.source,
            "changes": ", ".join(f"{text(f'datasets.change.{c.kind}', language)} {c.name}" for c in one.changes),
            "created": when(one.created_at, actor),
        }
        for one in page.items
    ]
