"""What the planner does beside reading words right: charts, notes, options, invariants."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend_services.dashboards.builder import changes, wording
from backend_services.dashboards.builder.choices import Choices, check, decode
from backend_services.dashboards.builder.draft import Note
from backend_services.dashboards.builder.errors import ChoiceUnknownError
from backend_services.dashboards.builder.normalise import language_of, tokens_of
from backend_services.dashboards.builder.plan import Plan, make_plan
from backend_services.dashboards.builder.retrieve import Candidate, build_index
from backend_services.dashboards.spec import ChartKind, DashboardSpec, MetricSource, Tile
from backend_services.dashboards.validation import problems_of
from backend_services.datasets.catalogue import Grain
from tests.benchmarks import accuracy, gold
from tests.factories.catalogues import CATALOGUES, ORDERS

DATASET = UUID("00000000-0000-7000-8000-000000000001")
INDEXES = accuracy.indexes()


def plan(question: str, table: str = "orders", **pins: Candidate) -> Plan:
    return make_plan(question, INDEXES[table], DATASET, today=accuracy.TODAY, pins=pins)


@pytest.mark.parametrize(
    ("question", "table", "chart"),
    [
        ("net revenue", "orders", ChartKind.NUMBER),
        ("net revenue by month", "orders", ChartKind.LINE),
        ("net revenue by country", "orders", ChartKind.BAR),
        ("net revenue by month as an area chart", "orders", ChartKind.AREA),
        ("orders by status as a pie chart", "orders", ChartKind.PIE),
        ("delež naročil po stanju", "orders", ChartKind.PIE),
        ("čisti prihodki po mesecih kot stolpčni grafikon", "orders", ChartKind.BAR),
        ("net revenue and orders by country as scatter plot", "orders", ChartKind.SCATTER),
        ("net revenue by country as a table", "orders", ChartKind.TABLE),
        ("population by year", "gapminder", ChartKind.LINE),
        ("heat map of net revenue by country and month", "orders", ChartKind.HEATMAP),
        ("toplotni diagram naročil po stanju in mesecih", "orders", ChartKind.HEATMAP),
        ("pivot of net revenue by country and status", "orders", ChartKind.PIVOT),
        ("vrtilna tabela čistih prihodkov po stanju in mesecih", "orders", ChartKind.PIVOT),
        ("distribution of net revenue", "orders", ChartKind.HISTOGRAM),
        ("porazdelitev čistih prihodkov", "orders", ChartKind.HISTOGRAM),
        ("histogram of life expectancy", "gapminder", ChartKind.HISTOGRAM),
        ("map of population by country", "gapminder", ChartKind.MAP),
        ("zemljevid prebivalstva", "gapminder", ChartKind.MAP),
    ],
)
def test_the_chart_fits_the_answer_and_the_wish(question: str, table: str, chart: ChartKind) -> None:
    assert [one.chart for one in plan(question, table).tiles] == [chart]


@pytest.mark.parametrize(
    ("question", "table", "field"),
    [
        ("histogram of order value", "orders", "net_revenue__each"),
        ("distribution of quantity", "orders", "quantity_n"),
    ],
)
def test_a_distribution_counts_the_rows_of_each_bin(question: str, table: str, field: str) -> None:
    (one,) = plan(question, table).tiles
    assert (one.query.measures, [group.field for group in one.query.dimensions]) == (("orders",), [field])
    tile = Tile(id="a", title="A", chart=one.chart, source=MetricSource(query=one.query), series=one.series)
    assert problems_of(DashboardSpec(title="D", tiles=(tile,)), {DATASET: INDEXES[table].catalogue}) == ()


def test_a_pivot_of_the_builder_has_the_time_across() -> None:
    (one,) = plan("pivot of net revenue by month and status").tiles
    assert one.series == "ordered_at"


def test_a_chart_that_cannot_show_the_answer_is_replaced_and_said_so() -> None:
    made = plan("net revenue by country as a pie chart")
    assert made.tiles[0].chart is ChartKind.BAR
    assert "chart_unfit" in {one.code for one in made.notes}


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("running total of the rating by month", "later_running_total"),
        ("net revenue by month with a forecast", "later_forecast"),
    ],
)
def test_what_cannot_be_done_yet_is_said_and_the_rest_is_answered(question: str, code: str) -> None:
    made = plan(question)
    assert made.tiles
    assert code in {one.code for one in made.notes}


@pytest.mark.parametrize(
    ("question", "follows", "chart"),
    [
        ("growth of net revenue by month", "net_revenue__growth", ChartKind.TABLE),
        ("rast čistih prihodkov po mesecih", "net_revenue__growth", ChartKind.TABLE),
        ("running total of orders by month", "orders__running_total", ChartKind.LINE),
        ("kumulativni čisti prihodki po mesecih", "net_revenue__running_total", ChartKind.LINE),
        ("running total of orders by month and country", "orders__running_total", ChartKind.TABLE),
        ("share of net revenue by product", "net_revenue__share", ChartKind.TABLE),
    ],
)
def test_what_follows_from_the_figures_is_computed_and_not_excused(
    question: str, follows: str, chart: ChartKind
) -> None:
    made = plan(question)
    (tile,) = made.tiles
    assert [one.name for one in tile.query.derived] == [follows]
    assert tile.chart is chart
    assert not {one.code for one in made.notes} & {"later_growth", "later_running_total"}


def test_shares_of_few_parts_are_a_pie_and_others_are_of_what_is_shown() -> None:
    (pie,) = plan("share of orders by status").tiles
    assert (pie.chart, pie.query.derived) == (ChartKind.PIE, ())
    (shares,) = plan("share of net revenue by product in Slovenia").tiles
    assert [one.name for one in shares.query.derived] == ["net_revenue__share"]
    assert (shares.query.part, [one.field for one in shares.query.filters]) == ((), ["country"])


def test_a_changed_question_keeps_only_what_still_follows() -> None:
    query = plan("growth of net revenue by month").tiles[0].query
    assert changes.with_measure(query, 0, "orders").derived == ()
    assert changes.with_dimension(query, CATALOGUES["orders"], 0, "").derived == ()
    assert changes.with_grain(query, 0, Grain.YEAR).derived == query.derived


def test_an_overview_is_numbers_a_trend_and_breakdowns() -> None:
    made = plan("overview of net revenue in 2025")
    charts = [one.chart for one in made.tiles]
    assert charts.count(ChartKind.NUMBER) == 3
    assert ChartKind.LINE in charts
    assert charts.count(ChartKind.BAR) == 2
    assert {one.query.period for one in made.tiles} == {made.tiles[0].query.period}
    assert made.tiles[0].query.period is not None


def test_no_word_of_the_name_of_a_table_is_a_value_in_an_overview_of_it() -> None:
    index = build_index(INDEXES["orders"].catalogue, "Germany: orders paid")
    made = make_plan("overview of Germany: orders paid", index, DATASET, today=accuracy.TODAY)
    assert len(made.tiles) > 1
    assert not any(tile.query.filters for tile in made.tiles)
    asked = make_plan("overview of orders in Germany", index, DATASET, today=accuracy.TODAY)
    assert all(tile.query.filters for tile in asked.tiles)


def test_a_pinned_reading_settles_an_ambiguous_word() -> None:
    asked = plan("revenue by country")
    assert {one.field_id for one in asked.ambiguities[0].candidates} == {"net_revenue", "gross_revenue"}
    settled = plan("revenue by country", revenue=Candidate("measure", "gross_revenue", 1.0, via="person"))
    assert not settled.ambiguities
    assert settled.tiles[0].query.measures == ("gross_revenue",)


def test_choices_survive_as_text_and_foreign_ones_are_refused() -> None:
    choices = Choices(DATASET).with_pin("revenue", Candidate("measure", "net_revenue", 1.0, via="person"))
    assert decode(choices.encoded()) == choices
    check(choices, ORDERS, "Revenue by country")
    for wrong in ("nonsense", "dataset=12", "pin=a", "pin=revenue%0Ameasure%0Asecret"):
        with pytest.raises(ChoiceUnknownError):
            decode(wrong)
    foreign = Choices().with_pin("revenue", Candidate("measure", "salaries", 1.0))
    with pytest.raises(ChoiceUnknownError):
        check(foreign, ORDERS, "revenue by country")


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("število naročil po mesecih", "sl"),
        ("stevilo narocil po mesecih", "sl"),
        ("orders by month", "en"),
        ("SUM", "en"),
    ],
)
def test_the_language_is_recognised(question: str, language: str) -> None:
    assert language_of(question) == language


def test_titles_and_chips_speak_the_language() -> None:
    made = plan("top 5 cities by net revenue in 2025 not Germany")
    tile = made.tiles[0]
    assert wording.tile_title(tile, ORDERS, "en") == "Net revenue by city: highest 5, without Germany, 2025"
    assert wording.tile_title(tile, ORDERS, "sl") == "Čisti prihodki po mestih: najvišje 5, brez Germany, 2025"
    chips = wording.chips(tile, ORDERS, dataset_name="Orders", language="sl")
    assert {"dataset", "measure", "dimension", "filter", "period", "limit", "chart"} == {one.slot for one in chips}


def test_every_note_has_its_text_in_both_languages() -> None:
    codes = [
        *("chart_unfit", "default_measure", "left_out", "no_time", "second_period"),
        *("top_over_time", "year_assumed", "empty", "truncated", "row_rules", "share_in_pie", "model_chose"),
    ]
    params = {"words": "x", "chart": "pie", "start": "2026-01-01", "n": "3"}
    for code in codes:
        for language in ("en", "sl"):
            said = wording.note_text(Note(code, tuple(params.items())), language)
            assert "{" not in said
            assert said


WORDS = sorted(
    {
        token.text
        for language in accuracy.LANGUAGES
        for one in accuracy.ask_all(language)
        for token in tokens_of(one.question)
    }
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=14), st.sampled_from(sorted(CATALOGUES)))
def test_no_question_whatever_makes_a_query_outside_the_catalogue(words: list[str], table: str) -> None:
    made = make_plan(" ".join(words), INDEXES[table], DATASET, today=date(2026, 11, 22))
    catalogue = CATALOGUES[table]
    for number, one in enumerate(made.tiles):
        tile = Tile(
            id=f"t{number}", title="x", chart=one.chart, source=MetricSource(query=one.query), series=one.series
        )
        spec = DashboardSpec(title="x", tiles=(tile,))
        assert not problems_of(spec, {DATASET: catalogue}), (words, one.query)
        assert all(catalogue.measure(field_id) is not None for field_id in one.query.measures)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=120))
def test_any_text_at_all_is_answered_without_an_error(text: str) -> None:
    plan(text)


@pytest.mark.parametrize(
    ("question", "periods", "note"),
    [
        ("net revenue q2 vs q1", "2026-01-01..2026-07-01", False),
        ("net revenue q2 2026 vs q2 2025", "2025-04-01..2026-07-01", True),
        ("primerjaj letos in lani po čistih prihodkih", "trailing year", False),
    ],
)
def test_two_periods_are_shown_beside_each_other(question: str, periods: str, note: bool) -> None:  # noqa: FBT001
    found = plan(question)
    line = gold.canonical(found)
    assert line.endswith(f"in {periods}")
    assert line.startswith("net_revenue by ordered_at:")
    assert {one.code for one in found.notes}.isdisjoint({"second_period", "later_comparison"})
    assert ("periods_between" in {one.code for one in found.notes}) is note


def test_a_rate_of_something_that_is_not_there_is_refused() -> None:
    assert gold.canonical(plan("occupancy rate by country")) == "!"
    assert gold.canonical(plan("minibar sales by country")) == "!"
