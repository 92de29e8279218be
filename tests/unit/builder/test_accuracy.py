"""The planner's quality may not fall unnoticed."""

from __future__ import annotations

import pytest

from tests.benchmarks import accuracy, accuracy_page
from tests.benchmarks.accuracy import Asked
from tests.factories import proposed

FLOORS = {"easy": 0.98, "medium": 0.95, "hard": 0.92, "ambiguous": 1.0, "impossible": 1.0}


@pytest.fixture(scope="module", params=accuracy.LANGUAGES)
def asked(request: pytest.FixtureRequest) -> list[Asked]:
    return accuracy.ask_all(request.param)


def test_there_are_enough_questions_over_several_tables(asked: list[Asked]) -> None:
    assert len(asked) >= 120
    assert len({one.table for one in asked}) >= 3
    assert len({one.question for one in asked}) == len(asked)


@pytest.mark.parametrize("level", list(FLOORS))
def test_exact_readings_stay_above_the_floor(asked: list[Asked], level: str) -> None:
    of_level = [one for one in asked if one.level == level]
    wrong = [(one.question, one.expected, one.got) for one in of_level if not one.right]
    assert 1 - len(wrong) / len(of_level) >= FLOORS[level], wrong


@pytest.mark.parametrize("language", accuracy.LANGUAGES)
def test_questions_about_proposed_catalogues_stay_above_the_floor(language: str) -> None:
    asked = accuracy.ask_all(f"proposed_{language}")
    assert len(asked) >= 60
    assert {one.table for one in asked} == set(proposed.NAMES)
    wrong = [(one.question, one.expected, one.got) for one in asked if not one.right]
    assert 1 - len(wrong) / len(asked) >= accuracy.PROPOSED_FLOOR, wrong
    assert not [one for one in asked if one.level == "impossible" and not one.right]


@pytest.mark.parametrize("language", accuracy.LANGUAGES)
@pytest.mark.parametrize("unseen", ["unseen", "proposed_unseen"])
def test_unseen_questions_stay_above_the_floor(unseen: str, language: str) -> None:
    asked = accuracy.ask_all(f"{unseen}_{language}")
    wrong = [(one.question, one.expected, one.got) for one in asked if not one.right]
    assert 1 - len(wrong) / len(asked) >= accuracy.UNSEEN_FLOOR, wrong


@pytest.mark.parametrize("language", accuracy.LANGUAGES)
def test_hasty_questions_stay_above_the_floor(language: str) -> None:
    asked = accuracy.ask_all(f"manager_{language}")
    assert len(asked) >= 20
    wrong = [(one.question, one.expected, one.got) for one in asked if not one.right]
    assert 1 - len(wrong) / len(asked) >= accuracy.MANAGER_FLOOR, wrong
    assert not [one for one in asked if one.level == "impossible" and not one.right]


@pytest.mark.parametrize("language", accuracy.LANGUAGES)
@pytest.mark.parametrize(("unseen", "floor"), [("stranger", 0.9), ("stranger_unseen", 0.8)])
def test_questions_about_tables_of_other_trades_stay_above_the_floor(unseen: str, floor: float, language: str) -> None:
    asked = accuracy.ask_all(f"{unseen}_{language}")
    assert len(asked) >= 30
    wrong = [(one.question, one.expected, one.got) for one in asked if not one.right]
    assert 1 - len(wrong) / len(asked) >= floor, wrong
    assert not [one for one in asked if one.level == "impossible" and not one.right]


def test_the_published_figures_are_those_of_today() -> None:
    written = accuracy_page.PAGE.read_text(encoding="utf-8")
    again = "python -m tests.benchmarks.accuracy --write"
    assert written == accuracy_page.page({name: accuracy.ask_all(name) for name in accuracy.SETS}), again
