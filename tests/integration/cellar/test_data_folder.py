"""Folders, accounts and leftovers: what the cellar repairs and what it refuses."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import psutil
import pytest

from backend_services.kernel.embedded.account import serving_account
from backend_services.kernel.embedded.binaries import find_postgres, reachable_postgres
from backend_services.kernel.embedded.cellar import open_cellar
from backend_services.kernel.embedded.errors import (
    BinariesMissingError,
    DataFolderBusyError,
    DataFolderClosedError,
    DataFolderVersionError,
)
from backend_services.kernel.embedded.folder import DataFolder
from backend_services.kernel.embedded.process import Launch, spawn, wait_until

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the servers to another account")
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder that other accounts may reach."""
    path = Path(tempfile.mkdtemp(prefix="omni-cellar-"))
    yield path
    shutil.rmtree(path)


async def test_data_outlives_a_stop_and_a_lost_password_file(folder: Path) -> None:
    with open_cellar(folder, durable=False) as first:
        owner = await asyncpg.connect(first.owner_url)
        await owner.execute("CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)")
        await owner.close()
    (folder / "cellar.json").unlink()
    with open_cellar(folder, durable=False) as second:
        assert second.database_url != first.database_url
        application = await asyncpg.connect(second.database_url)
        kept = await application.fetchval("SELECT id FROM kept")
        await application.close()
    assert kept == 7


def test_a_half_finished_initdb_is_begun_again(folder: Path) -> None:
    (folder / "postgres.new" / "base").mkdir(parents=True)
    (folder / "postgres.new" / "PG_VERSION").write_text("18\n")
    with open_cellar(folder, durable=False) as cellar:
        assert cellar.postgres.is_ready()
    assert not (folder / "postgres.new").exists()


def test_a_status_file_whose_process_id_now_belongs_to_something_else_is_forgotten(folder: Path) -> None:
    with open_cellar(folder, durable=False):
        pass
    (folder / "postgres" / "postmaster.pid").write_text(f"{os.getpid()}\n{folder / 'postgres'}\n1\n1\n\n\n\n")
    with open_cellar(folder, durable=False) as cellar:
        assert cellar.postgres.is_ready()


def test_data_of_a_newer_major_version_is_refused(folder: Path) -> None:
    with open_cellar(folder, durable=False):
        pass
    (folder / "postgres" / "PG_VERSION").write_text("19\n")
    with pytest.raises(DataFolderVersionError, match=r"PostgreSQL 19.*Nothing was changed"), open_cellar(folder):
        pytest.fail("it must not open")


def test_a_folder_has_one_user_at_a_time(folder: Path) -> None:
    first, second = DataFolder(folder, serving_account()), DataFolder(folder, serving_account())
    first.open()
    with pytest.raises(DataFolderBusyError, match=f"process {os.getpid()}"):
        second.open()
    first.close()
    second.open()
    second.close()


@AS_ROOT
def test_servers_never_run_as_root(folder: Path) -> None:
    with open_cellar(folder, durable=False) as cellar:
        for pid in (cellar.postgres.pid, cellar.valkey.pid):
            assert pid is not None
            assert psutil.Process(pid).uids().real != 0


@AS_ROOT
def test_a_closed_parent_folder_is_refused_and_its_mode_left_alone(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(DataFolderClosedError, match="cannot enter"), open_cellar(closed / "data"):
        pytest.fail("it must not open")
    assert closed.stat().st_mode & 0o777 == 0o700


@AS_ROOT
def test_programs_below_a_closed_folder_are_copied_whole(folder: Path) -> None:
    folder.chmod(0o755)
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    installed = find_postgres()
    shutil.copytree(installed.root, closed / "pginstall", ignore=shutil.ignore_patterns("include"), symlinks=True)
    hidden = type(installed)(root=closed / "pginstall", label="test")
    account = serving_account()
    usable = reachable_postgres(hidden, account=account, folder=folder / "programs")
    assert usable.root == folder / "programs" / "test"
    version = subprocess.run(
        [usable.program("postgres"), "--version"],
        check=True,
        capture_output=True,
        text=True,
        cwd="/",
        **account.identity,
    ).stdout
    assert version.startswith("postgres (PostgreSQL)")
    assert closed.stat().st_mode & 0o777 == 0o700


def test_without_a_wheel_the_refusal_names_one() -> None:
    with pytest.raises(BinariesMissingError, match="pip install no-such-wheel"):
        find_postgres(("no-such-wheel",))


@pytest.mark.parametrize("use_pipe", [True, False] if sys.platform == "linux" else [True])
def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path, *, use_pipe: bool) -> None:
    noted = tmp_path / "pid"
    program = (
        "import signal, sys\n"
        "from pathlib import Path\n"
        "from backend_services.kernel.embedded.process import Launch, spawn\n"
        f"child = spawn(Launch(['/bin/sleep', '600'], {{}}, death_signal=signal.SIGTERM), use_pipe={use_pipe})\n"
        f"Path({str(noted)!r}).write_text(str(child.pid))\n"
        "signal.pause()\n"
    )
    parent = spawn(Launch([sys.executable, "-c", program], {"PYTHONPATH": str(ROOT)}))
    assert wait_until(lambda: noted.exists() and noted.read_text() != "", 20.0)
    child = psutil.Process(int(noted.read_text()))
    assert child.is_running()
    parent.send(signal.SIGKILL)
    assert parent.wait(10.0)
    assert wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 10.0)


def test_a_step_that_is_given_up_takes_along_what_it_started(tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    child = spawn(Launch(["/bin/sh", "-c", f"/bin/sleep 600 & echo $! >'{noted}'; wait"], {}))
    assert wait_until(lambda: noted.exists() and noted.read_text() != "", 20.0)
    grandchild = psutil.Process(int(noted.read_text()))
    child.stop()
    assert wait_until(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE, 10.0)


def test_a_build_whose_omni_was_killed_takes_along_what_it_started(tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    build = (
        "import subprocess\n"
        "from pathlib import Path\n"
        "from backend_services.kernel.embedded.process import end_together\n"
        "end_together()\n"
        "started = subprocess.Popen(['/bin/sleep', '600'])\n"
        f"Path({str(noted)!r}).write_text(str(started.pid))\n"
        "started.wait()\n"
    )
    omni = (
        "import signal, sys\n"
        "from backend_services.kernel.embedded.process import Launch, spawn\n"
        f"launch = Launch([sys.executable, '-c', {build!r}], {{'PYTHONPATH': {str(ROOT)!r}}}, signal.SIGTERM)\n"
        "spawn(launch)\n"
        "signal.pause()\n"
    )
    parent = spawn(Launch([sys.executable, "-c", omni], {"PYTHONPATH": str(ROOT)}))
    assert wait_until(lambda: noted.exists() and noted.read_text() != "", 20.0)
    grandchild = psutil.Process(int(noted.read_text()))
    parent.send(signal.SIGKILL)
    assert parent.wait(10.0)
    assert wait_until(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE, 10.0)
