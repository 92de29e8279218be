"""Every chip of every figure can be changed, and what it was not about stays as it was."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from backend_services.dashboards.builder import wording
from backend_services.dashboards.builder.plan import make_plan
from backend_services.dashboards.spec import ChartKind, DashboardSpec, MetricSource, Tile
from backend_services.dashboards.validation import problems_of
from backend_services.datasets.catalogue import MetricQuery
from state.builder.chips import KEPT, changed_tile, chips_of
from tests.benchmarks import accuracy
from tests.factories.catalogues import ORDERS

INDEX = accuracy.indexes()["orders"]
DATASETS = [{"value": "", "label": "All"}, {"value": str(UUID(int=1)), "label": "Orders"}, {"value": "x", "label": "X"}]


def tiles(question: str) -> list[Tile]:
    plan = make_plan(question, INDEX, UUID(int=1), today=accuracy.TODAY)
    return [
        Tile(
            id=f"tile-{place}",
            title=wording.tile_title(one, ORDERS, "en"),
            chart=one.chart,
            source=MetricSource(query=one.query),
            series=one.series,
        )
        for place, one in enumerate(plan.tiles, 1)
    ]


def query_of(tile: Tile) -> MetricQuery:
    assert isinstance(tile.source, MetricSource)
    return tile.source.query


def change(tile: Tile, slot: str, value: str, language: str = "en") -> Tile:
    return changed_tile(tile, ORDERS, slot=slot, value=value, language=language)


def offered(tile: Tile) -> dict[str, Any]:
    return {one["slot"]: one for one in chips_of(tile, ORDERS, "en", datasets=DATASETS)}


RICH = "top 5 cities by net revenue and orders without Germany in 2025"


def test_every_thing_has_a_chip_with_its_value_among_the_options() -> None:
    (tile,) = tiles(RICH)
    found = offered(tile)
    assert list(found) == [
        "dataset", "measure", "measure-2", "dimension", "filter", "period", "sort", "limit", "chart"
    ]  # fmt: skip
    for one in found.values():
        assert one["value"] in {option["label"] for option in one["options"]}
    assert "grain" in offered(tiles("net revenue by month")[0])


@pytest.mark.parametrize("question", [RICH, "overview of orders", "net revenue by month and country", "net revenue"])
def test_every_offered_change_of_every_figure_is_a_figure_that_holds_together(question: str) -> None:
    for tile in tiles(question):
        for slot, chip in offered(tile).items():
            if slot == "dataset":
                continue
            for option in chip["options"][:8]:
                changed = change(tile, slot, option["value"])
                spec = DashboardSpec(title="x", tiles=(changed,))
                assert not problems_of(spec, {UUID(int=1): ORDERS}), (slot, option, changed)


def test_a_second_measure_changes_and_the_first_stays() -> None:
    (tile,) = tiles(RICH)
    assert query_of(change(tile, "measure-2", "customers")).measures == ("net_revenue", "customers")
    assert query_of(change(tile, "measure", "customers")).measures == ("customers", "orders")
    assert query_of(change(tile, "measure", "customers")).sort[0].field == "customers"


def test_a_filter_takes_another_value_or_goes() -> None:
    (tile,) = tiles(RICH)
    assert [one.values for one in query_of(change(tile, "filter", "=Austria")).filters] == [("Austria",)]
    assert query_of(change(tile, "filter", "=Austria")).filters[0].operator == query_of(tile).filters[0].operator
    assert query_of(change(tile, "filter", "")).filters == ()
    assert change(tile, "filter", KEPT) == tile


def test_order_limit_and_period_change() -> None:
    (tile,) = tiles(RICH)
    assert not query_of(change(tile, "sort", "least")).sort[0].descending
    assert query_of(change(tile, "sort", "label")).sort[0].field == "city"
    assert query_of(change(tile, "limit", "20")).limit == 20
    assert query_of(change(tile, "period", "")).period is None


def test_titles_follow_in_the_readers_language() -> None:
    (tile,) = tiles("net revenue by month and country")
    assert change(tile, "dimension-2", "channel", "sl").title == "Čisti prihodki po mesecih in kanalih"
    assert change(tile, "dimension-2", "", "en").title == "Net revenue by month"
    assert change(tile, "grain", "quarter", "sl").title == "Čisti prihodki po četrtletjih in državah"


def test_chart_and_groups_follow_each_other() -> None:
    (tile,) = tiles("net revenue by month")
    number = change(tile, "chart", "number")
    assert (number.chart, query_of(number).dimensions) == (ChartKind.NUMBER, ())
    assert query_of(change(number, "chart", "line")).dimensions[0].field == "ordered_at"
    assert change(tile, "dimension", "country").chart is ChartKind.BAR
