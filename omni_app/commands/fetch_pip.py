"""Puts pip into an environment that was made without it; run by that environment's Python, which has nothing else.

Debian and Ubuntu split ``ensurepip`` off into a package that only root may install. The wheel is taken from the package
index that pip would ask, and only the one whose hash stands here.
"""

from __future__ import annotations

import hashlib
import os
import re
import ssl
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from urllib.parse import urljoin

WHEEL = "pip-26.3-py3-none-any.whl"
SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
_DEFAULT_HOST = ("pypi", "org")
"""Labels of the host that pip asks when nobody says otherwise."""
_TIMEOUT_S = 60


def main() -> str:
    """Install pip and return nothing, or what went wrong."""
    environment = os.environ  # noqa: TID251 - pip's own variables
    index = environment.get("PIP_INDEX_URL") or f"https://{'.'.join(_DEFAULT_HOST)}/simple"
    page = index.rstrip("/") + "/pip/"
    trust = ssl.create_default_context(cafile=environment.get("PIP_CERT") or None)
    try:
        found = re.search(rf'href="([^"]*{re.escape(WHEEL)})[#"]', _get(page, trust).decode())
        if found is None:
            return f"{page} has no {WHEEL}."
        wheel = _get(urljoin(page, found[1]), trust)
    except OSError as error:
        return f"pip could not be fetched from {page}: {error}"
    if hashlib.sha256(wheel).hexdigest() != SHA256:
        return f"{page} delivers another {WHEEL} than the one that is known."
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, WHEEL)
        path.write_bytes(wheel)
        command = [sys.executable, str(path / "pip"), "install", "--quiet", "--no-index", str(path)]
        return "" if subprocess.run(command, check=False).returncode == 0 else "pip could not be installed."


def _get(address: str, trust: ssl.SSLContext) -> bytes:
    with urllib.request.urlopen(address, timeout=_TIMEOUT_S, context=trust) as answer:  # noqa: S310 - an index of pip's
        content: bytes = answer.read()
    return content


if __name__ == "__main__":
    sys.exit(main() or 0)
