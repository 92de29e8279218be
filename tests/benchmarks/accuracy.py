"""How often the planner reads a question exactly as a person meant it: ``python -m tests.benchmarks.accuracy``.

The questions were written by hand before the planner's answers to them were seen; an answer counts only when every
measure, dimension, grain, filter, condition, period, order and limit is right, or when it rightly asks or refuses.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from uuid import NAMESPACE_DNS, uuid5

from backend_services.dashboards.builder.plan import make_plan
from backend_services.dashboards.builder.retrieve import Index, build_index
from tests.benchmarks.accuracy_page import PAGE, page
from tests.benchmarks.gold import canonical
from tests.factories import proposed, strangers
from tests.factories.catalogues import CATALOGUES, NAMES

QUESTIONS = Path(__file__).parent / "questions"
TODAY = date(2026, 11, 22)
LANGUAGES = ("en", "sl")
SETS = (*LANGUAGES, "unseen_en", "unseen_sl", "proposed_en", "proposed_sl", "proposed_unseen_en", "proposed_unseen_sl",
        "manager_en", "manager_sl", "stranger_en", "stranger_sl",
        "stranger_unseen_en", "stranger_unseen_sl")  # fmt: skip
UNSEEN_FLOOR = 0.8
MANAGER_FLOOR = 0.9
PROPOSED_FLOOR = 0.93


@dataclass(frozen=True)
class Asked:
    """One question, what was expected and what came."""

    question: str
    table: str
    level: str
    expected: str
    got: str

    @property
    def right(self) -> bool:
        """Return whether the answer is exactly the expected one."""
        return self.expected == self.got


def indexes() -> dict[str, Index]:
    """Return the indexes of the tables that the questions are about."""
    return {name: build_index(catalogue, NAMES[name]) for name, catalogue in CATALOGUES.items()}


def proposed_indexes() -> dict[str, Index]:
    """Return the indexes of the catalogues that the platform itself proposes for real tables."""
    names = {**proposed.NAMES, **strangers.NAMES}
    catalogues = {**proposed.proposed_catalogues(), **proposed.stranger_catalogues()}
    return {name: build_index(catalogue, names[name]) for name, catalogue in catalogues.items()}


@cache
def ask_all(language: str) -> list[Asked]:
    """Return every question of a language with the rule-based planner's answer."""
    found = []
    ready = proposed_indexes() if language.startswith(("manager", "proposed", "stranger")) else indexes()
    for line in (QUESTIONS / f"{language}.jsonl").read_text(encoding="utf-8").splitlines():
        one = json.loads(line)
        plan = make_plan(one["question"], ready[one["table"]], uuid5(NAMESPACE_DNS, one["table"]), today=TODAY)
        found.append(Asked(one["question"], one["table"], one["level"], one["expected"], canonical(plan)))
    return found


def main() -> None:
    """Print the table, and with ``-v`` every wrong answer; ``--write`` writes the page instead."""
    if "--write" in sys.argv:
        PAGE.write_text(page({name: ask_all(name) for name in SETS}), encoding="utf-8")
        return
    out = sys.stdout
    out.write(f"{'set':20}{'level':12}{'right':>7}{'of':>6}{'share':>8}\n")
    for language in SETS:
        asked = ask_all(language)
        of, right = Counter(one.level for one in asked), Counter(one.level for one in asked if one.right)
        for level in of:
            out.write(f"{language:20}{level:12}{right[level]:7}{of[level]:6}{right[level] / of[level]:8.1%}\n")
        out.write(f"{language:20}{'all':12}{right.total():7}{of.total():6}{right.total() / of.total():8.1%}\n")
        if "-v" in sys.argv:
            for one in asked:
                if not one.right:
                    out.write(f"  {one.table}: {one.question}\n    expected {one.expected}\n    got      {one.got}\n")


if __name__ == "__main__":
    main()
