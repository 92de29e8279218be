"""What is drawn and on which paper. The drawing process gets a :class:`Document` as JSON and nothing else."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import Field

from backend_services.dashboards.prose import Block
from backend_services.dashboards.schemas import LegendEntry, NumberView, TableView, TileResult
from backend_services.kernel.schemas import Strict

MM_PER_INCH = 25.4


class Paper(StrEnum):
    """Sizes of a sheet."""

    A3 = "a3"
    A4 = "a4"
    LETTER = "letter"

    @property
    def portrait_mm(self) -> tuple[float, float]:
        """Return width and height of the upright sheet in millimetres."""
        return {Paper.A3: (297.0, 420.0), Paper.A4: (210.0, 297.0), Paper.LETTER: (215.9, 279.4)}[self]


class Orientation(StrEnum):
    """How the sheet lies."""

    LANDSCAPE = "landscape"
    PORTRAIT = "portrait"


class FileKind(StrEnum):
    """What comes out."""

    PDF = "pdf"
    PNG = "png"

    @property
    def media_type(self) -> str:
        """Return the type for a ``Content-Type`` header."""
        return "application/pdf" if self is FileKind.PDF else "image/png"


class Sheet(Strict):
    """The paper of a PDF; a PNG is one sheet as long as it needs to be."""

    paper: Paper = Paper.A4
    orientation: Orientation = Orientation.PORTRAIT

    @property
    def size_mm(self) -> tuple[float, float]:
        """Return width and height in millimetres."""
        width, height = self.paper.portrait_mm
        return (width, height) if self.orientation is Orientation.PORTRAIT else (height, width)


class Panel(Strict):
    """One tile as it is drawn.

    Attributes:
        width: Columns of the twelve.
        height: Rows that it takes at least; a table has all of its rows on paper and takes what they need.
        figure: The Plotly figure of the page itself, so that numbers on paper and screen cannot differ.
        text: What a person wrote, where the tile is a text.
        message: Why there is no figure, and what would give one.
    """

    title: str
    width: int = Field(ge=1, le=12)
    height: int | None = Field(default=None, ge=1)
    figure: dict[str, Any] | None = None
    legend: tuple[LegendEntry, ...] = ()
    number: NumberView | None = None
    table: TableView | None = None
    text: tuple[Block, ...] = ()
    finding: str = ""
    notes: tuple[str, ...] = ()
    source: str = ""
    message: str = ""

    @classmethod
    def of(cls, shown: TileResult, *, width: int, height: int | None = None) -> Panel:
        """Return what is drawn of a tile's answer."""
        message = ""
        if shown.insufficient is not None:
            message = f"{shown.insufficient.message} {shown.insufficient.needed}"
        elif shown.problem is not None:
            message = shown.problem.message
        tabular = shown.figure is None and shown.number is None and not message
        return cls(
            title=shown.title,
            width=width,
            height=height,
            figure=shown.figure,
            legend=shown.legend,
            number=shown.number,
            table=shown.table if tabular else None,
            text=shown.text,
            finding=shown.finding,
            notes=shown.notes,
            source="" if shown.source is None else shown.source.text,
            message=message,
        )


class Words(Strict):
    """The few texts of the drawing itself, in the reader's language; ``{…}`` is filled in while drawing."""

    page: str = Field(description="`{page}` of `{pages}`.")
    more_rows: str = Field(description="`{shown}` of `{total}` rows.")
    empty: str


class Document(Strict):
    """Everything the drawing process needs.

    Attributes:
        lines: Below the title: period, filters, how fresh the data is, who it was made for.
        made: When and by what, for the foot of each page.
    """

    kind: FileKind
    sheet: Sheet = Sheet()
    language: Literal["en", "sl"]
    title: str
    description: str = ""
    lines: tuple[str, ...] = ()
    made: str
    words: Words
    panels: tuple[Panel, ...]
