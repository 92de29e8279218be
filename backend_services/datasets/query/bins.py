"""Numbers in bins of equal width: the groups of a histogram. Pure: no I/O."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from sqlglot import exp

from backend_services.datasets.catalogue import Filter, GroupBy, Operator
from backend_services.datasets.derived import EACH
from backend_services.datasets.query.errors import FieldTypeError
from backend_services.datasets.query.predicates import column_node, number_node

if TYPE_CHECKING:
    from backend_services.datasets.catalogue import Catalogue, Unit
    from backend_services.datasets.query.source import Column

_NICE: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_SLACK: Final = Decimal("1e-9")
"""Part of a bin: 0.3 in bins of 0.1 is the third edge, though a double says a hair less."""


def edge(column: Column, width: float) -> exp.Expr:
    """Return the lower edge of the bin that a value lies in.

    Raises:
        FieldTypeError: The column holds no numbers.
    """
    if not column.type.is_number:
        raise FieldTypeError(column.name, type=column.type, action="width")
    wide = exp.cast(number_node(Decimal(str(width))), "double")
    place: exp.Expr = exp.Div(
        this=exp.cast(column_node(column.name), "double"), expression=wide, typed=False, safe=False
    )
    if not width.is_integer():
        place = exp.Add(this=place, expression=number_node(_SLACK))
    return exp.Mul(this=exp.Floor(this=place), expression=wide.copy())


def unit_of(group: GroupBy, catalogue: Catalogue) -> Unit | None:
    """Return the unit of the edges of bins, known from the measure that folds the number."""
    if group.width is None or not group.field.endswith(EACH):
        return None
    measure = catalogue.measure(group.field.removesuffix(EACH))
    return None if measure is None else measure.unit


def inside(group: GroupBy, lower: float) -> tuple[Filter, Filter]:
    """Return the conditions that a value lies in the bin that begins at ``lower``."""
    upper = float(f"{lower + (group.width or 0.0):.12g}")
    return (
        Filter(field=group.field, operator=Operator.GTE, values=(float(f"{lower:.12g}"),)),
        Filter(field=group.field, operator=Operator.LT, values=(upper,)),
    )


def nice_width(low: float, high: float, *, bins: int) -> float:
    """Return the least round width with which at most ``bins`` bins, and one more, hold ``low`` to ``high``."""
    rough = (high - low) / max(1, bins)
    if not math.isfinite(rough) or rough <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(rough))
    return float(f"{next(one * power for one in _NICE if one * power >= rough * (1 - 1e-9)):.12g}")
