"""Stored values as a reader sees them."""

from __future__ import annotations

import pytest

from backend_services.datasets.catalogue import FieldType, ResultColumn, Scalar
from backend_services.datasets.schemas import ColumnProfile, ValueCount
from state.datasets.presenting import cell_text, range_of, row_texts

CASES: tuple[tuple[Scalar | None, FieldType, str, str], ...] = (
    (41.76300000000001, FieldType.DECIMAL, "41.763", "41,763"),
    (-1234.5, FieldType.DECIMAL, "\N{MINUS SIGN}1,234.5", "\N{MINUS SIGN}1.234,5"),
    (2.5e-9, FieldType.DECIMAL, "2.5e-09", "2,5e-09"),
    (1e300, FieldType.DECIMAL, "1e+300", "1e+300"),
    (8_425_333, FieldType.INTEGER, "8,425,333", "8.425.333"),
    ("9007199254740993", FieldType.INTEGER, "9007199254740993", "9007199254740993"),
    ("2026-11-30", FieldType.DATE, "30 Nov 2026", "30. 11. 2026"),
    ("2026-11-30T14:02:00", FieldType.DATETIME, "30 Nov 2026 14:02", "30. 11. 2026 14:02"),
    ("2026-11-30T14:02:09.5", FieldType.DATETIME, "30 Nov 2026 14:02:09", "30. 11. 2026 14:02:09"),
    (True, FieldType.BOOLEAN, "yes", "da"),
    (None, FieldType.DECIMAL, "", ""),
    ("1.50", FieldType.TEXT, "1.50", "1.50"),
)


@pytest.mark.parametrize(("value", "kind", "english", "slovenian"), CASES)
def test_a_cell_is_written_in_the_readers_language(
    value: Scalar | None, kind: FieldType, english: str, slovenian: str
) -> None:
    column = ResultColumn(name="value", label="Value", type=kind, role="dimension")
    assert cell_text(value, column, "en").lower() == english.lower()
    assert cell_text(value, column, "sl").lower() == slovenian.lower()


@pytest.mark.parametrize("name", ["year", "order_id", "Postal_Code"])
def test_whole_numbers_that_name_something_are_not_grouped(name: str) -> None:
    column = ResultColumn(name=name, label=name, type=FieldType.INTEGER, role="dimension")
    assert cell_text(1952, column, "sl") == "1952"


def test_numbers_of_a_column_have_the_same_decimals() -> None:
    column = ResultColumn(name="value", label="Value", type=FieldType.DECIMAL, role="dimension")
    assert row_texts([[7044.3], [1082.77], [None], [5.0]], [column], "sl") == [
        ["7.044,30"],
        ["1.082,77"],
        [""],
        ["5,00"],
    ]
    assert row_texts([[0.123456], [1.5]], [column], "en") == [["0.123456"], ["1.5"]]


def test_ranges_are_written_in_the_readers_language() -> None:
    days = ColumnProfile(
        name="d", type=FieldType.DATE, nulls=0, null_share=0, distinct=2, minimum="2024-01-01", maximum="2025-12-28"
    )
    amounts = ColumnProfile(
        name="a", type=FieldType.DECIMAL, nulls=0, null_share=0, distinct=2, minimum="4.18", maximum="8999.14"
    )
    assert range_of(days, 10, "sl") == "1. 1. 2024 \N{EN DASH} 28. 12. 2025"
    assert range_of(amounts, 10, "sl") == "4,18 \N{EN DASH} 8.999,14"


def test_values_that_hardly_repeat_have_no_share() -> None:
    top = (ValueCount(value="a@example.com", rows=1), ValueCount(value="b@example.com", rows=1))
    column = ColumnProfile(name="e", type=FieldType.TEXT, nulls=0, null_share=0, distinct=900, top=top)
    assert range_of(column, 1000, "en") == "a@example.com, b@example.com"
