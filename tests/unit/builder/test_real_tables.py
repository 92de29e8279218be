"""Questions about real tables with the catalogue that is proposed: numbers, growth, the bucket before, values."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest

from backend_services.dashboards.builder import changes, wording
from backend_services.dashboards.builder.calendar_values import names_of
from backend_services.dashboards.builder.plan import Plan, make_plan
from backend_services.dashboards.builder.retrieve import Index, build_index
from backend_services.dashboards.spec import DashboardSpec, MetricSource, Tile
from backend_services.dashboards.validation import problems_of
from backend_services.datasets.catalogue import Derivation, Sort
from backend_services.datasets.proposal import propose
from tests.benchmarks import accuracy
from tests.benchmarks.gold import canonical
from tests.benchmarks.real_tables import TABLES
from tests.factories.datasets import convert

DATASET = UUID("00000000-0000-7000-8000-000000000001")


@cache
def index(table: str) -> Index:
    with TemporaryDirectory() as folder:
        made = convert(Path(folder), TABLES[table].content(), file_name=TABLES[table].file_name)
    return build_index(propose(made.columns, made.profile), TABLES[table].title)


def plan(table: str, question: str) -> Plan:
    return make_plan(question, index(table), DATASET, today=accuracy.TODAY)


@pytest.mark.parametrize(
    ("table", "question", "reading"),
    [
        ("cars", "mean acceleration by cylinders", "acceleration__avg by cylinders__each"),
        ("cars", "average horsepower by origin and number of cylinders", "horsepower__avg by origin, cylinders__each"),
        ("cars", "povprečna teža po številu valjev", "weight_in_lbs by cylinders__each"),
        ("cars", "How many cars have 8 cylinders?", "rows where cylinders__each=8"),
        ("cars", "koliko avtov ima 6 valjev", "rows where cylinders__each=6"),
        ("cars", "average mpg of cars with less than 80 horsepower", "miles_per_gallon where horsepower__each<80"),
        ("cars", "average weight of Japanese cars", "weight_in_lbs where origin=Japan"),
        ("cars", "top 2 origins by horsepower", "horsepower by origin top 2"),
        ("tips", "How many bills were over 30?", "rows where total_bill__each>30"),
        ("tips", "total tips by day", "tip by day"),
        ("tips", "average tip on Saturday", "tip__avg where day=Sat"),
        ("tips", "povprečna napitnina v četrtek", "tip__avg where day=Thur"),
        ("flights", "flights per month", "rows by scheduled_departure:month"),
        ("flights", "average distance by flight number", "distance__avg by flight"),
        ("flights", "flights by flight number", "rows by flight"),
        ("flights", "average distance by flight", "distance__avg by flight"),
        ("flights", "število letov po letalskih družbah", "rows by airline"),
        ("flights", "airlines with more than 300 flights", "rows by airline having rows>300"),
        ("flights", "povprečna zamuda ob prihodu", "arr_delay__avg"),
        ("flights", "longest air time", "air_time__max"),
        ("employment", "construction at the end of each year", "construction__last by month:year"),
        ("employment", "gradbeništvo ob koncu vsakega leta", "construction__last by month:year"),
        ("employment", "average number of employees in construction", "construction__avg"),
    ],
)
def test_readings(table: str, question: str, reading: str) -> None:
    assert canonical(plan(table, question)) == reading


@pytest.mark.parametrize(
    ("table", "question"),
    [
        ("employment", "average wage in construction"),
        ("flights", "how many passengers flew from JFK"),
        ("stocks", "cena TSLA po letih"),
        ("stocks", "price of Acme by year"),
        ("tips", "napitnine po natakarjih"),
    ],
)
def test_what_the_table_does_not_have_is_never_left_out(table: str, question: str) -> None:
    assert canonical(plan(table, question)) == "!"


@pytest.mark.parametrize(
    ("question", "groups", "descending"),
    [
        ("in which year did the average price grow the most", ["date"], True),
        ("katerega leta je povprečna cena najbolj zrasla", ["date"], True),
        ("which symbol's average price grew most", ["date", "symbol"], True),
        ("which symbol's average price fell most", ["date", "symbol"], False),
        ("kateri simbol je najbolj zrasel po povprečni ceni", ["date", "symbol"], True),
    ],
)
def test_what_grew_most_is_ordered_by_its_growth(question: str, groups: list[str], *, descending: bool) -> None:
    made = plan("stocks", question)
    (tile,) = made.tiles
    assert [one.field for one in tile.query.dimensions] == groups
    assert tile.query.sort == (Sort(field="price__growth", descending=descending),)
    assert tile.query.limit == 1
    codes = {one.code for one in made.notes}
    assert "later_growth" not in codes
    assert ("growth_of_steps" in codes) is (len(groups) > 1)
    stored = Tile(id="t", title="t", chart=tile.chart, source=MetricSource(query=tile.query), width=6)
    assert not problems_of(DashboardSpec(title="t", tiles=(stored,)), {DATASET: index("stocks").catalogue})


@pytest.mark.parametrize(
    "question",
    [
        "average price by year compared with the previous year",
        "povprečna cena po letih v primerjavi s prejšnjim letom",
        "average price by year, year over year",
    ],
)
def test_the_bucket_before_stands_beside_each(question: str) -> None:
    (tile,) = plan("stocks", question).tiles
    assert {one.kind for one in tile.query.derived} == {Derivation.PREVIOUS, Derivation.GROWTH}
    assert tile.query.period is None
    for language in ("en", "sl"):
        assert "builder." not in wording.tile_title(tile, index("stocks").catalogue, language)


def test_an_order_by_growth_goes_with_the_measure_that_it_is_about() -> None:
    (tile,) = plan("stocks", "in which year did the average price grow the most").tiles
    assert changes.with_measure(tile.query, 0, "rows").sort == ()


def test_weekdays_and_months_are_known_only_in_columns_of_them() -> None:
    assert ("sobota", "Sat") in names_of(["Sat", "Sun", "Thur", "Fri"])
    assert ("January", "jan.") in names_of(["jan.", "feb."])
    assert names_of(["Sat", "Dinner"]) == []
    assert names_of(["Sun"]) == []
