"""What differs between two specifications, and who is mentioned in a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_services.dashboards.differences import difference
from backend_services.dashboards.library_errors import MentionUnclearError
from backend_services.dashboards.mentions import mentioned
from backend_services.dashboards.spec import ChartKind, DashboardSpec
from backend_services.identity.schemas import Colleague
from backend_services.kernel.ids import new_id
from tests.factories.dashboards import query, spec, tile

BOTH = (1, 2)


def named(*ids: str) -> DashboardSpec:
    return spec(*(tile(ChartKind.BAR, tile_id=one) for one in ids))


def test_added_removed_changed_and_moved_tiles_are_told_apart() -> None:
    before = spec(tile(ChartKind.BAR, tile_id="a"), tile(ChartKind.BAR, tile_id="b"), tile(ChartKind.BAR, tile_id="c"))
    after = spec(
        tile(ChartKind.LINE, query("orders"), tile_id="a"),
        tile(ChartKind.BAR, tile_id="d"),
        tile(ChartKind.BAR, tile_id="c"),
    )
    found = difference(before, after, numbers=BOTH)
    assert {(one.tile_id, one.kind) for one in found.tiles} == {
        ("a", "changed"),
        ("b", "removed"),
        ("d", "added"),
    }
    changed = next(one for one in found.tiles if one.tile_id == "a")
    assert {(one.path, one.before, one.after) for one in changed.fields} == {
        ("chart", "bar", "line"),
        ("source.query.measures", '["revenue"]', '["orders"]'),
    }


def test_a_changed_tile_that_moved_says_both() -> None:
    after = spec(tile(ChartKind.BAR, tile_id="b"), tile(ChartKind.BAR, tile_id="c"), tile(ChartKind.LINE, tile_id="a"))
    found = difference(named("a", "b", "c"), after, numbers=BOTH)
    assert [(one.tile_id, one.kind, one.moved) for one in found.tiles] == [("a", "changed", True)]


def test_one_tile_taken_to_the_front_is_one_move() -> None:
    found = difference(named("a", "b", "c", "d"), named("d", "a", "b", "c"), numbers=BOTH)
    assert [(one.tile_id, one.kind) for one in found.tiles] == [("d", "moved")]


@given(st.lists(st.sampled_from("abcdefgh"), unique=True))
def test_a_specification_does_not_differ_from_itself(ids: list[str]) -> None:
    found = difference(named(*ids), named(*ids), numbers=BOTH)
    assert (found.dashboard, found.tiles) == ((), ())


def person(name: str, email: str) -> Colleague:
    return Colleague(user_id=new_id(), name=name, email=email, roles=("viewer",), language="en", active=True)


ANA, ANAMARIJA = person("Ana", "ana@omni.example"), person("Ana Marija Kovač", "anamarija@omni.example")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("@Ana look", [ANA]),
        ("@ana marija kovač, look", [ANAMARIJA]),
        ("@anamarija@omni.example and @Ana", [ANAMARIJA, ANA]),
        ("write to ana@omni.example", []),
        ("@Anatol", []),
        ("@nobody", []),
        ("(@Ana)", [ANA]),
    ],
)
def test_the_longest_name_counts(body: str, expected: list[Colleague]) -> None:
    assert mentioned(body, [ANA, ANAMARIJA]) == tuple(one.user_id for one in expected)


def test_a_name_of_two_people_is_refused() -> None:
    with pytest.raises(MentionUnclearError):
        mentioned("@Ana", [ANA, person("ana", "other@omni.example")])
