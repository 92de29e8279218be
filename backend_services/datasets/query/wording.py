"""Conditions and values in words. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backend_services.datasets.catalogue import Filter, Operator, Scalar
from backend_services.datasets.derived import inside
from backend_services.kernel.i18n import format_number, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.datasets.catalogue import Catalogue

_LONGEST = 120


def scalar_text(value: Scalar, language: str) -> str:
    """Return a value as people write it; a whole number that is most likely a year has no separators."""
    match value:
        case bool():
            return text(f"query.value.{'yes' if value else 'no'}", language)
        case int() if 1000 <= value <= 2200:  # noqa: PLR2004 - most likely a year
            return str(value)
        case int() | float():
            return format_number(value, language)
        case str():
            return value


def condition_text(one: Filter, label: str, language: str) -> str:
    """Return a condition on what is called ``label``: "Total bill over 25"."""
    values = [scalar_text(value, language) for value in one.values]
    if one.operator is Operator.BETWEEN and values:
        return text("query.operator.between", language, field=label, low=values[0], high=values[-1])
    return text(f"query.operator.{one.operator}", language, field=label, value=", ".join(values))


def conditions_text(conditions: Sequence[Filter], catalogue: Catalogue, language: str) -> str:
    """Return conditions as they stand inside a sentence, shortened where they are many."""
    said = []
    for one in conditions:
        found = catalogue.dimension(one.field)
        label = one.field if found is None else inside(found.label.in_language(language))
        said.append(condition_text(one, label, language))
    whole = ", ".join(said)
    return whole if len(whole) <= _LONGEST else f"{whole[: _LONGEST - 1]}…"
