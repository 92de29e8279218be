"""A measure or a dimension as the fields of a form, and back. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend_services.datasets.catalogue import Aggregation, Catalogue, Dimension, Measure, Text, Unit, UnitKind, Words

SEPARATOR = ";"
UNITS = tuple(kind.value for kind in UnitKind)


def form_of(field: Measure | Dimension) -> dict[str, str]:
    """Return the fields that describe a measure or a dimension."""
    shared = {
        "id": field.id,
        "column": field.column or "",
        "label_en": field.label.en,
        "label_sl": field.label.sl,
        "words_en": f"{SEPARATOR} ".join(field.synonyms.en),
        "words_sl": f"{SEPARATOR} ".join(field.synonyms.sl),
        "hidden": "yes" if field.hidden else "",
    }
    if isinstance(field, Dimension):
        return {**shared, "kind": "dimension", "aggregation": "", "unit_kind": "", "unit_code": ""}
    return {
        **shared,
        "kind": "measure",
        "aggregation": field.aggregation.value,
        "unit_kind": field.unit.kind.value,
        "unit_code": field.unit.code,
    }


def aggregations_for(measure: Measure) -> tuple[Aggregation, ...]:
    """Return how a measure may fold; ratios and counts of rows have no choice."""
    if measure.column is None or measure.aggregation is Aggregation.RATIO:
        return (measure.aggregation,)
    return tuple(one for one in Aggregation if one is not Aggregation.RATIO)


def changed(catalogue: Catalogue, field_id: str, form: Mapping[str, Any]) -> Catalogue:
    """Return the catalogue with one field changed to what the form says; an unknown field changes nothing.

    Raises:
        ValidationError: A field breaks a rule of the catalogue.
        ValueError: The aggregation or the unit is none.
    """
    measures = tuple(_measure(one, form) if one.id == field_id else one for one in catalogue.measures)
    dimensions = tuple(_dimension(one, form) if one.id == field_id else one for one in catalogue.dimensions)
    return Catalogue.model_validate({**dict(catalogue), "measures": measures, "dimensions": dimensions})


def _shared(form: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "label": Text(en=_text(form, "label_en"), sl=_text(form, "label_sl")),
        "synonyms": Words(en=_words(form, "words_en"), sl=_words(form, "words_sl")),
        "hidden": bool(form.get("hidden")),
    }


def _measure(known: Measure, form: Mapping[str, Any]) -> Measure:
    unit = Unit(kind=UnitKind(_text(form, "unit_kind") or known.unit.kind), code=_text(form, "unit_code"))
    folding = Aggregation(_text(form, "aggregation") or known.aggregation)
    return Measure.model_validate({**dict(known), **_shared(form), "unit": unit, "aggregation": folding})


def _dimension(known: Dimension, form: Mapping[str, Any]) -> Dimension:
    shared = _shared(form)
    values = () if shared["hidden"] else known.values
    return Dimension.model_validate({**dict(known), **shared, "values": values})


def _text(form: Mapping[str, Any], name: str) -> str:
    return str(form.get(name) or "").strip()


def _words(form: Mapping[str, Any], name: str) -> tuple[str, ...]:
    parts = (" ".join(part.split()) for part in _text(form, name).replace(",", SEPARATOR).split(SEPARATOR))
    return tuple(dict.fromkeys(part for part in parts if part))
