"""What the editor's handles, corners and menus ask for."""

from __future__ import annotations

from typing import Any

import pytest

from backend_services.dashboards.errors import TileNotFoundError
from backend_services.dashboards.spec import ChartKind, DashboardSpec, TextSource, Tile
from backend_services.datasets.catalogue import Grain, RelativePeriod
from state.dashboards.arranging import asked, question_of
from state.dashboards.shown import loading_tile


def board() -> DashboardSpec:
    tiles = tuple(Tile(id=name, title=name, chart=ChartKind.TEXT, source=TextSource()) for name in ("a", "b", "c"))
    return DashboardSpec(title="One", tiles=tiles)


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({"action": "later"}, [("b", 6, None), ("a", 6, None), ("c", 6, None)]),
        ({"action": "wider"}, [("a", 7, None), ("b", 6, None), ("c", 6, None)]),
        ({"action": "drop", "beside": "c", "after": "yes"}, [("b", 6, None), ("c", 6, None), ("a", 6, None)]),
        ({"action": "drop", "beside": "c", "after": ""}, [("b", 6, None), ("a", 6, None), ("c", 6, None)]),
        ({"action": "size", "columns": "4", "rows": "5"}, [("a", 4, 5), ("b", 6, None), ("c", 6, None)]),
        ({"action": "size", "columns": "4", "rows": ""}, [("a", 4, None), ("b", 6, None), ("c", 6, None)]),
        ({"action": "size", "columns": "-3", "rows": "1e9"}, [("a", 6, None), ("b", 6, None), ("c", 6, None)]),
        ({"action": "size", "columns": "999", "rows": "0"}, [("a", 12, 2), ("b", 6, None), ("c", 6, None)]),
    ],
)
def test_a_form_asks_for_one_change(form: dict[str, Any], expected: list[tuple[str, int, int | None]]) -> None:
    found = asked(board(), "a", form)
    assert found is not None
    assert [(tile.id, tile.width, tile.height) for tile in found.tiles] == expected


@pytest.mark.parametrize("form", [{}, {"action": ""}, {"action": "explode"}, {"tile": "b"}])
def test_a_form_without_a_known_action_asks_for_nothing(form: dict[str, Any]) -> None:
    assert asked(board(), "a", form) is None


@pytest.mark.parametrize("form", [{"action": "later"}, {"action": "drop", "beside": "a"}, {"action": "size"}])
def test_a_tile_that_is_gone_is_refused(form: dict[str, Any]) -> None:
    with pytest.raises(TileNotFoundError):
        asked(board(), "gone", form)


def test_a_figure_is_computed_again_for_all_but_its_width() -> None:
    spec = board()
    tile = spec.tiles[0]
    before = question_of(tile, spec, "en")
    assert question_of(tile.model_copy(update={"width": 12}), spec, "en") == before
    assert question_of(tile.model_copy(update={"height": 9}), spec, "en") != before
    assert question_of(tile.model_copy(update={"title": "other"}), spec, "en") != before
    period = RelativePeriod(kind="this", grain=Grain.MONTH)
    assert question_of(tile, spec.model_copy(update={"period": period}), "en") != before
    assert question_of(tile, spec, "sl") != before


def test_a_tile_shows_the_rows_it_takes_once_it_has_a_height() -> None:
    tile = board().tiles[0]
    assert loading_tile(tile)["rows_high"] == ""
    assert loading_tile(tile.model_copy(update={"height": 7}))["rows_high"] == "7"
