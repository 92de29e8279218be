"""Requests that no honest client sends: a refusal with a code, never a defect, never another site's reach."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.bad_days.system import PASSWORD, Person, System, new_member, new_owner, no_leak, problem, sign_in

pytestmark = pytest.mark.timeout(300)

JSON = {"Content-Type": "application/json"}
LISTS = ("datasets", "dashboards", "jobs", "members", "sessions", "api-keys", "security/audit", "analytics/metrics")


@pytest.fixture(scope="module")
def somebody(whole: System) -> Person:
    """Return an owner for tests that leave nothing behind."""
    return new_owner(whole)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "query",
    ["search=%00", "limit=-1", "limit=99999999999999999999", "offset=-1", "offset=1e3", "sort=%27;--", "owner=1"],
)
def test_odd_pages_are_refused(somebody: Person, path: str, query: str) -> None:
    problem(somebody.get(f"/api/v1/{path}?{query}"), 422, "validation_failed")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("search", ["%ff", "%25%25", "_", "%5c", "%F0%9F%98%80", "'%20or%201=1", "%E2%80%AE"])
def test_odd_searches_find_nothing_or_something(somebody: Person, path: str, search: str) -> None:
    answer = somebody.get(f"/api/v1/{path}?search={search}")
    assert answer.status_code == 200, answer.text
    no_leak(answer.text)


BODIES = {
    "deep arrays": b"[" * 400_000 + b"]" * 400_000,
    "deep objects": b'{"spec":' * 100_000 + b"1" + b"}" * 100_000,
    "cut": b'{"spec":',
    "not utf-8": b'{"spec":{"title":"\xff\xfe","tiles":[]}}',
    "huge number": b'{"spec":{"title":' + b"9" * 5000 + b',"tiles":[]}}',
    "not a number": b'{"spec":{"title":"a","tiles":[{"width":NaN}]}}',
    "lone surrogate": b'{"spec":{"title":"a\\ud800","tiles":[]}}',
    "zero character": b'{"spec":{"title":"a\\u0000","tiles":[]}}',
    "very long": b'{"spec":{"title":"' + b"x" * 1_000_000 + b'","tiles":[]}}',
    "unknown field": b'{"spec":{"title":"a","tiles":[]},"tenant_id":"00000000-0000-0000-0000-000000000000"}',
    "only text": b'"spec"',
    "nothing": b"",
}


@pytest.mark.parametrize("case", BODIES)
def test_odd_bodies_are_refused(somebody: Person, case: str) -> None:
    answer = somebody.call("POST", "/api/v1/dashboards", content=BODIES[case], headers=JSON)
    assert answer.status_code in {400, 422}, answer.text
    problem(answer, answer.status_code, answer.json()["code"])
    assert somebody.get("/api/v1/dashboards").json()["total"] == 0


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_other_content_types_are_refused(somebody: Person, kind: str) -> None:
    body = json.dumps({"spec": {"title": "a", "tiles": []}}).encode()
    answer = somebody.call("POST", "/api/v1/dashboards", content=body, headers={"Content-Type": kind})
    problem(answer, 415, "media_type_unsupported")


def test_the_last_of_two_equal_keys_counts_for_the_check_and_for_the_work(somebody: Person) -> None:
    body = b'{"name":"First","name":"Second"}'
    answer = somebody.call("PATCH", "/api/v1/auth/me", content=body, headers=JSON)
    assert answer.json()["name"] == "Second"


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"])
def test_a_method_that_a_path_does_not_take(somebody: Person, method: str) -> None:
    answer = somebody.call(method, "/api/v1/datasets")
    assert answer.status_code == 405
    assert answer.headers["content-type"].startswith("application/problem+json")
    if method != "TRACE":
        assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/nothing",
        "/api/v1/datasets/",
        "/api/",
        "/api/v1/datasets/%0a/rows",
        "/api/v1/dashboards/%00",
        "/%00",
        "/api/v1/%2e%2e/%2e%2e/etc/passwd",
        "/api/docs/assets/..%2f..%2fapp.py",
    ],
)
def test_unknown_addresses_are_problems(somebody: Person, path: str) -> None:
    problem(somebody.get(path), 404, "route_not_found")


def test_another_site_may_not_read_our_answers(somebody: Person) -> None:
    for method in ("GET", "OPTIONS"):
        headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
        answer = somebody.call(method, "/api/v1/auth/me", headers=headers)
        assert "access-control-allow-origin" not in answer.headers
        assert "access-control-allow-credentials" not in answer.headers
        assert "server" not in answer.headers


def test_headers_cannot_be_put_into_answers(somebody: Person) -> None:
    form = {"email": "a@b.si", "password": "x", "next": "/\r\nSet-Cookie: evil=1"}
    answer = httpx.post(f"{somebody.system.url}/auth/sign-in", data=form, headers={"Origin": somebody.system.url})
    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers
    made = somebody.upload(b"a,b\n1,2\n", file_name='x"\r\nSet-Cookie: evil=1\r\n.csv')
    assert "set-cookie" not in made.headers


def test_oversized_bodies_are_refused_whole_and_in_pieces(somebody: Person) -> None:
    def pieces() -> Iterator[bytes]:
        for _ in range(64):
            yield b"x" * 65_536

    problem(somebody.call("POST", "/api/v1/dashboards", content=b"x" * 3_000_000, headers=JSON), 413, "body_too_large")
    problem(somebody.call("POST", "/api/v1/dashboards", content=pieces(), headers=JSON), 413, "body_too_large")


def test_nobody_gives_himself_what_he_may_not_have(system: System, owner: Person) -> None:
    viewer = new_member(owner, "viewer")
    for body in ({"roles": ["owner"]}, {"is_operator": True}, {"tenant_id": "x"}, {"email": "a@b.si"}, {"status": "x"}):
        problem(viewer.call("PATCH", "/api/v1/auth/me", json=body), 422, "validation_failed")
    body = {"email": "x@example.org", "name": "X", "password": PASSWORD, "tenant_name": "X", "kind": "operator"}
    answer = httpx.post(f"{system.url}/api/v1/auth/register", json=body)
    problem(answer, 422, "validation_failed")
    admin = new_member(owner, "admin")
    member = {"email": f"{secrets.token_hex(4)}@example.org", "name": "B", "password": PASSWORD, "roles": ["owner"]}
    problem(admin.post("/api/v1/members", member), 403, "role_too_high")
    problem(viewer.post("/api/v1/members", member), 403, "permission_denied")
    problem(owner.get("/api/v1/tenants"), 403, "permission_denied")


def test_tokens_that_are_not_good(system: System, owner: Person) -> None:
    me, refresh = "/api/v1/auth/me", f"{system.url}/api/v1/auth/refresh"
    head, body, mark = owner.tokens["access_token"].split(".")
    none = "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0"
    for token in (
        f"{head}.{body}.",
        f"{none}.{body}.",
        f"{head}.{body}x.{mark}",
        "a.b.c",
        "x" * 8000,
        "dev-key-123",
        "prod-key-free-x",
    ):
        problem(httpx.get(f"{system.url}{me}", headers={"Authorization": f"Bearer {token}"}), 401, "unauthenticated")
        problem(httpx.get(f"{system.url}{me}", headers={"X-API-Key": token}), 401, "unauthenticated")
        problem(httpx.get(f"{system.url}{me}", headers={"Cookie": f"omni_session={token}"}), 401, "unauthenticated")
    first = httpx.post(refresh, json={"refresh_token": owner.tokens["refresh_token"]}).json()
    problem(httpx.post(refresh, json={"refresh_token": owner.tokens["refresh_token"]}), 401, "refresh_token_invalid")
    problem(httpx.post(refresh, json={"refresh_token": first["refresh_token"]}), 401, "refresh_token_invalid")
    system.until(lambda: owner.get(me).status_code == 401, why="a reused family still acts")
    again = sign_in(system, owner.email)
    key = again.post("/api/v1/api-keys", {"name": "k"}).json()
    with_key = {"X-API-Key": key["key"]}
    assert httpx.get(f"{system.url}{me}", headers=with_key).status_code == 200
    assert again.call("DELETE", f"/api/v1/api-keys/{key['api_key']['id']}").status_code == 204
    system.until(lambda: httpx.get(f"{system.url}{me}", headers=with_key).status_code == 401, why="a revoked key acts")
    assert again.post("/api/v1/auth/logout").status_code == 204
    system.until(lambda: again.get(me).status_code == 401, why="a signed-out token acts")


def at_once(*calls: Any) -> list[httpx.Response]:
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def test_two_owners_cannot_remove_each_other_at_once(owner: Person) -> None:
    for _ in range(4):
        team = new_owner(owner.system)
        other = new_member(team, "owner")
        people = {one["email"]: one["id"] for one in team.get("/api/v1/members").json()["items"]}
        answers = at_once(
            lambda: team.call("PATCH", f"/api/v1/members/{people[other.email]}", json={"roles": ["viewer"]}),  # noqa: B023
            lambda: other.call("PATCH", f"/api/v1/members/{people[team.email]}", json={"roles": ["viewer"]}),  # noqa: B023
        )
        assert {answer.status_code for answer in answers} <= {200, 403, 409, 422}
        remaining = team if "owner" in team.get("/api/v1/auth/me").json()["roles"] else other
        left = [one for one in remaining.get("/api/v1/members").json()["items"] if "owner" in one["roles"]]
        assert len(left) >= 1, [answer.text for answer in answers]


def test_of_two_deletes_one_wins(owner: Person) -> None:
    dataset_id = owner.dataset("a,b\n1,2\n")

    def delete() -> httpx.Response:
        return owner.call("DELETE", f"/api/v1/datasets/{dataset_id}", json={"name": "T"})

    assert sorted(answer.status_code for answer in at_once(delete, delete, delete)) == [204, 404, 404]


def test_one_key_sent_many_times_at_once_makes_one(owner: Person) -> None:
    headers = {"Idempotency-Key": secrets.token_hex(8)}

    def create() -> httpx.Response:
        return owner.post("/api/v1/dashboards", {"spec": {"title": "Once", "tiles": []}}, headers=headers)

    answers = at_once(*[create] * 8)
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert owner.get("/api/v1/dashboards").json()["total"] == 1
    assert create().json()["id"] == next(answer.json()["id"] for answer in answers if answer.status_code == 201)


def test_one_refresh_token_used_twice_at_once_gives_at_most_one_pair(owner: Person) -> None:
    body = {"refresh_token": owner.tokens["refresh_token"]}

    def use() -> httpx.Response:
        return httpx.post(f"{owner.system.url}/api/v1/auth/refresh", json=body, timeout=30)

    assert [answer.status_code for answer in at_once(*[use] * 4)].count(200) == 1


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=30),
    st.sampled_from(["\0", "'", "%", "..", "\ud800", "9" * 400]),
)
VALUE = st.recursive(
    ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def operations(whole: System) -> list[tuple[str, str, dict[str, Any]]]:
    """Return every operation of the description but those that end the caller's own rights."""
    schema = httpx.get(f"{whole.url}/api/openapi.json").json()
    left_out = {"auth_logout", "auth_change_password", "sessions_revoke", "auth_login", "auth_register"}
    return [
        (method.upper(), path, operation)
        for path, methods in sorted(schema["paths"].items())
        for method, operation in sorted(methods.items())
        if operation.get("operationId") not in left_out
    ]


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None)
@given(data=st.data())
def test_no_operation_has_a_defect_for_odd_input(
    somebody: Person, operations: list[tuple[str, str, dict[str, Any]]], data: st.DataObject
) -> None:
    method, path, operation = data.draw(st.sampled_from(operations))
    query = {}
    for parameter in operation.get("parameters", []):
        odd = data.draw(
            st.sampled_from(["0", "\0", "-1", "9" * 30, "a b", "é", "00000000-0000-0000-0000-000000000000", "*", "v1"])
        )
        if parameter["in"] == "path":
            path = path.replace(
                "{" + parameter["name"] + "}", httpx.QueryParams({"x": odd}).__str__()[2:].replace("+", "%20")
            )
        elif parameter["in"] == "query" and data.draw(st.booleans()):
            query[parameter["name"]] = odd
    names = _fields(operation)
    body = data.draw(st.dictionaries(st.sampled_from(names), VALUE, max_size=len(names)) if names else VALUE)
    answer = somebody.call(
        method, path, params=query or None, content=json.dumps(body).encode(), headers=JSON | {"If-Match": '"v1"'}
    )
    assert answer.status_code < 500 or answer.status_code == 503, (method, path, query, body, answer.text)
    no_leak(answer.text)


def _fields(operation: dict[str, Any]) -> list[str]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    reference = content.get("$ref", "").rsplit("/", 1)[-1]
    known = {"DashboardCreate": ["spec"], "BuildRequest": ["question", "dataset_id", "language", "save"]}
    return known.get(reference, ["name", "spec", "title", "kind", "sql", "dataset_id", "question", "roles", "query"])


async def test_a_slow_client_holds_nobody_up(system: System, owner: Person) -> None:
    writers = []
    for _ in range(50):
        _, writer = await asyncio.open_connection("127.0.0.1", system.port)
        writer.write(b"POST /api/v1/dashboards HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n")
        writers.append(writer)
    answer = await asyncio.to_thread(owner.get, "/api/v1/dashboards")
    assert answer.status_code == 200
    for writer in writers:
        writer.close()
