"""From an answer to a figure: a Plotly ``{"data": …, "layout": …}`` in which no colour is ever named."""

from backend_services.dashboards.figure.drawing import Drawing, build, draw

__all__ = ["Drawing", "build", "draw"]
