"""``omni test``: finds or fetches a Chromium, builds the pages if needed, and runs pytest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from omni_app.commands import frontend

if TYPE_CHECKING:
    from collections.abc import MutableMapping, Sequence

CHROMIUM = "OMNI_TEST_CHROMIUM"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
_SERVER_PATH = "/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
_WITHOUT_BROWSER = {"unit", "integration", "contract", "architecture"}


class NoBrowserError(RuntimeError):
    """No Chromium is here, and none could be fetched; the message says how to get one."""


def run_tests(arguments: Sequence[str], *, environment: MutableMapping[str, str]) -> int:
    """Prepare what the chosen tests need, run them, and return pytest's exit code."""
    prepare_servers(arguments)
    if needs_browser(arguments):
        try:
            environment[CHROMIUM] = find_chromium(environment)
            log = frontend.ROOT / ".web-build.log"
            if not frontend.is_current():
                sys.stdout.write("Building the pages\n")
                sys.stdout.flush()
            frontend.build(environment, log=log)
        except (NoBrowserError, frontend.BuildFailedError) as error:
            sys.stderr.write(f"omni: {error}\n")
            return 2
    sys.stdout.flush()
    return subprocess.run(
        [sys.executable, "-m", "pytest", *arguments], check=False, cwd=frontend.ROOT, stdin=subprocess.DEVNULL
    ).returncode


def needs_browser(arguments: Sequence[str]) -> bool:
    """Return whether the arguments choose more than tests that open no page."""
    folders = [Path(argument.partition("::")[0]).parts for argument in arguments if argument.startswith("tests")]
    return not folders or any(parts[1:2] == () or parts[1] not in _WITHOUT_BROWSER for parts in folders)


def find_chromium(environment: MutableMapping[str, str]) -> str:
    """Return a Chromium: the one named, the one present, Playwright's, else the distribution's.

    Raises:
        NoBrowserError: There is none and none can be had.
    """
    named = environment.get(CHROMIUM, "")
    if named and shutil.which(named):
        return named
    return _present() or _playwrights(fetch=False) or _playwrights(fetch=True) or _distributions() or _refuse()


def _present() -> str:
    found = next((path for name in _NAMES if (path := shutil.which(name))), "")
    return found or (str(_MAC) if _MAC.exists() else "")


def _playwrights(*, fetch: bool) -> str:
    if fetch:
        sys.stdout.write("Fetching a Chromium with Playwright\n")
        sys.stdout.flush()
        command = [sys.executable, "-m", "playwright", "install", "chromium-headless-shell"]
        try:
            if subprocess.run(command, check=False, capture_output=True, timeout=300).returncode != 0:
                return ""
        except subprocess.TimeoutExpired:
            return ""
    asked = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    path = subprocess.run([sys.executable, "-c", asked], check=False, capture_output=True, text=True).stdout.strip()
    shell = sorted(Path(path).parents[2].glob("chromium_headless_shell-*/*/*headless*shell*")) if path else []
    if path and Path(path).exists() and _starts(path):
        return path
    return next((str(program) for program in reversed(shell) if program.is_file() and _starts(str(program))), "")


def _distributions() -> str:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return ""
    _install("chromium")
    return _present()


def _install(package: str) -> None:
    """Install a package of Debian's; whether that worked is seen by looking for what it brings."""
    sys.stdout.write(f"Installing Debian's package {package}\n")
    sys.stdout.flush()
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}  # noqa: TID251 - handed on
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package],
    ):
        subprocess.run(command, check=False, env=quiet, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def prepare_servers(arguments: Sequence[str]) -> None:
    """Fetch the servers that connections are tested against, where that is allowed; without them those tests skip."""
    wanted = [argument for argument in arguments if argument.startswith("tests")]
    is_wanted = not wanted or any(
        argument.rstrip("/") in {"tests", "tests/integration"} or "connections" in argument for argument in wanted
    )
    may_install = os.geteuid() == 0 and shutil.which("apt-get") is not None
    if is_wanted and may_install and not shutil.which("mariadbd", path=_SERVER_PATH):
        _install("mariadb-server")


def _starts(path: str) -> bool:
    """Return whether the program runs here; one without its libraries does not."""
    return subprocess.run([path, "--version"], check=False, capture_output=True).returncode == 0


def _refuse() -> str:
    msg = (
        "The tests need a Chromium and found none. On Debian: sudo apt install chromium. Elsewhere install Chrome, "
        f"or name a program in {CHROMIUM}. Tests without pages run with: ./omni test tests/unit tests/integration"
    )
    raise NoBrowserError(msg)
