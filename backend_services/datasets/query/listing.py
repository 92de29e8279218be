"""The columns of a list of rows. Pure: no I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.datasets.catalogue import Catalogue, ResultColumn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backend_services.datasets.query.source import Column


def listed(columns: Iterable[Column], catalogue: Catalogue, *, language: str) -> list[ResultColumn]:
    """Return how an answer names these stored columns: by their dimension if they have one, with their unit."""
    by_column = {one.column: one for one in reversed(catalogue.dimensions) if not one.hidden}
    units = {one.column: one for one in reversed(catalogue.measures) if one.column and not one.hidden}
    found: list[ResultColumn] = []
    for column in columns:
        dimension, names = by_column.get(column.name), [one.name for one in found]
        found.append(
            ResultColumn(
                name=dimension.id if dimension is not None and dimension.id not in names else column.name,
                label=dimension.label.in_language(language) if dimension is not None else column.name,
                type=column.type,
                role="dimension" if dimension is not None else "plain",
                unit=units[column.name].unit if column.name in units and column.type.is_number else None,
            )
        )
    return found
