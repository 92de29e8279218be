"""Stored values as a reader sees them."""

from __future__ import annotations

import pytest

from backend_services.datasets.catalogue import FieldType, ResultColumn, Scalar
from state.datasets.presenting import cell_text

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
