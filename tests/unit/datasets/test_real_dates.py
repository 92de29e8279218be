"""Dates, weeks, quarters and moments as people and programs write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend_services.datasets.catalogue import Grain
from tests.factories.datasets import convert
from tests.unit.datasets.test_reading_files import rows, types

SPELLED = {
    "week": (("2024-W01", "2024-W05", "2024W10", "2024-W52"), ("2024-01-01", "2024-01-29", "2024-03-04", "2024-12-23")),
    "quarter": (("2024-Q1", "2024Q2", "2025-Q4"), ("2024-01-01", "2024-04-01", "2025-10-01")),
    "quarter first": (("Q1 2024", "Q2/2024", "Q4 2025"), ("2024-01-01", "2024-04-01", "2025-10-01")),
    "četrtletje": (("1. četrtletje 2024", "4. četrtletje 2025"), ("2024-01-01", "2025-10-01")),
    "month of statistics": (("2024M01", "2024M12"), ("2024-01-01", "2024-12-01")),
    "month of spreadsheets": (("Jan-24", "Dec-25"), ("2024-01-01", "2025-12-01")),
    "day of spreadsheets": (("05-Jan-24", "31-Dec-25"), ("2024-01-05", "2025-12-31")),
    "named month first": (("Jan 1 2000", "Feb 1 2000", "Mar 1 2000"), ("2000-01-01", "2000-02-01", "2000-03-01")),
    "named month second": (("1 Jan 2000", "1 Feb 2000", "2 Mar 2000"), ("2000-01-01", "2000-02-01", "2000-03-02")),
    "weekday": (("Monday, 01 January 2024", "Friday, 05 January 2024"), ("2024-01-01", "2024-01-05")),
    "ponedeljek": (("ponedeljek, 1. januar 2024", "petek, 5. januar 2024"), ("2024-01-01", "2024-01-05")),
    "mail": (("Mon, 01 Jan 2024 08:30:00 GMT", "Fri, 05 Jan 2024 09:00:00 GMT"), ("2024-01-01 08:30:00", "2024-01-05 09:00:00")),  # noqa: E501 - one line an entry
    "dotted time": (("1.1.2024 08.30", "5.1.2024 09.00"), ("2024-01-01 08:30:00", "2024-01-05 09:00:00")),
    "ob": (("1. 1. 2024 ob 8:30", "5. 1. 2024 ob 9:00"), ("2024-01-01 08:30:00", "2024-01-05 09:00:00")),
    "utc": (("2024-01-01 08:30:00 UTC", "2024-01-05 09:00:00 UTC"), ("2024-01-01 08:30:00", "2024-01-05 09:00:00")),
}  # fmt: skip


@pytest.mark.parametrize("case", SPELLED)
def test_spellings(tmp_path: Path, case: str) -> None:
    spelled, expected = SPELLED[case]
    found = convert(tmp_path, "d;n\n" + "".join(f"{value};{n}\n" for n, value in enumerate(spelled)))
    assert tuple(str(row[0]) for row in rows(found)) == expected
    assert found.rejected == 0


@pytest.mark.parametrize(
    ("name", "values", "kind", "first"),
    [
        ("created_at", ("1704067200", "1704153600"), "TIMESTAMP", "2024-01-01 00:00:00"),
        ("timestamp", ("1704067200500", "1704153600000"), "TIMESTAMP", "2024-01-01 00:00:00.500000"),
        ("order_no", ("1704067200", "1704153600"), "BIGINT", "1704067200"),
        ("mesec", ("202401", "202412"), "DATE", "2024-01-01"),
        ("postaja", ("202401", "202412"), "BIGINT", "202401"),
        ("mesec", ("202401", "202413"), "BIGINT", "202401"),
    ],
)
def test_integers_are_dates_only_by_name_and_range(
    tmp_path: Path, name: str, values: tuple[str, ...], kind: str, first: str
) -> None:
    found = convert(tmp_path, f"{name},n\n" + "".join(f"{value},1\n" for value in values))
    assert types(found)[name] == kind
    assert str(rows(found)[0][0]) == first


def test_the_grain_of_spans_is_known(tmp_path: Path) -> None:
    weeks = "".join(f"2024-W{n:02d},2024-Q{n % 4 + 1},2024M{n:02d}\n" for n in range(1, 13))
    profile = convert(tmp_path, "week,quarter,month\n" + weeks).profile
    assert [column.grain for column in profile.columns] == [Grain.WEEK, Grain.QUARTER, Grain.MONTH]


def test_an_impossible_week_is_left_out(tmp_path: Path) -> None:
    found = convert(tmp_path, "w,n\n" + "".join(f"2024-W{n:02d},{n}\n" for n in range(1, 30)) + "2024-W99,1\n")
    assert (types(found)["w"], found.rows, found.rejected) == ("DATE", 29, 1)
