"""The part of a group: a figure over the rows that meet conditions, over the same figure of all its rows. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlglot import exp

from backend_services.datasets.catalogue import Aggregation, Derivation, MetricQuery
from backend_services.datasets.derived import inside
from backend_services.datasets.query.errors import NoPartError, NotAdditiveError
from backend_services.datasets.query.wording import conditions_text
from backend_services.kernel.i18n import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.datasets.catalogue import Catalogue, Measure

PARTED: Final = frozenset({Aggregation.COUNT, Aggregation.COUNT_DISTINCT, Aggregation.LAST, Aggregation.SUM})
"""Ways to fold of which a part of the rows has a part of the figure."""


def is_asked(query: MetricQuery) -> bool:
    """Return whether a column of the answer is about the part."""
    return any(one.kind is Derivation.PART for one in query.derived)


def check(query: MetricQuery, measure: Measure) -> None:
    """Refuse what has no part.

    Raises:
        NoPartError: The question does not say which rows are the part.
        NotAdditiveError: The part of a mean is no part of it.
    """
    if not query.part:
        raise NoPartError(measure.id)
    if measure.aggregation not in PARTED:
        raise NotAdditiveError(measure.id)


def quotient(figure: exp.Expr, conditions: Sequence[exp.Expr]) -> exp.Expr:
    """Return the part of ``figure``, nothing over zero; no row of the part is a part of zero."""
    rows = exp.Where(this=exp.and_(*conditions))
    above = exp.Coalesce(this=exp.Filter(this=figure, expression=rows), expressions=[exp.Literal.number(0)])
    below = exp.Nullif(this=exp.cast(figure.copy(), "double"), expression=exp.Literal.number(0))
    return exp.Div(this=exp.cast(above, "double"), expression=below, typed=False, safe=False)


def label(query: MetricQuery, measure: Measure, catalogue: Catalogue, language: str) -> str:
    """Return what the column is called: "Share of rows: total bill over 25"."""
    said = conditions_text(query.part, catalogue, language)
    if measure.column is None and measure.label.en.lower().endswith("rows"):  # nobody said what a row is
        return text("query.part.rows", language, conditions=said)
    name = inside(measure.label.in_language(language))
    return text("query.part.figure", language, measure=name, conditions=said)
