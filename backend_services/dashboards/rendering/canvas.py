"""A sheet in millimetres from its upper left corner, over a matplotlib figure. Runs in the drawing process only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.textpath import text_to_path

from backend_services.dashboards.rendering.schemas import MM_PER_INCH

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FONT = "DejaVu Sans"
"""Comes with matplotlib, so that a sheet looks the same on every machine; it has Slovenian letters."""
POINTS_PER_INCH = 72.0
LINE_HEIGHT = 1.35


@lru_cache(maxsize=32)
def _font(size_pt: float, *, bold: bool) -> FontProperties:
    return FontProperties(family=FONT, size=size_pt, weight="bold" if bold else "normal")


@lru_cache(maxsize=20_000)
def width_mm(words: str, size_pt: float, *, bold: bool = False) -> float:
    """Return how wide ``words`` are."""
    if not words:
        return 0.0
    width, _, _ = text_to_path.get_text_width_height_descent(words, _font(size_pt, bold=bold), ismath=False)
    return float(width) / POINTS_PER_INCH * MM_PER_INCH


def height_mm(lines: int, size_pt: float) -> float:
    """Return how high so many lines are."""
    return lines * size_pt * LINE_HEIGHT / POINTS_PER_INCH * MM_PER_INCH


def clipped(words: str, room_mm: float, size_pt: float, *, bold: bool = False) -> str:
    """Return ``words`` cut, with an ellipsis, to what fits into ``room_mm``."""
    if width_mm(words, size_pt, bold=bold) <= room_mm:
        return words
    low, high = 0, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        if width_mm(f"{words[:middle]}…", size_pt, bold=bold) <= room_mm:
            low = middle
        else:
            high = middle - 1
    return f"{words[:low].rstrip()}…"


def wrapped(words: str, room_mm: float, size_pt: float, *, most: int = 4, bold: bool = False) -> list[str]:
    """Return ``words`` in lines that fit into ``room_mm``; what is beyond ``most`` lines is cut with an ellipsis."""
    parts, lines = words.split(" "), [""]
    for index, part in enumerate(parts):
        longer = f"{lines[-1]} {part}".strip()
        if width_mm(longer, size_pt, bold=bold) <= room_mm or not lines[-1]:
            lines[-1] = longer
        elif len(lines) == most:
            lines[-1] = f"{lines[-1]} {' '.join(parts[index:])}"
            break
        else:
            lines.append(part)
    return [clipped(line, room_mm, size_pt, bold=bold) for line in lines if line]


@dataclass(frozen=True, slots=True)
class Canvas:
    """One sheet that is drawn on; every length is in millimetres, ``y`` grows downwards."""

    figure: Figure
    width: float
    height: float

    @classmethod
    def blank(cls, width: float, height: float, *, dpi: int = 150) -> Canvas:
        """Return an empty white sheet."""
        figure = Figure(figsize=(width / MM_PER_INCH, height / MM_PER_INCH), dpi=dpi, facecolor="#FFFFFF")
        return cls(figure, width, height)

    def text(
        self, x: float, y: float, words: str, *, size: float, colour: str, bold: bool = False, align: str = "left"
    ) -> None:
        """Write one line whose upper edge is at ``y``."""
        self.figure.text(
            x / self.width,
            1.0 - y / self.height,
            words,
            fontproperties=_font(size, bold=bold),
            color=colour,
            ha=align,
            va="top",
            parse_math=False,
        )

    def line(self, x: float, y: float, to_x: float, to_y: float, *, colour: str, width_pt: float = 0.5) -> None:
        """Draw a straight line."""
        across = [x / self.width, to_x / self.width]
        down = [1.0 - y / self.height, 1.0 - to_y / self.height]
        self.figure.add_artist(Line2D(across, down, color=colour, linewidth=width_pt))

    def box(
        self, x: float, y: float, width: float, height: float, *, fill: str | None = None, edge: str | None = None
    ) -> None:
        """Draw a rectangle."""
        shape = Rectangle(
            (x / self.width, 1.0 - (y + height) / self.height),
            width / self.width,
            height / self.height,
            facecolor=fill or "none",
            edgecolor=edge or "none",
            linewidth=0.5 if edge else 0.0,
            transform=self.figure.transFigure,
            figure=self.figure,
        )
        self.figure.add_artist(shape)

    def axes(self, x: float, y: float, width: float, height: float) -> Axes:
        """Return a place for a chart whose outermost marks stay inside the rectangle."""
        place = (x / self.width, 1.0 - (y + height) / self.height, width / self.width, height / self.height)
        return self.figure.add_axes(place)

    def fit(self, axes: Axes, x: float, y: float, width: float, height: float) -> None:
        """Move and shrink ``axes`` so that its ticks, labels and texts lie inside the rectangle."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: PLC0415 - the drawing process only

        renderer = FigureCanvasAgg(self.figure).get_renderer()  # type: ignore[no-untyped-call]
        for _ in range(2):
            tight = axes.get_tightbbox(renderer)
            if tight is None:
                return
            scale = MM_PER_INCH / self.figure.dpi
            own = axes.get_window_extent(renderer)
            left, right = (own.x0 - tight.x0) * scale, (tight.x1 - own.x1) * scale
            below, above = (own.y0 - tight.y0) * scale, (tight.y1 - own.y1) * scale
            across = max(width - max(left, 0.0) - max(right, 0.0), width * 0.2)
            down = max(height - max(below, 0.0) - max(above, 0.0), height * 0.2)
            axes.set_position(
                (
                    (x + max(left, 0.0)) / self.width,
                    1.0 - (y + max(above, 0.0) + down) / self.height,
                    across / self.width,
                    down / self.height,
                )
            )
