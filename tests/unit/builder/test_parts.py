"""A share of the rows that meet conditions: what the part is, what narrows the whole, what is shown."""

from __future__ import annotations

import pytest

from backend_services.dashboards.builder import changes, wording
from backend_services.dashboards.spec import ChartKind, DashboardSpec, MetricSource, Tile
from backend_services.dashboards.validation import problems_of
from backend_services.datasets.catalogue import Derivation, Derived, Sort
from tests.benchmarks.gold import canonical
from tests.unit.builder.test_real_tables import DATASET, index, plan


@pytest.mark.parametrize(
    ("table", "question", "reading"),
    [
        ("tips", "what percent of bills are above 25", "rows share total_bill__each>25"),
        ("tips", "kolikšen odstotek računov je nad 25", "rows share total_bill__each>25"),
        ("tips", "share of bills over 30 by sex", "rows by sex share total_bill__each>30"),
        ("tips", "what share of bills are from smokers", "rows share smoker=True"),
        ("tips", "share of smokers on Sunday", "rows share smoker=True where day=Sun"),
        ("tips", "delež kadilcev v nedeljo", "rows share smoker=True where day=Sun"),
        ("tips", "share of smokers among women", "rows share smoker=True where sex=Female"),
        ("tips", "kolikšen delež napitnin je od kadilcev", "tip share smoker=True"),
        ("flights", "share of flights from JFK", "rows share origin=JFK"),
        ("flights", "delež letov z JFK po letalskih družbah", "rows by airline share origin=JFK"),
        ("flights", "share of flights not from JFK", "rows share origin!=JFK"),
        ("flights", "what percent of flights from JFK go to MIA", "rows share dest=MIA where origin=JFK"),
        ("flights", "what share of flights had an arrival delay over 15", "rows share arr_delay__each>15"),
        ("flights", "what percent of flights landed on time by origin", "rows by origin share arr_delay__each<=0"),
        ("flights", "delež letov, ki so odleteli z zamudo", "rows share dep_delay__each>0"),
        ("flights", "share of late flights by carrier", "? arr_delay, dep_delay"),
        ("flights", "kolikšen delež letov zamuja več kot 15 minut", "? arr_delay, dep_delay"),
        ("cars", "what share of Japanese cars have more than 4 cylinders",
         "rows share cylinders__each>4 where origin=Japan"),
        ("cars", "share of American cars by year", "rows by year:year share origin=USA"),
        ("employment", "share of months in which nonfarm change was negative", "rows share nonfarm_change__each<0"),
        ("stocks", "what percent of AAPL prices are above 100", "rows share price__each>100 where symbol=AAPL"),
    ],
)  # fmt: skip
def test_the_conditions_of_a_share_tell_its_part(table: str, question: str, reading: str) -> None:
    assert canonical(plan(table, question)) == reading


@pytest.mark.parametrize(
    ("table", "question", "reading"),
    [
        ("flights", "number of flights that landed late by airline", "rows by airline where arr_delay__each>0"),
        ("flights", "koliko letov je pristalo pravočasno", "rows where arr_delay__each<=0"),
        ("flights", "flights that departed early by origin", "rows by origin where dep_delay__each<0"),
        ("flights", "average arrival delay of late flights", "arr_delay__avg where arr_delay__each>0"),
        ("tips", "total of bills over 30 by sex", "total_bill by sex where total_bill__each>30"),
        ("tips", "days with more than 60 bills in total", "rows by day having rows>60"),
    ],
)
def test_late_and_on_time_compare_the_delay_of_each_row(table: str, question: str, reading: str) -> None:
    assert canonical(plan(table, question)) == reading


def test_what_stands_behind_the_groups_narrows_the_whole() -> None:
    (tile,) = plan("flights", "share of flights by airline from JFK").tiles
    assert (tile.query.part, [one.field for one in tile.query.filters]) == ((), ["origin"])
    assert tile.query.derived == (Derived(kind=Derivation.SHARE, of="rows"),)


def test_a_part_of_an_average_is_none_and_a_note_says_so() -> None:
    made = plan("tips", "share of average tip of smokers")
    assert "share_of_filter" in {note.code for note in made.notes}
    assert made.tiles[0].query.part == ()


@pytest.mark.parametrize(
    ("question", "chart", "sort"),
    [
        ("share of flights from JFK", ChartKind.NUMBER, ()),
        ("share of flights from JFK by airline", ChartKind.BAR, (Sort(field="rows__part", descending=True),)),
        ("share of flights from JFK by month", ChartKind.LINE, (Sort(field="scheduled_departure"),)),
        ("which airline has the highest share of flights from JFK", ChartKind.TABLE,
         (Sort(field="rows__part", descending=True),)),
    ],
)  # fmt: skip
def test_the_figure_shows_the_part_and_is_ordered_by_it(
    question: str, chart: ChartKind, sort: tuple[Sort, ...]
) -> None:
    (tile,) = plan("flights", question).tiles
    assert (tile.chart, tile.query.sort) == (chart, sort)
    assert [one.name for one in tile.query.derived] == ["rows__part"]
    stored = Tile(id="t", title="t", chart=tile.chart, source=MetricSource(query=tile.query), width=6)
    assert not problems_of(DashboardSpec(title="t", tiles=(stored,)), {DATASET: index("flights").catalogue})


def test_title_and_chips_say_what_it_is_a_share_of() -> None:
    (tile,) = plan("tips", "share of bills over 30 by sex").tiles
    catalogue = index("tips").catalogue
    assert wording.tile_title(tile, catalogue, "en") == "Share of rows: total bill over 30 by sex"
    chips = wording.chips(tile, catalogue, dataset_name="Tips", language="sl")
    (chip,) = [one for one in chips if one.slot == "part"]
    assert (chip.label, chip.field) == ("Delež", "total_bill__each")


def test_a_changed_figure_keeps_its_part() -> None:
    (tile,) = plan("tips", "share of bills over 30 by sex").tiles
    catalogue, query = index("tips").catalogue, tile.query
    money = changes.with_measure(query, 0, "total_bill")
    assert money.derived == (Derived(kind=Derivation.PART, of="total_bill"),)
    assert (money.part, money.sort) == (query.part, (Sort(field="total_bill__part", descending=True),))
    whole = changes.with_dimension(query, catalogue, 0, "")
    assert (whole.derived, whole.part, whole.dimensions) == (query.derived, query.part, ())
