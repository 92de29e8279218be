"""A part of the questions with gold SQL, from the upload to the figures; ``./omni bench accuracy`` asks all of them."""

from __future__ import annotations

from backend_services.kernel.db import Database
from omni_app.wiring import configure
from tests.benchmarks import gold_questions
from tests.benchmarks.gold_page import rate, valid
from tests.benchmarks.gold_planners import ask, bring_in, helped
from tests.benchmarks.gold_questions import Outcome

EVERY = 4
FLOOR = 0.8
FLOOR_EASY = 0.9


async def test_answers_have_the_values_of_the_gold_sql(database: Database) -> None:
    assert database
    configure()
    asked = [one for one in gold_questions.load() if one.half == "tuned" and not one.later]
    questions = asked[::EVERY]
    async with helped(works=False, OMNI_LLM_PROVIDER="none"):
        judged = await ask(await bring_in(), questions)
    wrong = [(one.question.question, one.outcome) for one in judged if one.outcome is not Outcome.RIGHT]
    assert len(judged) >= 20
    assert rate(judged) >= FLOOR, wrong
    assert rate([one for one in judged if one.question.level == "easy"]) >= FLOOR_EASY, wrong
    assert valid(judged) == 1.0, wrong
    assert not [one for one in judged if one.outcome is Outcome.INVENTED], wrong
