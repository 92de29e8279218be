"""Starting, healing and stopping, with real processes and real signals."""

from __future__ import annotations

import signal
from pathlib import Path

import asyncpg
import psutil
import pytest
import redis

from backend_services.kernel.embedded.process import wait_until
from tests.e2e.processes.running import Running, all_gone, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def test_the_terminal_names_address_accounts_and_key(install: Path) -> None:
    with running(install, "--demo") as omni:
        omni.wait_for("dev-key-123")
        assert f"Ready: http://localhost:{omni.port}" in omni.printed
        assert "owner@omni.example" in omni.printed
        assert omni.answers("/")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_polite_signal_stops_everything(install: Path, number: signal.Signals) -> None:
    with running(install, "--demo") as omni:
        omni.wait_for("Ready:")
        family = omni.family()
        omni.process.send_signal(number)
        assert omni.process.wait(30) == 0
        assert all_gone(family)
        assert "Stopped" in omni.printed
    assert not (install / "postgres" / "postmaster.pid").exists()


def test_killing_the_supervisor_leaves_no_process(install: Path) -> None:
    with running(install, "--demo") as omni:
        omni.wait_for("Ready:")
        family = omni.family()
        assert len(family) > 5
        omni.process.kill()
        assert all_gone(family), [process for process in family if process.is_running()]


def test_ctrl_c_during_the_start_stops_it(install: Path) -> None:
    (install / "readiness.json").unlink(missing_ok=True)
    with running(install, "--demo") as omni:
        omni.wait_for("Bringing the tables")
        family = omni.family()
        omni.process.send_signal(signal.SIGINT)
        assert omni.process.wait(30) == 0
        assert all_gone(family)


@pytest.mark.parametrize("name", ["PostgreSQL", "Valkey", "web", "worker"])
async def test_a_killed_part_is_started_again_and_nothing_committed_is_lost(install: Path, name: str) -> None:
    with running(install, "--demo") as omni:
        omni.wait_for("Ready:")
        owner = await asyncpg.connect(omni.addresses["OMNI_DATABASE_OWNER_URL"])
        await owner.execute("CREATE TABLE IF NOT EXISTS kept_rows (name text)")
        await owner.execute("INSERT INTO kept_rows VALUES ($1)", name)
        await owner.close()
        store = redis.Redis.from_url(omni.addresses["OMNI_REDIS_URL"])
        omni.kill_and_wait(name, lambda: omni.answers("/") and _pings(store))
        store.close()
        assert wait_until(lambda: "starting it again" in omni.printed, 5.0)
        assert await _rows(omni, name) >= 1


async def test_lingering_children_of_a_killed_database_do_not_keep_it_down(install: Path) -> None:
    with running(install, "--demo") as omni:
        omni.wait_for("Ready:")
        for _ in range(2):
            postmaster = omni.part("PostgreSQL")
            assert postmaster is not None
            for child in postmaster.children():
                child.suspend()
            lingering = postmaster.children()
            postmaster.kill()
            assert wait_until(lambda: "PostgreSQL ended" in omni.printed, 10.0)
            _resume(lingering)
            assert wait_until(lambda: omni.part("PostgreSQL") is not None, 30.0)
            assert await _rows(omni, "any") >= 0


def test_two_on_one_data_folder_are_refused(install: Path) -> None:
    with running(install, "--demo") as first:
        first.wait_for("Ready:")
        with running(install, "--demo") as second:
            assert second.process.wait(60) == 1
            assert f"Another Omni (process {first.process.pid}) uses the data folder" in second.printed
        assert first.answers("/")
        assert first.addresses["OMNI_DATABASE_URL"]  # other commands still find the first


def test_data_of_a_newer_postgresql_is_refused_and_left_alone(install: Path) -> None:
    written = install / "postgres" / "PG_VERSION"
    original = written.read_text()
    written.write_text("99\n")
    try:
        with running(install, "--demo") as omni:
            assert omni.process.wait(60) == 1
            assert "was written by PostgreSQL 99" in omni.printed
            assert "Nothing was changed" in omni.printed
    finally:
        written.write_text(original)


def test_the_demonstrations_data_never_serves_in_earnest(install: Path) -> None:
    with running(install) as omni:
        assert omni.process.wait(120) == 1
        assert "it only starts with --demo" in omni.printed
        assert not omni.answers("/")
    with running(install, "--demo") as again:
        again.wait_for("Ready:")


def test_no_worker_starts_no_worker(install: Path) -> None:
    with running(install, "--demo", "--no-worker") as omni:
        omni.wait_for("Ready:")
        assert omni.part("web") is not None
        assert omni.part("worker") is None


def _resume(processes: list[psutil.Process]) -> None:
    for process in processes:
        if process.is_running():
            process.resume()


def _pings(store: redis.Redis) -> bool:
    try:
        return bool(store.ping())
    except redis.exceptions.ConnectionError:
        return False


async def _rows(omni: Running, name: str) -> int:
    """Return how many rows of that name there are, once the database takes connections again."""
    for attempt in range(200):
        try:
            connection = await asyncpg.connect(omni.addresses["OMNI_DATABASE_OWNER_URL"], timeout=2)
        except (OSError, asyncpg.CannotConnectNowError, TimeoutError):
            wait_until(lambda: False, 0.1)
            assert attempt < 199, omni.printed
            continue
        try:
            if await connection.fetchval("SELECT to_regclass('kept_rows')") is None:
                return 0
            count: int = await connection.fetchval("SELECT count(*) FROM kept_rows WHERE name = $1", name)
            return count
        finally:
            await connection.close()
    return -1
