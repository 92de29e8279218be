"""Imports each module named as the first of ours in a process of its own, and prints what it said as JSON.

The processes are copies of this one, which has loaded what others made, so only our own modules cost time.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback

OF_OTHERS = ("reflex", "fastapi", "sqlmodel", "asyncpg", "sqlglot", "pydantic_settings", "typer")


def said_by(name: str) -> str:
    """Return the traceback of importing a module, empty where it goes well."""
    reading, writing = os.pipe()
    if child := os.fork():
        os.close(writing)
        with os.fdopen(reading) as pipe:
            said = pipe.read()
        _, status = os.waitpid(child, 0)
        return said or ("" if status == 0 else f"{name} ended with {status}")
    try:
        importlib.import_module(name)
    except BaseException:  # noqa: BLE001 - whatever ends an import is what is asked for
        os.write(writing, traceback.format_exc()[-4000:].encode())
    os._exit(0)


if __name__ == "__main__":
    for one in OF_OTHERS:
        importlib.import_module(one)
    sys.stdout.write(json.dumps({one: said_by(one) for one in sys.argv[1:]}))
