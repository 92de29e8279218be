"""What a tile does when it is used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import reflex as rx


@dataclass(frozen=True, slots=True, kw_only=True)
class TileHandlers:
    """What a tile's menu does; each takes the tile's id.

    Attributes:
        on_point: Takes the points of the figure that were clicked, too.
        on_values: Offers the values that the figure shows, to filter by one.
        on_large: Shows the figure large.
        on_copied: Says that the call was copied; takes nothing.
        base_url: The address of the installation, for the call to copy.
        full: Whether the figures fill a screen.
        part: How much of the screen's height a figure then has.
        more: Makes further entries of the menu from the tile; ``grip`` what stands before its title, ``corner`` what
            lies over its lower right corner.
    """

    on_table: Any
    on_rows: Any = None
    on_how: Any = None
    on_retry: Any = None
    on_point: Any = None
    on_values: Any = None
    on_large: Any = None
    on_copied: Any = None
    base_url: rx.Var[str] | None = None
    full: rx.Var[bool] | None = None
    part: float = 0.3
    more: Callable[[Any], list[Any]] | None = None
    grip: Callable[[Any], rx.Component] | None = None
    corner: Callable[[Any], rx.Component] | None = None
