"""How stocks, balances and populations of uploaded tables are proposed to be folded: never added up over time."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend_services.datasets.catalogue import Aggregation, Catalogue, Measure, Text
from backend_services.datasets.consistency import problems
from backend_services.datasets.proposal import propose
from backend_services.datasets.succession import carried_over
from tests.factories.datasets import convert

SNAPSHOTS = "day;warehouse;stock;sold\n" + "\n".join(
    f"2026-0{month}-01;{name};{100 + month};{month}" for month in range(1, 7) for name in ("North", "South", "East")
)
YEARS = "year;country;population\n" + "\n".join(
    f"{year};{name};{year * 10}" for year in range(2001, 2009) for name in ("Austria", "Italy", "Slovenia")
)
ACCOUNTS = "customer name;created;balance eur\n" + "\n".join(
    f"Customer {number};2026-01-{1 + number % 28:02};{number},50" for number in range(1, 60)
)
BOOKINGS = "transaction id;date;balance eur\n" + "\n".join(
    f"T-{number};2026-01-{1 + number // 4:02};{number},50" for number in range(1, 60)
)
PRICES = "day;product;unit price;rating\n" + "\n".join(
    f"2026-0{month}-01;{name};{month},5;{month}" for month in range(1, 7) for name in ("Tea", "Coffee")
)


def proposed(folder: Path, content: str) -> Catalogue:
    made = convert(folder, content.encode())
    return propose(made.columns, made.profile)


def folds(catalogue: Catalogue, field_id: str) -> Aggregation:
    found = catalogue.measure(field_id)
    assert found is not None, [one.id for one in catalogue.measures]
    return found.aggregation


def test_a_stock_over_time_is_that_of_the_last_day(tmp_path: Path) -> None:
    catalogue = proposed(tmp_path, SNAPSHOTS)
    assert folds(catalogue, "stock") is Aggregation.LAST
    assert folds(catalogue, "sold") is Aggregation.SUM
    assert catalogue.default_time == "day"


def test_years_as_numbers_are_a_time_too(tmp_path: Path) -> None:
    catalogue = proposed(tmp_path, YEARS)
    population = catalogue.measure("population")
    assert population is not None
    assert population.aggregation is Aggregation.LAST
    over = catalogue.dimension_over(population)
    assert over is not None
    assert over.id == "year"


def test_one_row_for_each_thing_is_added_up(tmp_path: Path) -> None:
    assert folds(proposed(tmp_path, ACCOUNTS), "balance_eur") is Aggregation.SUM


def test_balances_after_each_booking_are_not_added_up(tmp_path: Path) -> None:
    assert folds(proposed(tmp_path, BOOKINGS), "balance_eur") is Aggregation.AVG


@pytest.mark.parametrize("field_id", ["unit_price", "rating"])
def test_prices_and_ratings_are_averaged(tmp_path: Path, field_id: str) -> None:
    assert folds(proposed(tmp_path, PRICES), field_id) is Aggregation.AVG


def test_a_level_without_a_time_is_told_and_one_over_words_too(tmp_path: Path) -> None:
    made = convert(tmp_path, SNAPSHOTS.encode())
    catalogue = propose(made.columns, made.profile)
    assert not problems(catalogue, made.columns, "en")
    timeless = catalogue.model_copy(update={"default_time": None})
    place = next(place for place, one in enumerate(catalogue.measures) if one.id == "stock")
    assert set(problems(timeless, made.columns, "sl")) == {f"measures.{place}"}
    over = Measure(id="worded", column="stock", aggregation=Aggregation.LAST, label=Text(en="Worded"), over="warehouse")
    worded = catalogue.model_copy(update={"measures": (*catalogue.measures, over)})
    assert set(problems(worded, made.columns, "en")) == {f"measures.{len(catalogue.measures)}"}


def test_a_version_without_the_time_folds_its_level_otherwise(tmp_path: Path) -> None:
    before = convert(tmp_path, SNAPSHOTS.encode())
    current = propose(before.columns, before.profile)
    content = "warehouse;stock;sold\n" + "\n".join(f"W{number};{number};1" for number in range(20))
    after = convert(tmp_path, content.encode())
    fields = [one.model_dump(mode="json") for one in before.columns]
    carried, _ = carried_over(current, propose(after.columns, after.profile), after.columns, before=fields)
    assert folds(carried, "stock") is Aggregation.SUM
    assert not problems(carried, after.columns, "en")
