"""How long the planner takes, without a model and beyond the query itself."""

from __future__ import annotations

import json
from itertools import cycle
from typing import TYPE_CHECKING
from uuid import UUID

from backend_services.dashboards.builder.plan import Plan, make_plan
from backend_services.dashboards.builder.retrieve import build_index
from tests.benchmarks import accuracy
from tests.factories.catalogues import NAMES, ORDERS

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

DATASET = UUID(int=1)


def test_planning_a_question(benchmark: BenchmarkFixture) -> None:
    ready = accuracy.indexes()
    lines = [
        json.loads(line)
        for language in accuracy.LANGUAGES
        for line in (accuracy.QUESTIONS / f"{language}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    asked = cycle(lines)

    def one() -> Plan:
        question = next(asked)
        return make_plan(question["question"], ready[question["table"]], DATASET, today=accuracy.TODAY)

    assert benchmark(one) is not None


def test_indexing_a_catalogue(benchmark: BenchmarkFixture) -> None:
    assert benchmark(lambda: build_index(ORDERS, NAMES["orders"])).vocabulary
