"""One whole system for all bad days, healthy again before each of them."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from backend_services.kernel.embedded.cellar import open_cellar
from tests.integration.bad_days.system import PASSWORD, ROOT, Person, System, new_owner

_SETUP_LINK = """
import asyncio
from backend_services.identity.service.tenants import issue_setup_token
print(asyncio.run(issue_setup_token()))
"""


@pytest.fixture(scope="session")
def whole() -> Iterator[System]:
    """Start servers, web process and worker; set up the operator as a person does."""
    folder, servers = (Path(tempfile.mkdtemp(prefix=f"omni-bad-days-{name}-")) for name in ("data", "servers"))
    logs = folder / "said"
    logs.mkdir()
    try:
        with open_cellar(servers) as cellar:
            system = System(cellar, folder / "data", logs)
            system.data_dir.mkdir()
            system.migrate()
            try:
                system.start_web()
                system.start_worker()
                _set_up(system)
                yield system
            finally:
                system.end("worker")
                system.end("web")
    finally:
        shutil.rmtree(folder)
        shutil.rmtree(servers)


def _set_up(system: System) -> None:
    made = subprocess.run(
        [sys.executable, "-c", _SETUP_LINK],
        cwd=ROOT,
        env=system.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    body = {
        "token": made.stdout.strip().splitlines()[-1],
        "email": f"operator-{secrets.token_hex(4)}@example.org",
        "name": "Op Erator",
        "password": PASSWORD,
        "tenant_name": "Operator",
    }
    answer = httpx.post(f"{system.url}/api/v1/setup", json=body, timeout=30)
    assert answer.status_code == 201, answer.text
    system.operator_email = body["email"]


@pytest.fixture
def system(whole: System) -> System:
    """Return the system with both processes running."""
    if "web" not in whole.processes or whole.processes["web"].poll() is not None:
        whole.start_web()
    if "worker" not in whole.processes or whole.processes["worker"].poll() is not None:
        whole.start_worker()
    return whole


@pytest.fixture
def owner(system: System) -> Person:
    """Return the owner of a new customer."""
    return new_owner(system)


@pytest.fixture
def stranger(system: System) -> Person:
    """Return the owner of another new customer."""
    return new_owner(system)
