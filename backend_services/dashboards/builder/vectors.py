"""Nearness of meaning between unknown words and the descriptions of fields. Pure: the vectors come in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backend_services.dashboards.builder.retrieve import Candidate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.dashboards.builder.unexplained import Unknown
    from backend_services.datasets.catalogue import Catalogue

LIKE: Final = 0.72
MARGIN: Final = 0.035


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


def clear_matches(
    unknown: Sequence[Unknown],
    asked: Sequence[Sequence[float]],
    fields: Sequence[tuple[Candidate, str]],
    known: Sequence[Sequence[float]],
) -> dict[str, Candidate]:
    """Return the field each unknown word means, where one is near enough and clearly nearer than the next."""
    found: dict[str, Candidate] = {}
    for one, vector in zip(unknown, asked, strict=True):
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
