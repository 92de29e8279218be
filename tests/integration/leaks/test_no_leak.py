"""No way out shows a reader anything that row-level rules hide, whatever the table, the rules and the question."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from backend_services.kernel.errors import DomainError
from tests.integration.leaks.boards import BOARDS
from tests.integration.leaks.paths import PATHS
from tests.integration.leaks.questions import QUESTIONS, Question
from tests.integration.leaks.watching import ALERTS
from tests.integration.leaks.way import Path, client_of
from tests.integration.leaks.world import DRAWN, Drawn, Team, World, made

pytestmark = pytest.mark.usefixtures("database")
WORLDS: Final = 100
LEAST: Final = 10_000


async def shown_by(path: Path, world: World, question: Question, client: httpx.AsyncClient) -> bytes:
    """Return what the reader gets to see; a refusal says something too."""
    try:
        return await path.ask(world, question, client)
    except DomainError as error:
        named = question.names(world) | {"mark"}
        free = "sql" in path.name or path.name in {"dry run", "tile"} or path in {*BOARDS, *ALERTS}
        if not (free or world.is_denied or named & world.hidden):
            raise
        return f"{error} {error.params}".encode()


async def check(path: Path, world: World, question: Question, client: httpx.AsyncClient) -> bool:
    """Look for marks that the reader may not see; return whether there were some that he may."""
    shown = await shown_by(path, world, question, client)
    asked = question.metric(world).model_dump_json() + str(question.cell(world))
    assert not world.leaked(shown, asked=asked.encode()), (path.name, question, shown)
    return any(one in shown for one in world.open_tokens)


@dataclass(frozen=True, slots=True)
class Counted:
    """How often each way was tried, and how often it showed something that the reader may see."""

    tried: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)


async def ask_everywhere(drawn: Drawn, questions: list[Question], team: Team, counted: Counted) -> None:
    world = await made(drawn, team.owner, team.member)
    async with client_of(world) as client:
        for path in PATHS:
            if counted.tried["worlds"] % path.every:
                continue
            for question in questions[:1] if path.is_per_table else questions:
                counted.seen[path.name] += await check(path, world, question, client)
                counted.tried[path.name] += 1
    counted.tried["worlds"] += 1


@pytest.mark.timeout(1500)
async def test_no_way_out_shows_what_rules_hide(team: Team) -> None:
    counted = Counted()
    tried, seen = counted.tried, counted.seen
    loop = asyncio.get_running_loop()

    @settings(
        max_examples=WORLDS,
        deadline=None,
        derandomize=True,
        database=None,
        print_blob=True,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(drawn=DRAWN, questions=QUESTIONS)
    def in_any_world(drawn: Drawn, questions: list[Question]) -> None:
        asyncio.run_coroutine_threadsafe(ask_everywhere(drawn, questions, team, counted), loop).result()

    await asyncio.to_thread(in_any_world)
    assert all(tried[path.name] for path in PATHS), tried
    assert not [path.name for path in PATHS if path.shows_rows and not seen[path.name]], seen
    assert sum(tried[path.name] for path in PATHS) >= LEAST, tried
