"""Every handler of every page of the application states who may call it."""

from __future__ import annotations

import importlib
from pathlib import Path

import state
from state import policy

ROOT = Path(state.__file__).parent


def test_every_event_handler_has_a_rule() -> None:
    for module in sorted(ROOT.rglob("*.py")):
        parts = module.relative_to(ROOT).with_suffix("").parts
        if parts[0] != "api" and parts[-1] != "__init__":
            importlib.import_module(".".join(("state", *parts)))
    assert [name for name in policy.handlers_without_rule() if ".tests___" not in name] == []
