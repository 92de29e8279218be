"""Puts what the page of an embed draws with beside its script: the chart library and the two colour templates."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

from reflex.plugins import Plugin

LIBRARY = Path("node_modules", "plotly.js-basic-dist-min", "plotly-basic.min.js")
TEMPLATES = Path(__file__).parents[1] / "components" / "charts" / "templates.json"
FOLDER = "embedded"


class LibraryNotFoundError(RuntimeError):
    """The chart library is not where the front end's packages lie."""


class EmbeddedAssetsPlugin(Plugin):
    """Copies the library that the console draws with, so that an embed shows the very same figures."""

    def post_build(self, **context: Any) -> None:
        """Copy both files into the built front end, with compressed copies.

        Raises:
            LibraryNotFoundError: The packages do not hold the library.
        """
        built = Path(context["static_dir"])
        library = next((one / LIBRARY for one in built.parents if (one / LIBRARY).is_file()), None)
        if library is None:
            raise LibraryNotFoundError(str(LIBRARY))
        folder = built / FOLDER
        folder.mkdir(exist_ok=True)
        for name, source in (("plotly.js", library), ("templates.json", TEMPLATES)):
            content = source.read_bytes()
            (folder / name).write_bytes(content)
            (folder / f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))
