"""Builds the front end, and only when something that it is made of changed.

Nothing of Reflex is imported here: the build is a process of its own.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from backend_services.kernel.embedded.process import end_together, last_lines, open_log

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ROOT = Path(__file__).resolve().parent.parent.parent
_INPUTS = ("omni_app", "state", "components", "assets", "backend_services/kernel/i18n/locales")
_NOT_INPUTS = ("omni_app/commands", "omni_app/supervisor", "omni_app/cli.py", "state/api")
_BUILD_TIMEOUT_S = 900


class BuildFailedError(RuntimeError):
    """The front end cannot be built; the message ends with what the build said last."""


def fingerprint(root: Path = ROOT) -> str:
    """Return a hash over everything that the front end is made of, and one over the packages it was made with.

    Apart, since a build writes the list of packages anew when a component needs another one.
    """
    packages = hashlib.sha256(b"".join(path.read_bytes() for path in sorted((root / "reflex.lock").glob("*"))))
    return f"{_sources(root)}\n{packages.hexdigest()}"


def _sources(root: Path) -> str:
    total = hashlib.sha256(f"reflex {version('reflex')}".encode())
    files = [path for name in _INPUTS for path in (root / name).rglob("*") if path.is_file()]
    for path in sorted([*files, root / "rxconfig.py"]):
        name = path.relative_to(root).as_posix()
        if "__pycache__" not in name and not name.startswith(_NOT_INPUTS):
            total.update(f"{name}\0".encode())
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def is_current(root: Path = ROOT) -> bool:
    """Return whether what is built is made of what is there now."""
    stamp = root / ".web" / "omni-build"
    return stamp.exists() and stamp.read_text() == fingerprint(root) and (root / ".web/build/client").is_dir()


def build(environment: Mapping[str, str], *, log: Path, root: Path = ROOT) -> bool:
    """Build the front end if its inputs changed; return whether it had to be built.

    Raises:
        BuildFailedError: The build ended with an error.
    """
    with _alone(root):
        if is_current(root):
            return False
        stamp = root / ".web" / "omni-build"
        stamp.unlink(missing_ok=True)
        made_of = _sources(root)
        with open_log(log) as output:
            code = subprocess.run(
                [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip", "--env", "prod"],
                check=False,
                cwd=root,
                env={**environment, **quiet_reflex()},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=_BUILD_TIMEOUT_S,
            ).returncode
        if code != 0 or not (root / ".web/build/client").is_dir():
            msg = (
                f"The front end could not be built. The whole log is {log}; it ends with:\n{last_lines(log, count=15)}"
            )
            raise BuildFailedError(msg)
        if _sources(root) == made_of:  # else something was edited meanwhile, and the next start builds again
            stamp.write_text(fingerprint(root))
        return True


def quiet_reflex() -> dict[str, str]:
    """Return the variables with which Reflex neither reports home nor looks for updates."""
    return {"REFLEX_TELEMETRY_ENABLED": "false", "REFLEX_CHECK_LATEST_VERSION": "false"}


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Let one build run at a time; the next waits and then finds it done."""
    folder = root / ".web"
    folder.mkdir(exist_ok=True)
    with (root / ".web.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    end_together()  # a build that nobody waits for would write into the next one
    try:
        build(os.environ, log=Path(sys.argv[1]))  # noqa: TID251 - handed on to the build
    except BuildFailedError as error:
        sys.exit(str(error))
