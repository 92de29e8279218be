"""What ``omni run`` was asked to do, read from the environment alone."""

from __future__ import annotations

import base64
import os
import secrets
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING

from backend_services.kernel.embedded.folder import write_private
from backend_services.kernel.embedded.network import LOOPBACK, obstacle

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT_DATA_DIR = Path("/var/lib/omni")
USER_DATA_DIR = Path(".omni")
DEMO_SUFFIX = "-demo"
_LAST_PORT = 65535
_TRUE = {"1", "true", "yes", "on"}
_FAMILIAR = {"0.0.0.0": "localhost", "::": "localhost", LOOPBACK: "localhost", "::1": "localhost"}  # noqa: S104 - read, not bound


class PlanError(Exception):
    """What was asked for cannot be done; the message says why and the way out."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One start of Omni.

    Attributes:
        environment: What the children inherit; the plan adds the addresses.
        database_url: Of an own PostgreSQL; empty for the embedded one.
        redis_url: Of an own Redis or Valkey; empty for the embedded one.
    """

    data_dir: Path
    host: str
    port: int
    demo: bool
    with_worker: bool
    database_url: str
    redis_url: str
    environment: Mapping[str, str]

    @property
    def address(self) -> str:
        """Where a person on this machine finds the pages."""
        public = self.environment.get("OMNI_PUBLIC_URL", "")
        host = _FAMILIAR.get(self.host, f"[{self.host}]" if ":" in self.host else self.host)
        return public.rstrip("/") or f"http://{host}:{self.port}"

    @property
    def asked_host(self) -> str:
        """Where the supervisor itself asks whether the web process answers."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104


def read_plan(environment: Mapping[str, str]) -> Plan:
    """Return the plan that the ``OMNI_…`` variables describe.

    Raises:
        PlanError: The variables contradict each other, or nothing can listen there.
    """
    host = environment.get("OMNI_HOST", "") or LOOPBACK
    demo = is_demo(environment)
    if demo and not _is_loopback(host):
        msg = (
            f"--demo has accounts with known passwords, so it only listens on this machine; {host} is reachable from "
            "others. Leave --host away, or start without --demo."
        )
        raise PlanError(msg)
    port = asked_port(environment)
    if found := obstacle(host, port):
        raise PlanError(found)
    return Plan(
        data_dir=default_data_dir(environment),
        host=host,
        port=port,
        demo=demo,
        with_worker=environment.get("OMNI_NO_WORKER", "").lower() not in _TRUE,
        database_url=environment.get("OMNI_DATABASE_URL", ""),
        redis_url=environment.get("OMNI_REDIS_URL", ""),
        environment=environment,
    )


def is_demo(environment: Mapping[str, str]) -> bool:
    """Return whether the demonstration was asked for."""
    return environment.get("OMNI_DEMO", "").lower() in _TRUE


def asked_port(environment: Mapping[str, str]) -> int:
    """Return the port to listen on.

    Raises:
        PlanError: What was given is no port.
    """
    text = environment.get("OMNI_PORT", "") or "8080"
    if not (text.isascii() and text.isdecimal() and 1 <= int(text) <= _LAST_PORT):
        msg = f"--port (OMNI_PORT) must be a number from 1 to {_LAST_PORT}, and {text!r} is none."
        raise PlanError(msg)
    return int(text)


def default_data_dir(environment: Mapping[str, str], *, demo: bool | None = None) -> Path:
    """Return the data folder: the one asked for, for root one that other accounts reach, else ``.omni``.

    The demonstration has a folder of its own beside it, so that trying it never touches real data.

    Args:
        environment: ``OMNI_DATA_DIR`` counts from where the command was called (``OMNI_CALLED_FROM``).
        demo: Whether the demonstration's is meant; by default what the environment says.
    """
    asked = environment.get("OMNI_DATA_DIR", "")
    if asked:
        return Path(environment.get("OMNI_CALLED_FROM", "")).absolute() / Path(asked).expanduser()
    usual = ROOT_DATA_DIR if os.geteuid() == 0 else USER_DATA_DIR.absolute()
    return usual.with_name(usual.name + DEMO_SUFFIX) if (is_demo(environment) if demo is None else demo) else usual


def secret_key_file(data_dir: Path) -> Path:
    """Return the file with the root key of this install, made at the first start."""
    path = data_dir / "secret.key"
    if not path.exists():
        write_private(path, base64.b64encode(secrets.token_bytes(32)).decode())
    return path


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
