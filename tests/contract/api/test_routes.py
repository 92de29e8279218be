"""What holds for every route there is."""

from __future__ import annotations

import re

import httpx
import pytest

from backend_services.kernel.errors import ErrorKind
from backend_services.kernel.ids import new_id
from backend_services.kernel.permissions import Permission
from state.api.app import create_api
from state.api.problems import STATUSES
from tests.factories.identity import PASSWORD, make_actor

DECLARED = {permission.value for permission in Permission} | {"public", "signed_in"}
DOCUMENT = create_api().openapi()
OPERATIONS = [
    (method.upper(), path, operation)
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
]


def named(operation: tuple[str, str, object]) -> str:
    return f"{operation[0]} {operation[1]}"


@pytest.mark.parametrize("operation", OPERATIONS, ids=named)
def test_every_route_declares_a_permission(operation: tuple[str, str, dict[str, object]]) -> None:
    assert operation[2].get("x-permission") in DECLARED


@pytest.mark.parametrize(
    "operation", [found for found in OPERATIONS if found[2].get("x-permission") != "public"], ids=named
)
async def test_no_route_answers_a_stranger(api: httpx.AsyncClient, operation: tuple[str, str, object]) -> None:
    method, path, _ = operation
    answer = await api.request(method, re.sub(r"\{[^}]+\}", str(new_id()), path))
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def _body_of(operation: dict[str, object]) -> bool:
    return "requestBody" in operation


@pytest.mark.parametrize(
    "operation",
    [found for found in OPERATIONS if "{" in found[1] and not _body_of(found[2])],
    ids=named,
)
async def test_another_tenants_id_is_not_found(
    api: httpx.AsyncClient, operation: tuple[str, str, dict[str, object]], things: dict[str, str]
) -> None:
    method, path, _ = operation
    filled = re.sub(r"\{([^}]+)\}", lambda match: things.get(match[1], "1"), path)
    pair = await _tokens(api)
    headers = {"Authorization": f"Bearer {pair['access_token']}", "If-Match": '"v1"'}
    answer = await api.request(method, filled, headers=headers)
    assert answer.status_code in {404, 422}, answer.text
    if answer.status_code == 422:
        assert answer.json()["code"] == "validation_failed"  # a parameter is missing; nothing was looked up


async def _tokens(api: httpx.AsyncClient) -> dict[str, str]:
    actor = await make_actor()
    answer = await api.post("/api/v1/auth/login", json={"email": actor.label, "password": PASSWORD})
    found: dict[str, str] = answer.json()
    return found


@pytest.fixture
async def things(api: httpx.AsyncClient) -> dict[str, str]:
    """Make things of another tenant and return their ids by the name of the path's parameter."""
    actor = await make_actor()
    login = await api.post("/api/v1/auth/login", json={"email": actor.label, "password": PASSWORD})
    headers = {"Authorization": f"Bearer {login.json()['access_token']}"}
    key = await api.post("/api/v1/api-keys", json={"name": "theirs"}, headers=headers)
    members = await api.get("/api/v1/members", headers=headers)
    sessions = await api.get("/api/v1/sessions", headers=headers)
    made = {
        "api_key_id": key.json()["api_key"]["id"],
        "member_id": members.json()["items"][0]["id"],
        "session_id": sessions.json()["items"][0]["id"],
        "tenant_id": str(actor.tenant_id),
    }
    return {**{name: str(new_id()) for name in ("dashboard_id", "dataset_id", "job_id", "rule_id", "tile_id")}, **made}


async def test_members_of_another_tenant_are_not_changed(api: httpx.AsyncClient, things: dict[str, str]) -> None:
    headers = {"Authorization": f"Bearer {(await _tokens(api))['access_token']}"}
    asked = [
        ("PATCH", f"/api/v1/members/{things['member_id']}", {"status": "deactivated"}),
        ("POST", f"/api/v1/api-keys/{things['api_key_id']}/rotate", {"overlap_s": 0}),
        ("PUT", f"/api/v1/tenants/{things['tenant_id']}/status", {"status": "suspended"}),
    ]
    for method, path, body in asked:
        assert (await api.request(method, path, json=body, headers=headers)).status_code == 404


async def test_unknown_fields_and_parameters_are_refused(api: httpx.AsyncClient) -> None:
    body = await api.post("/api/v1/auth/login", json={"email": "a@b.si", "password": "x", "tenant": "other"})
    assert (body.status_code, body.json()["code"]) == (422, "validation_failed")
    assert body.json()["errors"][0]["field"] == "tenant"
    assert "a@b.si" not in body.text
    query = await api.get("/api/v1/setup", params={"colour": "red"})
    assert query.json()["errors"][0]["field"] == "colour"


async def test_refusals_speak_the_readers_language(api: httpx.AsyncClient) -> None:
    english = await api.get("/api/v1/nothing", headers={"Accept-Language": "de, en;q=0.5"})
    slovenian = await api.get("/api/v1/nothing", headers={"Accept-Language": "en;q=0.3, sl-SI"})
    assert english.json()["code"] == slovenian.json()["code"] == "route_not_found"
    assert slovenian.json()["detail"] == "Na tem naslovu ni ničesar."
    assert english.json()["detail"] != slovenian.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("DELETE", "/api/v1/auth/login", b"", 405),
        ("POST", "/api/v1/auth/login", b"{", 422),
        ("POST", "/api/v1/auth/login", b"\xff\xfe", 422),
        ("POST", "/api/v1/auth/login", b"[]", 422),
    ],
)
async def test_broken_requests_get_problems(
    api: httpx.AsyncClient, method: str, path: str, content: bytes, status: int
) -> None:
    answer = await api.request(method, path, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in {status, 400}
    assert answer.headers["content-type"] == "application/problem+json"
    assert {"type", "title", "status", "code", "detail", "instance", "request_id"} <= answer.json().keys()


def test_every_kind_of_refusal_has_a_status() -> None:
    assert set(STATUSES) == set(ErrorKind)


async def test_a_request_that_creates_is_carried_out_once(api: httpx.AsyncClient) -> None:
    headers = {"Authorization": f"Bearer {(await _tokens(api))['access_token']}", "Idempotency-Key": new_id().hex}
    first = await api.post("/api/v1/api-keys", json={"name": "once"}, headers=headers)
    again = await api.post("/api/v1/api-keys", json={"name": "once"}, headers=headers)
    other = await api.post("/api/v1/api-keys", json={"name": "other"}, headers=headers)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    listed = await api.get("/api/v1/api-keys", headers={"Authorization": headers["Authorization"]})
    assert listed.json()["total"] == 1


async def test_a_refused_request_may_be_sent_again_with_its_key(api: httpx.AsyncClient) -> None:
    headers = {"Authorization": f"Bearer {(await _tokens(api))['access_token']}", "Idempotency-Key": new_id().hex}
    past = {"name": "k", "expires_at": "2001-01-01T00:00:00Z"}
    assert (await api.post("/api/v1/api-keys", json=past, headers=headers)).status_code == 422
    assert (await api.post("/api/v1/api-keys", json={"name": "k"}, headers=headers)).status_code == 201


async def test_the_bare_address_leads_to_the_description(api: httpx.AsyncClient) -> None:
    answer = await api.get("/api", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/api/docs")
