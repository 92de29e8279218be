"""What ``omni run`` refuses, each time in one sentence with the way out and never with a traceback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from omni_app.supervisor.plan import default_data_dir
from tests.e2e.processes.running import ROOT, Running, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a data folder where the servers' account may enter."""
    path = Path(tempfile.mkdtemp(prefix="omni-refusals-"))
    yield path
    shutil.rmtree(path)


def refused(omni: Running, code: int) -> str:
    """Return what was printed by a start that ended at once."""
    assert omni.process.wait(60) == code, omni.printed
    assert "Traceback" not in omni.printed
    assert omni.printed.startswith("omni: ")
    return omni.printed


@pytest.mark.parametrize("port", ["0", "-1", "65536", "eighty", "\u0668\u0660"])
def test_what_is_no_port(tmp_path: Path, port: str) -> None:
    with running(tmp_path, extra={"OMNI_PORT": port}, port=None, says_port=False) as omni:
        assert "must be a number from 1 to 65535" in refused(omni, 2)


@pytest.mark.parametrize(
    ("host", "says"),
    [("no-such-host.invalid", "is not known here"), ("192.0.2.1", "has no address 192.0.2.1")],
)
def test_a_host_that_is_not_this_machine(tmp_path: Path, host: str, says: str) -> None:
    with running(tmp_path, "--host", host) as omni:
        assert says in refused(omni, 2)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "example.org"])  # noqa: S104 - it must refuse
def test_the_demonstration_beyond_this_machine(tmp_path: Path, host: str) -> None:
    with running(tmp_path, "--demo", "--host", host) as omni:
        assert "only listens on this machine" in refused(omni, 2)


def test_a_port_that_somebody_else_has(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with running(tmp_path, port=port) as omni:
            assert f"Port {port} on 127.0.0.1 is taken" in refused(omni, 2)


@pytest.mark.parametrize("below", ["a file", "/proc/omni"])
def test_a_data_folder_that_cannot_be_made(tmp_path: Path, below: str) -> None:
    (tmp_path / "a file").touch()
    folder = tmp_path / below
    with running(folder) as omni:
        assert f"The data folder {folder} cannot be used" in refused(omni, 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_data_folder_of_somebody_else(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with running(tmp_path) as omni:
        assert "Permission denied" in refused(omni, 1)
    tmp_path.chmod(0o700)


def test_the_demonstration_and_real_data_never_share_a_default_folder() -> None:
    real, demo = default_data_dir({}), default_data_dir({"OMNI_DEMO": "true"})
    assert demo == real.with_name(f"{real.name}-demo")
    asked = {"OMNI_DEMO": "true", "OMNI_DATA_DIR": "data", "OMNI_CALLED_FROM": "/srv/a b"}
    assert default_data_dir(asked) == Path("/srv/a b/data")
    assert default_data_dir(asked | {"OMNI_DATA_DIR": "/data"}) == Path("/data")


@pytest.mark.parametrize(
    ("variable", "value", "says"),
    [
        ("OMNI_MAX_UPLOAD_BYTES", "many", "OMNI_MAX_UPLOAD_BYTES: Input should be a valid integer"),
        ("OMNI_SECRET_KEY", "short", "OMNI_SECRET_KEY must be 32 random bytes"),
        ("OMNI_DATABASE_URL", "postgresql://a:b@127.0.0.1:1/x", "cannot be brought up to date"),
        ("OMNI_REDIS_URL", "redis://127.0.0.1:1/0", "Redis (OMNI_REDIS_URL) cannot be used"),
    ],
)
def test_a_setting_or_a_server_that_cannot_be_used(folder: Path, variable: str, value: str, says: str) -> None:
    with running(folder, extra={variable: value}) as omni:
        assert omni.process.wait(300) == 1, omni.printed
        assert says in omni.printed
        assert "Traceback" not in omni.printed


@pytest.mark.parametrize(
    "command", [("user", "add", "nobody", "Ana", "--as", "a@b.si"), ("user", "list", "--as", "a@b.si")]
)
def test_a_command_says_what_is_wrong_in_one_line(folder: Path, command: tuple[str, ...]) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("OMNI_")}  # noqa: TID251 - a fresh start
    done = subprocess.run(
        [sys.executable, "-m", "omni_app.cli", *command],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**kept, "OMNI_DATA_DIR": str(folder), "OMNI_NEW_PASSWORD": "kamen-most-oblak-9", "OMNI_PORT": "many"},
    )
    assert done.returncode == 1
    assert done.stderr.startswith("omni: ")
    assert "Traceback" not in done.stderr
