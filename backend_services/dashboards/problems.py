"""A problem of a specification, and what would fit. Pure."""

from __future__ import annotations

from pydantic import Field

from backend_services.kernel.i18n import text
from backend_services.kernel.schemas import Strict


class Problem(Strict):
    """Something in a specification that does not fit.

    Attributes:
        path: Where, such as ``tiles[0].source.query.measures[1]``.
        suggestions: What would fit: names of fields, or kinds of chart.
    """

    path: str
    code: str
    params: dict[str, str] = Field(default_factory=dict)
    suggestions: tuple[str, ...] = ()

    def message(self, language: str) -> str:
        """Return what to do about it, one sentence or two."""
        said = text(f"dashboards.problem.{self.code}", language, **self.params)
        if not self.suggestions:
            return said
        nearest = text("dashboards.problem.suggestions", language, names=", ".join(self.suggestions))
        return f"{said} {nearest}"
