"""A change between two stretches of time is the figure of the last one, that of the first, and what lies between."""

from __future__ import annotations

import pytest

from backend_services.dashboards.builder import changes, wording
from backend_services.dashboards.spec import ChartKind, DashboardSpec, MetricSource, Tile
from backend_services.dashboards.validation import problems_of
from backend_services.datasets.catalogue import Derivation, Grain
from tests.unit.builder.test_real_tables import DATASET, index, plan

CHANGE = (Derivation.PREVIOUS, Derivation.CHANGE)
GROWTH = (*CHANGE, Derivation.GROWTH)


@pytest.mark.parametrize(
    ("table", "question", "measure", "back"),
    [
        ("employment", "change in employment from 2007 to 2010", "nonfarm", 3),
        ("employment", "how did construction change between 2008 and 2010", "construction", 2),
        ("employment", "change in government between 2006 and 2011", "government", 5),
        ("flights", "how did the number of flights change between January 2013 and June 2013", "rows", 5),
        ("flights", "change in average distance from Q1 2013 to Q3 2013", "distance__avg", 2),
        ("employment", "sprememba gradbeništva med 2008 in 2010", "construction", 2),
        ("employment", "kako se je spremenilo gradbeništvo med letoma 2007 in 2011", "construction", 4),
        ("stocks", "za koliko se je spremenila cena od leta 2004 do leta 2008", "price", 4),
        ("flights", "sprememba števila letov med januarjem in junijem 2013", "rows", 5),
        ("flights", "sprememba števila letov od marca 2013 do maja 2013", "rows", 2),
    ],
)
def test_a_change_is_told_with_both_figures(table: str, question: str, measure: str, back: int) -> None:
    (tile,) = plan(table, question).tiles
    assert tile.query.measures == (measure,)
    assert [(one.kind, one.back) for one in tile.query.derived] == [(kind, back) for kind in CHANGE]
    assert tile.chart is ChartKind.TABLE


@pytest.mark.parametrize(
    ("question", "filtered"),
    [
        ("how much did the price of AAPL grow between 2004 and 2008", True),
        ("growth of the price of IBM from 2004 to 2008", True),
        ("by what percent did the price of MSFT rise from 2004 to 2008", True),
        ("percentage change in price between 2004 and 2008", False),
        ("how much has the price increased from 2004 to 2008", False),
        ("koliko je zrasla cena AAPL med 2004 in 2008", True),
        ("rast cene IBM od 2004 do 2008", True),
        ("za koliko odstotkov je zrasla cena MSFT od 2004 do 2008", True),
        ("za koliko se je povečala cena med letoma 2004 in 2008", False),
        ("porast cene med letoma 2004 in 2008", False),
    ],
)
def test_growth_is_told_in_per_cent_too(question: str, *, filtered: bool) -> None:
    found = plan("stocks", question)
    (tile,) = found.tiles
    assert [(one.kind, one.back) for one in tile.query.derived] == [(kind, 4) for kind in GROWTH]
    assert tile.query.period is not None
    assert (tile.query.period.start, tile.query.period.end) == ("2008-01-01", "2009-01-01")
    assert bool(tile.query.filters) is filtered
    assert found.notes == []


@pytest.mark.parametrize(
    ("table", "question", "groups"),
    [
        ("stocks", "change in price from 2004 to 2008 by symbol", ["date", "symbol"]),
        ("stocks", "growth of the price between 2004 and 2008 per symbol", ["date", "symbol"]),
        ("flights", "how did the number of flights change from Q1 2013 to Q2 2013 by airline",
         ["scheduled_departure", "airline"]),
        ("flights", "change in flights between January 2013 and March 2013 by origin",
         ["scheduled_departure", "origin"]),
        ("flights", "change in average arrival delay from January 2013 to May 2013 by airline",
         ["scheduled_departure", "airline"]),
        ("stocks", "sprememba cene od 2004 do 2008 po simbolih", ["date", "symbol"]),
        ("stocks", "rast cene po simbolih med 2004 in 2008", ["date", "symbol"]),
        ("flights", "sprememba števila letov med januarjem in marcem 2013 po družbah",
         ["scheduled_departure", "airline"]),
        ("flights", "za koliko se je spremenilo število letov od marca 2013 do maja 2013 po družbah",
         ["scheduled_departure", "airline"]),
        ("flights", "sprememba povprečne razdalje od januarja 2013 do maja 2013 po družbah",
         ["scheduled_departure", "airline"]),
    ],
)  # fmt: skip
def test_each_group_has_a_change_of_its_own(table: str, question: str, groups: list[str]) -> None:
    (tile,) = plan(table, question).tiles
    assert [one.field for one in tile.query.dimensions] == groups
    assert {one.kind for one in tile.query.derived} >= set(CHANGE)


@pytest.mark.parametrize(
    "question",
    ["which symbol grew most between 2004 and 2008", "which symbol's average price grew most from 2005 to 2009"],
)
def test_which_grew_most_between_two_years_is_the_one_with_the_highest_growth(question: str) -> None:
    found = plan("stocks", question)
    (tile,) = found.tiles
    assert [(one.field, one.descending) for one in tile.query.sort] == [("price__growth", True)]
    assert (tile.query.limit, found.notes) == (1, [])
    stored = Tile(id="t", title="t", chart=tile.chart, source=MetricSource(query=tile.query), width=6)
    assert not problems_of(DashboardSpec(title="t", tiles=(stored,)), {DATASET: index("stocks").catalogue})


@pytest.mark.parametrize(
    ("question", "grain"),
    [
        ("monthly change in price from 2004 to 2008", Grain.MONTH),
        ("trend of the price from 2004 to 2008", Grain.MONTH),
        ("line chart of the change in price from 2004 to 2008", Grain.MONTH),
        ("gibanje cene od 2004 do 2008", Grain.MONTH),
        ("change in price by year from 2004 to 2008", Grain.YEAR),
    ],
)
def test_a_course_stays_a_course(question: str, grain: Grain) -> None:
    (tile,) = plan("stocks", question).tiles
    assert [one.grain for one in tile.query.dimensions] == [grain]
    assert tile.query.derived == ()
    assert tile.query.period is not None
    assert (tile.query.period.start, tile.query.period.end) == ("2004-01-01", "2009-01-01")


@pytest.mark.parametrize(("language", "title"), [("en", "with the change"), ("sl", "s spremembo")])
def test_the_title_tells_of_the_change(language: str, title: str) -> None:
    (tile,) = plan("employment", "change in employment from 2007 to 2010").tiles
    assert title in wording.tile_title(tile, index("employment").catalogue, language)


def test_another_step_in_time_is_measured_against_the_one_before() -> None:
    (tile,) = plan("employment", "change in employment from 2007 to 2010").tiles
    changed = changes.with_grain(tile.query, 0, Grain.MONTH)
    assert {one.back for one in changed.derived} == {1}
