"""Jobs, health and metrics over REST."""

from __future__ import annotations

import httpx
import pytest

from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.ids import new_id
from backend_services.kernel.jobs import service as jobs
from backend_services.kernel.mail import service as mail
from backend_services.kernel.mail import tasks as mail_tasks
from tests.factories.identity import PASSWORD, make_actor

ROOT = "/api/v1/jobs"
assert mail_tasks.send_mail is not None  # registered, as the composition root does


async def _headers(api: httpx.AsyncClient, actor: Actor) -> dict[str, str]:
    answer = await api.post("/api/v1/auth/login", json={"email": actor.label, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture
async def owner() -> Actor:
    return await make_actor()


async def _job(actor: Actor) -> jobs.JobView:
    async with transaction(actor) as session:
        return await mail.send(
            actor, session, template="test", to="ana@example.org", language="en", params={"product": "Omni"}
        )


async def test_the_life_of_a_job(api: httpx.AsyncClient, owner: Actor) -> None:
    headers = await _headers(api, owner)
    job = await _job(owner)
    listed = (await api.get(ROOT, params={"state": "queued", "sort": "-created_at"}, headers=headers)).json()
    assert [item["id"] for item in listed["items"]] == [str(job.id)]
    assert (await api.get(f"{ROOT}/{job.id}", headers=headers)).json()["state"] == "queued"
    cancelled = await api.post(f"{ROOT}/{job.id}/cancel", headers=headers)
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    again = await api.post(f"{ROOT}/{job.id}/cancel", headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "job_not_cancellable")
    retried = await api.post(f"{ROOT}/{job.id}/retry", headers=headers)
    assert retried.json()["state"] == "queued"
    log = (await api.get(f"{ROOT}/{job.id}/log", headers=headers)).json()
    assert log["total"] == 2
    table = await api.get(f"{ROOT}/export", params={"name": "kernel.send_mail"}, headers=headers)
    assert table.headers["content-type"].startswith("text/csv")
    assert str(job.id) in table.text


async def test_another_teams_job_is_not_found(api: httpx.AsyncClient, owner: Actor) -> None:
    job = await _job(owner)
    stranger = await _headers(api, await make_actor())
    for method, path in (("GET", ""), ("GET", "/log"), ("POST", "/cancel"), ("POST", "/retry")):
        answer = await api.request(method, f"{ROOT}/{job.id}{path}", headers=stranger)
        assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")
    assert (await api.get(ROOT, headers=stranger)).json()["total"] == 0


async def test_strict_input(api: httpx.AsyncClient, owner: Actor) -> None:
    headers = await _headers(api, owner)
    for path in (f"{ROOT}?state=sleeping", f"{ROOT}?colour=red", f"{ROOT}?limit=1000", f"{ROOT}/not-an-id"):
        assert (await api.get(path, headers=headers)).status_code == 422
    assert (await api.get(f"{ROOT}/{new_id()}", headers=headers)).status_code == 404
    assert (await api.get(ROOT)).status_code == 401


async def test_a_refusal_speaks_of_fields_in_the_readers_language(api: httpx.AsyncClient, owner: Actor) -> None:
    headers = await _headers(api, owner)
    for language, begin in (("en", "Sort by one of: attempts,"), ("sl", "Razvrstite po enem od polj: attempts,")):
        answer = await api.get(f"{ROOT}?sort=colour", headers={**headers, "Accept-Language": language})
        [told] = answer.json()["errors"]
        assert (answer.status_code, told["field"]) == (422, "sort")
        assert told["message"].startswith(begin)


async def test_health_names_every_part(api: httpx.AsyncClient) -> None:
    assert (await api.get("/api/health/live")).json() == {"status": "ok"}
    ready = await api.get("/api/health/ready")
    assert ready.status_code == 200
    assert {part["name"] for part in ready.json()["parts"]} == {"postgresql", "valkey"}
    answer = await api.get("/api/health")
    parts = {part["name"]: part for part in answer.json()["parts"]}
    assert {"postgresql", "valkey", "worker", "disk"} <= parts.keys()
    down = any(part["needed"] and part["state"] == "failing" for part in parts.values())
    assert answer.status_code == (503 if down else 200)


async def test_metrics_are_in_prometheus_format(api: httpx.AsyncClient) -> None:
    answer = await api.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    assert "# TYPE omni_jobs gauge" in answer.text


async def test_a_customer_does_not_see_the_system(api: httpx.AsyncClient, owner: Actor) -> None:
    refused = await api.get("/api/v1/system/status", headers=await _headers(api, owner))
    assert refused.status_code == 403
    operator = await make_actor(operator=True)
    shown = await api.get("/api/v1/system/status", headers=await _headers(api, operator))
    assert shown.status_code == 200, shown.text
    assert shown.json()["versions"]["postgresql"]
