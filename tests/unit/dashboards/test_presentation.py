"""A tile inside its dashboard: what reaches it, and everything it then shows."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from babel.numbers import format_currency

from backend_services.dashboards import formats
from backend_services.dashboards.presentation import Answers, present
from backend_services.dashboards.schemas import TileResult
from backend_services.dashboards.spec import ChartKind, SqlSource, Tile
from backend_services.dashboards.surroundings import merged, question_of, reading_of
from backend_services.dashboards.types import TYPES, find_type
from backend_services.datasets.catalogue import (
    Catalogue,
    FieldType,
    Filter,
    Grain,
    MetricQuery,
    Operator,
    QueryResult,
    RelativePeriod,
    ResultColumn,
    SqlQuery,
    Unit,
    UnitKind,
)
from tests.factories.dashboards import (
    CATALOGUE,
    DATASET_ID,
    NOW,
    answer,
    column,
    country,
    month,
    revenue,
    tile,
)

SLOVENIA = Filter(field="country", operator=Operator.IN, values=("Slovenia",))
CROATIA = Filter(field="country", operator=Operator.IN, values=("Croatia",))
COLOUR = Filter(field="colour", operator=Operator.EQ, values=("red",))
LAST_YEAR = RelativePeriod(kind="previous", grain=Grain.YEAR)


def _shown(
    chart: ChartKind, result: QueryResult, language: str = "en", *, period: RelativePeriod | None = None
) -> TileResult:
    one = tile(chart)
    question = question_of(one, CATALOGUE, period=period, filters=(SLOVENIA, COLOUR))
    reading = reading_of(one, CATALOGUE, language=language, now=NOW)
    return present(one, question, Answers(result), CATALOGUE, reading, time_zone="Europe/Ljubljana")


def test_period_and_filters_of_the_dashboard_reach_tiles_that_have_the_fields() -> None:
    question = question_of(tile(ChartKind.NUMBER), CATALOGUE, period=LAST_YEAR, filters=(SLOVENIA, COLOUR))
    assert isinstance(question.query, MetricQuery)
    assert question.query.period == question.period == LAST_YEAR
    assert question.query.filters == (SLOVENIA,)
    assert question.ignored == ("colour",)


def test_a_dataset_without_time_keeps_out_of_the_period_and_says_so() -> None:
    timeless = Catalogue(measures=CATALOGUE.measures, dimensions=CATALOGUE.dimensions[1:])
    question = question_of(tile(ChartKind.NUMBER), timeless, period=LAST_YEAR, filters=())
    assert (question.period, question.period_ignored) == (None, True)


def test_free_sql_is_asked_as_it_stands() -> None:
    asked = SqlQuery(dataset_id=DATASET_ID, sql="SELECT 1")
    one = Tile(id="sql", title="SQL", chart=ChartKind.TABLE, source=SqlSource(query=asked))
    question = question_of(one, CATALOGUE, period=LAST_YEAR, filters=(SLOVENIA,))
    assert (question.query, question.ignored, question.period_ignored) == (asked, ("country",), True)


def test_what_a_viewer_filters_replaces_the_dashboards_own_filter() -> None:
    assert merged((SLOVENIA, COLOUR), (CROATIA,)) == (COLOUR, CROATIA)


def test_a_tile_shows_source_computation_table_and_notes() -> None:
    shown = _shown(ChartKind.BAR, answer([country(), revenue()], [["Slovenia", 1234.5]]), period=LAST_YEAR)
    assert shown.state == "ready"
    assert shown.source is not None
    assert shown.source.text == "Orders, 1,284 rows, 22 Nov 2026, 14:00"
    assert shown.how is not None
    assert shown.how.period == "1 Jan 2025 – 31 Dec 2025"
    assert shown.how.filters == ("Country = Slovenia",)
    assert shown.notes == ("This tile's data has no field for: colour.",)
    assert shown.table is not None
    assert shown.table.rows == (("Slovenia", "€1,234.50"),)
    assert [one.align for one in shown.table.columns] == ["left", "right"]


def test_the_same_in_slovenian() -> None:
    shown = _shown(ChartKind.BAR, answer([country(), revenue()], [["Slovenia", 1234.5]]), "sl", period=LAST_YEAR)
    assert shown.source is not None
    assert shown.source.text == "Orders, 1.284 vrstic, 22. 11. 2026, 14:00"
    assert shown.how is not None
    assert shown.how.period == "1. 1. 2025 – 31. 12. 2025"
    assert shown.table is not None
    assert shown.table.rows == (("Slovenia", "1.234,50\u00a0€"),)


@pytest.mark.parametrize(
    ("chart", "result", "code"),
    [
        (ChartKind.NUMBER, answer([revenue()], [[None]]), "no_values"),
        (ChartKind.NUMBER, answer([revenue()], []), "no_values"),
        (ChartKind.NUMBER, answer([country()], [["Slovenia"]]), "not_drawable"),
        (ChartKind.LINE, answer([month(), revenue()], []), "no_rows"),
        (ChartKind.LINE, answer([month(), revenue()], [["2026-01-01", None]]), "no_values"),
        (ChartKind.BAR, answer([country()], [["Slovenia"]]), "not_drawable"),
        (ChartKind.SCATTER, answer([country(), revenue(), column("orders")], [["A", 1.0, None]]), "no_points"),
        (ChartKind.TABLE, answer([country()], []), "no_rows"),
    ],
)
@pytest.mark.parametrize("language", ["en", "sl"])
def test_too_little_data_is_said_and_never_shown_as_zero(
    chart: ChartKind, result: QueryResult, code: str, language: str
) -> None:
    shown = _shown(chart, result, language)
    assert (shown.state, shown.figure, shown.number, shown.finding) == ("insufficient_data", None, None, "")
    assert shown.insufficient is not None
    assert shown.insufficient.code == code
    assert shown.insufficient.message
    assert shown.insufficient.needed
    assert shown.insufficient.message in shown.accessible


def test_a_minus_in_a_table_is_a_minus() -> None:
    shown = _shown(ChartKind.TABLE, answer([country(), revenue()], [["Slovenia", -5.0]]))
    assert shown.table is not None
    assert shown.table.rows == (("Slovenia", "\N{MINUS SIGN}€5.00"),)


_BIG = column("big", FieldType.INTEGER, "plain")


@pytest.mark.parametrize(
    ("value", "of", "english", "slovenian"),
    [
        (-5_964_730.34, column("money"), "\N{MINUS SIGN}5,964,730.34", "\N{MINUS SIGN}5.964.730,34"),
        (9_007_199_254_740_991, _BIG, "9,007,199,254,740,991", "9.007.199.254.740.991"),
        ("9007199254740993", _BIG, "9,007,199,254,740,993", "9.007.199.254.740.993"),
        ("-9007199254740993", _BIG, "\N{MINUS SIGN}9,007,199,254,740,993", "\N{MINUS SIGN}9.007.199.254.740.993"),
        (1234.5, column("size", FieldType.DECIMAL, "dimension"), "1234.5", "1234,5"),
        (2024, column("year", FieldType.INTEGER, "dimension"), "2024", "2024"),
        (0.123456, column("share", unit=Unit(kind=UnitKind.PERCENT)), "12.35%", "12,35\u00a0%"),
        (60.064903, column("ratio"), "60.06", "60,06"),
        (1.064903, column("ratio"), "1.065", "1,065"),
        (60.064903, column("length", FieldType.DECIMAL, "plain"), "60.064903", "60,064903"),
        (0.1 + 0.2, column("ratio"), "0.3", "0,3"),
        (1.5e300, column("ratio"), "1.5e+300", "1,5e+300"),
    ],
)
def test_a_table_has_every_digit_that_says_something(
    value: Any, of: ResultColumn, english: str, slovenian: str
) -> None:
    assert formats.cell(value, of, "en") == english
    assert formats.cell(value, of, "sl") == slovenian


def test_a_number_says_in_full_what_it_shows_in_short() -> None:
    shown = _shown(ChartKind.NUMBER, answer([column("money")], [[-5_964_730.34]]))
    assert shown.number is not None
    assert (shown.number.text, shown.number.short) == ("\N{MINUS SIGN}5,964,730.34", "-5.96M")


def test_a_count_of_nothing_is_a_true_zero() -> None:
    shown = _shown(ChartKind.NUMBER, answer([column("orders", FieldType.INTEGER)], [[0]]))
    assert shown.number is not None
    assert (shown.number.text, shown.number.short) == ("0", "0")


NB = "\u00a0"


@pytest.mark.parametrize(
    ("value", "unit", "english", "slovenian"),
    [
        (208_400, Unit(kind=UnitKind.CURRENCY, code="EUR"), "€208.4k", f"208,4{NB}tis.{NB}€"),
        (1_280_000, Unit(), "1.28M", f"1,28{NB}mio."),
        (-1_500, Unit(kind=UnitKind.CURRENCY, code="EUR"), "-€1.5k", f"-1,5{NB}tis.{NB}€"),
        (0, Unit(kind=UnitKind.CURRENCY, code="EUR"), "0", "0"),
        (0.00042, Unit(), "0.00042", "0,00042"),
        (0.0004, Unit(kind=UnitKind.PERCENT), "0.04%", f"0,04{NB}%"),
        (0.325, Unit(kind=UnitKind.PERCENT), "32.5%", f"32,5{NB}%"),
        (1536, Unit(kind=UnitKind.BYTES), f"1.5{NB}kB", f"1,5{NB}kB"),
        (250, Unit(kind=UnitKind.DURATION, code="ms"), f"250{NB}ms", f"250{NB}ms"),
        (5400, Unit(kind=UnitKind.DURATION, code="s"), f"1.5{NB}h", f"1,5{NB}h"),
        (21.456, Unit(code="°C"), f"21.46{NB}°C", f"21,46{NB}°C"),
        (None, None, "\N{EN DASH}", "\N{EN DASH}"),
    ],
)
def test_short_numbers(value: float | None, unit: Unit | None, english: str, slovenian: str) -> None:
    assert formats.short(value, unit, "en") == english
    assert formats.short(value, unit, "sl") == slovenian


@pytest.mark.parametrize("language", ["en", "sl"])
@pytest.mark.parametrize("value", [0.0, 1.5, -1234.5, 1284503.25, 99.999, -0.004])
def test_full_amounts_are_written_as_the_locale_writes_them(value: float, language: str) -> None:
    locale = {"en": "en_GB", "sl": "sl"}[language]
    expected = format_currency(Decimal(repr(value)), "EUR", locale=locale)
    if value == -0.004:
        expected = expected.lstrip("-\N{MINUS SIGN}")
    assert formats.full(value, Unit(kind=UnitKind.CURRENCY, code="EUR"), language) == expected


@pytest.mark.parametrize(
    ("grain", "english", "slovenian"),
    [
        (Grain.YEAR, "2026", "2026"),
        (Grain.QUARTER, "Q4 2026", "4. čet. 2026"),
        (Grain.MONTH, "Nov 2026", "nov. 2026"),
        (Grain.WEEK, "22 Nov 2026", "22. 11. 2026"),
        (Grain.DAY, "22 Nov 2026", "22. 11. 2026"),
        (Grain.HOUR, "22 Nov 2026 14:02", "22. 11. 2026 14:02"),
        (None, "22 Nov 2026 14:02", "22. 11. 2026 14:02"),
    ],
)
def test_times_by_grain(grain: Grain | None, english: str, slovenian: str) -> None:
    assert formats.bucket(NOW, grain, "en") == english
    assert formats.bucket(NOW, grain, "sl") == slovenian


def test_there_are_twenty_types_and_every_name_finds_its_own() -> None:
    assert len([one for one in TYPES if one.listed]) == 20
    assert len({one.id for one in TYPES}) == len(TYPES)
    for one in TYPES:
        for name in (one.id, one.name.en, one.name.sl, *one.aliases):
            assert find_type(name) is one
        assert bool(one.pieces) != bool(one.lacks.en), "a type has tiles or says what is missing"
        assert one.name.sl
        assert one.description.sl
    assert find_type("weather") is None
