"""The values in a heat map's cells can be read: on the page in both modes, in PDF and in PNG."""

from __future__ import annotations

from pathlib import Path

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from backend_services.dashboards.rendering.areas import draw_grid
from backend_services.dashboards.shades import DARK, INKS, LIGHT, Limits, colour_at, ink_of, ink_on, limits_of
from backend_services.kernel.colours import LEAST_CONTRAST, contrast
from components.charts.plot import templates

STEPS = 500
SCALES = {"light": LIGHT, "dark": DARK}
STYLES = Path(__file__).resolve().parents[3] / "assets/styles/figures.css"
LIMITS = [Limits(0, 1), Limits(-1, 1), Limits(-1, -0.2), Limits(3, 3), Limits(0, 0)]


@pytest.mark.parametrize("mode", SCALES)
def test_the_colours_are_those_of_the_templates(mode: str) -> None:
    scales = templates()[mode]["layout"]["colorscale"]
    sequential, diverging = SCALES[mode]
    assert tuple(colour for _, colour in scales["sequential"]) == sequential
    assert tuple(colour for _, colour in scales["sequentialminus"]) == sequential[::-1]
    assert tuple(colour for _, colour in scales["diverging"]) == diverging


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("mode", SCALES)
def test_every_tone_has_an_ink_that_can_be_read(mode: str, limits: Limits) -> None:
    low, high = limits
    number = list(SCALES).index(mode)
    for step in range(STEPS + 1):
        value = low + (high - low) * step / STEPS
        colour = colour_at(value, limits, SCALES[mode])
        [inks] = [pair for pair, said in INKS.items() if said == ink_of(value, limits)]
        assert inks[number] == ink_on(colour)
        assert contrast(inks[number], colour) >= LEAST_CONTRAST, (value, colour)


def test_scales_begin_at_zero_or_are_even_about_it() -> None:
    assert limits_of([3.0, 8.0]) == (0, 8.0)
    assert limits_of([-3.0, 8.0]) == (-8.0, 8.0)
    assert limits_of([-3.0, -1.0]) == (-3.0, -1.0)
    assert colour_at(0.0, Limits(0, 8.0)) == LIGHT[0][0]
    assert colour_at(8.0, Limits(0, 8.0)) == LIGHT[0][-1]
    assert colour_at(-3.0, Limits(-3.0, -1.0)) == LIGHT[0][-1]


def test_the_style_sheet_turns_the_inks_that_change_with_the_mode() -> None:
    rules = STYLES.read_text()
    for (light, dark), said in INKS.items():
        red, green, blue = bytes.fromhex(said[1:])
        turned = f'.dark .o-plot text[style*="fill: rgb({red}, {green}, {blue})"]{{fill:{dark[:4].lower()}!important}}'
        assert (turned in rules) is (light != dark)


def test_on_paper_each_value_can_be_read_on_its_cell() -> None:
    names = [f"c{index}" for index in range(12)]
    figure = Figure(figsize=(12, 2))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    count = len(names)
    trace = {"x": names, "base": [0.0] * count, "y": [1.0] * count, "text": [str(one) for one in range(count)],
             "marker": {"color": [float(one) for one in range(count)]}}  # fmt: skip
    layout = {"coloraxis": {"cmin": 0.0, "cmax": 11.0}, "xaxis": {"categoryarray": names}, "bargap": 0.03}
    draw_grid(axes, trace, layout)
    cells = [to_hex(one.get_facecolor()) for one in axes.patches if isinstance(one, Rectangle)]
    inks = [to_hex(one.get_color()) for one in axes.texts]
    assert len(cells) == len(inks) == count
    assert all(contrast(ink, cell) >= LEAST_CONTRAST for ink, cell in zip(inks, cells, strict=True))
    assert len(set(inks)) == 2
