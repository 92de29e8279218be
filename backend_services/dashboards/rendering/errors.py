"""What rendering refuses.

::

    UnavailableError
    ├── RenderingBusyError
    └── RenderingFailedError
"""

from __future__ import annotations

from backend_services.kernel.errors import UnavailableError


class RenderingBusyError(UnavailableError):
    """As many drawings as are allowed at a time are being made, and none ended while we waited."""

    code = "rendering_busy"
    default_message = "Too many files are being made at the moment. Try again shortly."


class RenderingFailedError(UnavailableError):
    """The drawing process ended without a file, or took longer than it may."""

    code = "rendering_failed"
    default_message = "The file could not be made. Try again, or choose a shorter period or fewer tiles."
