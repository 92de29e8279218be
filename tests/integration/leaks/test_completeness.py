"""Whoever adds a use case or a route over data adds it to the ways out, or says why it shows no rows."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

import pytest

from backend_services.dashboards import service as dashboards
from backend_services.dashboards.alerts import service as alerts
from backend_services.dashboards.builder import service as builder
from backend_services.dashboards.embeds import service as embeds
from backend_services.dashboards.embeds import viewing
from backend_services.dashboards.rendering import service as rendering
from backend_services.dashboards.subscriptions import service as subscriptions
from backend_services.datasets import service as datasets
from backend_services.datasets.query import service as query
from state.api.app import create_api
from tests.integration.leaks.covering import FAMILIES, WITHOUT_ROWS
from tests.integration.leaks.paths import PATHS

if TYPE_CHECKING:
    from types import ModuleType

SERVICES = {
    "alerts": alerts,
    "builder": builder,
    "dashboards": dashboards,
    "datasets": datasets,
    "embeds": embeds,
    "query": query,
    "rendering": rendering,
    "subscriptions": subscriptions,
    "viewing": viewing,
}
COVERED = frozenset(name for path in PATHS for name in path.covers)


def use_cases(called: str, module: ModuleType) -> set[str]:
    """Return the public functions of a service, also those that it takes from its own parts."""
    shown = set(getattr(module, "__all__", ()))
    return {
        f"{called}.{name}"
        for name, one in inspect.getmembers(module, inspect.isfunction)
        if name in shown or (not name.startswith("_") and one.__module__.startswith(module.__name__))
    }


def routes() -> set[str]:
    """Return every route of the REST interface, but for families that have nothing to do with data."""
    named = {one["operationId"] for of_path in create_api().openapi()["paths"].values() for one in of_path.values()}
    return {one for one in named if not one.startswith(tuple(FAMILIES))}


def not_accounted_for(found: set[str]) -> set[str]:
    """Return what is neither on a way out nor known to show no rows."""
    return found - COVERED - WITHOUT_ROWS.keys()


@pytest.mark.parametrize("called", sorted(SERVICES))
def test_every_use_case_is_accounted_for(called: str) -> None:
    assert not not_accounted_for(use_cases(called, SERVICES[called]))


def test_every_route_is_accounted_for() -> None:
    assert not not_accounted_for(routes())


def test_nothing_is_accounted_for_that_is_not_there() -> None:
    there = routes().union(*(use_cases(called, module) for called, module in SERVICES.items()))
    assert not (COVERED | WITHOUT_ROWS.keys()) - there
    assert not COVERED & WITHOUT_ROWS.keys()


def test_a_new_use_case_is_noticed() -> None:
    assert not_accounted_for({"dashboards.tile_results", "dashboards.show_everything"}) == {
        "dashboards.show_everything"
    }
