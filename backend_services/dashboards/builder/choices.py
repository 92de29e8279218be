"""Chosen readings as text: a clarification's option carries everything that was settled so far. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, cast
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from backend_services.dashboards.builder.errors import ChoiceUnknownError
from backend_services.dashboards.builder.normalise import fold
from backend_services.dashboards.builder.retrieve import Candidate

if TYPE_CHECKING:
    from backend_services.datasets.catalogue import Catalogue

_PARTS = 4


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person has settled: the dataset, and what some words stand for."""

    dataset_id: UUID | None = None
    pins: dict[str, Candidate] = field(default_factory=dict)

    def with_pin(self, words: str, candidate: Candidate) -> Choices:
        """Return these choices and one more."""
        return Choices(self.dataset_id, {**self.pins, words: candidate})

    def encoded(self) -> str:
        """Return them as the ``id`` of an option."""
        pairs = [("dataset", str(self.dataset_id))] if self.dataset_id else []
        pairs += [
            ("pin", "\n".join([words, one.kind, one.field_id, one.value or ""])) for words, one in self.pins.items()
        ]
        return urlencode(pairs)


def decode(text: str | None) -> Choices:
    """Read an option's ``id``.

    Raises:
        ChoiceUnknownError: It is none.
    """
    dataset_id: UUID | None = None
    pins: dict[str, Candidate] = {}
    try:
        for name, value in parse_qsl(text or "", strict_parsing=bool(text)):
            if name == "dataset":
                dataset_id = UUID(value)
                continue
            parts = value.split("\n")
            if name != "pin" or len(parts) != _PARTS or parts[1] not in {"measure", "dimension", "value"}:
                raise ChoiceUnknownError
            kind = cast("Literal['measure', 'dimension', 'value']", parts[1])
            pins[parts[0]] = Candidate(kind, parts[2], 1.0, parts[3] or None, via="person")
    except ValueError as error:
        raise ChoiceUnknownError from error
    return Choices(dataset_id, pins)


def check(choices: Choices, catalogue: Catalogue, question: str) -> None:
    """Refuse choices that name what the catalogue or the question does not have.

    Raises:
        ChoiceUnknownError: They belong to another question or dataset.
    """
    asked = fold(question)
    for words, one in choices.pins.items():
        known = catalogue.measure(one.field_id) if one.kind == "measure" else catalogue.dimension(one.field_id)
        if known is None or known.hidden or fold(words) not in asked:
            raise ChoiceUnknownError
        dimension = catalogue.dimension(one.field_id)
        if one.kind == "value" and (dimension is None or one.value not in dimension.values):
            raise ChoiceUnknownError
