"""The specification that is being edited, with what can be taken back and done again. Only saving leaves the tab."""

from __future__ import annotations

import reflex as rx

from backend_services.dashboards.history import History
from backend_services.dashboards.sizes import rows_of
from backend_services.dashboards.spec import DashboardSpec, Tile
from backend_services.kernel.i18n import text
from state.dashboards.place import Place, refresh_of

NOTHING_OPEN = DashboardSpec(title="…")
"""What a tab holds that calls the editor before it opened a dashboard."""


class DraftState(rx.State):
    """A dashboard on its way from one version to the next. The specification itself stays on the server.

    Attributes:
        said: What the last change did, for everybody, and aloud for those who do not see it.
        undoes: What would be taken back, ``redoes`` what would be done again; empty where there is nothing.
    """

    title: str = ""
    description: str = ""
    refresh: str = "off"
    tiles: list[dict[str, str]] = []
    changed: bool = False
    said: str = ""
    undoes: str = ""
    redoes: str = ""
    _history: History[str] = History.of(NOTHING_OPEN.model_dump_json())

    def _begin(self, spec: DashboardSpec, language: str) -> None:
        self._history = History.of(spec.model_dump_json())
        self.said = ""
        self._mirror(language)

    def _read(self) -> DashboardSpec:
        return DashboardSpec.model_validate_json(self._history.present)

    def _write(self, spec: DashboardSpec, what: str, language: str, *, said: str = "") -> bool:
        """Keep a change and return whether it was one; ``what`` names it, ``said`` tells what came of it."""
        history = self._history.changed(spec.model_dump_json(), what)
        if history == self._history:
            return False
        self._history, self.said = history, said
        self._mirror(language)
        return True

    def _turn(self, history: History[str], said: str, language: str) -> None:
        """Go to another moment of the history."""
        self._history, self.said = history, said
        self._mirror(language)

    def _mirror(self, language: str) -> None:
        spec = self._read()
        self.changed, self.undoes, self.redoes = self._history.is_changed, self._history.undoes, self._history.redoes
        self.title, self.description = spec.title, spec.description
        self.refresh = refresh_of(Place(), spec.refresh_s)
        self.tiles = [
            {
                "id": tile.id,
                "title": tile.title,
                "chart": tile.chart.value,
                "chart_text": text(f"dashboards.chart.{tile.chart.value}", language),
            }
            for tile in spec.tiles
        ]


def step_text(step: str, language: str, *, title: str = "") -> str:
    """Return the name of a change, such as “moving “Revenue””."""
    return text(f"arrange.step.{step}", language, title=title)


def size_text(tile: Tile, language: str) -> str:
    """Return how large a tile is, in a sentence."""
    rows = rows_of(tile)
    key = "arrange.sized" if rows else "arrange.sized_own"
    return text(key, language, title=tile.title, columns=tile.width, rows=rows or "")
