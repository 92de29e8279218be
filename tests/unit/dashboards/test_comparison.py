"""The period before beside a line: which bucket lies beside which, in the figure and in the table."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from backend_services.dashboards import periods
from backend_services.dashboards.arrangement import arrange
from backend_services.dashboards.comparison import Earlier, beside_earlier
from backend_services.dashboards.spec import ChartKind
from backend_services.datasets.catalogue import FieldType, Grain, QueryResult, RelativePeriod
from tests.factories.dashboards import answer, column, reading, revenue, tile


def _answer(grain: Grain, rows: list[list[Any]]) -> QueryResult:
    return answer([column("ordered_at", FieldType.DATE, "dimension", grain=grain), revenue()], rows)


def _beside(
    shown: QueryResult, before: QueryResult, period: RelativePeriod, at: datetime
) -> tuple[Earlier | None, QueryResult]:
    read, one = reading(at=at), tile(ChartKind.LINE, compare=True)
    earlier, arranged = periods.before(period, at), arrange(one, shown, read)
    assert earlier is not None
    assert arranged is not None
    found = beside_earlier(one, arranged, before, (period, earlier), read)
    return found, shown if found is None else found.in_table(shown, arranged)


AT = datetime(2024, 12, 5, 9)  # noqa: DTZ001 - the reader's wall-clock time
YEAR = RelativePeriod(kind="between", start="2024-01-01", end="2025-01-01")


def test_days_of_a_leap_year_lie_beside_the_same_days_of_the_calendar() -> None:
    days = [["2024-02-28", 1.0], ["2024-02-29", 2.0], ["2024-03-01", 3.0], ["2024-12-31", 4.0]]
    before = [["2023-02-28", 10.0], ["2023-03-01", 30.0], ["2023-12-31", 40.0]]
    found, table = _beside(_answer(Grain.DAY, days), _answer(Grain.DAY, before), YEAR, AT)
    assert found is not None
    assert table.rows == (
        ("2024-02-28", 1.0, 10.0),
        ("2024-02-29", 2.0, None),
        ("2024-03-01", 3.0, 30.0),
        ("2024-12-31", 4.0, 40.0),
    )
    assert [one.name for one in table.columns] == ["ordered_at", "revenue", "revenue__before"]
    assert table.columns[-1].label == "Period before"


def test_days_of_a_month_lie_beside_those_of_the_month_before_and_its_last_days_beside_none() -> None:
    march = RelativePeriod(kind="between", start="2024-03-01", end="2024-04-01")
    days = [["2024-03-01", 1.0], ["2024-03-29", 2.0], ["2024-03-30", 3.0]]
    before = [["2024-02-01", 10.0], ["2024-02-29", 20.0], ["2024-01-31", 99.0]]
    _, table = _beside(_answer(Grain.DAY, days), _answer(Grain.DAY, before), march, AT)
    assert [row[2] for row in table.rows] == [10.0, 20.0, None]


def test_months_of_a_leap_year_lie_beside_their_namesakes() -> None:
    months = [[f"2024-{one:02}-01", float(one)] for one in range(1, 13)]
    before = [[f"2023-{one:02}-01", 10.0 * one] for one in range(1, 13)]
    _, table = _beside(_answer(Grain.MONTH, months), _answer(Grain.MONTH, before), YEAR, AT)
    assert all(row[2] == 10.0 * float(row[1] or 0) for row in table.rows)


def test_a_bucket_that_only_the_period_before_fills_has_a_row_and_rows_without_a_time_come_last() -> None:
    months: list[list[Any]] = [[None, 7.0], ["2024-01-01", 1.0], ["2024-02-01", 2.0], ["2024-04-01", 4.0]]
    before = [["2023-03-01", 30.0]]
    _, table = _beside(_answer(Grain.MONTH, months), _answer(Grain.MONTH, before), YEAR, AT)
    assert [(row[0], row[2]) for row in table.rows] == [
        ("2024-01-01", None), ("2024-02-01", None), ("2024-03-01T00:00:00", 30.0), ("2024-04-01", None), (None, None),
    ]  # fmt: skip


def test_nothing_before_is_nothing_beside() -> None:
    found, _ = _beside(_answer(Grain.MONTH, [["2024-01-01", 1.0]]), _answer(Grain.MONTH, []), YEAR, AT)
    assert found is None


@pytest.mark.parametrize(
    ("start", "end", "before"),
    [
        ("2024-01-01", "2025-01-01", "2023-01-01"),
        ("2023-01-01", "2024-01-01", "2022-01-01"),
        ("2024-02-01", "2024-03-01", "2024-01-01"),
        ("2024-03-01", "2024-04-01", "2024-02-01"),
        ("2024-03-05", "2024-03-10", "2024-02-29"),
    ],
)
def test_whole_months_are_compared_with_as_many_months(start: str, end: str, before: str) -> None:
    earlier = periods.before(RelativePeriod(kind="between", start=start, end=end), AT)
    assert earlier is not None
    assert (earlier.start, earlier.end) == (before, start)
