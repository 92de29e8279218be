"""Free SQL in its children: what takes too much, too long or dies costs one statement and never the process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import pytest

from backend_services.datasets.catalogue import SqlQuery
from backend_services.datasets.query import bounded, service
from backend_services.datasets.query.errors import (
    QueryMemoryLimitError,
    QueryProcessEndedError,
    QueryTimeoutError,
    SqlFailedError,
)
from backend_services.datasets.query.execution import close_pool
from backend_services.datasets.query.settings import get_query_settings
from backend_services.kernel.i18n import error_text
from state.api.app import create_api
from state.api.deps import authenticate
from tests.factories.identity import make_actor
from tests.integration.datasets_query.stored import store_orders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, MutableMapping

    from backend_services.kernel.actor import Actor

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(120)]
COUNT = 400
SPINNING = "select count(*) from data a, data b, data c, data d where a.id + b.id * c.id - d.id > 7"
PATIENCE_S = 20.0


@pytest.fixture(autouse=True)
def own_children(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    close_pool()  # another test's child would be taken for the one that a test here begins
    yield monkeypatch
    close_pool()
    get_query_settings.cache_clear()


@pytest.fixture
async def owner() -> Actor:
    return await make_actor(role="owner")


@pytest.fixture
async def dataset_id(owner: Actor) -> UUID:
    return await store_orders(owner, count=COUNT)


def limited(monkeypatch: pytest.MonkeyPatch, **limits: float) -> None:
    for name, value in limits.items():
        monkeypatch.setenv(f"OMNI_DATASETS_QUERY_{name.upper()}", str(value))
    get_query_settings.cache_clear()


async def ask(owner: Actor, dataset_id: UUID, sql: str) -> tuple[tuple[Any, ...], ...]:
    return (await service.run_sql(owner, SqlQuery(dataset_id=dataset_id, sql=sql))).rows


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.01)


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_statements_run_in_one_warm_child(owner: Actor, dataset_id: UUID) -> None:
    assert await ask(owner, dataset_id, "select count(*) from data") == ((COUNT,),)
    first = bounded.get_children().pids
    assert await ask(owner, dataset_id, "select count(*) + 1 from data") == ((COUNT + 1,),)
    assert len(first) == 1
    assert bounded.get_children().pids == first
    assert os.getpid() not in first
    assert os.getsid(next(iter(first))) != os.getsid(0)


async def test_a_failing_statement_keeps_its_child(owner: Actor, dataset_id: UUID) -> None:
    await ask(owner, dataset_id, "select 1 from data limit 1")
    first = bounded.get_children().pids
    with pytest.raises(SqlFailedError, match="no_such"):
        await ask(owner, dataset_id, "select no_such from data")
    assert bounded.get_children().pids == first


async def test_a_statement_that_needs_too_much_memory_says_the_limit(
    owner: Actor, dataset_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, sql_memory_mb=64, memory_mb=2_000, timeout_s=60)
    hungry = (
        "select count(*), max(first), max(second) from (select lag(a.id) over (order by a.id * b.id, c.id) as first,"
        " sum(b.id) over (order by b.id, a.id) as second from data a, data b, data c)"
    )
    with pytest.raises(QueryMemoryLimitError) as caught:
        await ask(owner, dataset_id, hungry)
    english, slovenian = (error_text(caught.value, language) for language in ("en", "sl"))
    assert "64 MB" in english
    assert "64 MB" in slovenian
    assert english != slovenian
    assert await ask(owner, dataset_id, "select count(*) from data") == ((COUNT,),)


async def test_a_statement_that_spins_is_killed_at_its_deadline(
    owner: Actor, dataset_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, timeout_s=0.5)
    asking = asyncio.ensure_future(ask(owner, dataset_id, SPINNING))
    await until(lambda: bool(bounded.get_children().pids))
    (pid,) = bounded.get_children().pids
    with pytest.raises(QueryTimeoutError) as caught:
        await asking
    assert not is_there(pid)
    assert "0.5 s" in error_text(caught.value, "en")
    assert "0.5 s" in error_text(caught.value, "sl")


async def test_a_killed_child_costs_its_own_statement_only(owner: Actor, dataset_id: UUID) -> None:
    asking = asyncio.ensure_future(ask(owner, dataset_id, SPINNING))
    await until(lambda: bool(bounded.get_children().pids))
    (pid,) = bounded.get_children().pids
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(QueryProcessEndedError):
        await asking
    assert await ask(owner, dataset_id, "select count(*) from data") == ((COUNT,),)
    (pid,) = bounded.get_children().pids
    os.kill(pid, signal.SIGKILL)
    assert await ask(owner, dataset_id, "select count(*) + 2 from data") == ((COUNT + 2,),)


async def test_two_at_once_and_never_more_children_than_allowed(owner: Actor, dataset_id: UUID) -> None:
    asked = [ask(owner, dataset_id, f"select count(*) + {number} from data") for number in range(8)]  # noqa: S608
    answers = await asyncio.gather(*asked)
    assert [one[0][0] for one in answers] == [COUNT + number for number in range(8)]
    assert len(bounded.get_children().pids) == get_query_settings().sql_processes


async def test_a_spinning_statement_does_not_keep_another_from_its_answer(owner: Actor, dataset_id: UUID) -> None:
    spinning = asyncio.ensure_future(ask(owner, dataset_id, SPINNING))
    await until(lambda: bool(bounded.get_children().pids))
    assert await ask(owner, dataset_id, "select count(*) from data") == ((COUNT,),)
    assert not spinning.done()
    spinning.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await spinning


async def test_nobody_waiting_ends_the_child(owner: Actor, dataset_id: UUID) -> None:
    asking = asyncio.ensure_future(ask(owner, dataset_id, SPINNING))
    await until(lambda: bool(bounded.get_children().pids))
    (pid,) = bounded.get_children().pids
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await until(lambda: not is_there(pid))


async def test_a_child_makes_room_for_a_new_one(
    owner: Actor, dataset_id: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    limited(monkeypatch, sql_statements=2)
    await ask(owner, dataset_id, "select 1 from data limit 1")
    first = bounded.get_children().pids
    await ask(owner, dataset_id, "select 2 from data limit 1")
    await ask(owner, dataset_id, "select 3 from data limit 1")
    assert not first & bounded.get_children().pids


async def test_an_idle_child_ends(owner: Actor, dataset_id: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    limited(monkeypatch, idle_s=0.1)
    await ask(owner, dataset_id, "select 1 from data limit 1")
    (pid,) = bounded.get_children().pids

    def closed() -> bool:
        bounded.get_children().close_idle()
        return not is_there(pid)

    await until(closed)


def test_a_child_finds_no_secret_and_cannot_write_or_reach_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The child is asked directly, as if the guard had let everything through."""
    monkeypatch.setenv("OMNI_SECRET_KEY", "sesame")
    table, other = tmp_path / "table.parquet", tmp_path / "other.parquet"
    write(table)
    write(other)

    async def said(sql: str) -> str:
        taker = Everything()
        statement = bounded.Statement(path=str(table), columns=("a",), sql=sql, zone="Europe/Ljubljana", most=10)
        try:
            await bounded.run(statement, taker, timeout_s=10)
        except SqlFailedError as error:
            return f"refused: {error.message}"
        return str(taker.rows)

    async def all_of_it() -> None:
        assert await said("select a from data") == "[[1]]"
        assert b"OMNI_" not in environment_of(*bounded.get_children().pids)
        for hostile in (
            f"select * from read_parquet('{other}')",  # noqa: S608 - this is what must not work
            f"copy data to '{tmp_path / 'written.csv'}'",
            "set memory_limit = '10GB'",
            "select * from read_csv('https://example.org/a.csv')",
            "attach '/tmp/a.db'",
            "install httpfs",
        ):
            assert (await said(hostile)).startswith("refused"), hostile
        assert not (tmp_path / "written.csv").exists()

    asyncio.run(all_of_it())


async def test_a_client_that_leaves_ends_the_statement(owner: Actor, dataset_id: UUID) -> None:
    api = create_api()
    api.dependency_overrides[authenticate] = lambda: owner
    body = json.dumps({"kind": "sql", "dataset_id": str(dataset_id), "sql": SPINNING}).encode()
    messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    messages.put_nowait({"type": "http.request", "body": body, "more_body": False})
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/api/v1/analytics/query",
        "raw_path": b"",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("omni", 80),
    }
    said: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        said.append(message)

    asking = asyncio.ensure_future(api(scope, messages.get, send))
    await until(lambda: bool(bounded.get_children().pids))
    (pid,) = bounded.get_children().pids
    messages.put_nowait({"type": "http.disconnect"})
    await until(lambda: not is_there(pid))
    await asking
    assert said[0]["status"] == httpx.codes.SERVICE_UNAVAILABLE


def environment_of(pid: int) -> bytes:
    """Return the environment of a process where the system shows it."""
    path = Path(f"/proc/{pid}/environ")
    return path.read_bytes() if path.exists() else b""


def write(path: Path) -> None:
    import duckdb  # noqa: PLC0415 - only here

    duckdb.connect().execute(f"COPY (SELECT 1 AS a) TO '{path}' (FORMAT parquet)")


class Everything:
    """Takes all rows."""

    def __init__(self) -> None:
        self.rows: list[Any] = []

    def begin(self, names: list[str], types: list[str]) -> None:
        assert len(names) == len(types)

    def add(self, rows: Any) -> None:
        self.rows.extend(rows)

    def add_lines(self, lines: Any) -> None:
        self.rows.extend(lines)
