"""Short ways to write a catalogue by hand."""

from __future__ import annotations

from backend_services.datasets.catalogue import (
    Aggregation,
    Dimension,
    FieldType,
    Grain,
    Measure,
    Text,
    Unit,
    UnitKind,
    Words,
)

A, T, G = Aggregation, FieldType, Grain
EUR = Unit(kind=UnitKind.CURRENCY, code="EUR")
COUNT = Unit(kind=UnitKind.COUNT)


def _words(en: str, sl: str) -> Words:
    return Words(en=tuple(one for one in en.split("|") if one), sl=tuple(one for one in sl.split("|") if one))


def measure(
    name: str,
    column: str | None,
    folding: Aggregation,
    en: str,
    sl: str,
    *,
    unit: Unit | None = None,
    also: str = "",
    tudi: str = "",
) -> Measure:
    """Return a measure; further words are separated by bars."""
    return Measure(
        id=name,
        column=column,
        aggregation=folding,
        label=Text(en=en, sl=sl),
        unit=unit or Unit(),
        synonyms=_words(also, tudi),
    )


def dimension(  # noqa: PLR0913 - a row of a table
    name: str,
    column: str,
    kind: FieldType,
    en: str,
    sl: str,
    *,
    values: tuple[str, ...] = (),
    distinct: int = 0,
    also: str = "",
    tudi: str = "",
    grain: Grain | None = None,
) -> Dimension:
    """Return a dimension; further words are separated by bars."""
    return Dimension(
        id=name,
        column=column,
        type=kind,
        label=Text(en=en, sl=sl),
        values=values,
        distinct=distinct or len(values),
        synonyms=_words(also, tudi),
        grain=grain,
    )
