"""Figures: Plotly's small bundle, loaded only by pages that draw, and the tile around it."""

from components.charts.plot import plot
from components.charts.tile import figure_tile

__all__ = ["figure_tile", "plot"]
