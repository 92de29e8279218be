"""The library of dashboards over REST: other tenants, lesser roles, people, folders, comments, code."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from backend_services.identity.models import Tenant
from backend_services.kernel.actor import Actor
from backend_services.kernel.ids import new_id
from tests.factories.identity import PASSWORD, make_actor, make_tenant

ROOT = "/api/v1/dashboards"
ANY = str(new_id())


async def _headers(api: httpx.AsyncClient, actor: Actor) -> dict[str, str]:
    answer = await api.post("/api/v1/auth/login", json={"email": actor.label, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture
async def tenant() -> Tenant:
    return await make_tenant()


@pytest.fixture
async def ana(api: httpx.AsyncClient, tenant: Tenant) -> dict[str, str]:
    return await _headers(api, await make_actor(tenant=tenant, role="analyst"))


@pytest.fixture
async def made(api: httpx.AsyncClient, ana: dict[str, str]) -> dict[str, str]:
    """Return the ids of a dashboard, a folder and a comment of Ana's tenant."""
    dashboard = await api.post(ROOT, json={"spec": {"title": "Sales"}}, headers=ana)
    folder = await api.post(f"{ROOT}/folders", json={"name": "Weekly"}, headers=ana)
    one = dashboard.json()["id"]
    comment = await api.post(f"{ROOT}/{one}/comments", json={"body": "Hello"}, headers=ana)
    assert (dashboard.status_code, folder.status_code, comment.status_code) == (201, 201, 201)
    return {"dashboard": one, "folder": folder.json()["id"], "comment": comment.json()["id"]}


def _calls(made: dict[str, str]) -> list[tuple[str, str, Any]]:
    one, comment = f"{ROOT}/{made['dashboard']}", f"{ROOT}/{made['dashboard']}/comments/{made['comment']}"
    return [
        ("PUT", f"{ROOT}/folders/{made['folder']}", {"name": "Mine"}),
        ("DELETE", f"{ROOT}/folders/{made['folder']}", {"confirmation": "Weekly"}),
        ("POST", f"{ROOT}/move", {"dashboard_ids": [made["dashboard"]]}),
        ("GET", f"{one}/sharing", None),
        ("PUT", f"{one}/people", {"email": "somebody@example.org"}),
        ("DELETE", f"{one}/people/{ANY}", None),
        ("PUT", f"{one}/favourite", None),
        ("DELETE", f"{one}/favourite", None),
        ("PUT", f"{one}/visit", None),
        ("GET", f"{one}/comments", None),
        ("POST", f"{one}/comments", {"body": "x"}),
        ("PUT", comment, {"body": "x"}),
        ("DELETE", comment, None),
        ("PUT", f"{comment}/resolved", {"resolved": True}),
        ("GET", f"{one}/readers", None),
        ("PUT", f"{one}/versions/1/note", {"name": "x"}),
        ("GET", f"{one}/versions/1/changes", None),
    ]


async def test_another_tenant_finds_nothing_on_any_route(api: httpx.AsyncClient, made: dict[str, str]) -> None:
    stranger = await _headers(api, await make_actor(role="owner"))
    for method, path, body in _calls(made):
        answer = await api.request(method, path, json=body, headers=stranger)
        assert answer.status_code == 404, f"{method} {path}: {answer.text}"
    assert (await api.get(f"{ROOT}/folders", headers=stranger)).json() == []
    assert (await api.get(f"{ROOT}/code", headers=stranger)).json()["dashboards"] == []


async def test_a_viewer_reads_and_comments_and_changes_nothing(
    api: httpx.AsyncClient, tenant: Tenant, ana: dict[str, str], made: dict[str, str]
) -> None:
    bor = await make_actor(tenant=tenant, role="viewer")
    one = f"{ROOT}/{made['dashboard']}"
    shared = await api.put(f"{one}/people", json={"email": bor.label, "access": "edit"}, headers=ana)
    assert [person["email"] for person in shared.json()["people"]] == [bor.label]
    viewer = await _headers(api, bor)
    refused = {
        ("PUT", f"{ROOT}/folders/{made['folder']}"),
        ("DELETE", f"{ROOT}/folders/{made['folder']}"),
        ("POST", f"{ROOT}/move"),
        ("PUT", f"{one}/people"),
        ("DELETE", f"{one}/people/{ANY}"),
        ("PUT", f"{one}/versions/1/note"),
    }
    for method, path, body in _calls(made):
        answer = await api.request(method, path, json=body, headers=viewer)
        assert (answer.status_code == 403) == ((method, path) in refused or "/comments/" in path), f"{method} {path}"
    for path in ("/code/apply", "/import/plan", "/folders"):
        assert (await api.post(f"{ROOT}{path}", json={}, headers=viewer)).status_code == 403
    assert (await api.get(f"{ROOT}/colleagues", headers=viewer)).status_code == 403
    assert (await api.get(ROOT, params={"choice": "shared"}, headers=viewer)).json()["total"] == 1


async def test_lists_narrow_and_refuse_what_they_do_not_know(
    api: httpx.AsyncClient, ana: dict[str, str], made: dict[str, str]
) -> None:
    one = f"{ROOT}/{made['dashboard']}"
    assert (await api.put(f"{one}/favourite", headers=ana)).status_code == 204
    request = {"dashboard_ids": [made["dashboard"]], "folder_id": made["folder"]}
    assert (await api.post(f"{ROOT}/move", json=request, headers=ana)).json() == {"moved": 1}
    for params, total in (
        ({"choice": "favourites"}, 1),
        ({"choice": "recent"}, 0),
        ({"folder": made["folder"]}, 1),
        ({"folder": "root"}, 0),
    ):
        assert (await api.get(ROOT, params=params, headers=ana)).json()["total"] == total
    for params in ({"choice": "best"}, {"folder": "nowhere"}):
        assert (await api.get(ROOT, params=params, headers=ana)).status_code == 422
    taken = await api.post(f"{ROOT}/folders", json={"name": "weekly"}, headers=ana)
    assert (taken.status_code, taken.json()["code"]) == (409, "dashboard_folder_name_taken")
    full = await api.request("DELETE", f"{ROOT}/folders/{made['folder']}", json={"confirmation": "Weekly"}, headers=ana)
    assert (full.status_code, full.json()["code"]) == (409, "dashboard_folder_not_empty")


async def test_the_same_comment_sent_twice_is_one(
    api: httpx.AsyncClient, ana: dict[str, str], made: dict[str, str]
) -> None:
    path, keyed = f"{ROOT}/{made['dashboard']}/comments", ana | {"Idempotency-Key": str(new_id())}
    first = await api.post(path, json={"body": "Once"}, headers=keyed)
    second = await api.post(path, json={"body": "Once"}, headers=keyed)
    assert first.json()["id"] == second.json()["id"]
    assert (await api.get(path, headers=ana)).json()["total"] == 2


async def test_code_is_exported_and_applied_over_rest(
    api: httpx.AsyncClient, ana: dict[str, str], made: dict[str, str]
) -> None:
    found = (await api.get(f"{ROOT}/code", params={"only": "Sales"}, headers=ana)).json()["dashboards"]
    assert [one["document"]["name"] for one in found] == ["sales"]
    document = found[0]["document"]
    document["dashboard"]["description"] = "From code"
    body = {"documents": [document], "bases": {"sales": found[0]["fingerprint"]}}
    plan = (await api.post(f"{ROOT}/code/apply", json=body | {"dry_run": True}, headers=ana)).json()
    assert (plan["applied"], plan["steps"][0]["action"]) == (False, "update")
    assert (await api.post(f"{ROOT}/code/apply", json=body, headers=ana)).json()["applied"] is True
    shown = (await api.get(f"{ROOT}/{made['dashboard']}", headers=ana)).json()
    assert (shown["description"], shown["version"]) == ("From code", 2)
