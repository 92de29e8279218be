"""What leaves the builder: a build in a worker, a saved dashboard over REST, languages, rights, several datasets."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pytest

from backend_services.dashboards.builder import service
from backend_services.dashboards.builder.schemas import BuildAnswer, BuildRequest
from backend_services.dashboards.builder.settings import get_builder_settings
from backend_services.datasets import rules_service
from backend_services.datasets.catalogue import Filter, Operator
from backend_services.datasets.query.execution import close_pool
from backend_services.datasets.rules_schemas import RuleInput
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.llm.settings import get_llm_settings, get_ollama_settings
from omni_app.wiring import register_domains
from tests.conftest import ROOT
from tests.factories.identity import make_actor, make_tenant, without
from tests.factories.shop import store_shop
from tests.integration.builder.test_rest import client_of
from tests.integration.kernel.conftest import eventually

pytestmark = pytest.mark.usefixtures("database")
QUESTION = "net revenue by country"


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("OMNI_LLM_PROVIDER", "none")
    for cached in (get_llm_settings, get_ollama_settings, get_builder_settings):
        cached.cache_clear()
    yield
    for cached in (get_llm_settings, get_ollama_settings, get_builder_settings):
        cached.cache_clear()
    close_pool()


@contextmanager
def worker() -> Iterator[None]:
    """Run a worker process as Omni starts it."""
    process = subprocess.Popen([sys.executable, "-m", "omni_app.worker"], cwd=ROOT, env=os.environ)  # noqa: TID251 - a child gets what this process has
    try:
        yield
    finally:
        process.terminate()
        process.wait(120)


async def ask(client: httpx.AsyncClient, question: str, dataset_id: UUID | None, **more: Any) -> Any:
    body = {"question": question, **({"dataset_id": str(dataset_id)} if dataset_id else {}), **more}
    return await client.post("/dashboards/build", json=body)


async def test_a_long_build_ends_in_a_worker_with_its_whole_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    register_domains()
    tenant = await make_tenant()
    actor = await make_actor(tenant=tenant)
    dataset_id = await store_shop(actor)
    async with client_of(actor) as client:
        direct = (await ask(client, QUESTION, dataset_id)).json()
        monkeypatch.setenv("OMNI_BUILDER_BUDGET_S", "0")
        get_builder_settings.cache_clear()
        accepted = await ask(client, QUESTION, dataset_id)
        assert accepted.status_code == 202, accepted.text
        path = accepted.headers["Location"].removeprefix("/api/v1")
        assert path == f"/dashboards/build/status?job_id={accepted.json()['job_id']}"
        seen: dict[str, Any] = {}

        async def has_ended() -> bool:
            seen.update((await client.get(path)).json())
            return seen["status"] in {"succeeded", "failed", "cancelled"}

        with worker():
            await eventually(has_ended, within_s=90)
        assert seen["status"] == "succeeded", seen
        assert seen["progress"] == 1
        assert seen["message"] == "Computing and checking the figures"
        assert seen["result"]["status"] == "ok"
        assert seen["result"]["dashboard"]["tiles"][0]["rows"] == direct["dashboard"]["tiles"][0]["rows"]
        colleague = await make_actor(tenant=tenant)
        for other in (colleague, await make_actor()):
            async with client_of(other) as stranger:
                assert (await stranger.get(path)).status_code == 404


async def test_a_saved_dashboard_shows_the_rows_that_were_built() -> None:
    actor = await make_actor()
    dataset_id = await store_shop(actor)
    async with client_of(actor) as client:
        built = (await ask(client, "overview of orders", dataset_id, save=True)).json()
        address = f"/dashboards/{built['dashboard_id']}"
        saved = (await client.get(address)).json()
        assert saved["spec"]["title"] == built["dashboard"]["title"]
        assert [one["id"] for one in saved["spec"]["tiles"]] == [one["id"] for one in built["dashboard"]["tiles"]]
        assert len(saved["spec"]["tiles"]) >= 5
        for tile in built["dashboard"]["tiles"]:
            shown = await client.get(f"{address}/tiles/{tile['id']}/result")
            assert shown.status_code == 200, shown.text
            assert shown.json()["result"]["rows"] == tile["rows"]
            assert shown.json()["result"]["sql"] == tile["sql"]
        stranger = await make_actor()
    async with client_of(stranger) as client:
        assert (await client.get(address)).status_code == 404


async def test_the_newest_rows_are_listed_newest_first() -> None:
    actor = await make_actor()
    dataset_id = await store_shop(actor)
    async with client_of(actor) as client:
        built = (await ask(client, "show me the last 20 orders from Austria", dataset_id)).json()
        tile = built["dashboard"]["tiles"][0]
        names = [one["name"] for one in tile["columns"]]
        times = [row[names.index("ordered_at")] for row in tile["rows"]]
        assert len(times) == 20
        assert times == sorted(times, reverse=True)
        assert {row[names.index("country")] for row in tile["rows"]} == {"Austria"}
        whole = (await ask(client, "prikaži zadnjih 20 naročil iz Avstrije", dataset_id)).json()
        assert whole["dashboard"]["tiles"][0]["rows"] == tile["rows"]


async def test_answers_come_in_the_language_of_the_question_or_the_one_asked_for() -> None:
    actor = await make_actor()
    dataset_id = await store_shop(actor)
    async with client_of(actor) as client:
        clarified = (await ask(client, "prihodki po državah", dataset_id)).json()
        assert clarified["language"] == "sl"
        assert clarified["clarification"]["question"] == "»prihodki« lahko pomeni več števil. Katero mislite?"
        assert {one["label"] for one in clarified["clarification"]["options"]} == {"Čisti prihodki", "Bruto prihodki"}
        refused = (await ask(client, "dobiček po planetih", dataset_id)).json()
        assert refused["refusal"]["reason"].startswith("Podatki nimajo ničesar z imenom »dobiček«")
        grown = (await ask(client, "rast čistih prihodkov po mesecih", dataset_id)).json()
        assert grown["dashboard"]["tiles"][0]["columns"][-1]["name"] == "net_revenue__growth"
        assert grown["dashboard"]["title"].endswith(", z rastjo")
        noted = (await ask(client, "čisti prihodki po mesecih z napovedjo", dataset_id)).json()
        assert noted["notes"][0] == "Napovedi še niso mogoče; prikazana je zgodovina."
        assert noted["dashboard"]["title"] == "Čisti prihodki po mesecih"
        english = (await ask(client, "prihodki po državah", dataset_id, language="en")).json()
        assert english["clarification"]["question"].startswith("“prihodki”")


async def test_several_readable_datasets_are_asked_about_and_a_single_fitting_one_is_taken() -> None:
    actor = await make_actor()
    first, second = await store_shop(actor), await store_shop(actor, name="Older orders")
    async with client_of(actor) as client:
        asked = (await ask(client, QUESTION, None)).json()
        assert asked["status"] == "clarify"
        assert asked["clarification"]["question"] == "Which data do you mean?"
        options = {one["label"]: one["id"] for one in asked["clarification"]["options"]}
        assert options.keys() == {"Shop orders", "Older orders"}
        for label, wanted in (("Shop orders", first), ("Older orders", second)):
            settled = (await ask(client, QUESTION, None, choice=options[label])).json()
            assert settled["dashboard"]["tiles"][0]["understood"]["dataset_id"] == str(wanted)


async def test_a_person_without_the_right_is_refused_and_row_rules_hold_over_rest() -> None:
    owner = await make_actor()
    dataset_id = await store_shop(owner)
    async with transaction(owner) as session:
        rule = RuleInput(
            role="viewer",
            filters=(Filter(field="country", operator=Operator.IN, values=("Italy", "Spain")),),
            hidden_columns=("gross_amount",),
        )
        await rules_service.create_rule(owner, session, dataset_id, rule)
    viewer: Actor = replace(without(owner, "datasets:rule:write"), roles=frozenset({"viewer"}))
    async with client_of(viewer) as client:
        built = (await ask(client, "orders by country", dataset_id)).json()
        assert {row[0] for row in built["dashboard"]["tiles"][0]["rows"]} == {"Italy", "Spain"}
        hidden = (await ask(client, "gross revenue by country", dataset_id)).json()
        assert hidden["status"] == "refused"
    async with client_of(without(viewer, "dashboards:dashboard:build")) as client:
        denied = await ask(client, "orders by country", dataset_id)
        assert denied.status_code == 403
        assert (await client.get(f"/dashboards/build/status?job_id={dataset_id}")).status_code == 403
    async with client_of(without(viewer, "dashboards:dashboard:write")) as client:
        assert (await ask(client, "orders by country", dataset_id, save=True)).status_code == 403


async def test_all_built_in_dashboards_go_on_in_a_worker_too(monkeypatch: pytest.MonkeyPatch) -> None:
    register_domains()
    monkeypatch.setenv("OMNI_BUILDER_BUDGET_S", "0")
    get_builder_settings.cache_clear()
    async with client_of(await make_actor()) as client:
        accepted = await client.post("/dashboards/build", json={"priority_filter": 1})
        assert accepted.status_code == 202, accepted.text
        path = accepted.headers["Location"].removeprefix("/api/v1")
        seen: dict[str, Any] = {}

        async def has_ended() -> bool:
            seen.update((await client.get(path)).json())
            return seen["status"] in {"succeeded", "failed", "cancelled"}

        with worker():
            await eventually(has_ended, within_s=90)
        assert seen["status"] == "succeeded", seen
        assert (seen["result"]["status"], seen["result"]["total_dashboards"]) == ("ok", 6)


async def test_a_build_is_watched_step_by_step() -> None:
    seen: list[str] = []

    class Watcher:
        async def step(self, name: str) -> None:
            seen.append(name)

        async def first(self, answer: BuildAnswer) -> None:
            seen.append(f"first:{answer.status}")

    actor = await make_actor()
    request = BuildRequest(question=QUESTION, dataset_id=await store_shop(actor), save=True)
    answer = await service.build(actor, request, watcher=Watcher())
    assert answer.dashboard_id is not None
    assert seen == ["catalogue", "reading", "checks", "saving"]
