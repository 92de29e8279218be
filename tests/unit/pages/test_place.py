"""What the address of a dashboard says, and what a click on a figure means."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_services.dashboards.spec import ChartKind, MetricSource, Tile
from backend_services.datasets.catalogue import Filter, Grain, GroupBy, MetricQuery, Operator
from state.dashboards.picking import Picked, axis_of, picked
from state.dashboards.place import Place, bucket_of, filter_words, period_of, range_of, read

WEB = Filter(field="channel", operator=Operator.IN, values=("web",))


def test_filters_of_the_address_are_read_and_nonsense_is_left_out() -> None:
    found = read(
        {"f": '["country:SI", "DROP TABLE:1", "empty:", 7, ["amount","gte",10], ["x","sleep","1"], ["x","in"]]'}
    )
    assert [(one.field, one.operator, one.values) for one in found.filters] == [
        ("country", Operator.IN, ("SI",)),
        ("amount", Operator.GTE, (10,)),
    ]
    for raw in (
        '["država:SI", "_x:1", "%s:1"]' % ("a" * 70),
        "[" * 100_000,
        "{not json",
        '{"a": 1}',
        '[["a","in",{}]]',
    ):
        assert read({"f": raw}) == Place()


@given(
    st.lists(
        st.builds(
            Filter,
            field=st.sampled_from(["a", "b", "c"]),
            operator=st.sampled_from([Operator.IN, Operator.NOT_IN, Operator.GTE]),
            values=st.lists(st.text(min_size=1) | st.integers() | st.booleans(), min_size=1, max_size=4).map(tuple),
        ),
        max_size=5,
    )
)
def test_what_is_written_into_an_address_is_read_from_it(filters: list[Filter]) -> None:
    place = Place("2026-01-01..2026-03-31", tuple(filters))
    asked = {name: values[0] for name, values in parse_qs(urlsplit(place.address("/dashboards/1")).query).items()}
    assert read(asked) == place


def test_a_range_of_days_includes_both_and_may_be_open() -> None:
    between = period_of("2026-01-01..2026-03-31")
    assert between is not None
    assert (between.start, between.end) == ("2026-01-01", "2026-04-01")
    since = period_of("2026-01-01..")
    assert since is not None
    assert (since.start, since.end) == ("2026-01-01", None)
    assert range_of("2026-03-31", "2026-01-01") == "2026-01-01..2026-03-31"
    for wrong in ("..", "2026-02-30..", "2026-03-01..2026-02-01", "x..y", "9999-12-31..9999-12-31", "..9999-12-31"):
        assert period_of(wrong) is None
    assert read({"period": "for ever"}).period == ""
    assert (Place("2026-01-01..").choice, Place("12m").choice, Place().choice) == ("chosen", "12m", "")


@pytest.mark.parametrize(
    ("grain", "last"),
    [
        (Grain.HOUR, "2024-01-01"),
        (Grain.DAY, "2024-01-01"),
        (Grain.WEEK, "2024-01-07"),
        (Grain.MONTH, "2024-01-31"),
        (Grain.QUARTER, "2024-03-31"),
        (Grain.YEAR, "2024-12-31"),
    ],
)
def test_a_bucket_of_time_is_its_days(grain: Grain, last: str) -> None:
    assert bucket_of("2024-01-01T00:00:00", grain) == f"2024-01-01..{last}"
    assert bucket_of("not a day", grain) == ""


def test_a_second_click_takes_the_filter_off() -> None:
    once = Place("12m").toggled("channel", "web")
    assert once == Place("12m", (WEB,))
    assert once.toggled("channel", "shop").filters == (WEB.model_copy(update={"values": ("shop",)}),)
    assert once.toggled("channel", "web") == Place("12m")


def test_values_of_a_list_are_gathered_and_bounds_replaced() -> None:
    shop = WEB.model_copy(update={"values": ("shop",)})
    assert Place(filters=(WEB,)).with_value(shop).filters[0].values == ("web", "shop")
    low, high = (Filter(field="amount", operator=Operator.GTE, values=(value,)) for value in ("1", "2"))
    assert Place(filters=(low,)).with_value(high).filters == (high,)
    assert Place(filters=(WEB, low)).without(0).filters == (low,)
    assert filter_words(WEB, "Channel") == "Channel: web"


def _tile(*groups: GroupBy, series: str | None = None) -> Tile:
    query = MetricQuery(dataset_id=UUID(int=1), measures=("rows",), dimensions=groups)
    return Tile(id="t", title="T", chart=ChartKind.BAR, source=MetricSource(query=query), series=series)


def test_the_axis_of_a_figure_is_its_time_else_what_is_no_series() -> None:
    month, region = GroupBy(field="day", grain=Grain.MONTH), GroupBy(field="region")
    assert axis_of(_tile(region, month)) == {"field": "day", "grain": "month"}
    assert axis_of(_tile(region, GroupBy(field="kind"), series="region")) == {"field": "kind", "grain": ""}
    assert axis_of(_tile(region, series="region")) == {"field": "region", "grain": ""}
    assert axis_of(_tile()) == {"field": "", "grain": ""}


def test_a_click_is_read_from_the_figure_and_not_from_what_the_browser_says() -> None:
    shown = {
        "axis": axis_of(_tile(GroupBy(field="region"))),
        "figure": {"data": [{"customdata": [["North", "5"], ["__other__", "9"]]}]},
    }
    assert picked(shown, [{"curveNumber": 0, "pointNumber": 0, "x": "South"}]) == Picked("region", "North", None)
    wrong: list[Any] = [
        {"pointNumber": 1},
        {"pointNumber": -1},
        {"pointNumber": True},
        {"pointNumber": [0, 0]},
        {"curveNumber": 9, "pointNumber": 0},
        {},
    ]
    assert picked(shown, wrong) is None
    assert picked({"axis": shown["axis"], "figure": {}}, [{"pointNumber": 0}]) is None


def test_an_address_of_an_earlier_release_still_narrows() -> None:
    assert read({"period": "7d", "f": json.dumps(["channel:web"])}) == Place("7d", (WEB,))
