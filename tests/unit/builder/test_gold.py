"""The questions with gold SQL are what the page says of them, and values are compared as it says."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.benchmarks import gold_questions
from tests.benchmarks.gold_page import LEVELS, page
from tests.benchmarks.gold_planners import Judged
from tests.benchmarks.gold_questions import Outcome
from tests.benchmarks.real_tables import TABLES, open_gold
from tests.benchmarks.same_values import agree

TESTS = Path(__file__).parent.parent.parent


def test_there_are_enough_questions_of_every_kind() -> None:
    asked = gold_questions.load()
    assert len(asked) >= 269
    languages, levels = Counter(one.language for one in asked), Counter(one.level for one in asked)
    assert languages["sl"] * 3 >= len(asked)
    assert set(levels) == set(LEVELS)
    assert {one.table for one in asked} == set(TABLES)
    assert len({(one.table, one.question) for one in asked}) == len(asked)


def test_a_question_expects_one_thing() -> None:
    for one in gold_questions.load():
        assert bool(one.sql) + bool(one.asks) + one.refuses == 1, one.question
        assert (one.level == "ambiguous") is bool(one.asks), one.question
        assert (one.level == "impossible") is one.refuses, one.question


def test_a_question_is_held_out_only_while_no_other_test_has_it() -> None:
    known = _elsewhere()
    later = Counter[str]()
    for one in gold_questions.load():
        later[one.table] += one.later
        undisturbed = ("held_out", "tuned")[later[one.table] % 2] if one.later else gold_questions.half_of(one.question)
        expected = "tuned" if _said(one.question) in known else undisturbed
        assert one.half == expected, f"{one.question!r} is {expected} now: change its line in {one.table}.jsonl"


def test_the_later_questions_are_of_every_table_level_and_language() -> None:
    later = [one for one in gold_questions.load() if one.later]
    assert Counter(one.table for one in later) == dict.fromkeys(TABLES, 12)
    assert sum(one.language == "sl" for one in later) * 3 >= len(later)
    assert {one.level for one in later} == set(LEVELS)


def test_the_page_counts_the_later_questions_apart() -> None:
    outcomes = {True: Outcome.RIGHT, False: Outcome.OTHER}
    lines = page({"rules": [Judged(one, outcomes[one.later]) for one in gold_questions.load()]}).splitlines()
    later = [one.later for one in gold_questions.load() if one.half == "held_out"]
    assert f"| rules | held out, later | {sum(later)} | 0 | 0 | 0 | 0 | 0 | 100% |" in lines
    assert f"| rules | held out | 0 | {len(later) - sum(later)} | 0 | 0 | 0 | 0 | 100% |" in lines
    assert any(
        line.startswith("| **rules** | all held out |") and f"{sum(later)}/{len(later)} " in line for line in lines
    )


def _elsewhere() -> str:
    """Return what every other test and the questions of other measurements say."""
    others = [*TESTS.rglob("*.py"), *gold_questions.FOLDER.parent.glob("*.jsonl")]
    return "\n".join(path.read_text(encoding="utf-8") for path in others).casefold()


def _said(question: str) -> str:
    return question.casefold().rstrip("?.! ")


def test_gold_sql_runs_and_finds_rows(tmp_path: Path) -> None:
    with open_gold(tmp_path) as gold:
        for one in gold_questions.load():
            assert all(gold.execute(sql).fetchall() for sql in one.sql), one.question


def test_columns_and_rows_come_in_any_order() -> None:
    gold = [("EWR", 3), ("JFK", 1)]
    assert agree(gold, [(1, "JFK"), (3, "EWR")])
    assert not agree(gold, [(3, "JFK"), (1, "EWR")])
    assert not agree(gold, [(1, "JFK"), (3, "EWR"), (2, "LGA")])


def test_further_columns_may_stand_beside_but_none_may_miss() -> None:
    assert agree([("EWR", 0.75)], [("EWR", 3, 0.75)])
    assert not agree([("EWR", 3, 0.75)], [("EWR", 3)])


def test_one_column_cannot_stand_for_two() -> None:
    assert not agree([(3, 3)], [("EWR", 3)])


@pytest.mark.parametrize(
    ("gold", "shown"),
    [
        (datetime(2013, 1, 1), "2013-01-01"),  # noqa: DTZ001 - a wall-clock time, as in the file
        (date(2013, 1, 1), "2013-01-01T00:00:00+00:00"),
        (Decimal("0.1"), 0.1),
        (3, 3.0000001),
        (None, None),
    ],
)
def test_the_same_value_in_two_spellings(gold: object, shown: object) -> None:
    assert agree([(gold,)], [(shown,)])


@pytest.mark.parametrize(("gold", "shown"), [(3, 3.001), (None, 0), (True, 1), ("3", 3), ("JFK", "jfk")])
def test_other_values(gold: object, shown: object) -> None:
    assert not agree([(gold,)], [(shown,)])


def test_an_order_that_was_asked_for_has_to_come() -> None:
    gold = [("ORD", 5), ("LAX", 4), ("ATL", 4)]
    assert agree(gold, [("ORD", 5), ("ATL", 4), ("LAX", 4)], ordered=True)
    assert not agree(gold, [("LAX", 4), ("ORD", 5), ("ATL", 4)], ordered=True)
