"""The editor's form of a figure: what it cannot name is kept, not shown as something else."""

from __future__ import annotations

from uuid import uuid4

from backend_services.dashboards import periods
from backend_services.dashboards.spec import ChartKind, MetricSource, Tile
from backend_services.datasets.catalogue import Catalogue, Derivation, Derived, Grain, GroupBy, MetricQuery
from backend_services.kernel.clock import now
from state.dashboards.tile_form import OWN_PERIOD, form_of, tile_of


def _tile() -> Tile:
    stretch = periods.between(now().replace(year=2025), now().replace(year=2026), Grain.DAY)
    query = MetricQuery(dataset_id=uuid4(), measures=("revenue",), period=stretch)
    return Tile(id="one", title="Revenue", chart=ChartKind.NUMBER, source=MetricSource(query=query))


def _period_of(tile: Tile) -> object:
    assert isinstance(tile.source, MetricSource)
    return tile.source.query.period


def test_dates_of_its_own_are_named_and_kept() -> None:
    tile = _tile()
    form = form_of(tile)
    assert form["period"] == OWN_PERIOD
    assert _period_of(tile_of(form, tile, Catalogue())) == _period_of(tile)


def test_dates_of_its_own_are_dropped_for_the_whole_time() -> None:
    tile = _tile()
    assert _period_of(tile_of({**form_of(tile), "period": ""}, tile, Catalogue())) is None


def test_how_far_back_a_change_looks_is_kept() -> None:
    query = MetricQuery(
        dataset_id=uuid4(),
        measures=("rows",),
        derived=(Derived(kind=Derivation.CHANGE, of="rows", back=4),),
        dimensions=(GroupBy(field="day", grain=Grain.YEAR),),
    )
    tile = Tile(id="one", title="Change", chart=ChartKind.BAR, source=MetricSource(query=query))
    kept = tile_of(form_of(tile), tile, Catalogue())
    assert isinstance(kept.source, MetricSource)
    assert kept.source.query.derived == query.derived
