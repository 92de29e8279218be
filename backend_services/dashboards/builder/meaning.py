"""Unknown words by meaning (vectors of field descriptions) and by a look into the values of large columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder import vectors
from backend_services.dashboards.builder.normalise import fold
from backend_services.dashboards.builder.retrieve import Candidate
from backend_services.datasets.catalogue import FieldType
from backend_services.datasets.query import service as query_service
from backend_services.llm import service as llm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.dashboards.builder.sources import Source
    from backend_services.dashboards.builder.unexplained import Unknown
    from backend_services.kernel.actor import Actor

_LOOKED_INTO: Final = 3
_FOUND: Final = 5


async def by_meaning(unknown: Sequence[Unknown], source: Source) -> dict[str, Candidate]:
    """Return what unknown words most likely stand for; only clear cases.

    Raises:
        LlmUnavailableError: No worker answers in time.
    """
    wanted = [one for one in unknown if one.place in {"by", "thing"}]
    fields = vectors.described(source.index.catalogue)
    if not wanted or not fields:
        return {}
    found = await llm.embed([*(one.text for one in wanted), *(sentence for _, sentence in fields)])
    asked, known = found[: len(wanted)], found[len(wanted) :]
    return vectors.clear_matches(wanted, asked, fields, known)


async def by_values(actor: Actor, unknown: Sequence[Unknown], source: Source) -> dict[str, Candidate]:
    """Return values of large columns that unknown words spell out; the index holds only the most frequent ones."""
    large = [
        one
        for one in source.index.catalogue.dimensions
        if not one.hidden and one.type is FieldType.TEXT and one.distinct > len(one.values)
    ]
    found: dict[str, Candidate] = {}
    for one in unknown[:_LOOKED_INTO]:
        if one.place == "by":
            continue
        for dimension in large:
            values = await query_service.field_values(
                actor, source.dataset_id, field=dimension.id, search=one.text, limit=_FOUND
            )
            exact = next((value.value for value in values if fold(str(value.value)) == fold(one.text)), None)
            if exact is not None:
                found[one.text] = Candidate("value", dimension.id, 0.95, str(exact))
                break
    return found
