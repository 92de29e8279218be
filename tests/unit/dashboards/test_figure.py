"""Figures by structure: frame, ticks, marks, order, gaps; and that no colour is ever in one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_services.dashboards.arrangement import OTHER_KEY, arrange
from backend_services.dashboards.figure import build, draw
from backend_services.dashboards.figure.layout import nice_ticks
from backend_services.dashboards.figure.traces import sampled
from backend_services.dashboards.spec import ChartKind, SqlSource, Tile
from backend_services.datasets.catalogue import FieldType, Grain, GroupBy, QueryResult, Sort, SqlQuery
from tests.factories.dashboards import DATASET_ID, answer, column, country, month, query, reading, revenue, tile

COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|\"(fill|line|marker)?color\"|bgcolor|colorscale")
MONTHLY = [["2026-08-01", 100.0], ["2026-09-01", 150.0], ["2026-10-01", 120.0], ["2026-11-01", 60.0]]
BY_MONTH = query("revenue", by=[GroupBy(field="ordered_at", grain=Grain.MONTH)])


def _every_kind() -> Iterator[tuple[ChartKind, QueryResult]]:
    by_country = [["Slovenia", 10.0], ["Croatia", 30.0], ["Italy", 5.0]]
    split = [["2026-09-01", "Slovenia", 1.0], ["2026-09-01", "Croatia", 2.0], ["2026-10-01", "Slovenia", 3.0]]
    pairs = [["Slovenia", 1.0, 2.0], ["Croatia", 2.0, 4.0]]
    yield ChartKind.LINE, answer([month(), revenue()], MONTHLY)
    yield ChartKind.LINE, answer([month(), country(), revenue()], split)
    yield ChartKind.AREA, answer([month(), country(), revenue()], split)
    yield ChartKind.BAR, answer([country(), revenue()], by_country)
    yield ChartKind.BAR, answer([month(), revenue()], MONTHLY)
    yield ChartKind.PIE, answer([country(), revenue()], by_country)
    yield ChartKind.SCATTER, answer([country(), revenue(), column("orders")], pairs)


@pytest.mark.parametrize(("chart", "result"), list(_every_kind()))
@pytest.mark.parametrize("language", ["en", "sl"])
def test_no_figure_names_a_colour_and_each_is_plain_json(chart: ChartKind, result: QueryResult, language: str) -> None:
    drawing = draw(tile(chart), result, reading(language))
    assert drawing is not None
    text = json.dumps([drawing.figure, drawing.phone_layout], allow_nan=False)
    assert COLOUR.search(text) is None
    assert drawing.layout["separators"] == {"en": ".,", "sl": ",."}[language]
    assert drawing.layout["showlegend"] is False
    assert drawing.phone_layout["height"] < drawing.layout["height"]


def test_a_line_has_its_ticks_from_here_and_marks_the_running_month() -> None:
    drawing = draw(tile(ChartKind.LINE, BY_MONTH), answer([month(), revenue()], MONTHLY), reading())
    trace, layout = drawing.data[0], drawing.layout
    assert trace["x"] == ["Aug 2026", "Sept 2026", "Oct 2026", "Nov 2026"]
    assert layout["xaxis"]["ticktext"] == ["Aug 2026", "Sept 2026", "Oct 2026", "Nov 2026 *"]
    assert layout["yaxis"]["ticktext"][0] == "0"
    assert layout["yaxis"]["ticktext"][-1] == "€150"
    assert trace["marker"]["size"] == [0, 0, 0, 9]
    assert trace["marker"]["symbol"][-1] == "star"
    assert trace["customdata"][1] == ["2026-09-01", "€150.00 (+50%)"]
    assert layout["height"] == 286
    assert drawing.phone_layout["height"] == 220
    assert drawing.notes == ("* Nov 2026 is still running: to 22 Nov 2026 14:02.",)


def test_a_missing_month_is_a_gap_and_never_zero() -> None:
    rows = [["2026-06-01", 5.0], ["2026-08-01", 7.0], ["2026-09-01", None]]
    figure = build(tile(ChartKind.LINE, BY_MONTH), answer([month(), revenue()], rows), "en", reading=reading())
    trace = figure["data"][0]
    assert trace["y"] == [5.0, None, 7.0, None]
    assert trace["connectgaps"] is False
    assert trace["marker"]["size"] == [7, 0, 7, 0], "points with no neighbour are dots"


def test_slovenian_ticks_are_slovenian() -> None:
    rows = [["2026-09-01", 208400.0], ["2026-10-01", 1280000.0]]
    figure = build(tile(ChartKind.LINE, BY_MONTH), answer([month(), revenue()], rows), "sl", reading=reading("sl"))
    assert figure["data"][0]["x"] == ["sep. 2026", "okt. 2026"]
    assert "500\u00a0tis.\u00a0€" in figure["layout"]["yaxis"]["ticktext"]
    assert "1\u00a0mio.\u00a0€" in figure["layout"]["yaxis"]["ticktext"]
    assert figure["data"][0]["customdata"][0][1] == "208.400,00\u00a0€"


def test_bars_lie_sorted_with_their_values_and_the_rest_under_other() -> None:
    rows = [[f"Country {n:02}", float(n)] for n in range(1, 21)]
    drawing = draw(tile(ChartKind.BAR), answer([country(), revenue()], rows), reading())
    trace = drawing.data[0]
    assert trace["orientation"] == "h"
    assert trace["x"][:3] == [20.0, 19.0, 18.0]
    assert len(trace["y"]) == 13
    assert trace["y"][-1] == "Other"
    assert trace["x"][-1] == sum(range(1, 9))
    assert trace["customdata"][-1][0] == OTHER_KEY
    assert trace["text"][0] == "€20"
    assert drawing.layout["yaxis"]["autorange"] == "reversed"
    assert drawing.layout["height"] == 300
    assert drawing.notes == ("8 smaller groups are under Other.",)


def test_groups_of_a_mean_are_left_out_because_they_cannot_be_added() -> None:
    mean = column("average_basket")
    rows = [[f"Country {n:02}", float(n)] for n in range(1, 21)]
    drawing = draw(tile(ChartKind.BAR), answer([country(), mean], rows), reading())
    assert len(drawing.data[0]["y"]) == 12
    assert drawing.notes == ("The 12 highest of 20 are shown; the rest cannot be added up.",)


@pytest.mark.parametrize(
    ("sort", "shown"),
    [
        (Sort(field="revenue"), [1.0, 2.0, 3.0]),
        (Sort(field="country"), [20.0, 19.0, 18.0]),
        (Sort(field="country", descending=True), [5.0, 9.0, 7.0]),
    ],
)
def test_bars_stand_in_the_order_that_was_asked_for(sort: Sort, shown: list[float]) -> None:
    rows = [[f"Country {n:02}", value] for n, value in enumerate([*shown, *(float(n) for n in range(40, 50))])]
    asked = query("revenue", by=["country"], sort=(sort,))
    drawing = draw(tile(ChartKind.BAR, asked), answer([country(), revenue()], rows), reading())
    assert drawing.data[0]["x"][:3] == shown
    assert drawing.data[0]["y"][-1] == "Other"
    assert drawing.notes == ("1 further group is under Other.",)
    mean = draw(tile(ChartKind.BAR, asked), answer([country(), column("average_basket")], rows), reading())
    assert mean.notes == ("The first 12 of 13 are shown; the rest cannot be added up.",)


def test_lying_bars_leave_room_for_their_values_on_both_sides() -> None:
    both = draw(tile(ChartKind.BAR), answer([country(), revenue()], [["A", 30.0], ["B", -20.0]]), reading())
    low, high = both.layout["xaxis"]["range"]
    assert low < min(both.layout["xaxis"]["tickvals"])
    assert high > max(both.layout["xaxis"]["tickvals"])
    below = draw(tile(ChartKind.BAR), answer([country(), revenue()], [["A", -30.0], ["B", -20.0]]), reading())
    assert below.layout["xaxis"]["range"][1] == 0


def test_bars_of_free_sql_stand_in_its_own_order() -> None:
    rows = [["Mon", 1.0], ["Tue", 3.0], ["Wed", 2.0]]
    plain = answer([column("day", FieldType.TEXT, "plain"), column("n", role="plain")], rows)
    source = SqlSource(query=SqlQuery(dataset_id=DATASET_ID, sql="SELECT day, n FROM data ORDER\n BY weekday"))
    ordered = Tile(id="one", title="By day", chart=ChartKind.BAR, source=source)
    assert draw(ordered, plain, reading()).data[0]["y"] == ["Mon", "Tue", "Wed"]
    unordered = SqlSource(query=SqlQuery(dataset_id=DATASET_ID, sql="SELECT day, n FROM data"))
    assert draw(ordered.model_copy(update={"source": unordered}), plain, reading()).data[0]["y"] == [
        "Tue",
        "Wed",
        "Mon",
    ]


def test_what_a_chart_cannot_draw_is_said() -> None:
    rows = [["2026-09-01", f"Country {n}", float(n)] for n in range(10)] + [["2026-10-01", "Country 1", 5.0]]
    means = draw(
        tile(ChartKind.LINE, BY_MONTH), answer([month(), country(), column("average_basket")], rows), reading()
    )
    assert "The 7 largest of 10 series are drawn; the rest cannot be added up." in means.notes
    undated = draw(tile(ChartKind.LINE, BY_MONTH), answer([month(), revenue()], [*MONTHLY, [None, 9.0]]), reading())
    assert "Rows without a time are not drawn; the table has them." in undated.notes


def test_a_country_keeps_its_colour_when_others_are_filtered_away() -> None:
    both = [["2026-09-01", "Slovenia", 1.0], ["2026-09-01", "Croatia", 2.0]]
    one = [["2026-09-01", "Croatia", 2.0], ["2026-10-01", "Croatia", 3.0]]
    columns = [month(), country(), revenue()]
    first = build(tile(ChartKind.LINE), answer(columns, both), "en", reading=reading())
    second = build(tile(ChartKind.LINE), answer(columns, one), "en", reading=reading())
    assert [trace.get("name") for trace in first["data"]] == ["Slovenia", "Croatia"]
    assert [trace.get("name") for trace in second["data"]] == [None, "Croatia"]
    assert second["data"][0]["visible"] == "legendonly"


def test_beyond_eight_series_the_smallest_are_other_in_the_quiet_colour() -> None:
    rows = [["2026-09-01", f"C{n:02}", float(n)] for n in range(1, 12)]
    drawing = draw(tile(ChartKind.LINE), answer([month(), country(), revenue()], rows), reading())
    assert len(drawing.legend) == 8
    assert drawing.legend[-1].name == "Other"
    assert drawing.legend[-1].palette == 0
    assert drawing.data[-1]["meta"] == {"role": "compare"}
    assert drawing.data[-1]["y"] == [1.0 + 2.0 + 3.0 + 4.0]
    assert len({entry.dash for entry in drawing.legend}) > 1, "from four series on colour is not alone"


def test_two_to_four_lines_carry_their_names_at_the_ends() -> None:
    rows = [["2026-08-01", "Slovenia", 1.0], ["2026-09-01", "Croatia", 2.0]]
    drawing = draw(tile(ChartKind.LINE), answer([month(), country(), revenue()], rows), reading())
    assert [one["text"] for one in drawing.layout["annotations"]] == ["Slovenia", "Croatia"]
    assert drawing.phone_layout["annotations"] == []
    assert drawing.layout["margin"]["r"] > drawing.phone_layout["margin"]["r"]


def test_texts_of_users_cannot_become_markup() -> None:
    rows = [["<a href='https://example.org'>x</a>", 1.0], ["b & c", 2.0]]
    figure = build(tile(ChartKind.BAR), answer([country(), revenue()], rows), "en", reading=reading())
    trace, layout = figure["data"][0], figure["layout"]
    shown = [
        trace["y"],
        trace["text"],
        trace["name"],
        layout["yaxis"]["ticktext"],
        [one[1] for one in trace["customdata"]],
    ]
    assert "<a" not in json.dumps(shown)
    assert "b &amp; c" in trace["y"]


def test_a_pie_of_too_many_parts_folds_and_of_negative_ones_becomes_bars() -> None:
    many = [[f"C{n}", float(n)] for n in range(1, 10)]
    pie = draw(tile(ChartKind.PIE), answer([country(), revenue()], many), reading())
    assert pie.data[0]["type"] == "pie"
    assert len(pie.data[0]["labels"]) == 6
    assert pie.data[0]["labels"][-1] == "Other"
    bars = draw(tile(ChartKind.PIE), answer([country(), revenue()], [["A", -1.0], ["B", 2.0]]), reading())
    assert bars.data[0]["type"] == "bar"


def test_a_scatter_draws_two_thousand_points_at_most_and_says_so() -> None:
    rows = [[f"P{n}", float(n), float(n % 7)] for n in range(5000)]
    drawing = draw(tile(ChartKind.SCATTER), answer([country(), revenue(), column("orders")], rows), reading())
    assert len(drawing.data[0]["x"]) == 2000
    assert drawing.notes == ("2,000 of 5,000 points are drawn, evenly chosen; the table has all.",)


def test_free_sql_is_read_by_the_types_of_its_columns() -> None:
    plain = [column("day", FieldType.DATE, "plain"), column("n", FieldType.INTEGER, "plain")]
    result = answer(plain, [["2026-09-01", 1], ["2026-09-02", 2]])
    arranged = arrange(tile(ChartKind.LINE), result, reading())
    assert arranged.labels == ("1 Sept 2026", "2 Sept 2026")
    assert arranged.series[0].values == (1.0, 2.0)


def test_numbers_and_tables_have_no_figure() -> None:
    result = answer([revenue()], [[1.0]])
    assert build(tile(ChartKind.NUMBER), result, "en") is None
    assert build(tile(ChartKind.TABLE), result, "en") is None


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12))
def test_ticks_enclose_what_they_measure_and_stay_few(one: float, other: float) -> None:
    low, high = min(one, other), max(one, other)
    ticks = nice_ticks(low, high)
    assert len(ticks) <= 8
    assert list(ticks) == sorted(set(ticks))
    slack = (ticks[-1] - ticks[0]) * 1e-6 + 1e-9
    assert ticks[0] <= low + slack
    assert ticks[-1] >= high - slack


@given(st.integers(0, 100_000))
def test_sampling_spreads_and_never_exceeds(count: int) -> None:
    chosen = sampled(count)
    assert len(chosen) == min(count, 2000)
    assert chosen == sorted(set(chosen))
    assert not chosen or chosen[-1] < count


@given(
    st.lists(
        st.tuples(
            st.text(max_size=12).filter(lambda name: COLOUR.search(name) is None) | st.none(),
            st.floats(allow_nan=False, allow_infinity=False, width=32) | st.none(),
        ),
        max_size=60,
    ),
    st.sampled_from([ChartKind.BAR, ChartKind.PIE, ChartKind.LINE, ChartKind.AREA]),
    st.sampled_from(["en", "sl"]),
)
def test_any_answer_becomes_a_figure_without_colours_or_nothing(
    rows: list[tuple[str | None, float | None]], chart: ChartKind, language: str
) -> None:
    unique = list({key: (key, value) for key, value in rows}.values())
    figure = build(tile(chart), answer([country(), revenue()], unique), language, reading=reading(language))
    assert figure is None or COLOUR.search(json.dumps(figure["layout"], allow_nan=False)) is None


@pytest.mark.parametrize(
    ("months", "buckets", "gaps"),
    [
        (("2025-01", "2025-06", "2025-11", "2026-04"), 4, 0),
        (("2025-01", "2025-06", "2026-04", "2026-09"), 5, 1),
        (("2026-01", "2026-02", "2026-04"), 4, 1),
        (("2026-01", "2026-06"), 6, 4),
    ],
)
def test_only_gaps_of_the_datas_own_spacing_break_a_line(months: tuple[str, ...], buckets: int, gaps: int) -> None:
    result = answer([month(), revenue()], [[f"{one}-01", 1.0] for one in months])
    arranged = arrange(tile(ChartKind.LINE, BY_MONTH), result, reading())
    assert arranged is not None
    assert len(arranged.keys) == buckets
    assert arranged.series[0].values.count(None) == gaps


def test_lying_bars_with_their_value_at_the_end_need_no_axis_and_leave_room_for_it() -> None:
    rows = [["Slovenia", 2_820_000.0], ["Croatia", 30.0]]
    drawing = draw(tile(ChartKind.BAR), answer([country(), revenue()], rows), reading("sl"))
    assert drawing.layout["xaxis"]["showticklabels"] is False
    assert drawing.layout["xaxis"]["range"] == [0.0, 2_820_000.0]
    assert drawing.layout["margin"]["r"] > 7 * len("2,82 mio. €")
    assert drawing.data[0]["constraintext"] == "none"


def test_lying_bars_below_zero_keep_their_axis() -> None:
    rows = [["Slovenia", -20.0], ["Croatia", 30.0]]
    drawing = draw(tile(ChartKind.BAR), answer([country(), revenue()], rows), reading())
    assert drawing.layout["xaxis"].get("showticklabels", True)
    assert drawing.layout["xaxis"]["showgrid"] is True


def test_names_at_the_ends_of_near_lines_are_moved_apart() -> None:
    near = [["2026-09-01", "Slovenia", 100.0], ["2026-09-01", "Croatia", 1.0], ["2026-09-01", "Italy", 1.5]]
    drawing = draw(tile(ChartKind.LINE), answer([month(), country(), revenue()], near), reading())
    shifts = {one["text"]: one.get("yshift", 0) for one in drawing.layout["annotations"]}
    assert shifts["Croatia"] == shifts["Slovenia"] == 0
    assert shifts["Italy"] >= 12
