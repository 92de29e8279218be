"""What rules hide makes no difference: a reader is told the same whether hidden rows are there or not.

Marks in the hidden rows find what is shown of them. This finds the rest: sizes, counts, ends, edges, orders, refusals
that depend on a row that the reader may not see. Two tables that differ only in what is hidden are asked the same.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from backend_services.datasets import service as datasets
from backend_services.datasets.schemas import DatasetView
from backend_services.kernel.db import transaction
from backend_services.kernel.pagination import PageRequest
from tests.integration.leaks.paths import PATHS
from tests.integration.leaks.questions import QUESTIONS, Question
from tests.integration.leaks.way import answered, client_of
from tests.integration.leaks.world import (
    DRAWN,
    Drawn,
    Row,
    Team,
    World,
    held_rules,
    rows_of,
    seen,
    showing,
    stored,
)

if TYPE_CHECKING:
    import httpx

    from tests.integration.leaks.way import Path

pytestmark = [pytest.mark.usefixtures("database"), pytest.mark.timeout(900)]
PAIRS: Final = 10
ASKED: Final = 2
_ELSEWHERE: Final = {
    "texts",
    "files",
    "delivery",
    "builds of others",
    "own alert",
    "alerts of others",
    "rest table",
    "xlsx",
    "cache",
}
"""They list everything of the tenant, or are drawn by the minute; the marks watch them."""
_ID: Final = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_PASSING: Final = re.compile(
    rb'"(?:took_ms|query_ms|cached|created_at|updated_at|request_id|instance|choice)": ?(?:"[^"]*"|[^,}\]]*)'
)


def without_hidden(drawn: Drawn, rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Return the rows that the reader may see, with other marks in the cells that are hidden in them."""
    held = held_rules(drawn)
    return tuple(_other(row, seen(row, held)) for row in rows if showing(row, held))


def _other(row: Row, visible: Row) -> Row:
    hidden = {name: f"zz{row[name]}" for name in ("mark", "secret") if visible[name] is None}
    return {**row, **hidden}


def comparable(shown: bytes) -> bytes:
    """Return what was shown without what differs from one asking to the next."""
    numbers: dict[bytes, bytes] = {}
    plain = _PASSING.sub(b"", shown)
    return _ID.sub(lambda found: numbers.setdefault(found[0], b"id%d" % len(numbers)), plain)


async def _asked(path: Path, world: World, question: Question, client: httpx.AsyncClient) -> bytes:
    return comparable(await answered(path.ask(world, question, client)))


async def ask_both(drawn: Drawn, questions: list[Question], team: Team) -> None:
    rows = rows_of(drawn, team.member)
    left = without_hidden(drawn, rows)
    whole = await stored(drawn, rows, rows, team.owner, team.member)
    bare = await stored(drawn, rows, left, team.owner, team.member)
    async with client_of(whole) as client:
        for path in PATHS:
            if path.name in _ELSEWHERE:
                continue
            for question in questions[: 1 if path.is_per_table else ASKED]:
                one, other = [await _asked(path, world, question, client) for world in (whole, bare)]
                assert one == other, (path.name, question, first_difference(one, other))


def first_difference(one: bytes, other: bytes) -> tuple[bytes, bytes]:
    """Return where two texts part, for the report of a failure."""
    at = next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), 0)
    return one[max(0, at - 200) : at + 200], other[max(0, at - 200) : at + 200]


async def test_hidden_rows_make_no_difference(team: Team) -> None:
    loop = asyncio.get_running_loop()

    @settings(
        max_examples=PAIRS,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(drawn=DRAWN, questions=QUESTIONS)
    def in_any_pair(drawn: Drawn, questions: list[Question]) -> None:
        asyncio.run_coroutine_threadsafe(ask_both(drawn, questions, team), loop).result()

    await asyncio.to_thread(in_any_pair)


async def test_the_order_of_a_list_tells_no_sizes(team: Team) -> None:
    """Tables under rules stand last, by their ids, however large they are."""
    cells = tuple((0, 1, True, False, one % 100) for one in range(6))
    ruled = Drawn(cells=cells, rules={"viewer": ((0,), frozenset())}, roles=frozenset({"viewer", "guest"}))
    larger = Drawn(cells=cells * 3, rules=ruled.rules, roles=ruled.roles)
    worlds = [
        await stored(one, rows, rows, team.owner, team.member)
        for one in (larger, ruled, larger)
        for rows in (rows_of(one, team.member),)
    ]
    ours = {one.dataset_id for one in worlds}

    async def order(sort: str) -> list[DatasetView]:
        page: Any = PageRequest(limit=200, sort=sort)
        async with transaction(worlds[0].reader) as session:
            listed = await datasets.list_datasets(worlds[0].reader, session, page)
        return [one for one in listed.items if one.id in ours]

    for sort in ("rows", "-rows", "size_bytes", "-size_bytes"):
        assert [one.id for one in await order(sort)] == sorted(ours)
