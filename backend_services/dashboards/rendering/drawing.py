"""Draws a document as PDF or PNG. Runs in the drawing process only."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from pypdf import PdfReader, PdfWriter
from pypdf.generic import BooleanObject, DictionaryObject, NameObject, TextStringObject

from backend_services.dashboards.rendering.areas import INK
from backend_services.dashboards.rendering.blocks import blocks_of, paged
from backend_services.dashboards.rendering.canvas import Canvas, clipped, height_mm, wrapped
from backend_services.dashboards.rendering.charts import GRID, QUIET
from backend_services.dashboards.rendering.schemas import Document, FileKind
from backend_services.kernel.product import NAME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.dashboards.rendering.blocks import Block

MARGIN, FOOT = 14.0, 8.0
HEADLINE_PT, LINE_PT, FOOT_PT = 16.0, 8.0, 6.5
IMAGE_WIDTH = 240.0
TYPE_42 = 42
"""TrueType: text stays text, to be searched and copied, in every script that the font has."""


def drawn(document: Document) -> bytes:
    """Return the file."""
    mpl.rcParams.update({"pdf.fonttype": TYPE_42, "font.family": "DejaVu Sans", "text.parse_math": False})
    return _pdf(document) if document.kind is FileKind.PDF else _png(document)


def _head_lines(document: Document, width: float) -> list[tuple[str, float, bool]]:
    """Return the lines above the tiles: text, size in points, bold."""
    lines = [(line, HEADLINE_PT, True) for line in wrapped(document.title, width, HEADLINE_PT, most=2, bold=True)]
    below = (document.description, *document.lines)
    lines += [(line, LINE_PT, False) for one in below if one for line in wrapped(one, width, LINE_PT, most=3)]
    return lines


def _head_height(document: Document, width: float) -> float:
    return sum(height_mm(1, size) for _, size, _ in _head_lines(document, width)) + 5.0


def _draw_head(canvas: Canvas, document: Document) -> float:
    y = MARGIN
    for line, size, bold in _head_lines(document, canvas.width - 2 * MARGIN):
        canvas.text(MARGIN, y, line, size=size, colour=INK if bold else QUIET, bold=bold)
        y += height_mm(1, size)
    canvas.line(MARGIN, y + 2.0, canvas.width - MARGIN, y + 2.0, colour=GRID, width_pt=0.8)
    return y + 5.0


def _draw_blocks(canvas: Canvas, blocks: Sequence[Block], y: float) -> None:
    for block in blocks:
        block.draw(canvas, MARGIN, y)
        y += block.height


def _draw_foot(canvas: Canvas, document: Document, number: str) -> None:
    y, width = canvas.height - MARGIN, canvas.width - 2 * MARGIN
    canvas.text(MARGIN, y, clipped(document.made, width * 0.8, FOOT_PT), size=FOOT_PT, colour=QUIET)
    canvas.text(canvas.width - MARGIN, y, number, size=FOOT_PT, colour=QUIET, align="right")


def _pdf(document: Document) -> bytes:
    width, height = document.sheet.size_mm
    content = width - 2 * MARGIN
    room = height - 2 * MARGIN - FOOT
    first = room - _head_height(document, content)
    pages = paged(blocks_of(document, content, most=first), first=first, further=room)
    buffer = io.BytesIO()
    with PdfPages(buffer, metadata={"Title": document.title, "Creator": NAME}) as file:
        for index, blocks in enumerate(pages):
            canvas = Canvas.blank(width, height)
            y = _draw_head(canvas, document) if index == 0 else MARGIN
            _draw_blocks(canvas, blocks, y)
            number = document.words.page.format(page=index + 1, pages=len(pages))
            _draw_foot(canvas, document, number)
            file.savefig(canvas.figure)
    return _described(buffer.getvalue(), document)


def _described(pdf: bytes, document: Document) -> bytes:
    """Return the file with its language, and with the title instead of the file's name above its window."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    writer.root_object[NameObject("/Lang")] = TextStringObject(document.language)
    shown = DictionaryObject({NameObject("/DisplayDocTitle"): BooleanObject(value=True)})
    writer.root_object[NameObject("/ViewerPreferences")] = shown
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _png(document: Document) -> bytes:
    content = IMAGE_WIDTH - 2 * MARGIN
    blocks = blocks_of(document, content)
    height = 2 * MARGIN + FOOT + _head_height(document, content) + sum(block.height for block in blocks)
    canvas = Canvas.blank(IMAGE_WIDTH, height)
    _draw_blocks(canvas, blocks, _draw_head(canvas, document))
    _draw_foot(canvas, document, "")
    buffer = io.BytesIO()
    metadata = {"Title": document.title, "Software": NAME}
    FigureCanvasAgg(canvas.figure).print_png(buffer, metadata=metadata)  # type: ignore[no-untyped-call]
    return buffer.getvalue()
