"""Tiles are moved, resized, copied and removed by rules that give a new specification."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend_services.dashboards import placing, sizes
from backend_services.dashboards.errors import DashboardFullError, TileNotFoundError
from backend_services.dashboards.figure import layout
from backend_services.dashboards.placing import Step
from backend_services.dashboards.spec import MAX_ROWS, MAX_TILES, ChartKind, DashboardSpec, SqlSource, TextSource, Tile
from backend_services.datasets.catalogue import SqlQuery

KINDS = tuple(kind for kind in ChartKind if kind is not ChartKind.TEXT)


def text_tile(name: str, width: int = 6, height: int | None = None) -> Tile:
    return Tile(id=name, title=name, chart=ChartKind.TEXT, source=TextSource(), width=width, height=height)


def board(*widths: int) -> DashboardSpec:
    """Return a dashboard of tiles ``a``, ``b`` and so on, of these widths."""
    tiles = tuple(text_tile(chr(ord("a") + index), width) for index, width in enumerate(widths))
    return DashboardSpec(title="One", tiles=tiles)


def order(spec: DashboardSpec) -> str:
    return "".join(tile.id for tile in spec.tiles)


def chart_tile(kind: ChartKind, height: int | None = None) -> Tile:
    source = SqlSource(query=SqlQuery(dataset_id=UUID(int=1), sql="SELECT 1 FROM data"))
    return Tile(id="a", title="a", chart=kind, source=source, height=height)


boards = st.lists(st.integers(2, 12), min_size=1, max_size=12).map(lambda widths: board(*widths))


def test_tiles_that_do_not_fit_begin_a_row() -> None:
    assert [(one.row, one.column) for one in placing.places(board(3, 9, 6, 8, 4))] == [
        (0, 0),
        (0, 3),
        (1, 0),
        (2, 0),
        (2, 8),
    ]


@pytest.mark.parametrize(
    ("tile_id", "step", "expected"),
    [
        ("b", Step.EARLIER, "bacde"),
        ("b", Step.LATER, "acbde"),
        ("a", Step.EARLIER, "abcde"),
        ("e", Step.LATER, "abcde"),
        ("e", Step.UP, "abecd"),
        ("b", Step.DOWN, "acdbe"),
        ("a", Step.UP, "abcde"),
        ("d", Step.DOWN, "abced"),
        ("e", Step.DOWN, "abcde"),
    ],
)
def test_steps_go_along_the_order_or_to_the_row_above_and_below(tile_id: str, step: Step, expected: str) -> None:
    assert order(placing.stepped(board(6, 6, 6, 6, 6), tile_id, step)) == expected


@pytest.mark.parametrize(
    ("tile_id", "beside", "after", "expected"),
    [
        ("a", "c", True, "bcad"),
        ("a", "c", False, "bacd"),
        ("d", "a", False, "dabc"),
        ("d", "a", True, "adbc"),
        ("b", "b", True, "abcd"),
        ("a", "b", False, "abcd"),
    ],
)
def test_a_tile_is_put_before_or_after_another(
    tile_id: str,
    beside: str,
    after: bool,  # noqa: FBT001 - a parameter of the table above
    expected: str,
) -> None:
    assert order(placing.placed(board(6, 6, 6, 6), tile_id, beside=beside, after=after)) == expected


@given(boards, st.data())
def test_no_step_loses_a_tile_or_leaves_the_limits(spec: DashboardSpec, data: st.DataObject) -> None:
    for _ in range(5):
        tile_id = data.draw(st.sampled_from(sorted(order(spec))))
        spec = placing.stepped(spec, tile_id, data.draw(st.sampled_from(Step)))
    assert DashboardSpec.model_validate(spec.model_dump()) == spec
    assert all(one.column + one.width <= 12 for one in placing.places(spec))


@given(boards, st.data())
def test_a_step_back_takes_a_step_back(spec: DashboardSpec, data: st.DataObject) -> None:
    tile_id = data.draw(st.sampled_from(sorted(order(spec))))
    moved = placing.stepped(spec, tile_id, Step.LATER)
    assert moved == spec or placing.stepped(moved, tile_id, Step.EARLIER) == spec


@given(boards, st.data())
def test_a_tile_that_is_put_somewhere_stands_there_among_the_others_in_their_order(
    spec: DashboardSpec, data: st.DataObject
) -> None:
    names = sorted(order(spec))
    one, other, after = data.draw(st.sampled_from(names)), data.draw(st.sampled_from(names)), data.draw(st.booleans())
    found = order(placing.placed(spec, one, beside=other, after=after))
    assert found.replace(one, "") == order(spec).replace(one, "")
    if one != other:
        assert found.index(one) - found.index(other) == (1 if after else -1)


def test_sizes_go_to_the_nearest_that_a_tile_can_have() -> None:
    spec = DashboardSpec(title="One", tiles=(chart_tile(ChartKind.LINE),))
    for columns, rows, expected in ((1, 1, (2, 4)), (99, 99, (12, MAX_ROWS)), (5, 7, (5, 7)), (None, 9, (6, 9))):
        tile = placing.resized(spec, "a", columns=columns, rows=rows).tiles[0]
        assert (tile.width, tile.height) == expected
    assert placing.resized(spec, "a", columns=6) is spec


@pytest.mark.parametrize("kind", KINDS)
def test_the_first_step_of_a_height_begins_at_what_is_usual_and_can_be_given_up(kind: ChartKind) -> None:
    spec = DashboardSpec(title="One", tiles=(chart_tile(kind),))
    taller = placing.stepped(spec, "a", Step.TALLER)
    assert taller.tiles[0].height == sizes.usual_rows(kind) + 1
    assert placing.stepped(taller, "a", Step.OWN_HEIGHT) == spec
    low = taller
    for _ in range(MAX_ROWS):
        low = placing.stepped(low, "a", Step.SHORTER)
    assert low.tiles[0].height == sizes.least_rows(kind)


def test_a_chart_of_the_usual_height_is_as_high_as_one_without() -> None:
    usual = sizes.usual_rows(ChartKind.LINE)
    assert layout.height_of(chart_tile(ChartKind.LINE, usual), layout.HEIGHT) == layout.HEIGHT
    assert layout.height_of(chart_tile(ChartKind.LINE), layout.HEIGHT) == layout.HEIGHT
    assert layout.height_of(chart_tile(ChartKind.LINE, 2), layout.HEIGHT) == sizes.tile_px(4) - sizes.SURROUNDINGS_PX


def test_a_copy_stands_behind_its_tile_under_a_name_of_its_own() -> None:
    spec, name = placing.duplicated(board(6, 4, 3), "b")
    assert [tile.id for tile in spec.tiles] == ["a", "b", name, "c"]
    assert spec.tiles[2].model_copy(update={"id": "b"}) == spec.tiles[1]
    again, other = placing.duplicated(spec, name)
    assert other != name
    assert placing.without(placing.without(again, other), name) == board(6, 4, 3)


def test_a_full_dashboard_takes_no_further_tile() -> None:
    full = DashboardSpec(title="One", tiles=tuple(text_tile(f"t{number}") for number in range(MAX_TILES)))
    with pytest.raises(DashboardFullError):
        placing.duplicated(full, "t0")
    with pytest.raises(DashboardFullError):
        placing.added(full, text_tile("more"))


def test_a_tile_that_is_not_there_is_refused() -> None:
    spec = board(6, 6)
    for change in (
        lambda: placing.stepped(spec, "z", Step.LATER),
        lambda: placing.placed(spec, "a", beside="z", after=True),
        lambda: placing.placed(spec, "z", beside="a", after=True),
        lambda: placing.resized(spec, "z", columns=3),
        lambda: placing.duplicated(spec, "z"),
        lambda: placing.without(spec, "z"),
    ):
        with pytest.raises(TileNotFoundError):
            change()
