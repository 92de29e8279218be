"""An own PostgreSQL: made once, repaired when it was left half-way, started and stopped."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from backend_services.kernel.embedded.binaries import find_postgres, reachable_postgres
from backend_services.kernel.embedded.errors import DataFolderVersionError, ServerFailedError
from backend_services.kernel.embedded.folder import write_private
from backend_services.kernel.embedded.network import LOOPBACK
from backend_services.kernel.embedded.process import (
    Child,
    Launch,
    command_of,
    is_running,
    last_lines,
    spawn,
    wait_until,
)

if TYPE_CHECKING:
    from backend_services.kernel.embedded.binaries import PostgresInstall
    from backend_services.kernel.embedded.folder import DataFolder, Passwords

ADMIN = "omni_admin"
OWNER = "omni_owner"
APPLICATION = "omni_app"
DATABASE = "omni"
_STATUS_LINE = 7  # of postmaster.pid
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


class PostgresServer:
    """One PostgreSQL in a data folder, listening on loopback only."""

    name = "PostgreSQL"

    def __init__(self, folder: DataFolder, *, port: int, durable: bool = True) -> None:
        self._folder = folder
        self._data = folder.path / "postgres"
        self._durable = durable
        self._child: Child | None = None
        self._install: PostgresInstall | None = None
        self._passwords: Passwords | None = None
        self.port = port

    @property
    def log(self) -> Path:
        """The server's log."""
        return self._folder.logs / "postgres.log"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._child.pid if self._child is not None and self._child.exit_code() is None else None

    def exists(self) -> bool:
        """Return whether there is a database, whole, in the data folder."""
        return (self._data / "PG_VERSION").exists()

    def prepare(self) -> None:
        """Make the data if there is none, and finish what an interruption left.

        Raises:
            DataFolderVersionError: The data was written by another major version.
            BinariesMissingError: No wheel delivers PostgreSQL here.
        """
        self._install = reachable_postgres(find_postgres(), account=self._folder.account, folder=self._folder.programs)
        self._passwords, are_new = self._folder.passwords()
        if not self.exists():
            self._create()
            return
        self._require_same_major()
        self._end_orphan()
        if are_new:  # the file with the passwords was lost; the data is not
            self._single_user("postgres", _password_statements(self._passwords), self._data)

    def start(self) -> None:
        """Start the server; it answers once :meth:`is_ready` says so. Call it in the main thread."""
        install, account = self._prepared()[0], self._folder.account
        self._forget_reused_pid()
        arguments = [
            str(install.program("postgres")),
            *("-D", str(self._data), "-p", str(self.port)),
            *_options(durable=self._durable),
        ]
        self._child = spawn(Launch(arguments, _ENVIRONMENT, death_signal=signal.SIGINT, log=self.log, account=account))

    def exit_code(self) -> int | None:
        """Return how the server ended, or ``None`` while it runs."""
        return self._child.exit_code() if self._child is not None else None

    def is_ready(self) -> bool:
        """Return whether the server takes connections, by its own status file."""
        lines = self._status()
        return (
            self.pid is not None
            and len(lines) > _STATUS_LINE
            and lines[0] == str(self.pid)
            and lines[_STATUS_LINE].strip() == "ready"
        )

    def ask_to_stop(self) -> None:
        """Tell it to end soon."""
        if self.pid is not None and self._child is not None:
            self._child.send(signal.SIGINT)

    def stop(self) -> None:
        """Stop it: open transactions are rolled back, committed ones stay."""
        if self._child is not None:
            self._child.stop((signal.SIGINT, 3.0), (signal.SIGQUIT, 1.0))

    def url(self, role: str = APPLICATION) -> str:
        """Return the address for one of the roles."""
        passwords = self._prepared()[1]
        secret = {ADMIN: passwords.admin, OWNER: passwords.owner, APPLICATION: passwords.application}[role]
        return f"postgresql://{role}:{secret}@{LOOPBACK}:{self.port}/{DATABASE}"

    def _prepared(self) -> tuple[PostgresInstall, Passwords]:
        if self._install is None or self._passwords is None:
            msg = "prepare() comes first"
            raise RuntimeError(msg)
        return self._install, self._passwords

    def _create(self) -> None:
        """Make the data in a temporary folder that becomes the real one by a rename."""
        install, passwords = self._prepared()
        fresh = self._folder.path / "postgres.new"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(self._data, ignore_errors=True)  # without PG_VERSION there is nothing in it
        fresh.mkdir(mode=0o700)
        self._folder.account.own(fresh)
        password_file = self._folder.path / "postgres.password"
        write_private(password_file, passwords.admin)
        self._folder.account.own(password_file)
        try:
            self._run(
                *(str(install.program("initdb")), "-D", str(fresh), "-U", ADMIN, "--pwfile", str(password_file)),
                *("--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin"),
                *("--builtin-locale=C.UTF-8", "--locale=C", *([] if self._durable else ["--no-sync"])),
            )
        finally:
            password_file.unlink(missing_ok=True)
        self._single_user("postgres", _cluster_statements(passwords), fresh)
        self._single_user(DATABASE, _database_statements(), fresh)
        fresh.rename(self._data)

    def _require_same_major(self) -> None:
        install = self._prepared()[0]
        written_by = (self._data / "PG_VERSION").read_text().strip()
        ours = self._run(str(install.program("postgres")), "--version").split()[2].partition(".")[0]
        if written_by == ours:
            return
        way_out = (
            "Start it with the newer Omni that wrote it, or restore a backup into another --data-dir."
            if int(written_by) > int(ours)
            else "Dump it with the Omni that wrote it (pg_dump) and restore the dump into another --data-dir."
        )
        msg = (
            f"The data folder {self._folder.path} was written by PostgreSQL {written_by}, "
            f"and this Omni brings PostgreSQL {ours}. Nothing was changed. {way_out}"
        )
        raise DataFolderVersionError(msg)

    def _single_user(self, database: str, statements: list[str], data: Path) -> None:
        """Run statements without any server listening, one a line."""
        program = self._prepared()[0].program("postgres")
        self._run(
            *(str(program), "--single", "-D", str(data), "-c", "exit_on_error=on", *_options(durable=self._durable)),
            database,
            text="\n".join(statements) + "\n",
        )

    def _run(self, *command: str, text: str = "") -> str:
        done = subprocess.run(
            command,
            check=False,
            cwd="/",
            env=_ENVIRONMENT,
            input=text,
            capture_output=True,
            text=True,
            **self._folder.account.identity,
        )
        if done.returncode != 0:
            program = Path(command[0]).name
            msg = f"{program} failed ({done.returncode}): {(done.stderr or done.stdout).strip()[-2000:]}"
            raise ServerFailedError(msg)
        return done.stdout

    def _status(self) -> list[str]:
        try:
            return (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _end_orphan(self) -> None:
        """Stop a server on this data that outlived its Omni; the folder's lock says that nobody uses it."""
        pid = self._recorded_pid()
        if pid is None or not self._is_our_server(pid):
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        if not wait_until(lambda: not is_running(pid), 10.0):
            msg = f"A PostgreSQL (process {pid}) that was left on {self._data} does not stop. End it and start again."
            raise ServerFailedError(msg)

    def _forget_reused_pid(self) -> None:
        """Remove the status file of a dead server whose process id now belongs to something else.

        A dead process id is left to PostgreSQL, which also checks that no child of the dead server lingers.
        """
        pid = self._recorded_pid()
        if pid is not None and is_running(pid) and not self._is_our_server(pid):
            (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _recorded_pid(self) -> int | None:
        lines = self._status()
        return int(lines[0]) if lines and lines[0].strip().isdigit() else None

    def _is_our_server(self, pid: int) -> bool:
        if not is_running(pid):
            return False
        command = command_of(pid)
        return "postgres" in command and str(self._data) in command


def require_ready(server: PostgresServer, *, timeout_s: float = 30.0) -> None:
    """Wait until the server answers.

    Raises:
        ServerFailedError: It ended, or did not answer in time.
    """
    ready = wait_until(lambda: server.is_ready() or server.exit_code() is not None, timeout_s)
    if not ready or server.exit_code() is not None:
        msg = f"{server.name} did not start. The end of {server.log}:\n{last_lines(server.log)}"
        raise ServerFailedError(msg)


def _options(*, durable: bool) -> list[str]:
    options = {
        "listen_addresses": LOOPBACK,
        "unix_socket_directories": "",
        "shared_buffers": "64MB",
        "max_connections": "100",
        "max_wal_size": "512MB",
        "io_method": "sync",  # the read-ahead workers cost three processes and bring nothing at this size
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_line_prefix": "%m [%p] ",
        "idle_in_transaction_session_timeout": "10min",
    }
    if sys.platform == "linux":
        options["recovery_init_sync_method"] = "syncfs"  # one call, not one a file: heals faster
    if not durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    return [part for name, value in options.items() for part in ("-c", f"{name}={value}")]


def _cluster_statements(passwords: Passwords) -> list[str]:
    return [
        f"CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS",
        f"CREATE ROLE {APPLICATION} LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB NOBYPASSRLS",
        *_password_statements(passwords),
        f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
        f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
        f"GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO {APPLICATION}",
    ]


def _password_statements(passwords: Passwords) -> list[str]:
    pairs = ((ADMIN, passwords.admin), (OWNER, passwords.owner), (APPLICATION, passwords.application))
    return [f"ALTER ROLE {role} PASSWORD '{secret}'" for role, secret in pairs]


def _database_statements() -> list[str]:
    rights = {"TABLES": "SELECT, INSERT, UPDATE, DELETE", "SEQUENCES": "USAGE, SELECT", "FUNCTIONS": "EXECUTE"}
    return [
        "CREATE EXTENSION IF NOT EXISTS vector",
        f"ALTER SCHEMA public OWNER TO {OWNER}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {APPLICATION}",
        *(
            f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} IN SCHEMA public GRANT {right} ON {kind} TO {APPLICATION}"
            for kind, right in rights.items()
        ),
    ]
