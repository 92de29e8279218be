"""A population asked for in plain words is never that of several years added up, whoever asks."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest

from backend_services.dashboards.builder import service
from backend_services.dashboards.builder.schemas import BuildAnswer, BuildRequest
from backend_services.datasets import rules_service
from backend_services.datasets import service as datasets
from backend_services.datasets.catalogue import Filter, Operator
from backend_services.datasets.query.execution import close_pool
from backend_services.datasets.rules_schemas import RuleInput
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import Database, transaction
from backend_services.kernel.jobs.runner import run_waiting
from backend_services.llm.settings import get_llm_settings
from omni_app.wiring import configure
from tests.factories.identity import make_actor


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OMNI_LLM_PROVIDER", "none")
    get_llm_settings.cache_clear()
    yield
    get_llm_settings.cache_clear()
    close_pool()


def people() -> list[dict[str, str]]:
    """Return the rows of the sample as its package has them."""
    packed = files("plotly").joinpath("package_data", "datasets", "gapminder.csv.gz").read_bytes()
    return list(csv.DictReader(gzip.decompress(packed).decode().splitlines()))


async def ask(actor: Actor, dataset_id: Any, question: str) -> BuildAnswer:
    answer = await service.build(actor, BuildRequest(question=question, dataset_id=dataset_id))
    assert answer.status == "ok", answer
    return answer


def rows_of(answer: BuildAnswer) -> list[tuple[Any, ...]]:
    assert answer.dashboard is not None
    return [tuple(row) for row in answer.dashboard.tiles[0].rows]


async def test_people_are_counted_once(database: Database) -> None:
    assert database
    configure()
    owner = await make_actor()
    async with transaction(owner) as session:
        dataset_id = (await datasets.take_sample(owner, session, "gapminder")).dataset_id
    await run_waiting()
    last = [row for row in people() if row["year"] == "2007"]
    by_year: dict[str, int] = defaultdict(int)
    for row in people():
        by_year[row["year"]] += int(float(row["pop"]))

    whole = await ask(owner, dataset_id, "total population")
    assert rows_of(whole) == [(by_year["2007"],)]
    assert any("last" in note for note in whole.notes)
    assert rows_of(await ask(owner, dataset_id, "prebivalstvo Slovenije")) == [
        (int(float(row["pop"])),) for row in last if row["country"] == "Slovenia"
    ]
    continents: dict[str, int] = defaultdict(int)
    for row in last:
        continents[row["continent"]] += int(float(row["pop"]))
    assert dict(rows_of(await ask(owner, dataset_id, "population by continent"))) == continents
    along = rows_of(await ask(owner, dataset_id, "prebivalstvo po letih"))
    assert [(str(day)[:4], people) for day, people in along] == sorted(by_year.items())

    rule = RuleInput(role="viewer", filters=(Filter(field="continent", operator=Operator.EQ, values=("Asia",)),))
    async with transaction(owner) as session:
        await rules_service.create_rule(owner, session, dataset_id, rule)
    allowed = frozenset(one for one in owner.permissions if not one.value.startswith("datasets:rule"))
    viewer = replace(owner, roles=frozenset({"viewer"}), permissions=allowed)
    assert rows_of(await ask(viewer, dataset_id, "total population")) == [(continents["Asia"],)]
