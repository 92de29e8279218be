"""Sentences by rule, in both languages."""

from __future__ import annotations

import pytest

from backend_services.dashboards.arrangement import arrange
from backend_services.dashboards.finding import accessible, correlation, finding
from backend_services.dashboards.number import number_view
from backend_services.dashboards.spec import ChartKind
from backend_services.datasets.catalogue import Grain, QueryResult, RelativePeriod, Scalar, Unit, UnitKind
from tests.factories.dashboards import EUR, answer, column, country, month, reading, revenue, tile


def _said(chart: ChartKind, result: QueryResult, language: str = "en") -> str:
    one = tile(chart)
    return finding(one, result, arrange(one, result, reading(language)), reading(language))


def _months(*values: float) -> QueryResult:
    """Return an answer whose last value belongs to October 2026."""
    count = len(values)
    rows: list[list[Scalar | None]] = []
    for index, value in enumerate(values):
        year, zero_based = divmod(2026 * 12 + 9 - (count - 1 - index), 12)
        rows.append([f"{year}-{zero_based + 1:02}-01", value])
    return answer([month(), revenue()], rows)


def test_a_course_over_a_year_is_compared_with_the_year_before() -> None:
    said = _said(ChartKind.LINE, _months(100.0, *[80.0] * 11, 132.5))
    assert said == (
        "October 2026: €132.5, up 32.5% on a year before. Highest: October 2026 (€132.5), "
        "lowest: November 2025, December 2025, January 2026 and 8 more (€80 each)."
    )


def test_the_same_in_slovenian() -> None:
    said = _said(ChartKind.LINE, _months(100.0, *[80.0] * 11, 132.5), "sl")
    assert said == (
        "Oktober 2026: 132,5\u00a0€, za 32,5\u00a0% več kot leto prej. "
        "Najvišja vrednost: oktober 2026 (132,5\u00a0€), "
        "najnižja: november 2025, december 2025, januar 2026 in še 8 (po 80\u00a0€)."
    )


def test_the_running_month_takes_no_part_in_the_trend() -> None:
    rows = [["2026-09-01", 100.0], ["2026-10-01", 50.0], ["2026-11-01", 1.0]]
    said = _said(ChartKind.LINE, answer([month(), revenue()], rows))
    assert said.startswith("Down 50% from September 2026 to October 2026.")
    assert "November" not in said


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((5.0,), "Only one complete period so far: October 2026 (€5)."),
        ((5.0, 5.0), "About the same in September 2026 and October 2026."),
        (
            (0.0, 5.0),
            "From 0 (September 2026) to €5 (October 2026). Highest: October 2026 (€5), lowest: September 2026 (0).",
        ),
    ],
)
def test_short_courses(values: tuple[float, ...], said: str) -> None:
    assert _said(ChartKind.LINE, _months(*values)) == said


def test_the_leader_and_the_second_have_their_shares() -> None:
    result = answer([country(), revenue()], [["Slovenia", 60.0], ["Croatia", 30.0], ["Italy", 10.0]])
    assert _said(ChartKind.BAR, result) == "Slovenia leads with 60% of the total, ahead of Croatia with 30%."
    assert _said(ChartKind.PIE, result, "sl") == (
        "Največji delež: Slovenia, 60\u00a0% celote; na drugem mestu: Croatia, 30\u00a0%."
    )


def test_means_have_extremes_and_no_shares() -> None:
    result = answer([country(), column("average_basket")], [["Slovenia", 6.0], ["Croatia", 3.0]])
    assert _said(ChartKind.BAR, result) == "Highest: Slovenia (6), lowest: Croatia (3)."


def test_a_cut_answer_never_claims_a_share() -> None:
    result = answer([country(), revenue()], [["Slovenia", 6.0], ["Croatia", 3.0]], truncated=True)
    assert _said(ChartKind.BAR, result) == "Highest: Slovenia (€6)."


def test_other_never_leads() -> None:
    rows = [[f"C{n:02}", 1.0 + n / 100] for n in range(40)]
    said = _said(ChartKind.BAR, answer([country(), revenue()], rows))
    assert said.startswith("C39 leads")


def test_series_over_time_name_the_leader() -> None:
    rows = [["2026-09-01", "Slovenia", 75.0], ["2026-09-01", "Croatia", 25.0]]
    result = answer([month(), country(), revenue()], rows)
    assert _said(ChartKind.LINE, result) == "Slovenia leads with 75% of the total."


def test_a_link_needs_ten_points() -> None:
    columns = [country(), revenue(), column("orders")]
    few = answer(columns, [[f"P{n}", float(n), float(n)] for n in range(3)])
    assert _said(ChartKind.SCATTER, few) == "Only 3 points: too few to speak of a link."
    assert _said(ChartKind.SCATTER, few, "sl") == "Le 3 točke: premalo, da bi govorili o povezanosti."
    many = answer(columns, [[f"P{n}", float(n), float(2 * n)] for n in range(20)])
    assert _said(ChartKind.SCATTER, many) == "A strong link: both grow together (r = 1.00, 20 points)."


def test_correlation_of_what_does_not_vary_is_unknown() -> None:
    assert correlation([(1.0, 2.0), (1.0, 3.0)]) is None
    assert correlation([(1.0, 2.0), (2.0, 1.0)]) == pytest.approx(-1.0)


@pytest.mark.parametrize(
    ("rows", "english", "slovenian"),
    [
        (1, "1 row.", "1 vrstica."),
        (2, "2 rows.", "2 vrstici."),
        (3, "3 rows.", "3 vrstice."),
        (5, "5 rows.", "5 vrstic."),
        (101, "101 rows.", "101 vrstica."),
        (102, "102 rows.", "102 vrstici."),
    ],
)
def test_rows_are_counted_in_the_right_form(rows: int, english: str, slovenian: str) -> None:
    result = answer([country()], [[f"C{n}"] for n in range(rows)])
    assert _said(ChartKind.TABLE, result) == english
    assert _said(ChartKind.TABLE, result, "sl") == slovenian


def test_the_sentence_for_screen_readers_names_kind_finding_and_last_value() -> None:
    one, result = tile(ChartKind.LINE), _months(100.0, 110.0)
    arranged = arrange(one, result, reading())
    said = finding(one, result, arranged, reading())
    assert accessible(one, arranged, said, reading()) == (
        "Line chart: Revenue by month. Up 10% from September 2026 to October 2026. "
        "Highest: October 2026 (€110), lowest: September 2026 (€100). Last value: €110 (October 2026)."
    )


MONTH = RelativePeriod(kind="last", n=1, grain=Grain.MONTH)


def test_a_number_has_value_change_tone_and_history() -> None:
    course = answer([month(), revenue()], [["2026-08-01", 5.0], ["2026-10-01", 9.0], ["2026-09-01", 7.0]])
    view = number_view(
        answer([revenue()], [[208_400.0]]),
        reading(),
        previous=answer([revenue()], [[185_244.0]]),
        period=MONTH,
        course=course,
    )
    assert (view.text, view.short) == ("€208,400.00", "€208.4k")
    assert view.delta.text == "+12.5%"
    assert (view.delta.direction, view.delta.tone, view.delta.against) == ("up", "good", "the month before")
    assert view.spark == (5.0, 7.0, 9.0)
    one = tile(ChartKind.NUMBER)
    assert finding(one, answer([revenue()], [[1.0]]), None, reading(), view) == "Up 12.5% on the month before."


def test_more_of_a_bad_thing_is_bad() -> None:
    lost = column("revenue", unit=None)
    down = reading()
    worse = type(down)(language="sl", now=down.now, better={"revenue": False})
    view = number_view(answer([lost], [[12.0]]), worse, previous=answer([lost], [[10.0]]), period=MONTH)
    assert view.delta.tone == "bad"
    assert view.delta.text == "+20\u00a0%"
    assert view.delta.against == "mesec prej"


def test_a_change_of_a_percentage_is_in_points() -> None:
    share = column("share", unit=Unit(kind=UnitKind.PERCENT))
    view = number_view(answer([share], [[0.325]]), reading(), previous=answer([share], [[0.30]]), period=MONTH)
    assert view.text == "32.5%"
    assert view.delta.text == "+2.5 pt"


def test_a_change_from_nothing_has_no_percentage() -> None:
    view = number_view(answer([revenue()], [[5.0]]), reading(), previous=answer([revenue()], [[0.0]]), period=MONTH)
    assert view.delta.change is None
    assert view.delta.text == "+€5.00"


def test_a_count_is_not_compared_with_a_period_that_holds_no_rows() -> None:
    rows = column("rows", unit=Unit(kind=UnitKind.COUNT))
    view = number_view(answer([rows], [[142.0]]), reading(), previous=answer([rows], [[0.0]]), period=MONTH)
    assert view.value == 142.0
    assert view.delta is None
    assert finding(tile(ChartKind.NUMBER), answer([rows], [[142.0]]), None, reading(), view) == ""


def test_a_series_of_wider_steps_is_not_compared_with_a_year_before() -> None:
    result = answer([month(), revenue()], [[f"{year}-01-01", float(year)] for year in (1997, 2002, 2007)])
    said = finding(tile(ChartKind.LINE), result, arrange(tile(ChartKind.LINE), result, reading()), reading())
    assert said.startswith("Up 0.5% from January 1997 to January 2007.")


@pytest.mark.parametrize(
    ("language", "equal", "three", "second"),
    [
        (
            "en",
            "Equal at the top with 50% each of the total: Croatia, Slovenia.",
            "Equal at the top with 20% each of the total: A, B, C and 2 more.",
            "Slovenia leads with 50% of the total, ahead of Croatia, Italy with 25% each.",
        ),
        (
            "sl",
            "Izenačeno na vrhu, po 50\u00a0% celote: Croatia, Slovenia.",
            "Izenačeno na vrhu, po 20\u00a0% celote: A, B, C in še 2.",
            "Največji delež: Slovenia, 50\u00a0% celote; na drugem mestu: Croatia, Italy, po 25\u00a0%.",
        ),
    ],
)
def test_those_that_are_equal_are_all_named(language: str, equal: str, three: str, second: str) -> None:
    two = answer([country(), revenue()], [["Croatia", 0.1 + 0.2], ["Slovenia", 0.3]])
    assert _said(ChartKind.BAR, two, language) == equal
    many = answer([country(), revenue()], [[name, 1] for name in "ABCDE"])
    assert _said(ChartKind.PIE, many, language) == three
    after = answer([country(), revenue()], [["Slovenia", 2.0], ["Croatia", 1.0], ["Italy", 1.0]])
    assert _said(ChartKind.BAR, after, language) == second


def test_equal_lines_equal_averages_and_equal_places() -> None:
    average = column("average_basket", unit=EUR)
    rows: list[list[Scalar | None]] = [
        [f"2026-{at:02}-01", name, 5.0 + (at == 8)] for at in (8, 9) for name in ("Slovenia", "Croatia")
    ]
    assert _said(ChartKind.LINE, answer([month(), country(), average], rows)) == (
        "September 2026: equal at the top with €5 each: Slovenia, Croatia."
    )
    level = answer([country(), average], [["Slovenia", 5.0], ["Croatia", 5.0]])
    assert _said(ChartKind.BAR, level) == "All are equal: €5."
    uneven = answer([country(), average], [["Slovenia", 5.0], ["Croatia", 5.0], ["Italy", 2.0]])
    assert _said(ChartKind.BAR, uneven) == "Highest: Slovenia, Croatia (€5 each), lowest: Italy (€2)."
    assert _said(ChartKind.MAP, uneven) == "Highest: Slovenia, Croatia (€5 each)."


def test_of_two_measures_the_sentence_is_about_the_first() -> None:
    result = answer([country(), revenue(), column("orders")], [["Slovenia", 75.0, 1], ["Croatia", 25.0, 900]])
    assert _said(ChartKind.BAR, result).startswith("Slovenia leads with 75% of the total")
