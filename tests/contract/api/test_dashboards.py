"""Dashboards over REST: the whole life of one, ETags, idempotency, strict input, isolation."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from backend_services.dashboards.types import TYPES
from backend_services.kernel.actor import Actor
from tests.factories.identity import PASSWORD, make_actor

ROOT = "/api/v1/dashboards"
SPEC: dict[str, Any] = {"title": "Sales", "tiles": []}


async def _headers(api: httpx.AsyncClient, actor: Actor) -> dict[str, str]:
    answer = await api.post("/api/v1/auth/login", json={"email": actor.label, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture
async def ana(api: httpx.AsyncClient) -> dict[str, str]:
    return await _headers(api, await make_actor(role="analyst"))


async def _create(api: httpx.AsyncClient, headers: dict[str, str], **more: Any) -> dict[str, Any]:
    answer = await api.post(ROOT, json={"spec": SPEC | more}, headers=headers)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    assert answer.headers["location"] == f"{ROOT}/{made['id']}"
    assert answer.headers["etag"] == '"v1"'
    return made


async def test_the_whole_life_of_a_dashboard(api: httpx.AsyncClient, ana: dict[str, str]) -> None:
    made = await _create(api, ana)
    one = f"{ROOT}/{made['id']}"
    changed = await api.put(one, json={"spec": SPEC | {"title": "More"}}, headers=ana | {"If-Match": '"v1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"v2"')
    got = await api.get(one, headers=ana)
    assert (got.json()["title"], got.headers["etag"]) == ("More", '"v2"')
    versions = await api.get(f"{one}/versions", headers=ana)
    assert [version["number"] for version in versions.json()["items"]] == [2, 1]
    restored = await api.post(f"{one}/versions/1/restore", headers=ana | {"If-Match": '"v2"'})
    assert (restored.json()["version"], restored.json()["title"]) == (3, "Sales")
    shares = await api.put(f"{one}/shares", json={"role": "viewer", "access": "read"}, headers=ana)
    assert [share["role"] for share in shares.json()] == ["viewer"]
    left = await api.delete(f"{one}/shares/viewer", headers=ana)
    assert left.json() == []
    copy = await api.post(f"{one}/duplicate", json={"title": "Copy"}, headers=ana)
    assert (copy.status_code, copy.json()["title"]) == (201, "Copy")
    file = (await api.get(f"{one}/export", headers=ana)).json()
    again = await api.post(f"{ROOT}/import", json={"file": file}, headers=ana)
    assert again.json()["spec"] == got.json()["spec"] | {"title": "Sales"}
    listed = await api.get(ROOT, params={"sort": "title", "limit": 2}, headers=ana)
    assert ([item["title"] for item in listed.json()["items"]], listed.json()["total"]) == (["Copy", "Sales"], 3)
    wrong = await api.request("DELETE", one, json={"confirmation": "sale"}, headers=ana)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "dashboard_confirmation_wrong")
    gone = await api.request("DELETE", one, json={"confirmation": "Sales"}, headers=ana)
    assert gone.status_code == 204
    assert (await api.get(one, headers=ana)).status_code == 404


async def test_a_change_from_an_old_version_is_refused(api: httpx.AsyncClient, ana: dict[str, str]) -> None:
    made = await _create(api, ana)
    one, body = f"{ROOT}/{made['id']}", {"spec": SPEC}
    assert (await api.put(one, json=body, headers=ana | {"If-Match": '"v1"'})).status_code == 200
    late = await api.put(one, json=body, headers=ana | {"If-Match": '"v1"'})
    assert (late.status_code, late.json()["code"]) == (412, "dashboard_changed")
    assert late.json()["params"] == {"expected": 1, "current": 2}
    blind = await api.put(one, json=body, headers=ana)
    assert (blind.status_code, blind.json()["code"]) == (428, "if_match_missing")


async def test_the_same_creation_sent_twice_makes_one(api: httpx.AsyncClient, ana: dict[str, str]) -> None:
    keyed = ana | {"Idempotency-Key": "once"}
    first = await api.post(ROOT, json={"spec": SPEC}, headers=keyed)
    second = await api.post(ROOT, json={"spec": SPEC}, headers=keyed)
    assert first.json()["id"] == second.json()["id"]
    assert (await api.get(ROOT, headers=ana)).json()["total"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {"spec": SPEC, "colour": "red"},
        {"spec": SPEC | {"colour": "red"}},
        {"spec": SPEC | {"spec_version": 2}},
        {"spec": {"tiles": []}},
        {},
    ],
)
async def test_input_is_strict(api: httpx.AsyncClient, ana: dict[str, str], body: dict[str, Any]) -> None:
    answer = await api.post(ROOT, json=body, headers=ana)
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert (await api.get(ROOT, headers=ana)).json()["total"] == 0


async def test_another_tenants_dashboard_is_404_everywhere(api: httpx.AsyncClient, ana: dict[str, str]) -> None:
    made = await _create(api, ana)
    await api.put(f"{ROOT}/{made['id']}/shares", json={"role": "*", "access": "edit"}, headers=ana)
    stranger = await _headers(api, await make_actor(role="owner")) | {"If-Match": '"v1"'}
    one = f"{ROOT}/{made['id']}"
    calls: list[tuple[str, str, Any]] = [
        ("GET", one, None),
        ("PUT", one, {"spec": SPEC}),
        ("DELETE", one, {"confirmation": "Sales"}),
        ("POST", f"{one}/duplicate", {}),
        ("GET", f"{one}/export", None),
        ("GET", f"{one}/versions", None),
        ("GET", f"{one}/versions/1", None),
        ("POST", f"{one}/versions/1/restore", None),
        ("GET", f"{one}/shares", None),
        ("PUT", f"{one}/shares", {"role": "*"}),
        ("DELETE", f"{one}/shares/*", None),
        ("GET", f"{one}/results", None),
        ("GET", f"{one}/tiles/a/result", None),
        ("GET", f"{one}/tiles/a/rows", None),
        ("GET", f"{one}/tiles/a/csv", None),
        ("GET", f"{one}/tiles/a/export?format=xlsx", None),
    ]
    for method, path, body in calls:
        answer = await api.request(method, path, json=body, headers=stranger)
        assert (answer.status_code, answer.json()["code"]) == (404, "dashboard_not_found"), (method, path, answer.text)
    assert (await api.get(one, headers=ana)).json()["version"] == 1


async def test_a_viewer_reads_and_does_not_write(api: httpx.AsyncClient) -> None:
    viewer = await _headers(api, await make_actor(role="viewer"))
    assert (await api.get(ROOT, headers=viewer)).status_code == 200
    refused = await api.post(ROOT, json={"spec": SPEC}, headers=viewer)
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    assert (await api.get(ROOT)).status_code == 401


async def test_the_schema_is_the_documented_one(api: httpx.AsyncClient, ana: dict[str, str]) -> None:
    schema = (await api.get(f"{ROOT}/schema", headers=ana)).json()
    assert schema["title"] == "Dashboard specification, version 1"
    assert set(schema["properties"]) == {
        "spec_version", "title", "description", "tiles", "period", "filters", "refresh_s", "question",
        "default_dataset_id",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("overrides", "field"),
    [
        ("{", "overrides"),
        ('{"colour": 1}', "overrides.colour"),
        ('{"period": {"kind": "ever"}}', "overrides.period.kind"),
    ],
)
async def test_broken_overrides_are_refused(
    api: httpx.AsyncClient, ana: dict[str, str], overrides: str, field: str
) -> None:
    made = await _create(api, ana)
    answer = await api.get(f"{ROOT}/{made['id']}/results", params={"overrides": overrides}, headers=ana)
    assert answer.status_code == 422
    assert field in answer.text


async def test_there_are_twenty_types_and_an_unknown_one_is_not_found(
    api: httpx.AsyncClient, ana: dict[str, str]
) -> None:
    types = (await api.get(f"{ROOT}/types", headers=ana)).json()
    assert len(types) == 20
    assert [one["id"] for one in types] == [one.id for one in TYPES if one.listed]
    for one in types:
        assert one["state"] in {"ready", "insufficient_data"}
        assert one["state"] == "ready" or one["missing"]
    unknown = await api.post(f"{ROOT}/build/weather", headers=ana)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "dashboard_type_not_found")
    unready = await api.post(f"{ROOT}/build/Revenue Analytics", headers=ana)
    assert (unready.status_code, unready.json()["code"]) == (409, "dashboard_type_not_ready")
    assert unready.json()["params"]["missing"] == "paid invoices"
