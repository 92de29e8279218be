"""A real MariaDB of Debian's for tests: started on a free port of this machine, thrown away afterwards."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend_services.kernel.clock import monotonic_s
from backend_services.kernel.embedded.network import free_port

SERVER = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin:/usr/local/sbin")
INSTALL = shutil.which("mariadb-install-db")
CLIENT = shutil.which("mariadb")
START_S = 60.0


@dataclass(frozen=True, slots=True)
class MariaDb:
    """A running server."""

    port: int
    socket: Path

    def run(self, sql: str) -> None:
        """Run statements as its owner."""
        assert CLIENT is not None
        done = subprocess.run(
            [CLIENT, "--no-defaults", f"--socket={self.socket}", "--user=root", "--default-character-set=utf8mb4"],
            input=sql,
            text=True,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


def is_here() -> bool:
    """Return whether this machine has a MariaDB that tests can start."""
    return None not in {SERVER, INSTALL, CLIENT}


def _account() -> str:
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    names = {one.pw_name for one in pwd.getpwall()}
    return "mysql" if "mysql" in names else "nobody"


@contextmanager
def running() -> Iterator[MariaDb]:
    """Make an empty server, run it, and take everything away at the end."""
    assert SERVER is not None
    assert INSTALL is not None
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="omni-mariadb-"))
    data, socket, port = folder / "data", folder / "s", free_port()
    if os.geteuid() == 0:
        shutil.chown(folder, account)
    common = ["--no-defaults", f"--datadir={data}", f"--user={account}"]
    made = subprocess.run(
        [INSTALL, *common, "--auth-root-authentication-method=normal", "--skip-test-db"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr + made.stdout
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [
                SERVER, *common, f"--socket={socket}", f"--port={port}", "--bind-address=127.0.0.1",
                f"--pid-file={folder / 'pid'}", "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=0",
                "--innodb-buffer-pool-size=32M", "--performance-schema=OFF", "--character-set-server=utf8mb4",
            ],
            stdout=log, stderr=log,
        )  # fmt: skip
    try:
        one = MariaDb(port=port, socket=socket)
        _wait(one, server, folder / "log")
        yield one
    finally:
        server.terminate()
        server.wait(timeout=30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(one: MariaDb, server: subprocess.Popen[bytes], log: Path) -> None:
    until_s = monotonic_s() + START_S
    while monotonic_s() < until_s and server.poll() is None:
        with contextlib.suppress(AssertionError):
            one.run("SELECT 1")
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=0.2)
    raise AssertionError(log.read_text(errors="replace")[-2000:])
