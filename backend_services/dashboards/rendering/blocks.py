"""What stands on a sheet: rows of tiles and pieces of tables, each of a known height. Drawing process only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from backend_services.dashboards.rendering import canvas as measuring
from backend_services.dashboards.rendering.areas import CHART_MM, COMPARE, INK, MM_PER_PIXEL, PALETTE, height_of
from backend_services.dashboards.rendering.canvas import clipped, height_mm, width_mm, wrapped
from backend_services.dashboards.rendering.charts import AXIS, GRID, QUIET, can_draw, draw_chart
from backend_services.dashboards.rendering.prose import Line, lines_of
from backend_services.dashboards.sizes import SURROUNDINGS_PX, tile_px

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend_services.dashboards.rendering.canvas import Canvas
    from backend_services.dashboards.rendering.schemas import Document, Panel, Words
    from backend_services.dashboards.schemas import NumberView, TableView

COLUMNS = 12
GAP = 5.0
PAD = 3.0
TITLE_PT, TEXT_PT, SMALL_PT, FIGURE_PT = 9.5, 7.5, 6.5, 19.0
NUMBER_MM, MESSAGE_MM = 22.0, 16.0
ROW_MM, HEAD_MM = 5.0, 6.0
NARROWEST_CHART, WIDE_SHEET_MM = 6, 250.0
MAX_COLUMN_SHARE = 0.45
LONG_TEXT_MM = 120.0
BORDER = "#D9E0E3"
GOOD, BAD = "#1B6E42", "#B0251D"
ARROWS = {"up": "▲", "down": "▼", "flat": "–"}


class Block(Protocol):
    """Something of a fixed height that is not torn apart at the end of a page."""

    @property
    def height(self) -> float:
        """Return the height in millimetres."""

    def draw(self, canvas: Canvas, x: float, y: float) -> None:
        """Draw it with its upper left corner there."""


def blocks_of(document: Document, width: float, *, most: float = math.inf) -> list[Block]:
    """Return the document's tiles as rows of a sheet whose content is ``width`` millimetres wide.

    No figure makes its tile higher than ``most`` millimetres, so that it stays on its sheet.
    """
    blocks: list[Block] = []
    row: list[_Card] = []
    taken = 0
    for panel in document.panels:
        whole = _whole_width(panel, width, document.words)
        if whole:
            if row:
                blocks.append(_Row(tuple(row)))
            row, taken = [], 0
            blocks.extend(whole)
            continue
        columns = _columns(panel, width)
        if taken + columns > COLUMNS:
            blocks.append(_Row(tuple(row)))
            row, taken = [], 0
        at = taken * (width + GAP) / COLUMNS
        row.append(_Card(panel, at, columns * (width + GAP) / COLUMNS - GAP, most - GAP))
        taken += columns
    if row:
        blocks.append(_Row(tuple(row)))
    return blocks


def _whole_width(panel: Panel, width: float, words: Words) -> list[Block]:
    """Return the blocks of what takes the sheet's whole width: tables, and texts too long for a card."""
    if _table_of(panel) is not None:
        return _table_blocks(panel, width, words)
    lines = lines_of(panel.text, width)
    if sum(line.height for line in lines) <= LONG_TEXT_MM:
        return []
    return [_TextLine(Line(panel.title, TITLE_PT, bold=True)), *map(_TextLine, lines), _TextLine(Line("", TEXT_PT))]


def _columns(panel: Panel, width: float) -> int:
    """Return the tile's columns; on a narrow sheet a chart takes at least half of it."""
    if panel.figure is None or width >= WIDE_SHEET_MM:
        return panel.width
    return max(panel.width, NARROWEST_CHART)


def _table_of(panel: Panel) -> TableView | None:
    """Return the table to show; a figure of a kind that is not drawn here is shown as its table on the page."""
    if panel.message or panel.number is not None:
        return None
    if panel.figure is not None and can_draw(panel.figure):
        return None
    return panel.table


@dataclass(frozen=True, slots=True)
class _TextLine:
    line: Line

    @property
    def height(self) -> float:
        return self.line.height

    def draw(self, canvas: Canvas, x: float, y: float) -> None:
        line = self.line
        canvas.text(x + line.left, y + line.above, line.words, size=line.size, colour=INK, bold=line.bold)


@dataclass(frozen=True, slots=True)
class _Row:
    cards: tuple[_Card, ...]

    @property
    def height(self) -> float:
        return max(card.height for card in self.cards) + GAP

    def draw(self, canvas: Canvas, x: float, y: float) -> None:
        for card in self.cards:
            canvas.box(x + card.x, y, card.width, self.height - GAP, edge=BORDER)
            card.draw(canvas, x + card.x, y, self.height - GAP)


@dataclass(frozen=True, slots=True)
class _Card:
    """A tile that is one figure; ``x`` from the left edge of its row, ``most`` is how high it may be."""

    panel: Panel
    x: float
    width: float
    most: float

    @property
    def _room(self) -> float:
        return self.width - 2 * PAD

    def _said(self) -> list[str]:
        said = wrapped(self.panel.finding, self._room, TEXT_PT, most=3) if self.panel.finding else []
        return [*said, *(line for note in self.panel.notes for line in wrapped(note, self._room, TEXT_PT, most=2))]

    def _titles(self) -> list[str]:
        return wrapped(self.panel.title, self._room, TITLE_PT, most=2, bold=True)

    def _legend_rows(self) -> list[list[tuple[str, str, float]]]:
        """Return rows of (name, colour, left edge); pies say their names beside their parts."""
        figure = self.panel.figure or {}
        if any(one.get("type") == "pie" for one in figure.get("data", ())):
            return []
        rows: list[list[tuple[str, str, float]]] = [[]]
        left = 0.0
        for one in self.panel.legend:
            name = clipped(one.name, self._room / 2, SMALL_PT)
            needs = width_mm(name, SMALL_PT) + 7.0
            if left + needs > self._room and rows[-1]:
                rows.append([])
                left = 0.0
            colour = PALETTE[(one.palette - 1) % len(PALETTE)] if one.palette else COMPARE
            rows[-1].append((name, colour, left))
            left += needs
        return rows if rows[-1] else []

    @property
    def height(self) -> float:
        lines = height_mm(len(self._said()), TEXT_PT) + height_mm(1, SMALL_PT)
        around = 2 * PAD + height_mm(len(self._titles()), TITLE_PT) + lines + 2.0
        if self.panel.number is not None:
            needed = around + NUMBER_MM
        elif self.panel.figure is not None:
            legend = height_mm(len(self._legend_rows()), SMALL_PT)
            return min(around + legend + self._chart_mm(), max(self.most, around + legend + CHART_MM))
        elif self.panel.text:
            needed = around + sum(line.height for line in lines_of(self.panel.text, self._room))
        else:
            needed = around + MESSAGE_MM
        asked = 0.0 if self.panel.height is None else tile_px(self.panel.height) * MM_PER_PIXEL
        return max(needed, min(asked, self.most))

    def _chart_mm(self) -> float:
        rows = self.panel.height
        return height_of(self.panel.figure or {}) if rows is None else (tile_px(rows) - SURROUNDINGS_PX) * MM_PER_PIXEL

    def draw(self, canvas: Canvas, x: float, y: float, height: float) -> None:
        x, down = x + PAD, y + PAD
        for line in self._titles():
            canvas.text(x, down, line, size=TITLE_PT, colour=INK, bold=True)
            down += height_mm(1, TITLE_PT)
        foot = y + height - PAD - height_mm(1, SMALL_PT)
        canvas.text(x, foot, clipped(self.panel.source, self._room, SMALL_PT), size=SMALL_PT, colour=QUIET)
        for line in reversed(self._said()):
            foot -= height_mm(1, TEXT_PT)
            canvas.text(x, foot, line, size=TEXT_PT, colour=INK)
        if self.panel.number is not None:
            _draw_number(canvas, self.panel.number, x, down + 1.0, self._room)
        elif self.panel.figure is not None:
            self._draw_figure(canvas, x, down, foot)
        elif self.panel.text:
            for written in lines_of(self.panel.text, self._room):
                _TextLine(written).draw(canvas, x, down)
                down += written.height
        else:
            for line in wrapped(self.panel.message, self._room, TEXT_PT):
                canvas.text(x, down + 1.0, line, size=TEXT_PT, colour=QUIET)
                down += height_mm(1, TEXT_PT)

    def _draw_figure(self, canvas: Canvas, x: float, down: float, foot: float) -> None:
        for row in self._legend_rows():
            for name, colour, left in row:
                canvas.box(x + left, down + 0.8, 2.4, 2.4, fill=colour)
                canvas.text(x + left + 3.4, down + 0.4, name, size=SMALL_PT, colour=QUIET)
            down += height_mm(1, SMALL_PT)
        place = (x, down + 1.5, self._room, foot - down - 3.0)
        axes = canvas.axes(*place)
        draw_chart(axes, self.panel.figure or {})
        canvas.fit(axes, *place)


def _draw_number(canvas: Canvas, number: NumberView, x: float, y: float, room: float) -> None:
    size = min(FIGURE_PT, FIGURE_PT * room / max(width_mm(number.short, FIGURE_PT, bold=True), 1.0))
    canvas.text(x, y, number.short, size=size, colour=INK, bold=True)
    y += height_mm(1, FIGURE_PT)
    if number.short != number.text:
        canvas.text(x, y, clipped(number.text, room, SMALL_PT), size=SMALL_PT, colour=QUIET)
        y += height_mm(1, SMALL_PT)
    if number.delta is None:
        return
    tone = {"good": GOOD, "bad": BAD, "neutral": QUIET}[number.delta.tone]
    change = f"{ARROWS[number.delta.direction]} {number.delta.text}"
    canvas.text(x, y, change, size=TEXT_PT, colour=tone, bold=True)
    left = width_mm(change, TEXT_PT, bold=True) + 1.5
    against = clipped(f"{number.delta.against} ({number.delta.previous_text})", max(room - left, 1.0), TEXT_PT)
    canvas.text(x + left, y, against, size=TEXT_PT, colour=QUIET)


def _table_blocks(panel: Panel, width: float, words: Words) -> list[Block]:
    table = panel.table
    if table is None:
        return []
    said = [line for one in (panel.finding, *panel.notes) if one for line in wrapped(one, width, TEXT_PT)]
    if len(table.rows) < table.total:
        said.append(words.more_rows.format(shown=len(table.rows), total=table.total))
    if not table.rows:
        said.append(words.empty)
    blocks: list[Block] = []
    for part in _across(table, width):
        blocks += [_TableFoot(())] if blocks else []
        widths = _column_widths(part, width)
        blocks.append(_TableHead(panel.title, part, widths, width))
        blocks += [_TableRow(row, part, widths, width) for row in part.rows]
        if part.footer:
            blocks.append(_TableRow(part.footer, part, widths, width, is_total=True))
    return [*blocks, _TableFoot((*said, clipped(panel.source, width, SMALL_PT)))]


def _across(table: TableView, width: float) -> list[TableView]:
    """Return a pivot table in as many parts as it needs to be read, each with what lies down; others as they are."""
    if not table.footer:
        return [table]
    wanted = _wanted(table, width)
    down = [index for index, one in enumerate(table.columns) if one.align == "left"]
    room = width - sum(wanted[index] for index in down)
    parts: list[list[int]] = [[]]
    for index in range(len(down), len(table.columns)):
        if parts[-1] and sum(wanted[one] for one in (*parts[-1], index)) > room:
            parts.append([])
        parts[-1].append(index)
    return [_part(table, (*down, *part)) for part in parts]


def _part(table: TableView, kept: Sequence[int]) -> TableView:
    return table.model_copy(
        update={
            "columns": tuple(table.columns[index] for index in kept),
            "rows": tuple(tuple(row[index] for index in kept) for row in table.rows),
            "footer": tuple(table.footer[index] for index in kept),
        }
    )


def _column_widths(table: TableView, width: float) -> tuple[float, ...]:
    wanted = _wanted(table, width)
    scale = width / sum(wanted)
    return tuple(one * scale for one in wanted)


def _wanted(table: TableView, width: float) -> list[float]:
    lines = (*table.rows[:200], *([table.footer] if table.footer else []))
    return [
        min(
            max(width_mm(column.label, TEXT_PT, bold=True), *(width_mm(row[index], TEXT_PT) for row in lines), 4.0)
            + 3.0,
            width * MAX_COLUMN_SHARE,
        )
        for index, column in enumerate(table.columns)
    ]


def _cells(
    canvas: Canvas,
    texts: Sequence[str],
    table: TableView,
    widths: Sequence[float],
    at: tuple[float, float],
    *,
    bold: bool,
) -> None:
    x, y = at
    for words, column, width in zip(texts, table.columns, widths, strict=True):
        shown = clipped(words, width - 2.0, TEXT_PT, bold=bold)
        right = column.align == "right"
        canvas.text(
            x + width - 1.0 if right else x + 1.0,
            y + 1.0,
            shown,
            size=TEXT_PT,
            colour=QUIET if bold else INK,
            bold=bold,
            align="right" if right else "left",
        )
        x += width


@dataclass(frozen=True, slots=True)
class _TableHead:
    """Title and names of the columns; repeated at the top of each further page."""

    title: str
    table: TableView
    widths: tuple[float, ...]
    width: float

    @property
    def height(self) -> float:
        return height_mm(1, TITLE_PT) + HEAD_MM + 1.0

    def draw(self, canvas: Canvas, x: float, y: float) -> None:
        canvas.text(x, y, clipped(self.title, self.width, TITLE_PT, bold=True), size=TITLE_PT, colour=INK, bold=True)
        y += height_mm(1, TITLE_PT) + 1.0
        _cells(canvas, [one.label for one in self.table.columns], self.table, self.widths, (x, y), bold=True)
        canvas.line(x, y + HEAD_MM - 0.5, x + self.width, y + HEAD_MM - 0.5, colour=AXIS)


@dataclass(frozen=True, slots=True)
class _TableRow:
    texts: tuple[str, ...]
    table: TableView
    widths: tuple[float, ...]
    width: float
    is_total: bool = False

    @property
    def height(self) -> float:
        return ROW_MM

    def draw(self, canvas: Canvas, x: float, y: float) -> None:
        _cells(canvas, self.texts, self.table, self.widths, (x, y), bold=self.is_total)
        canvas.line(x, y + ROW_MM, x + self.width, y + ROW_MM, colour=GRID, width_pt=0.4)


@dataclass(frozen=True, slots=True)
class _TableFoot:
    lines: tuple[str, ...]

    @property
    def height(self) -> float:
        return height_mm(len(self.lines), TEXT_PT) + GAP + 1.0

    def draw(self, canvas: Canvas, x: float, y: float) -> None:
        for index, line in enumerate(self.lines):
            last = index == len(self.lines) - 1
            canvas.text(x, y + 1.5, line, size=SMALL_PT if last else TEXT_PT, colour=QUIET if last else INK)
            y += measuring.height_mm(1, TEXT_PT)


def paged(blocks: Sequence[Block], *, first: float, further: float) -> list[list[Block]]:
    """Return the blocks by page; ``first`` and ``further`` are the heights there are. A torn table repeats its head."""
    pages: list[list[Block]] = [[]]
    room = first
    head: _TableHead | None = None
    for index, block in enumerate(blocks):
        after = blocks[index + 1].height if isinstance(block, _TableHead) and index + 1 < len(blocks) else 0.0
        if block.height + after > room and pages[-1]:
            pages.append([])
            room = further
            if isinstance(block, _TableRow) and head is not None:
                pages[-1].append(head)
                room -= head.height
        if isinstance(block, _TableHead):
            head = block
        pages[-1].append(block)
        room -= block.height
    return pages
