"""Lets one build of the front end serve any host and port: the browser asks wherever it got the page from."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

from reflex.plugins import Plugin

_BAKED = re.compile(r"`(?P<scheme>http|ws)s?://localhost:\d+(?P<path>/[^`]*)`")
_ORIGIN = {"http": "location.origin", "ws": "location.origin.replace(/^http/,`ws`)"}


class AddressNotFoundError(RuntimeError):
    """The built front end no longer holds the server's address where this version of Reflex put it."""


class SameOriginPlugin(Plugin):
    """Replaces the server address that Reflex bakes into the build by the page's own origin."""

    def post_build(self, **context: Any) -> None:
        """Rewrite the one script that holds the addresses, and its compressed copy.

        Raises:
            AddressNotFoundError: There is no such script, or nothing in it to replace.
        """
        scripts = list(Path(context["static_dir"]).glob("assets/reflex-env-*.js"))
        if not scripts:
            raise AddressNotFoundError(str(context["static_dir"]))
        for script in scripts:
            replaced, count = _BAKED.subn(_from_location, script.read_text(encoding="utf-8"))
            if not count:
                raise AddressNotFoundError(script.name)
            script.write_text(replaced, encoding="utf-8")
            compressed = script.with_name(script.name + ".gz")
            if compressed.exists():
                compressed.write_bytes(gzip.compress(replaced.encode(), mtime=0))


def _from_location(match: re.Match[str]) -> str:
    return f"{_ORIGIN[match['scheme']]}+`{match['path']}`"
