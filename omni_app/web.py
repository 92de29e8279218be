"""Entry of a web process: ``uvicorn --factory omni_app.web:create``."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp


def create() -> ASGIApp:
    """Load the application and return it.

    The garbage collector looks at everything again and again while hundreds of modules load, and later while events
    are answered; what is loaded here stays for good. So it rests meanwhile and leaves all this out afterwards.
    """
    gc.disable()
    try:
        from omni_app.asgi import with_paths_in_one_line, without_foreign_permissions  # noqa: PLC0415 - loaded while the collector rests
        from omni_app.omni_app import app  # noqa: PLC0415

        served = with_paths_in_one_line(without_foreign_permissions(app()))
    finally:
        gc.freeze()
        gc.enable()
    return served
