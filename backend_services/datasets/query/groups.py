"""What the dimensions of a question become in its answer. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from backend_services.datasets.catalogue import MetricQuery


def dimension_names(query: MetricQuery) -> list[str]:
    """Return the names of the columns that the dimensions of ``query`` become, in their order."""
    names: list[str] = []
    for one in query.dimensions:
        name = one.field if one.field not in names else f"{one.field}_{one.grain or 'value'}"
        names.append(name)
    return names
