"""Unknown words by meaning (vectors of field descriptions) and by a look into the values of large columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder.normalise import fold
from backend_services.dashboards.builder.retrieve import Candidate
from backend_services.datasets.catalogue import FieldType
from backend_services.datasets.query import service as query_service
from backend_services.llm import service as llm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.dashboards.builder.reading import Unknown
    from backend_services.dashboards.builder.sources import Source
    from backend_services.datasets.catalogue import Catalogue
    from backend_services.kernel.actor import Actor

LIKE: Final = 0.72
MARGIN: Final = 0.035
_LOOKED_INTO: Final = 3
_FOUND: Final = 5


def described(catalogue: Catalogue) -> list[tuple[Candidate, str]]:
    """Return each visible field with the sentence that its vector is made of."""
    found: list[tuple[Candidate, str]] = []
    for measure in catalogue.measures:
        if not measure.hidden:
            words = [measure.label.en, *measure.synonyms.en[:4], measure.description.en]
            found.append((Candidate("measure", measure.id, 0.0, via="embeddings"), _sentence(words)))
    for dimension in catalogue.dimensions:
        if not dimension.hidden:
            words = [dimension.label.en, *dimension.synonyms.en[:4], dimension.description.en]
            found.append((Candidate("dimension", dimension.id, 0.0, via="embeddings"), _sentence(words)))
    return found


def _sentence(words: Sequence[str]) -> str:
    return ", ".join(word for word in words if word)


async def by_meaning(unknown: Sequence[Unknown], source: Source) -> dict[str, Candidate]:
    """Return what unknown words most likely stand for; only clear cases.

    Raises:
        LlmUnavailableError: No worker answers in time.
    """
    wanted = [one for one in unknown if one.place in {"by", "thing"}]
    fields = described(source.index.catalogue)
    if not wanted or not fields:
        return {}
    vectors = await llm.embed([*(one.text for one in wanted), *(sentence for _, sentence in fields)])
    asked, known = vectors[: len(wanted)], vectors[len(wanted) :]
    found: dict[str, Candidate] = {}
    for one, vector in zip(wanted, asked, strict=True):
        kind = "dimension" if one.place == "by" else "measure"
        scored = sorted(
            (
                (sum(a * b for a, b in zip(vector, other, strict=True)), candidate)
                for (candidate, _), other in zip(fields, known, strict=True)
                if candidate.kind == kind
            ),
            key=lambda pair: -pair[0],
        )
        if not scored or scored[0][0] < LIKE:
            continue
        if len(scored) > 1 and scored[0][0] - scored[1][0] < MARGIN:
            continue
        best = scored[0][1]
        found[one.text] = Candidate(best.kind, best.field_id, round(scored[0][0], 3), via="embeddings")
    return found


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
