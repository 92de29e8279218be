"""The data folder: who may enter it, who uses it now, and the servers' passwords."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from backend_services.kernel.embedded.account import require_reachable
from backend_services.kernel.embedded.errors import DataFolderBusyError, DataFolderUnusableError

if TYPE_CHECKING:
    from backend_services.kernel.embedded.account import Account


@dataclass(frozen=True, slots=True, repr=False)
class Passwords:
    """One random password for each role and server."""

    admin: str
    owner: str
    application: str
    valkey: str


class DataFolder:
    """One install's data on disk. Only one Omni uses it at a time."""

    def __init__(self, path: Path, account: Account) -> None:
        self.path = path.absolute()
        self.account = account
        self._lock: IO[str] | None = None

    @property
    def logs(self) -> Path:
        """Where the servers and processes write what they say."""
        return self.path / "logs"

    @property
    def programs(self) -> Path:
        """Where programs are copied that the account could not reach in their wheel."""
        return self.path / "programs"

    @property
    def is_ours(self) -> bool:
        """Return whether we hold it; another Omni's folder is not to be touched."""
        return self._lock is not None

    def open(self) -> None:
        """Create the folder if needed and take it for ourselves until :meth:`close` or our death.

        Raises:
            DataFolderBusyError: Another Omni holds it.
            DataFolderClosedError: The servers' account cannot reach it.
            DataFolderUnusableError: It cannot be made or written.
        """
        try:
            self._open()
        except OSError as error:
            self.close()
            raise DataFolderUnusableError(_unusable(self.path, error)) from error
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._take()
        if self.account.switches:
            self.path.chmod(self.path.stat().st_mode | 0o011)  # enter, not list; our own folder only
        require_reachable(self.path, self.account)
        self.logs.mkdir(mode=0o700, exist_ok=True)

    def close(self) -> None:
        """Let others use the folder."""
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def passwords(self) -> tuple[Passwords, bool]:
        """Return the servers' passwords and whether they were made just now."""
        path = self.path / "cellar.json"
        if path.exists():
            return Passwords(**json.loads(path.read_text())), False
        made = Passwords(*(secrets.token_urlsafe(24) for _ in range(4)))
        write_private(path, json.dumps(asdict(made)))
        return made, True

    def _take(self) -> None:
        lock = (self.path / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip()
            lock.close()
            by = f" (process {holder})" if holder else ""
            msg = f"Another Omni{by} uses the data folder {self.path}. Stop it, or choose another --data-dir."
            raise DataFolderBusyError(msg) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock


def _unusable(path: Path, error: OSError) -> str:
    where = "" if error.filename in {None, str(path)} else f" ({error.filename})"
    return (
        f"The data folder {path} cannot be used: {error.strerror or error}{where}. Start Omni as the account that owns "
        "it, or choose another --data-dir."
    )


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, so that it exists whole or not at all."""
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
