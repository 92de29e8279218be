"""Every word of a question counts: what the data does not have is refused; extremes are those of rows and prices."""

from __future__ import annotations

import pytest

from backend_services.dashboards.spec import DashboardSpec, MetricSource, Tile
from backend_services.dashboards.validation import problems_of
from backend_services.datasets.catalogue import Sort
from tests.benchmarks.gold import canonical
from tests.unit.builder.test_real_tables import DATASET, index, plan


@pytest.mark.parametrize(
    ("table", "question"),
    [
        ("flights", "cancelled flights by airline"),
        ("flights", "flights per pilot"),
        ("flights", "flights on christmas day"),
        ("cars", "electric cars by origin"),
        ("cars", "price of Japanese cars"),
        ("cars", "električni avti po poreklu"),
        ("tips", "tips by month"),
        ("employment", "layoffs in manufacturing in 2009"),
        ("employment", "ženske v gradbeništvu po letih"),
        ("tips", "napitnine po mesecih"),
        ("tips", "total tips in March 2020"),
        ("tips", "growth of tips"),
        ("cars", "barva avtov po poreklu"),
        ("tips", "how heavy are bills on average"),
        ("cars", "CO2 emissions by number of cylinders"),
        ("cars", "emisije CO2 po številu valjev"),
        ("cars", "which cars have an automatic transmission?"),
        ("cars", "kateri avti imajo avtomatski menjalnik"),
        ("cars", "which cars are electric"),
        ("flights", "baggage fees by distance"),
        ("flights", "how many flights were cancelled"),
        ("cars", "koliko avtov je bilo ukradenih"),
        ("tips", "bills with a dessert"),
        ("tips", "average tip by shoe size"),
        ("stocks", "Acme vs IBM price by year"),
    ],
)
def test_a_word_that_narrows_is_never_left_out(table: str, question: str) -> None:
    made = plan(table, question)
    assert canonical(made) == "!"
    assert made.missing


@pytest.mark.parametrize(
    ("table", "question", "reading"),
    [
        ("flights", "individual flights by airline", "rows by airline"),
        ("flights", "how many airlines fly to MIA", "airline__count_distinct where dest=MIA"),
        ("flights", "average distance per flight by airline", "distance__avg by airline"),
        ("flights", "number of flights by airlien", "rows by airline"),
        ("cars", "cars with horsepower between 100 and 150", "rows of table where horsepower__each between 100/150"),
        ("cars", "average number of cars per year", "rows__per__year__count_distinct"),
        ("tips", "number of bills by day and time", "rows by day, time"),
        ("tips", "tip as a percentage of the bill by day", "tip__per__total_bill by day"),
        ("employment", "share of government in nonfarm", "government__per__nonfarm"),
        ("employment", "how many months had a nonfarm change under -500", "rows where nonfarm_change__each<-500"),
        ("employment", "how many people work in construction", "construction"),
        ("flights", "flihgts by airline", "rows by airline"),
        ("flights", "flights by departure airport", "rows by origin"),
        ("flights", "skupna razdalja po izhodiščnih letališčih", "distance by origin"),
        ("flights", "flights by tail number", "rows by tailnum"),
        ("flights", "longest flight distance by airline", "distance__max by airline"),
        ("flights", "busiest month", "rows by scheduled_departure:month top 1"),
        ("flights", "najpogostejša destinacija", "rows by dest top 1"),
        ("cars", "avg mpg for 4 cylinder cars", "miles_per_gallon where cylinders__each=4"),
        ("cars", "cars lighter than 2000 lbs", "rows of table where weight_in_lbs__each<2000"),
        ("cars", "avti težji od 3000", "rows of table where weight_in_lbs__each>3000"),
        ("cars", "number of cars by origin and cylinders", "rows by origin, cylinders__each"),
        ("cars", "how many cars with more than 4 cylinders by origin", "rows by origin where cylinders__each>4"),
        ("tips", "days with more than 60 bills", "rows by day having rows>60"),
        ("tips", "tips greater than 5", "rows of table where tip__each>5"),
        ("tips", "average tip per bill", "tip__avg"),
        ("tips", "which size has the highest average bill", "total_bill__avg by size__each top 1"),
        ("tips", "total bill of smokers vs non smokers", "total_bill by smoker"),
        ("tips", "povprečna napitnina za večerjo", "tip__avg where time=Dinner"),
        ("employment", "months in which nonfarm change was negative",
         "nonfarm_change by month:month having nonfarm_change<0"),
        ("flights", "how many flights were flown to MIA", "rows where dest=MIA"),
        ("tips", "average tip by party size", "tip__avg by size__each"),
        ("tips", "number of bills by group size", "rows by size__each"),
        ("tips", "povprečna napitnina po velikosti omizja", "tip__avg by size__each"),
        ("stocks", "cena Googla po letih", "price by date:year where symbol=GOOG"),
        ("stocks", "Microsoft vs IBM price by year", "price by date:year, symbol where symbol=MSFT/IBM"),
        ("stocks", "number of prices per symbol", "rows by symbol"),
        ("stocks", "median price of each stock in 2006", "price__median by symbol in 2006-01-01..2007-01-01"),
        ("stocks", "how many months is AAPL above 100", "rows where price__each>100, symbol=AAPL"),
        ("stocks", "last price of each symbol", "price__last by symbol"),
        ("stocks", "zadnja cena vsakega simbola", "price__last by symbol"),
    ],
)  # fmt: skip
def test_the_words_between_are_read(table: str, question: str, reading: str) -> None:
    assert canonical(plan(table, question)) == reading


@pytest.mark.parametrize(
    ("table", "question", "reading"),
    [
        ("stocks", "which symbol had the highest price", "price__max by symbol top 1"),
        ("stocks", "kateri simbol ima najnižjo ceno", "price__min by symbol bottom 1"),
        ("stocks", "which symbol has the highest average price", "price by symbol top 1"),
        ("stocks", "highest stock price", "price__max"),
        ("cars", "how heavy is the heaviest car", "weight_in_lbs__max"),
        ("cars", "how light is the lightest Japanese car", "weight_in_lbs__min where origin=Japan"),
        ("flights", "which airline had the longest air time", "air_time__max by airline top 1"),
        ("employment", "kdaj je bilo gradbeništvo najvišje", "construction by month:month top 1"),
    ],
)
def test_the_highest_price_is_one_price_and_not_a_mean(table: str, question: str, reading: str) -> None:
    assert canonical(plan(table, question)) == reading


@pytest.mark.parametrize(
    ("table", "question", "field", "descending", "limit"),
    [
        ("cars", "which car has the highest mpg", "miles_per_gallon__each", True, 1),
        ("cars", "kateri avto je najtežji", "weight_in_lbs__each", True, 1),
        ("cars", "which 5 cars have the least horsepower", "horsepower__each", False, 5),
        ("flights", "which flight had the longest departure delay", "dep_delay__each", True, 1),
    ],
)
def test_the_largest_of_single_rows_are_those_rows(
    table: str, question: str, field: str, *, descending: bool, limit: int
) -> None:
    (tile,) = plan(table, question).tiles
    assert (tile.query.measures, tile.query.dimensions) == ((), ())
    assert (tile.query.sort, tile.query.limit) == ((Sort(field=field, descending=descending),), limit)
    stored = Tile(id="t", title="t", chart=tile.chart, source=MetricSource(query=tile.query), width=6)
    assert not problems_of(DashboardSpec(title="t", tiles=(stored,)), {DATASET: index(table).catalogue})


@pytest.mark.parametrize("question", ["average amount by sex", "total amount"])
def test_an_amount_that_several_columns_may_be_is_asked_back(question: str) -> None:
    (first, *_) = plan("tips", question).ambiguities
    assert {"total_bill", "tip"} <= {one.field_id for one in first.candidates}


@pytest.mark.parametrize("question", ["how many people work in services", "average services by year"])
def test_a_word_of_several_names_is_asked_back(question: str) -> None:
    (first, *_) = plan("employment", question).ambiguities
    assert {"service_providing", "private_service_providing", "other_services"} <= {
        one.field_id for one in first.candidates
    }
