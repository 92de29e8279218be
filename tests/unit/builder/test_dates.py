"""Stretches of time in questions."""

from __future__ import annotations

from datetime import date

import pytest

from backend_services.dashboards.builder import dates
from backend_services.dashboards.builder.normalise import tokens_of
from tests.benchmarks.gold import _period

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("last quarter", "previous quarter"),
        ("this year", "this year"),
        ("since the beginning of the year", "to_date year"),
        ("od začetka meseca", "to_date month"),
        ("zadnjega pol leta", "last 6 month"),
        ("March last year", "2025-03-01..2025-04-01"),
        ("drugi kvartal lani", "2025-04-01..2025-07-01"),
        ("prvi in drugi kvartal letos", "2026-01-01..2026-07-01"),
        ("since March", "2026-03-01.."),
        ("since December", "2025-12-01.."),
        ("in 2025", "2025-01-01..2026-01-01"),
        ("Q2 2025", "2025-04-01..2025-07-01"),
        ("second quarter of 2025", "2025-04-01..2025-07-01"),
        ("between 2010 and 2014", "2010-01-01..2015-01-01"),
        ("from 1.3.2025 to 5.4.2025", "2025-03-01..2025-04-06"),
        ("2025-03-01", "2025-03-01..2025-03-02"),
        ("15 March 2025", "2025-03-15..2025-03-16"),
        ("before 2015", "..2015-01-01"),
        ("past 30 days", "last 30 day"),
        ("the last six months", "last 6 month"),
        ("year to date", "to_date year"),
        ("2024 and 2025", "2024-01-01..2026-01-01"),
        ("lani", "previous year"),
        ("letos", "this year"),
        ("prejšnji mesec", "previous month"),
        ("v prejšnjem tednu", "previous week"),
        ("zadnjih 6 mesecev", "last 6 month"),
        ("zadnja dva tedna", "last 2 week"),
        ("od marca", "2026-03-01.."),
        ("od marca do junija 2025", "2025-03-01..2025-07-01"),
        ("od novembra 2024 do februarja 2025", "2024-11-01..2025-03-01"),
        ("v drugem četrtletju 2025", "2025-04-01..2025-07-01"),
        ("med letoma 2010 in 2014", "2010-01-01..2015-01-01"),
        ("do maja 2025", "..2025-06-01"),
        ("včeraj", "previous day"),
        ("danes", "this day"),
    ],
)
def test_a_stretch_of_time_is_read(words: str, expected: str) -> None:
    found = dates.find(tokens_of(words), TODAY)
    assert [_period(one.period) for one in found] == [expected]


@pytest.mark.parametrize(
    "words", ["more than 2000 orders", "top 5", "it may rain", "31.2.2025", "nad 2020", "99 March 2025x"]
)
def test_other_numbers_and_words_are_no_dates(words: str) -> None:
    found = dates.find(tokens_of(words), TODAY)
    assert not [one for one in found if one.period.start and one.period.start.startswith(("2000", "2020"))]
    assert not [one for one in found if "may" in words or "top" in words or "31.2" in words]


def test_a_year_that_was_not_said_is_marked_as_assumed() -> None:
    (found,) = dates.find(tokens_of("since March"), TODAY)
    assert found.assumed
