"""Which account runs the servers: never root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from backend_services.kernel.embedded.errors import DataFolderClosedError, NoAccountError

CANDIDATES = ("postgres", "nobody")


class SpawnIdentity(TypedDict, total=False):
    """The arguments of :class:`subprocess.Popen` that change who a child is."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Account:
    """The account that the servers run as.

    Attributes:
        switches: Whether starting a child as this account means giving up root.
    """

    name: str
    uid: int
    gid: int
    switches: bool

    @property
    def identity(self) -> SpawnIdentity:
        """Return the arguments for ``subprocess`` that make a child this account."""
        if not self.switches:
            return SpawnIdentity()
        return SpawnIdentity(user=self.uid, group=self.gid, extra_groups=[])

    def can_enter(self, folder: Path) -> bool:
        """Return whether the account may pass through ``folder`` and everything above it."""
        return self._test("-x", folder)

    def can_run(self, program: Path) -> bool:
        """Return whether the account may read and run ``program``."""
        return self._test("-x", program) and self._test("-r", program)

    def own(self, path: Path) -> None:
        """Give ``path`` to the account; nothing happens when it is ours anyway."""
        if self.switches:
            os.chown(path, self.uid, self.gid)

    def _test(self, flag: str, path: Path) -> bool:
        program = shutil.which("test", path="/usr/bin:/bin") or "/bin/test"
        command = [program, flag, str(path.absolute())]
        return subprocess.run(command, check=False, cwd="/", **self.identity).returncode == 0


def serving_account(*, is_root: bool | None = None) -> Account:
    """Return the account for the servers: ourselves, or when we are root an unprivileged one that exists.

    Raises:
        NoAccountError: We are root and none of the known accounts exists.
    """
    if not (os.geteuid() == 0 if is_root is None else is_root):
        uid = os.geteuid()
        return Account(name=_name_of(uid), uid=uid, gid=os.getegid(), switches=False)
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if entry.pw_uid != 0:
            return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid, switches=True)
    msg = (
        "PostgreSQL never runs as root, and none of the accounts "
        f"{' and '.join(CANDIDATES)} exists. Start Omni as an ordinary user."
    )
    raise NoAccountError(msg)


def require_reachable(folder: Path, account: Account) -> None:
    """Refuse a data folder that lies below a folder which is closed to ``account``.

    Raises:
        DataFolderClosedError: It does. No mode is changed, since the folders above are not ours.
    """
    if account.can_enter(folder):
        return
    closed = next((part for part in reversed(folder.absolute().parents) if not account.can_enter(part)), folder)
    msg = (
        f"The account '{account.name}', which runs PostgreSQL because root must not, cannot enter {closed}. "
        "Choose a data folder that it can reach, such as --data-dir /var/lib/omni."
    )
    raise DataFolderClosedError(msg)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
