"""Fields that follow from those that a catalogue names: another way to fold, a ratio, a single row's number. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.datasets.fields import Aggregation, Dimension, FieldType, Measure, Text, Unit, UnitKind

if TYPE_CHECKING:
    from backend_services.datasets.catalogue import Catalogue

EACH = "__each"
PER = "__per__"
ROW_COUNT = "rows__count"
_DERIVED_LABELS = {
    Aggregation.AVG: ("Average {}", "Povprečje: {}"),
    Aggregation.COUNT: ("Count of {}", "Število: {}"),
    Aggregation.COUNT_DISTINCT: ("Distinct {}", "Število različnih: {}"),
    Aggregation.LAST: ("Latest {}", "Zadnje stanje: {}"),
    Aggregation.MAX: ("Highest {}", "Največ: {}"),
    Aggregation.MEDIAN: ("Median {}", "Mediana: {}"),
    Aggregation.MIN: ("Lowest {}", "Najmanj: {}"),
    Aggregation.SUM: ("Total {}", "Skupaj: {}"),
}


def derived_measure(catalogue: Catalogue, field_id: str) -> Measure | None:
    """Return the measure that ``field_id`` makes from what the catalogue names, or ``None``."""
    if field_id == ROW_COUNT:
        unit = Unit(kind=UnitKind.COUNT)
        return Measure(
            id=field_id, column=None, aggregation=Aggregation.COUNT, label=Text(en="Rows", sl="Vrstice"), unit=unit
        )
    return _ratio(catalogue, field_id) if PER in field_id else _folded(catalogue, field_id)


def _folded(catalogue: Catalogue, field_id: str) -> Measure | None:
    """Return the measure that folds another way what a field holds: ``price__median``."""
    base_id, separator, folding = field_id.rpartition("__")
    if not separator or folding not in set(Aggregation) - {Aggregation.RATIO}:
        return None
    base = next((one for one in catalogue.measures if one.id == base_id), None) or catalogue.dimension(base_id)
    if base is None or base.column is None:
        return None
    aggregation = Aggregation(folding)
    counts = aggregation in {Aggregation.COUNT, Aggregation.COUNT_DISTINCT}
    over = base.over if isinstance(base, Measure) else None
    is_timeless = aggregation is Aggregation.LAST and not (over or catalogue.default_time)
    if is_timeless or (not counts and isinstance(base, Dimension) and not base.type.is_number):
        is_share = aggregation is Aggregation.AVG and isinstance(base, Dimension) and base.type is FieldType.BOOLEAN
        return _share_of_yes(base, field_id) if isinstance(base, Dimension) and is_share else None
    english, slovenian = _DERIVED_LABELS[aggregation]
    unit = Unit(kind=UnitKind.COUNT) if counts else base.unit if isinstance(base, Measure) else Unit()
    return Measure(
        id=field_id,
        column=base.column,
        aggregation=aggregation,
        label=Text(
            en=english.format(inside(base.label.en))[:200], sl=slovenian.format(inside(base.label.in_language("sl")))
        ),
        unit=unit,
        description=base.description,
        hidden=base.hidden,
        over=over,
        higher_is_better=base.higher_is_better if isinstance(base, Measure) else None,
    )


def _share_of_yes(base: Dimension, field_id: str) -> Measure:
    """Return the part of the rows whose answer is yes, of those that have one."""
    return Measure(
        id=field_id,
        column=base.column,
        aggregation=Aggregation.AVG,
        label=Text(
            en=f"Share of {inside(base.label.en)}"[:200], sl=f"Delež: {inside(base.label.in_language('sl'))}"[:200]
        ),
        unit=Unit(kind=UnitKind.PERCENT),
        description=base.description,
        hidden=base.hidden,
    )


def derived_dimension(catalogue: Catalogue, field_id: str) -> Dimension | None:
    """Return the number in each row that the measure named before ``__each`` folds, or ``None``."""
    base_id = field_id.removesuffix(EACH)
    base = next((one for one in catalogue.measures if one.id == base_id), None) if base_id != field_id else None
    if base is None or base.column is None or base.aggregation in {Aggregation.COUNT, Aggregation.COUNT_DISTINCT}:
        return None
    return Dimension(
        id=field_id,
        column=base.column,
        label=base.label,
        type=FieldType.DECIMAL,
        description=base.description,
        hidden=base.hidden,
    )


def _ratio(catalogue: Catalogue, field_id: str) -> Measure | None:
    """Return the quotient of two measures that ``a__per__b`` names."""
    above, _, below = field_id.partition(PER)
    numerator, denominator = catalogue.measure(above), catalogue.measure(below)
    if (
        numerator is None
        or denominator is None
        or Aggregation.RATIO in {numerator.aggregation, denominator.aggregation}
    ):
        return None
    return Measure(
        id=field_id,
        column=None,
        aggregation=Aggregation.RATIO,
        label=Text(
            en=f"{numerator.label.en} per {inside(denominator.label.en)}"[:200],
            sl=f"{numerator.label.in_language('sl')} / {inside(denominator.label.in_language('sl'))}"[:200],
        ),
        unit=Unit(kind=UnitKind.NUMBER) if numerator.unit.kind is UnitKind.COUNT else numerator.unit,
        hidden=numerator.hidden or denominator.hidden,
        numerator=above,
        denominator=below,
    )


def inside(label: str) -> str:
    """Return ``label`` as it stands inside a sentence: abbreviations keep their capitals."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
