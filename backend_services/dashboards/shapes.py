"""Do questions of the kinds beyond lines and bars have the shape that these draw? Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.dashboards.problems import Problem
from backend_services.dashboards.spec import ChartKind, Tile
from backend_services.datasets.catalogue import Aggregation, Derivation
from backend_services.datasets.query.part import PARTED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backend_services.datasets.catalogue import Catalogue, Dimension, Measure, MetricQuery

BACK = frozenset({Derivation.CHANGE, Derivation.GROWTH, Derivation.PREVIOUS})
ADDITIVE = frozenset({Aggregation.COUNT, Aggregation.LAST, Aggregation.SUM})
GRID = 2
MOST_PIVOTED = 4
COORDINATES = 2


def shape_problems(chart: str, tile: Tile, query: MetricQuery, dimensions: Sequence[Dimension]) -> Iterator[Problem]:
    """Yield what keeps ``tile`` from being drawn; ``chart`` is the path to its kind."""
    drawn = len(query.derived) or len(query.measures)
    numbers = [one for one in dimensions if one.type.is_number]
    match tile.chart:
        case ChartKind.HEATMAP if len(dimensions) != GRID or drawn != 1:
            yield Problem(path=chart, code="heatmap_shape", suggestions=("pivot", "table"))
        case ChartKind.HISTOGRAM if len(dimensions) != 1 or not numbers or drawn != 1:
            yield Problem(path=chart, code="histogram_shape", suggestions=("bar",))
        case ChartKind.MAP if not _is_map(dimensions, numbers) or drawn != 1:
            yield Problem(path=chart, code="map_shape", suggestions=("bar", "table"))
        case ChartKind.PIVOT if not 1 <= len(dimensions) <= MOST_PIVOTED or tile.series is None:
            yield Problem(path=chart, code="pivot_shape", suggestions=("table",))
        case _:
            return


def _is_map(dimensions: Sequence[Dimension], numbers: Sequence[Dimension]) -> bool:
    """Return whether there are two numbers to be degrees and a name at most, or a name alone to be a country."""
    names = len(dimensions) - len(numbers)
    return (len(numbers) == COORDINATES and names <= 1) or (not numbers and names == 1)


def derived_problems(path: str, query: MetricQuery, catalogue: Catalogue) -> Iterator[Problem]:
    """Yield what cannot follow from the figures of ``query``."""
    times = [catalogue.dimension(one.field) for one in query.dimensions]
    timed = any(one is not None and (one.type.is_time or one.id.endswith(("year", "leto"))) for one in times)
    for index, one in enumerate(query.derived):
        where, measure = f"{path}.derived[{index}]", catalogue.measure(one.of)
        if one.of not in query.measures:
            yield Problem(path=where, code="unknown_measure", params={"name": one.of}, suggestions=query.measures)
        elif one.kind in BACK and not timed:
            yield Problem(path=where, code="derived_needs_time")
        elif one.kind is Derivation.PART:
            yield from _part_problems(where, query, measure)
        elif one.kind not in BACK and measure is not None and measure.aggregation not in ADDITIVE:
            yield Problem(path=where, code="derived_not_additive", params={"name": one.of})


def _part_problems(where: str, query: MetricQuery, measure: Measure | None) -> Iterator[Problem]:
    if not query.part:
        yield Problem(path=where, code="derived_needs_part")
    elif measure is not None and measure.aggregation not in PARTED:
        yield Problem(path=where, code="derived_not_additive", params={"name": measure.id})
