"""Values of the engines as an answer carries them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from backend_services.dashboards.columns import amount
from backend_services.datasets.catalogue import Freshness, QueryResult, ResultColumn
from backend_services.datasets.query.cells import cell_converter
from backend_services.datasets.query.convert import rows_of
from backend_services.datasets.query.errors import ResultTooLargeError

ZONE = ZoneInfo("Europe/Ljubljana")


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (2**53, 2**53),
        (2**53 + 1, "9007199254740993"),
        (-(2**53) - 1, "-9007199254740993"),
        (Decimal("12.50"), 12.5),
        (Decimal(3), 3),
        (Decimal("9007199254740993.50"), "9007199254740993.5"),
        (Decimal("-9007199254740993.00"), "-9007199254740993"),
        (Decimal("1E+20"), "100000000000000000000"),
        (Decimal("NaN"), None),
        (float("nan"), None),
        (float("-inf"), None),
        (True, True),
        (" x ", " x "),
        (date(2024, 2, 29), "2024-02-29"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25T02:30:00+01:00"),
        (b"\x00\xff", "00ff"),
    ],
    ids=str,
)
def test_each_value_is_carried_without_loss(value: Any, cell: Any) -> None:
    assert cell_converter(ZONE)(value) == cell


def test_more_digits_than_a_screen_are_still_written_and_never_drawn() -> None:
    cell = cell_converter(ZONE)(Decimal(10) ** 100_000)
    assert cell == "1" + "0" * 100_000
    assert amount(cell) is None


def test_texts_of_an_answer_keep_their_spaces() -> None:
    fresh = Freshness.model_construct()
    column = ResultColumn(name="city", label="City", type="text")
    result = QueryResult(columns=(column,), rows=((" x ",), ("x",)), sql="", freshness=fresh)
    assert result.rows == ((" x ",), ("x",))


def test_an_answer_of_too_many_texts_is_refused_before_all_of_it_is_here() -> None:
    taken = []

    def rows() -> Any:
        for number in range(100):
            taken.append(number)
            yield ("x" * 10,)

    with pytest.raises(ResultTooLargeError):
        rows_of(rows(), zone=ZONE, max_bytes=25)
    assert taken == [0, 1, 2]
