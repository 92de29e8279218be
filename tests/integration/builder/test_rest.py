"""The builder over REST."""

from __future__ import annotations

from uuid import uuid4

import httpx
import pytest

from backend_services.kernel.actor import Actor
from state.api.app import create_api
from state.api.deps import authenticate
from tests.factories.identity import make_actor, without
from tests.factories.shop import store_shop

pytestmark = pytest.mark.usefixtures("database")


def client_of(actor: Actor) -> httpx.AsyncClient:
    api = create_api()
    api.dependency_overrides[authenticate] = lambda: actor
    return httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://test/api/v1")


async def test_a_question_is_answered_over_rest() -> None:
    actor = await make_actor()
    dataset_id = str(await store_shop(actor))
    async with client_of(actor) as client:
        answer = await client.post(
            "/dashboards/build", json={"question": "orders by country", "dataset_id": dataset_id}
        )
        body = answer.json()
        assert answer.status_code == 200, body
        assert body["status"] == "ok"
        tile = body["dashboard"]["tiles"][0]
        assert {"title", "chart", "columns", "rows", "sql", "understood"} <= tile.keys()
        assert {"name", "label", "type"} <= tile["columns"][0].keys()
        assert len(tile["rows"]) == 10
        asked = await client.post("/dashboards/build", json={"question": "revenue", "dataset_id": dataset_id})
        assert asked.json()["status"] == "clarify"
        assert asked.json()["dashboard"] is None
        refused = await client.post(
            "/dashboards/build", json={"question": "profit by planet", "dataset_id": dataset_id}
        )
        assert refused.json()["status"] == "refused"
        assert refused.json()["refusal"]["nearest"]


async def test_strict_input_foreign_datasets_and_unknown_builds() -> None:
    actor = await make_actor()
    foreign = str(await store_shop(await make_actor()))
    async with client_of(actor) as client:
        unknown = await client.post("/dashboards/build", json={"question": "orders", "colour": "red"})
        assert unknown.status_code == 422
        hidden = await client.post("/dashboards/build", json={"question": "orders", "dataset_id": foreign})
        assert hidden.status_code == 404
        missing = await client.get(f"/dashboards/build/status?job_id={uuid4()}")
        assert missing.status_code == 404
        nothing = await client.post("/dashboards/build", json={"question": ""})
        assert nothing.status_code == 422


async def test_health_of_ollama_is_told() -> None:
    async with client_of(await make_actor()) as client:
        answer = await client.get("/ollama/health")
        assert answer.status_code == 200
        assert answer.json()["state"] in {"ok", "absent", "failing"}


async def test_built_in_dashboards_are_made_by_priority_or_all_and_say_what_is_missing() -> None:
    actor = await make_actor()
    async with client_of(actor) as client:
        first = await client.post("/dashboards/build", json={"priority_filter": 1})
        assert first.status_code == 200, first.text
        body = first.json()
        assert (body["status"], body["total_dashboards"]) == ("ok", 6)
        assert {one["priority"] for one in body["dashboards"]} == {1}
        found = {one["id"]: one for one in body["dashboards"]}
        assert found["revenue-analytics"]["status"] == "insufficient_data"
        assert found["revenue-analytics"]["missing"] == ["paid invoices"]
        made = found["user-analytics"]
        opened = await client.get(f"/dashboards/{made['dashboard_id']}")
        assert (opened.json()["version"], len(opened.json()["spec"]["tiles"])) == (made["version"], made["tiles"])
        every = (await client.post("/dashboards/build", json={})).json()
        assert every["total_dashboards"] == 20
        again = {one["id"]: one for one in every["dashboards"]}["user-analytics"]
        assert (again["dashboard_id"], again["version"]) == (made["dashboard_id"], made["version"])
        listed = (await client.get("/dashboards/generated")).json()
        ready = [one for one in every["dashboards"] if one["status"] == "ok"]
        assert listed["total"] == len(ready)
        assert every["message"].startswith(f"{len(ready)} of 20")
        for wrong in ({"priority_filter": 4}, {"question": "x", "priority_filter": 1}, {"choice": "x"}):
            assert (await client.post("/dashboards/build", json=wrong)).status_code == 422
        state = (await client.get("/dashboards/build/status")).json()
        assert (state["total_dashboard_types"], state["ready_dashboard_types"]) == (20, len(ready))
        assert state["ready"] is True
    async with client_of(without(actor, "dashboards:dashboard:write")) as client:
        assert (await client.post("/dashboards/build", json={})).status_code == 403
