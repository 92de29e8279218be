"""Heat maps, histograms, maps, pivot tables and texts: what is drawn is what the answer says."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_services.dashboards import formats, pivot, places, prose
from backend_services.dashboards.arrangement import Axis, arrange
from backend_services.dashboards.figure import draw
from backend_services.dashboards.figure.maps import box_of
from backend_services.dashboards.finding import finding, of_pivot
from backend_services.dashboards.presentation import table_view, with_both_edges
from backend_services.dashboards.rendering.charts import can_draw
from backend_services.dashboards.spec import ChartKind, DashboardSpec, MetricSource, TextSource, Tile
from backend_services.dashboards.validation import problems_of
from backend_services.datasets.catalogue import Derivation, Derived, FieldType, Grain, GroupBy, Sort, Unit, UnitKind
from backend_services.datasets.query.bins import inside, nice_width
from tests.factories.dashboards import (
    CATALOGUE,
    DATASET_ID,
    answer,
    column,
    country,
    month,
    query,
    reading,
    revenue,
    tile,
)

BY_BOTH = query("revenue", by=[GroupBy(field="country"), GroupBy(field="ordered_at", grain=Grain.MONTH)])
CELLS: list[list[Any]] = [
    ["Slovenia", "2026-08-01", 100.0],
    ["Slovenia", "2026-10-01", 50.0],
    ["Croatia", "2026-08-01", 10.0],
]


def test_a_heat_map_has_time_across_with_its_gaps_and_no_cell_without_a_value() -> None:
    result = answer([country(), month(), revenue()], CELLS)
    drawing = draw(tile(ChartKind.HEATMAP, BY_BOTH), result, reading())
    assert drawing is not None
    trace = drawing.data[0]
    assert drawing.layout["xaxis"]["categoryarray"] == ["Aug 2026", "Sept 2026", "Oct 2026"]
    assert drawing.layout["yaxis"]["ticktext"] == ["Slovenia", "Croatia"]
    assert trace["marker"]["color"] == [100.0, 50.0, 10.0]
    assert [round(one) for one in trace["base"]] == [0, 0, 1]
    assert trace["text"] == [
        "€100",
        "\N{NO-BREAK SPACE}€50\N{NO-BREAK SPACE}",
        "\N{NO-BREAK SPACE}€10\N{NO-BREAK SPACE}",
    ]
    assert drawing.layout["coloraxis"] == {"showscale": False, "cmin": 0, "cmax": 100.0}
    assert drawing.phone_layout["height"] <= drawing.layout["height"]


def test_a_heat_map_of_gains_and_losses_is_even_about_zero() -> None:
    result = answer(
        [country(), month(), revenue()], [["Slovenia", "2026-08-01", -20.0], ["Croatia", "2026-08-01", 5.0]]
    )
    drawing = draw(tile(ChartKind.HEATMAP, BY_BOTH), result, reading())
    assert drawing is not None
    assert (drawing.layout["coloraxis"]["cmin"], drawing.layout["coloraxis"]["cmax"]) == (-20.0, 20.0)


def test_a_heat_map_says_its_highest_and_lowest_cell_and_what_it_leaves_out() -> None:
    result = answer([country(), month(), revenue()], CELLS)
    said = finding(tile(ChartKind.HEATMAP, BY_BOTH), result, None, reading())
    assert said == "Highest: Slovenia · Aug 2026 (€100), lowest: Croatia · Aug 2026 (€10)."
    many: list[list[Any]] = [[f"C{index:02}", "2026-08-01", float(index)] for index in range(40)]
    drawing = draw(tile(ChartKind.HEATMAP, BY_BOTH), answer([country(), month(), revenue()], many), reading())
    assert drawing is not None
    assert drawing.notes == ("31 of 40 rows are drawn; the table has all.",)
    assert drawing.layout["yaxis"]["ticktext"][0] == "C39"


def bins_column() -> Any:
    return column("quantity", FieldType.DECIMAL, role="dimension").model_copy(update={"width": 2.5})


def test_bins_stand_in_order_with_the_empty_ones_between_them() -> None:
    asked = query("orders", by=[GroupBy(field="quantity", width=2.5)])
    rows: list[list[Any]] = [[7.5, 4], [-2.5, 1], [None, 9], [0.0, 5]]
    shown = tile(ChartKind.HISTOGRAM, asked)
    read = reading()
    arranged = arrange(shown, answer([bins_column(), column("orders")], rows), read)
    assert arranged is not None
    assert arranged.axis is Axis.BINS
    assert arranged.keys == (-2.5, 0.0, 2.5, 5.0, 7.5)
    assert arranged.series[0].values == (1.0, 5.0, 0.0, 0.0, 4.0)
    assert arranged.labels[1] == "0 \N{EN DASH} 2.5"
    drawing = draw(shown, answer([bins_column(), column("orders")], rows), read)
    assert drawing is not None
    assert drawing.layout["bargap"] < 0.1
    assert "Rows without a number are not drawn; the table has them." in drawing.notes
    said = finding(shown, answer([bins_column(), column("orders")], rows), arranged, read)
    assert said == "Most often: 0 \N{EN DASH} 2.5 (50%, 5)."


def test_the_table_of_bins_says_both_edges_in_the_readers_notation() -> None:
    result = answer([bins_column(), column("orders")], [[-2.5, 1], [0.0, 5], [None, 9]])
    first = [row[0] for row in table_view(result, "sl").rows]
    assert first == ["\N{MINUS SIGN}2,5 \N{EN DASH} 0", "0 \N{EN DASH} 2,5", "\N{EN DASH}"]
    file = with_both_edges(result, "en")
    assert [(one.name, one.label) for one in file.columns] == [
        ("quantity_from", "Quantity, from"),
        ("quantity_to", "Quantity, up to"),
        ("orders", "Orders"),
    ]
    assert file.rows == ((-2.5, 0.0, 1), (0.0, 2.5, 5), (None, None, 9))


def test_edges_that_would_look_alike_when_short_are_told_in_full() -> None:
    column_of = bins_column()
    texts = formats.column_texts([1000.0, 1002.5, 1005.0], column_of, "en")
    assert texts[:2] == ["1,000 \N{EN DASH} 1,002.5", "1,002.5 \N{EN DASH} 1,005"]
    arranged = arrange(
        tile(ChartKind.HISTOGRAM, query("orders", by=[GroupBy(field="quantity", width=2.5)])),
        answer([column_of, column("orders")], [[1000.0, 4], [1005.0, 1]]),
        reading(),
    )
    assert arranged is not None
    assert arranged.labels == tuple(texts)


@pytest.mark.parametrize(
    ("unit", "values", "said"),
    [
        (
            Unit(kind=UnitKind.PERCENT),
            [0.5, 0.1234, 0.075, None, 0.0],
            ["50.00%", "12.34%", "7.50%", "\N{EN DASH}", "0.00%"],
        ),
        (Unit(kind=UnitKind.PERCENT), [0.5, 0.12], ["50%", "12%"]),
        (Unit(), [60.064903, 7, -1.5], ["60.06", "7.00", "\N{MINUS SIGN}1.50"]),
        (Unit(), [7, 1284], ["7", "1,284"]),
        (Unit(), [0.00012345, 7.5], ["0.000123", "7.5"]),
        (Unit(kind=UnitKind.CURRENCY, code="EUR"), [7, 1.5], ["€7.00", "€1.50"]),
    ],
)
def test_figures_of_one_column_have_the_same_decimals(unit: Unit, values: list[Any], said: list[str]) -> None:
    assert formats.column_texts(values, column("rate", unit=unit), "en") == said


@given(
    low=st.floats(-1e9, 1e9),
    span=st.floats(1e-3, 1e9),
    bins=st.integers(2, 60),
)
def test_a_round_width_gives_no_more_bins_than_asked_for_and_never_far_fewer(
    low: float, span: float, bins: int
) -> None:
    width = nice_width(low, low + span, bins=bins)
    assert span / width <= bins * 1.000001
    assert span / width >= bins / 2.6


def test_the_rows_of_a_bin_are_those_from_its_edge_up_to_the_next() -> None:
    from_edge, below = inside(GroupBy(field="quantity", width=0.1), 0.30000000000000004)
    assert (from_edge.operator, from_edge.values, below.operator, below.values) == ("gte", (0.3,), "lt", (0.4,))


def spots() -> list[Any]:
    return [
        column("lat", FieldType.DECIMAL, role="dimension"),
        column("lon", FieldType.DECIMAL, role="dimension"),
        column("city", FieldType.TEXT, role="dimension"),
        revenue(),
    ]


def test_a_map_has_a_circle_of_its_value_for_each_place_over_outlines() -> None:
    rows: list[list[Any]] = [
        [46.05, 14.51, "Ljubljana", 400.0],
        [46.55, 15.65, "Maribor", 100.0],
        [99, 14, "Nowhere", 1],
    ]
    shown, result = tile(ChartKind.MAP), answer(spots(), rows)
    drawing = draw(shown, result, reading())
    assert drawing is not None
    circles, outline = drawing.data[0], drawing.data[-1]
    assert [one[1] for one in circles["customdata"]] == ["Ljubljana", "Maribor"]
    assert circles["marker"]["size"] == [38.0, 22.5]  # half the radius above the least for a quarter of the value
    assert circles["y"] == [46.05, 46.55]
    assert len(drawing.data) == 8
    assert 10 < len(outline["x"]) == len(outline["y"]) < 5000
    assert drawing.layout["yaxis"]["scaleanchor"] == "x"
    assert drawing.notes == ("1 value is no place known here: Nowhere.",)
    assert finding(shown, result, None, reading()) == "Highest: Ljubljana (€400)."


@pytest.mark.parametrize("name", ["SI", "svn", "Slovenia", "slovenija", " Slovenija "])
def test_countries_go_by_code_and_by_name_in_both_languages(name: str) -> None:
    assert places.country_at(name) == (46.1, 14.8)


def test_a_map_of_countries_spans_the_world_in_equal_areas() -> None:
    rows: list[list[Any]] = [["Slovenija", 1.0], ["USA", 2.0], ["New Zealand", 3.0], ["Atlantis", 4.0]]
    result = answer([country(), revenue()], rows)
    located = places.locate(tile(ChartKind.MAP), result, reading())
    assert located is not None
    assert located.lost == ("Atlantis",)
    assert places.plane_for(located.places).whole
    left, bottom, right, top = box_of(located.places)
    assert left < right
    assert bottom < top
    drawing = draw(tile(ChartKind.MAP), result, reading())
    assert drawing is not None
    assert len(json.dumps(drawing.figure)) < 250_000


def test_a_map_without_a_place_is_not_drawn() -> None:
    assert draw(tile(ChartKind.MAP), answer([country(), revenue()], [["Atlantis", 1.0]]), reading()) is None
    assert draw(tile(ChartKind.MAP), answer([month(), revenue()], [["2026-01-01", 1.0]]), reading()) is None


def pivoted(**more: Any) -> Tile:
    return tile(ChartKind.PIVOT, BY_BOTH, series="ordered_at", **more)


def test_a_pivot_asks_for_its_totals_and_conditions_choose_rows() -> None:
    cells, down, across, whole = pivot.questions(pivoted(), BY_BOTH)
    assert [one.field for one in down.dimensions] == ["country"]
    assert [one.field for one in across.dimensions] == ["ordered_at"]
    assert (whole.dimensions, cells.limit) == ((), pivot.MOST_CELLS)


def test_a_pivot_shows_what_the_engine_totalled_and_leaves_empty_cells_empty() -> None:
    by_country = answer([country(), revenue()], [["Slovenia", 150.0], ["Croatia", 10.0]])
    by_month = answer([month(), revenue()], [["2026-08-01", 110.0], ["2026-10-01", 50.0]])
    whole = answer([revenue()], [[999.0]])  # not the sum of the cells: it is asked for
    totals = pivot.Totals(down=by_country, across=by_month, whole=whole)
    made = pivot.pivoted(pivoted(), answer([country(), month(), revenue()], CELLS), totals, "en")
    view = made.view("en")
    assert [one.label for one in view.columns] == ["Country", "Aug 2026", "Oct 2026", "Total"]
    assert view.rows == (
        ("Slovenia", "€100.00", "€50.00", "€150.00"),
        ("Croatia", "€10.00", "\N{EN DASH}", "€10.00"),
    )
    assert view.footer == ("Total", "€110.00", "€50.00", "€999.00")
    assert made.left_out == 0
    assert [one.name for one in made.file().columns] == ["country", "Aug 2026", "Oct 2026", "Total"]
    assert made.file().rows[-1] == ("Total", 110.0, 50.0, 999.0)
    said = of_pivot(pivoted(), by_country, reading())
    assert said == "Slovenia leads with 93.8% of the total, ahead of Croatia with 6.2%."


def test_too_many_cells_are_asked_for_by_the_rows_and_columns_that_are_shown() -> None:
    by_country = answer([country(), revenue()], [["Slovenia", 150.0], ["Croatia", 10.0]])
    by_month = answer([month(), revenue()], [[f"{2000 + at // 12}-{at % 12 + 1:02}-01", 1.0] for at in range(40)])
    totals = pivot.Totals(down=by_country, across=by_month, whole=answer([revenue()], [[160.0]]))
    asked = pivot.narrowed(BY_BOTH, pivoted(), totals)
    assert [(one.field, one.operator, one.values) for one in asked.filters] == [
        ("country", "in", ("Slovenia", "Croatia")),
        ("ordered_at", "gte", ("2001-05-01",)),
    ]
    unknown = answer([country(), revenue()], [["Slovenia", 150.0], [None, 10.0]])
    missing = pivot.narrowed(BY_BOTH, pivoted(), replace(totals, down=unknown))
    assert [one.field for one in missing.filters] == ["ordered_at"]


def test_text_is_read_as_blocks_and_html_stays_text() -> None:
    source = (
        "# Goal\n\nReach **100 %** by *May*.\n\n1. `a`\n2. [b](https://x.si)\n   - c\n\n> said\n\n"
        "<script>alert(1)</script>"
    )
    found = prose.blocks_of(source)
    assert [one.kind for one in found] == ["heading", "paragraph", "step", "step", "bullet", "quote", "paragraph"]
    assert [(one.text, one.strong, one.emphasis) for one in found[1].spans][1:4:2] == [
        ("100 %", True, False),
        ("May", False, True),
    ]
    assert (found[2].mark, found[3].mark, found[4].depth) == ("1.", "2.", 1)
    assert found[3].spans[0].href == "https://x.si"
    assert prose.plain(found[-1:]) == "<script>alert(1)</script>"
    again = [prose.Block.model_validate_json(one.model_dump_json()) for one in found]
    assert prose.plain(again[1:2]) == "Reach 100 % by May."


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "vbscript:x", "JaVaScRiPt:alert(1)"]
)
def test_no_link_leads_where_a_script_could_run(address: str) -> None:
    assert all(not span.href for block in prose.blocks_of(f"[x]({address})") for span in block.spans)


@given(st.text(max_size=400))
def test_any_text_can_be_read(source: str) -> None:
    assert len(prose.blocks_of(source)) <= prose.MOST_BLOCKS


def test_a_text_has_no_dataset_and_only_a_text_has_none() -> None:
    words = Tile(id="a", title="Note", chart=ChartKind.TEXT, source=TextSource(text="x"))
    spec = DashboardSpec(title="D", tiles=(words, tile(ChartKind.BAR, tile_id="b")))
    assert (words.dataset_id, spec.dataset_ids) == (None, (DATASET_ID,))
    assert spec.with_datasets({}) == spec
    with pytest.raises(ValueError, match="text"):
        Tile(id="a", title="Note", chart=ChartKind.BAR, source=TextSource(text="x"))
    with pytest.raises(ValueError, match="text"):
        Tile(id="a", title="Note", chart=ChartKind.TEXT, source=MetricSource(query=query("orders")))


def test_a_document_from_before_these_kinds_reads_as_it_did() -> None:
    old = {
        "spec_version": 1,
        "title": "D",
        "tiles": [
            {
                "id": "a",
                "title": "A",
                "chart": "bar",
                "source": {"kind": "metric", "query": {"dataset_id": str(DATASET_ID), "measures": ["revenue"]}},
            }
        ],
    }
    first = DashboardSpec.model_validate(old).tiles[0]
    assert isinstance(first.source, MetricSource)
    assert (first.compare, first.source.query.derived, first.dataset_id) == (False, (), DATASET_ID)


@pytest.mark.parametrize(
    ("chart", "asked", "code"),
    [
        (ChartKind.HEATMAP, query("revenue", by=[GroupBy(field="country")]), "heatmap_shape"),
        (ChartKind.HISTOGRAM, query("revenue", by=[GroupBy(field="country")]), "histogram_shape"),
        (ChartKind.MAP, query("revenue", by=[GroupBy(field="quantity")]), "map_shape"),
        (ChartKind.PIVOT, BY_BOTH, "pivot_shape"),
        (
            ChartKind.BAR,
            query("revenue", by=[GroupBy(field="country")]).model_copy(
                update={"derived": (Derived(kind=Derivation.GROWTH, of="revenue"),)}
            ),
            "derived_needs_time",
        ),
        (
            ChartKind.BAR,
            query("average_basket", by=[GroupBy(field="country")]).model_copy(
                update={"derived": (Derived(kind=Derivation.SHARE, of="average_basket"),)}
            ),
            "derived_not_additive",
        ),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_words(chart: ChartKind, asked: Any, code: str) -> None:
    found = problems_of(DashboardSpec(title="D", tiles=(tile(chart, asked),)), {DATASET_ID: CATALOGUE})
    assert [one.code for one in found] == [code]
    assert all(one.message(language) for one in found for language in ("en", "sl"))


def test_what_fits_is_let_through() -> None:
    share = Derived(kind=Derivation.SHARE, of="revenue")
    fitting = (
        tile(ChartKind.HEATMAP, BY_BOTH, tile_id="a"),
        tile(ChartKind.HISTOGRAM, query("orders", by=[GroupBy(field="revenue__each")]), tile_id="b"),
        tile(ChartKind.MAP, query("orders", by=[GroupBy(field="country")]), tile_id="c"),
        tile(ChartKind.PIVOT, BY_BOTH, tile_id="d", series="ordered_at"),
        tile(
            ChartKind.BAR,
            query("revenue", by=[GroupBy(field="country")]).model_copy(
                update={"derived": (share,), "sort": (Sort(field=share.name, descending=True),)}
            ),
            tile_id="e",
        ),
    )
    assert problems_of(DashboardSpec(title="D", tiles=fitting), {DATASET_ID: CATALOGUE}) == ()


def test_a_file_draws_every_kind_and_nothing_that_is_wholly_invisible() -> None:
    assert can_draw({"data": [{"type": "bar", "marker": {"coloraxis": "coloraxis"}}], "layout": {}})
    assert can_draw({"data": [{"type": "scatter"}], "layout": {"xaxis": {"visible": False}}})
    assert not can_draw({"data": [{"type": "bar", "visible": "legendonly"}], "layout": {}})
    assert not can_draw({"data": [{"type": "surface"}], "layout": {}})


def test_no_outline_runs_back_across_the_map_where_the_world_ends() -> None:
    world = (-180.0, -90.0, 180.0, 90.0)
    lines = list(places.outlines(places.Plane(whole=True, middle=0.0), world, apart=0.2))
    assert len(lines) > 100
    jumps = [abs(there[0] - here[0]) for line in lines for here, there in itertools.pairwise(line)]
    assert max(jumps) < 60
