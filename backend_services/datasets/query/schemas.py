"""What goes into and comes out of the query engine besides the catalogue's own terms."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from backend_services.datasets.catalogue import Aggregation, FieldType, Grain, MetricQuery, Scalar, SqlQuery, Unit
from backend_services.kernel.schemas import Strict


class ExportFormat(StrEnum):
    """How an export is written."""

    CSV = "csv"
    XLSX = "xlsx"

    @property
    def media_type(self) -> str:
        """Return the type for a ``Content-Type`` header."""
        match self:
            case ExportFormat.CSV:
                return "text/csv; charset=utf-8"
            case ExportFormat.XLSX:
                return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class MetricQuestion(MetricQuery):
    """A question in catalogue terms."""

    kind: Literal["metric"]


class SqlQuestion(SqlQuery):
    """Guarded free SQL."""

    kind: Literal["sql"]


Question = Annotated[MetricQuestion | SqlQuestion, Field(discriminator="kind")]
"""Either kind of question, told apart by ``kind``."""


class Problem(Strict):
    """Why a question cannot be run, and where.

    Attributes:
        code: Stable identifier, the same that running the question would answer with.
        message: One English sentence with the way out.
        params: What the sentence names, for telling it in another language.
        part: The piece of the question that is at fault, such as a field's name or a piece of the SQL.
        position: Offset of that piece in the SQL, counted in characters from 0, where it is known.
        suggestions: Nearest things that exist.
    """

    code: str
    message: str
    params: dict[str, str] = Field(default_factory=dict)
    part: str = ""
    position: int | None = None
    suggestions: tuple[str, ...] = ()


class DryRun(Strict):
    """What would happen if the question were run; nothing was.

    Attributes:
        sql: What would be run, with the row-level rules in it; empty when the question was refused earlier.
        estimated_rows: Rows that the engine expects in the answer, before the limit.
    """

    ok: bool
    sql: str = ""
    problems: tuple[Problem, ...] = ()
    estimated_rows: int | None = None


class FieldValue(Strict):
    """A value of a dimension and how many rows of those the actor may see carry it."""

    value: Scalar | None
    rows: int


class MetricEntry(Strict):
    """A measure or dimension that can be asked for.

    Attributes:
        time: Grain of a dimension that is a time, the finest that its data have.
    """

    dataset_id: UUID
    dataset_name: str
    kind: Literal["dimension", "measure"]
    id: str
    label: str
    description: str
    type: FieldType | None = None
    aggregation: Aggregation | None = None
    unit: Unit | None = None
    time: Grain | None = None
