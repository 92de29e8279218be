"""A first dashboard shows what a table has to tell, and nothing that it has not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from backend_services.dashboards.spec import ChartKind, DashboardSpec, MetricSource, TextSource, Tile
from backend_services.dashboards.starters import Table, is_of_countries, starter
from backend_services.dashboards.validation import problems_of
from backend_services.datasets.catalogue import Catalogue, Dimension, FieldType, Grain, Text
from tests.factories.dashboards import CATALOGUE, DATASET_ID


def _at(*parts: int) -> datetime:
    """Return a wall-clock time, as tables have them."""
    year, month, day, *hour = parts
    return datetime(year, month, day, *hour, tzinfo=UTC).replace(tzinfo=None)


FIRST, LAST = _at(2023, 11, 22, 8), _at(2026, 11, 21, 22)


def _texts(name: str, *values: str, distinct: int = 0) -> Dimension:
    label = Text(en=name.capitalize())
    return Dimension(
        id=name, column=name, label=label, type=FieldType.TEXT, distinct=distinct or len(values), values=values
    )


def _catalogue(*more: Dimension, grain: Grain = Grain.DAY) -> Catalogue:
    time, country, _, quantity = CATALOGUE.dimensions
    order_id = _texts("order", distinct=5000)
    return CATALOGUE.model_copy(
        update={
            "default_time": "ordered_at",
            "default_measure": "revenue",
            "dimensions": (time.model_copy(update={"grain": grain}), country, quantity, order_id, *more),
        }
    )


RICH = _catalogue(
    _texts("channel", "Web", "Store"), _texts("payment", "Card", "Cash", "Invoice"), _texts("item", distinct=20)
)


def _made(
    catalogue: Catalogue, *, first: datetime | None = FIRST, last: datetime | None = LAST, language: str = "en"
) -> DashboardSpec:
    made = starter(Table(DATASET_ID, "Orders", catalogue, first, last), language)
    assert made is not None
    assert problems_of(made, {DATASET_ID: catalogue}) == ()
    return made


def _tile(made: DashboardSpec, name: str) -> Tile:
    found = made.tile(name)
    assert found is not None
    return found


def _covers(tile: Tile) -> tuple[str | None, str | None] | None:
    assert isinstance(tile.source, MetricSource)
    period = tile.source.query.period
    return None if period is None else (period.start, period.end)


def test_a_rich_table_gets_every_kind_that_tells_something() -> None:
    made = _made(RICH)
    assert {one.id: (one.chart, one.title) for one in made.tiles[3:]} == {
        "course": (ChartKind.LINE, "Revenue by month"),
        "bars-1": (ChartKind.BAR, "Revenue by payment"),
        "map": (ChartKind.MAP, "Revenue by country"),
        "spread": (ChartKind.HISTOGRAM, "Orders by revenue"),
        "heat": (ChartKind.HEATMAP, "Revenue by month and item"),
        "split": (ChartKind.LINE, "Revenue by month and payment"),
        "bars-2": (ChartKind.BAR, "Revenue by channel"),
        "pivot": (ChartKind.PIVOT, "Revenue by payment and channel"),
        "table": (ChartKind.TABLE, "Figures by country"),
        "note": (ChartKind.TEXT, "How to read this"),
    }


@pytest.mark.parametrize("catalogue", [RICH, _catalogue(), _catalogue(_texts("item", distinct=20))])
def test_rows_of_the_page_are_full(catalogue: Catalogue) -> None:
    filled = 0
    for one in _made(catalogue).tiles:
        filled += one.width
        assert filled % 12 == 0 or filled // 12 == (filled - one.width) // 12
    assert filled % 12 == 0


def test_figures_cover_twelve_whole_months_beside_those_before() -> None:
    made = _made(RICH, language="sl")
    assert {_covers(_tile(made, name)) for name in ("number-1", "course", "map", "heat", "pivot", "table")} == {
        ("2025-11-01", "2026-11-01")
    }
    assert _tile(made, "course").compare
    assert _covers(_tile(made, "split")) is None
    note = _tile(made, "note").source
    assert isinstance(note, TextSource)
    assert "od 1. 11. 2025 do 31. 10. 2026" in note.text


def test_data_without_two_years_are_halved_and_not_compared_month_by_month() -> None:
    made = _made(RICH, first=_at(2026, 10, 3), last=_at(2026, 11, 1, 9))
    assert _covers(_tile(made, "number-1")) == ("2026-10-18", "2026-11-02")
    course = _tile(made, "course")
    assert (course.compare, course.title, _covers(course)) == (False, "Revenue by day", None)


def test_data_by_the_year_show_their_last_year_against_the_one_before() -> None:
    made = _made(_catalogue(grain=Grain.YEAR), first=_at(2001, 1, 1), last=_at(2017, 1, 1))
    assert _covers(_tile(made, "number-1")) == ("2017-01-01", "2018-01-01")
    assert _tile(made, "course").title == "Revenue by year"


def test_a_table_without_a_time_has_no_course_and_no_period() -> None:
    made = _made(RICH.model_copy(update={"default_time": None}), first=None, last=None)
    assert {one.id for one in made.tiles} >= {"map", "pivot", "table", "note"}
    assert not {one.id for one in made.tiles} & {"course", "heat", "split"}
    assert {_covers(one) for one in made.tiles if one.chart is not ChartKind.TEXT} == {None}


def test_nothing_to_measure_is_no_dashboard() -> None:
    assert starter(Table(DATASET_ID, "Names", RICH.model_copy(update={"measures": ()})), "en") is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("Slovenia", "Croatia", "Austria"), True),
        (("Slovenija", "Hrvaška", "Avstrija"), True),
        (("SI", "HR", "AT"), True),
        (("IT", "HR", "Sales", "Legal"), False),
        (("Slovenia", "Croatia"), False),
        ((), False),
    ],
)
def test_countries_are_known_by_their_values(values: tuple[str, ...], *, expected: bool) -> None:
    assert is_of_countries(_texts("where", *values, distinct=5)) is expected


def test_names_of_countries_are_mapped_before_their_codes_and_codes_are_not_shown_twice() -> None:
    code = _texts("code", "SI", "HR", "AT", "IT")
    made = _made(_catalogue(code))
    asked = [
        group.field
        for one in made.tiles
        if isinstance(one.source, MetricSource)
        for group in one.source.query.dimensions
    ]
    assert _tile(made, "map").title == "Revenue by country"
    assert "code" not in asked


def test_countries_alone_are_on_a_map_and_in_bars() -> None:
    made = _made(_catalogue())
    assert (_tile(made, "map").title, _tile(made, "bars-1").title) == ("Revenue by country", "Revenue by country")


def test_few_rows_have_no_histogram() -> None:
    few = _catalogue().model_copy(update={"dimensions": RICH.dimensions[:2]})
    assert _made(few).tile("spread") is None
