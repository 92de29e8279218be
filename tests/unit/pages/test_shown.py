"""What tiles show of the service's answers."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from backend_services.dashboards.schemas import LegendEntry, Overrides
from backend_services.datasets.catalogue import Filter, Grain, Operator, RelativePeriod
from state.dashboards.shown import colour_of, csv_address, spark_points


def test_series_take_their_place_in_the_palette() -> None:
    assert colour_of(LegendEntry(name="a", palette=3)) == "var(--o-c3)"
    assert colour_of(LegendEntry(name="other", palette=0)) == "var(--o-compare)"
    assert colour_of(LegendEntry(name="before", palette=0, dash="dash")).startswith("repeating-linear-gradient")


def test_spark_runs_from_edge_to_edge_and_leaves_gaps_out() -> None:
    assert spark_points((1.0, None, 3.0)) == "0.0,26.0 84.0,2.0"
    assert spark_points((5.0, 5.0)) == "0.0,26.0 84.0,26.0"
    assert spark_points((None, 2.0)) == ""
    assert spark_points(()) == ""


def test_the_csv_of_a_tile_is_asked_for_the_period_and_filters_that_are_shown() -> None:
    dashboard_id = UUID(int=7)
    narrowed = Overrides(
        period=RelativePeriod(kind="last", n=7, grain=Grain.DAY),
        filters=(Filter(field="country", operator=Operator.EQ, values=("Škotska & co",)),),
        language="sl",
    )
    found = urlsplit(csv_address(dashboard_id, "revenue", narrowed))
    assert found.path == f"/api/v1/dashboards/{dashboard_id}/tiles/revenue/export"
    asked = parse_qs(found.query)
    assert asked["format"] == ["csv"]
    assert Overrides.model_validate_json(asked["overrides"][0]) == narrowed
    assert urlsplit(csv_address(dashboard_id, "revenue", Overrides())).query == "format=csv"
