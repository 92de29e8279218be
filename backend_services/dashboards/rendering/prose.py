"""A text among figures as lines of a sheet. Drawing process only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend_services.dashboards.rendering.canvas import height_mm, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from backend_services.dashboards.prose import Block, Span

TEXT_PT, HEADING_PT, SUBHEADING_PT = 8.0, 10.0, 9.0
INSET_MM, BETWEEN_MM = 4.0, 1.2
MOST_LINES = 400
"""Of one paragraph."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its words, size in points, left edge and the room above it in millimetres."""

    words: str
    size: float = TEXT_PT
    bold: bool = False
    left: float = 0.0
    above: float = 0.0

    @property
    def height(self) -> float:
        """Return the height in millimetres."""
        return self.above + height_mm(1, self.size)


def lines_of(blocks: Sequence[Block], room: float) -> list[Line]:
    """Return the text in lines that fit into ``room`` millimetres."""
    return [line for block in blocks for line in _lines(block, room)]


def _lines(block: Block, room: float) -> Iterator[Line]:
    size = {"heading": HEADING_PT, "subheading": SUBHEADING_PT}.get(block.kind, TEXT_PT)
    bold = block.kind in {"heading", "subheading"} or (bool(block.spans) and all(one.strong for one in block.spans))
    left = INSET_MM * (block.depth + (block.kind in {"bullet", "step", "quote"}))
    words = "".join(_words(one) for one in block.spans)
    above, mark = BETWEEN_MM, block.mark
    for part in words.split("\n"):
        for line in wrapped(part, room - left, size, most=MOST_LINES, bold=bold):
            if mark:
                yield Line(mark, size, left=left - INSET_MM, above=above)
                above = -height_mm(1, size)
            yield Line(line, size, bold, left, above)
            above, mark = 0.0, ""


def _words(span: Span) -> str:
    """Return the words of a span; paper cannot be clicked, so an address stands behind them."""
    return f"{span.text} ({span.href})" if span.href and span.href != span.text else span.text
