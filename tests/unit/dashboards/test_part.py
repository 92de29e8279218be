"""A tile that tells the part of some rows: what it has to say, what is shown of it, and that editing keeps it."""

from __future__ import annotations

import pytest

from backend_services.dashboards.number import number_view
from backend_services.dashboards.presentation import insufficiency
from backend_services.dashboards.spec import ChartKind, DashboardSpec, MetricSource, Tile
from backend_services.dashboards.validation import problems_of
from backend_services.datasets.catalogue import Derivation, Derived, Filter, MetricQuery, Operator, Unit, UnitKind
from state.dashboards.tile_form import form_of, tile_of
from tests.factories.dashboards import CATALOGUE, DATASET_ID, answer, column, month, query, reading, tile

ABROAD = (Filter(field="country", operator=Operator.NE, values=("Slovenia",)),)
PART = Derived(kind=Derivation.PART, of="orders")


def parted(measure: str = "orders", part: tuple[Filter, ...] = ABROAD) -> Tile:
    derived = (Derived(kind=Derivation.PART, of=measure),)
    return tile(ChartKind.NUMBER, query(measure).model_copy(update={"derived": derived, "part": part}))


def query_of(one: Tile) -> MetricQuery:
    assert isinstance(one.source, MetricSource)
    return one.source.query


@pytest.mark.parametrize(
    ("shown", "code"),
    [
        (parted(part=()), "derived_needs_part"),
        (parted("average_basket"), "derived_not_additive"),
        (parted(part=(Filter(field="nothing", operator=Operator.EQ, values=(1,)),)), "unknown_dimension"),
    ],
)
def test_a_part_says_of_which_rows_it_is_and_of_what_adds_up(shown: Tile, code: str) -> None:
    found = problems_of(DashboardSpec(title="D", tiles=(shown,)), {DATASET_ID: CATALOGUE})
    assert [one.code for one in found] == [code]
    assert all(one.message(language) for one in found for language in ("en", "sl"))


@pytest.mark.parametrize("measure", ["orders", "revenue", "rows__count"])
def test_counts_and_sums_have_parts(measure: str) -> None:
    assert problems_of(DashboardSpec(title="D", tiles=(parted(measure),)), {DATASET_ID: CATALOGUE}) == ()


def test_a_number_shows_the_part_and_its_course() -> None:
    share = column(PART.name, unit=Unit(kind=UnitKind.PERCENT))
    result = answer([column("orders", unit=None), share], [[40.0, 0.25]])
    course = answer([month(), column("orders", unit=None), share], [["2026-09-01", 9, 0.5], ["2026-10-01", 5, 0.1]])
    view = number_view(result, reading(), parts=frozenset({PART.name}), course=course)
    assert (view.value, view.text, view.spark) == (0.25, "25%", (0.5, 0.1))
    nothing = answer([column("orders", unit=None), share], [[0.0, None]])
    assert insufficiency(parted(), nothing, None, None, "en") is not None


def test_editing_other_things_keeps_the_part() -> None:
    before = parted()
    after = tile_of({**form_of(before), "title": "Abroad", "width": "6"}, before, CATALOGUE)
    assert (query_of(after).derived, query_of(after).part) == ((PART,), ABROAD)
    plain = tile_of({**form_of(before), "derive": ""}, before, CATALOGUE)
    assert (query_of(plain).derived, query_of(plain).part) == ((), ())
    elsewhere = {**form_of(before), "dataset": "00000000-0000-7000-8000-0000000000ff"}
    moved = query_of(tile_of(elsewhere, before, CATALOGUE))
    assert (moved.derived, moved.part) == ((), ())
