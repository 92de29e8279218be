"""Specifications: the schema, its documentation, and what does not fit the data."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from backend_services.dashboards import json_schema
from backend_services.dashboards.problems import Problem
from backend_services.dashboards.spec import ChartKind, DashboardSpec, SqlSource, Tile
from backend_services.dashboards.validation import problems_of
from backend_services.datasets.catalogue import Filter, Grain, GroupBy, MetricQuery, Operator, RelativePeriod, SqlQuery
from tests.factories.dashboards import CATALOGUE, DATASET_ID, query, spec, tile

REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
CATALOGUES = {DATASET_ID: CATALOGUE}
BY_MONTH = GroupBy(field="ordered_at", grain=Grain.MONTH)


def _problems(chart: ChartKind, asked: MetricQuery, **more: object) -> tuple[Problem, ...]:
    return problems_of(spec(tile(chart, asked, **more)), CATALOGUES)


def test_the_documented_schema_is_current() -> None:
    assert (REFERENCE / "dashboard-spec.json").read_text(encoding="utf-8") == json_schema.as_json()
    assert (REFERENCE / "dashboard-spec.md").read_text(encoding="utf-8") == json_schema.as_page()


def test_unknown_fields_and_tiles_of_the_same_name_are_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        DashboardSpec.model_validate({"title": "x", "colour": "red"})
    with pytest.raises(ValidationError, match="used twice: one"):
        spec(tile(ChartKind.NUMBER), tile(ChartKind.TABLE))


@pytest.mark.parametrize(
    ("chart", "asked"),
    [
        (ChartKind.NUMBER, query("revenue")),
        (ChartKind.LINE, query("revenue", by=[BY_MONTH])),
        (ChartKind.LINE, query("revenue", by=[BY_MONTH, "country"])),
        (ChartKind.LINE, query("revenue", by=["quantity"])),
        (ChartKind.BAR, query("revenue", "orders", by=["country"])),
        (ChartKind.PIE, query("revenue", by=["country"])),
        (ChartKind.PIE, query("revenue", by=["product"], limit=5)),
        (ChartKind.SCATTER, query("revenue", "orders", by=["product"])),
        (ChartKind.TABLE, query("revenue", by=["country", "product", BY_MONTH])),
        (ChartKind.TABLE, query(by=["country"])),
        (ChartKind.NUMBER, query("revenue", period=RelativePeriod(kind="last", n=3))),
    ],
)
def test_what_fits_has_no_problems(chart: ChartKind, asked: MetricQuery) -> None:
    assert _problems(chart, asked) == ()


@pytest.mark.parametrize(
    ("chart", "asked", "code", "path"),
    [
        (ChartKind.NUMBER, query("revenu"), "unknown_measure", "tiles[0].source.query.measures[0]"),
        (ChartKind.NUMBER, query("hidden_cost"), "unknown_measure", "tiles[0].source.query.measures[0]"),
        (
            ChartKind.BAR,
            query("revenue", by=["county"]),
            "unknown_dimension",
            "tiles[0].source.query.dimensions[0].field",
        ),
        (
            ChartKind.BAR,
            query("revenue", by=[GroupBy(field="country", grain=Grain.DAY)]),
            "grain_without_time",
            "tiles[0].source.query.dimensions[0].grain",
        ),
        (
            ChartKind.NUMBER,
            query("revenue", filters=(Filter(field="colour", operator=Operator.EQ, values=("red",)),)),
            "unknown_dimension",
            "tiles[0].source.query.filters[0].field",
        ),
        (ChartKind.NUMBER, query("revenue", "orders"), "number_shape", "tiles[0].chart"),
        (ChartKind.NUMBER, query("revenue", by=["country"]), "number_shape", "tiles[0].chart"),
        (ChartKind.LINE, query("revenue", by=["country"]), "line_needs_order", "tiles[0].chart"),
        (ChartKind.LINE, query("revenue", "orders", by=[BY_MONTH, "country"]), "line_shape", "tiles[0].chart"),
        (ChartKind.PIE, query("revenue", by=["product"]), "pie_parts", "tiles[0].chart"),
        (ChartKind.PIE, query("revenue", "orders", by=["country"]), "pie_shape", "tiles[0].chart"),
        (ChartKind.SCATTER, query("revenue", by=["country"]), "scatter_shape", "tiles[0].chart"),
        (ChartKind.BAR, query("revenue"), "bar_shape", "tiles[0].chart"),
        (ChartKind.BAR, query(by=["country"]), "chart_without_measure", "tiles[0].chart"),
        (ChartKind.NUMBER, query("revenue", time_field="country"), "unknown_time", "tiles[0].source.query.time_field"),
    ],
)
def test_what_does_not_fit_is_named(chart: ChartKind, asked: MetricQuery, code: str, path: str) -> None:
    assert [(one.code, one.path) for one in _problems(chart, asked)] == [(code, path)]


def test_a_wrong_name_comes_with_the_nearest_ones_in_both_languages() -> None:
    (problem,) = _problems(ChartKind.NUMBER, query("revenu"))
    assert problem.suggestions[0] == "revenue"
    assert problem.message("en").startswith("There is no measure “revenu”. Nearest: revenue")
    assert problem.message("sl").startswith("Mere »revenu« ni. Najbližje: revenue")


def test_a_filter_of_the_dashboard_must_reach_some_dataset() -> None:
    filters = (Filter(field="colour", operator=Operator.EQ, values=("red",)),)
    (problem,) = problems_of(spec(tile(ChartKind.NUMBER), filters=filters), CATALOGUES)
    assert problem.path == "filters[0].field"


def test_datasets_can_be_replaced_for_an_import() -> None:
    other = UUID("01900000-0000-7000-8000-000000000002")
    sql = Tile(
        id="sql",
        title="SQL",
        chart=ChartKind.TABLE,
        source=SqlSource(query=SqlQuery(dataset_id=DATASET_ID, sql="SELECT 1")),
    )
    before = spec(tile(ChartKind.NUMBER), sql, default_dataset_id=DATASET_ID)
    after = before.with_datasets({DATASET_ID: other})
    assert after.dataset_ids == (other,)
    assert after.default_dataset_id == other
    assert after.with_datasets({other: DATASET_ID}) == before


FIELDS = st.sampled_from(["revenue", "orders", "average_basket", "nothing"])
GROUPS = st.sampled_from(["country", "product", "quantity", "ordered_at", "nothing"])


@given(
    chart=st.sampled_from([one for one in ChartKind if one is not ChartKind.TEXT]),
    measures=st.lists(FIELDS, max_size=3, unique=True),
    groups=st.lists(GROUPS, max_size=3, unique=True),
)
def test_every_specification_survives_storage_and_is_judged_without_failing(
    chart: ChartKind, measures: list[str], groups: list[str]
) -> None:
    made = spec(tile(chart, query(*measures, by=groups)))
    assert DashboardSpec.model_validate(made.model_dump(mode="json")) == made
    problems = problems_of(made, CATALOGUES)
    named = "nothing" in measures or "nothing" in groups
    assert not named or any(one.code.startswith("unknown") for one in problems)
    assert all(one.message("en") and one.message("sl") for one in problems)
