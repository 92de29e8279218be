"""The drawing process: a document as JSON on standard input, the file on standard output."""

from __future__ import annotations

import sys
from typing import Final

from backend_services.dashboards.rendering.schemas import Document
from backend_services.kernel.children import limits

_WRITTEN_BYTES: Final = 64 * 2**20
_OPEN_FILES: Final = 256
_THREADS: Final = 2


def main() -> None:
    """Draw one document; the arguments are the memory that may be used, in MB, and the time, in seconds."""
    memory_mb, timeout_s = sys.argv[1:]
    limits.confine(memory_mb=int(memory_mb), written_bytes=_WRITTEN_BYTES, open_files=_OPEN_FILES)
    limits.grant_cpu(float(timeout_s) * _THREADS)
    from backend_services.dashboards.rendering.drawing import drawn  # noqa: PLC0415 - under the limit

    document = Document.model_validate_json(sys.stdin.buffer.read())
    sys.stdout.buffer.write(drawn(document))


if __name__ == "__main__":
    main()
