"""Questions with gold SQL, by planner; writes the page of the documentation."""

from __future__ import annotations

import asyncio
import base64
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend_services.kernel.db import dispose_database
from backend_services.kernel.embedded.cellar import open_cellar
from backend_services.kernel.redis import close_redis
from backend_services.kernel.settings import get_settings
from omni_app.commands.measured import Row
from omni_app.wiring import configure
from tests.benchmarks import gold_planners, gold_questions
from tests.benchmarks.gold_page import PAGE, SMALL_MODEL, page, rate, valid
from tests.benchmarks.gold_planners import Judged
from tests.benchmarks.gold_questions import Outcome
from tests.conftest import migrate

GOAL = 0.85
GOAL_EASY = 0.95


async def _planners() -> dict[str, list[Judged]]:
    configure()
    everything = gold_questions.load()
    model = {"OMNI_LLM_PROVIDER": "embedded", "OMNI_LLM_DECIDE_MIN_PARAMETERS": "0", "OMNI_LLM_TIMEOUT_S": "60"}
    patient = {"OMNI_LLM_EMBED_TIMEOUT_S": "5"}
    try:
        tables = await gold_planners.bring_in()
        async with gold_planners.helped(works=False, OMNI_LLM_PROVIDER="none"):
            found = {"rules": await gold_planners.ask(tables, everything)}
        async with gold_planners.helped(works=True, OMNI_LLM_PROVIDER="none", **patient):
            meaning = found["rules, search by meaning"] = await gold_planners.ask(tables, everything)
        PAGE.write_text(page(found), encoding="utf-8")  # a small model takes long, and may be stopped
        async with gold_planners.helped(works=True, **model, **patient):
            unsettled = await gold_planners.ask(tables, [one.question for one in meaning if one.asked_back])
    finally:
        await close_redis()
        await dispose_database()
    chosen = {one.question: one for one in unsettled}
    found[SMALL_MODEL] = [chosen.get(one.question, one) for one in meaning]
    return found


def planners() -> dict[str, list[Judged]]:
    """Ask every planner, with a database of their own."""
    with tempfile.TemporaryDirectory() as folder, open_cellar(Path(folder), durable=False) as cellar:
        values = {
            "OMNI_DATA_DIR": folder,
            "OMNI_DATABASE_URL": cellar.database_url,
            "OMNI_DATABASE_OWNER_URL": cellar.owner_url,
            "OMNI_REDIS_URL": cellar.redis_url,
            "OMNI_SECRET_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        }
        with pytest.MonkeyPatch.context() as patch:
            for name, value in values.items():
                patch.setenv(name, value)
            get_settings.cache_clear()
            migrate("upgrade", "head")
            return asyncio.run(_planners())


def measure() -> Iterator[Row]:
    """Ask every planner, write the page, and hold the rules against their goals."""
    found = planners()
    PAGE.write_text(page(found), encoding="utf-8")
    for name, judged in found.items():
        yield _row(f"{name}: right answers", rate(judged), GOAL)
    own = found["rules"]
    yield _row("rules: right answers, easy", rate([one for one in own if one.question.level == "easy"]), GOAL_EASY)
    yield _row("rules: right answers, held out", rate([one for one in own if one.question.half == "held_out"]), GOAL)
    yield _row("rules: valid answers", valid(own), 1.0)
    invented = sum(one.outcome is Outcome.INVENTED for one in own)
    yield Row("rules: invented answers", invented, "", "none", is_reached=invented == 0)


def _row(what: str, share: float, goal: float) -> Row:
    return Row(what, share * 100, "%", f"≥ {goal:.0%}", is_reached=share >= goal)
