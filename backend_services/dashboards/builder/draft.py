"""What a question comes to, in catalogue terms, before it is a query. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from backend_services.dashboards.builder.retrieve import Candidate
    from backend_services.dashboards.builder.unexplained import Unknown
    from backend_services.dashboards.spec import ChartKind
    from backend_services.datasets.catalogue import Derivation, Filter, GroupBy, RelativePeriod, Scalar, Sort

Slot = Literal["measure", "dimension", "value"]


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """Words with two close readings; a person chooses."""

    text: str
    slot: Slot
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Something to say to the person: a text of the catalogue ``builder.note.<code>`` and its values."""

    code: str
    params: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True)
class Draft:
    """One tile's worth of understanding.

    Attributes:
        asked: Field id → the words that named it.
        included: Dimension → wanted values; ``excluded`` likewise for unwanted ones.
        follows: What is to be computed along the time from the measures.
        back: How many steps in time before is what follows measured against.
        ratio: Divide the first measure by the second.
        compared: Those of ``conditions`` that compare with a number, and where they stand in the question.
        part: Conditions on the rows whose part of the whole is asked for.
        newest: The rows listed are the latest ones.
        superlative: The order was asked for ("top", "which … most").
        via: Weakest kind of retrieval that a field came by: lexicon, embeddings, llm, person.
    """

    measures: list[str] = field(default_factory=list)
    groups: list[GroupBy] = field(default_factory=list)
    included: dict[str, list[Scalar]] = field(default_factory=dict)
    excluded: dict[str, list[Scalar]] = field(default_factory=dict)
    conditions: list[Filter] = field(default_factory=list)
    having: list[Filter] = field(default_factory=list)
    compared: list[tuple[int, Filter]] = field(default_factory=list)
    part: list[Filter] = field(default_factory=list)
    period: RelativePeriod | None = None
    sort: list[Sort] = field(default_factory=list)
    limit: int | None = None
    chart: ChartKind | None = None
    share: bool = False
    follows: set[Derivation] = field(default_factory=set)
    back: int = 1
    ratio: bool = False
    listing: bool = False
    newest: bool = False
    overview: bool = False
    superlative: bool = False
    descending: bool = True
    default_measure: bool = False
    asked: dict[str, str] = field(default_factory=dict)
    period_asked: str = ""
    scores: list[float] = field(default_factory=list)
    via: set[str] = field(default_factory=set)
    ambiguities: list[Ambiguity] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    understood: int = 0
    words: int = 0

    def note(self, code: str, **params: str) -> None:
        """Say something once."""
        one = Note(code, tuple(sorted(params.items())))
        if one not in self.notes:
            self.notes.append(one)

    def unsay(self, code: str) -> None:
        """Take back a note that no longer holds."""
        self.notes = [one for one in self.notes if one.code != code]

    @property
    def confidence(self) -> float:
        """Return how sure the reading is: mean of the fields' scores times the part of the words understood."""
        sure = sum(self.scores) / len(self.scores) if self.scores else 0.5
        explained = self.understood / self.words if self.words else 0.0
        return round(min(1.0, sure * (0.5 + 0.5 * explained)), 3)
