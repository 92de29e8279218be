"""The nearest things there are, for a refusal: by spelling, parts of words, or simply the first ones. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rapidfuzz import fuzz, process

from backend_services.dashboards.builder.normalise import fold
from backend_services.dashboards.builder.schemas import NearestThing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.dashboards.builder.sources import Source
    from backend_services.dashboards.builder.unexplained import Unknown

MOST: Final = 6
_ALIKE: Final = 55
_FIRST: Final = 3


def nearest_things(unknown: Sequence[Unknown], sources: Sequence[Source], language: str) -> tuple[NearestThing, ...]:
    """Return what comes closest to the unknown words, best first; measures and dimensions where nothing does."""
    named = [(one, fold(one.label)) for source in sources for one in _things(source, language)]
    found: list[NearestThing] = []
    for one in unknown:
        hits = process.extract(
            fold(one.text), [name for _, name in named], scorer=fuzz.WRatio, limit=_FIRST, score_cutoff=_ALIKE
        )
        found += [named[place][0] for _, _, place in hits]
        kind = "dimension" if one.place == "by" else "measure" if one.place == "thing" else None
        found += [thing for thing, _ in named if kind is not None and thing.kind == kind][:_FIRST]
    if not unknown:
        found += [thing for thing, _ in named if thing.kind != "value"]
    return tuple({(one.kind, one.id, one.dataset_id): one for one in found}.values())[:MOST]


def _things(source: Source, language: str) -> list[NearestThing]:
    catalogue = source.index.catalogue
    found = [
        NearestThing(kind="measure", id=one.id, label=one.label.in_language(language), dataset_id=source.dataset_id)
        for one in catalogue.measures
        if not one.hidden
    ]
    for one in catalogue.dimensions:
        if one.hidden:
            continue
        label = one.label.in_language(language)
        found.append(NearestThing(kind="dimension", id=one.id, label=label, dataset_id=source.dataset_id))
        found += [
            NearestThing(kind="value", id=one.id, label=value, dataset_id=source.dataset_id) for value in one.values
        ]
    return found
