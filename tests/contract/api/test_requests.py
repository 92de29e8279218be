"""What holds for every request of a kind: HEAD, media types, orders of lists, preconditions."""

from __future__ import annotations

import httpx
import pytest

from backend_services.kernel.ids import new_id
from state.api.app import create_api
from state.api.problems import STATUS_OF_CODE
from tests.factories.identity import PASSWORD, make_actor

DOCUMENT = create_api().openapi()


def _parameters(operation: dict[str, list[dict[str, str]]]) -> set[str]:
    return {one["name"] for one in operation.get("parameters", [])}


LISTS = [
    path
    for path, operations in DOCUMENT["paths"].items()
    if "get" in operations and "sort" in _parameters(operations["get"]) and "{" not in path
]
PLAIN = [path for path, operations in DOCUMENT["paths"].items() if "get" in operations and "{" not in path]


@pytest.fixture
async def owner(api: httpx.AsyncClient) -> dict[str, str]:
    """Return the headers of an operator's owner, who may everything."""
    actor = await make_actor(role="owner")
    answer = await api.post("/api/v1/auth/login", json={"email": actor.label, "password": PASSWORD})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.mark.parametrize("path", PLAIN)
async def test_head_answers_what_get_answers_without_its_body(
    api: httpx.AsyncClient, owner: dict[str, str], path: str
) -> None:
    asked = await api.get(path, headers=owner)
    head = await api.head(path, headers=owner)
    assert (head.status_code, head.content) == (asked.status_code, b"")
    assert head.headers.get("content-type") == asked.headers.get("content-type")


async def test_head_is_named_where_get_is(api: httpx.AsyncClient) -> None:
    assert (await api.delete("/api/v1/setup")).headers["allow"] == "GET, HEAD, POST"
    assert (await api.head("/api/v1/auth/login")).status_code == 405
    assert (await api.head("/api/v1/nothing")).status_code == 404


@pytest.mark.parametrize("path", LISTS)
async def test_an_order_that_a_list_does_not_have_is_refused(
    api: httpx.AsyncClient, owner: dict[str, str], path: str
) -> None:
    answer = await api.get(path, params={"sort": "no_such_field"}, headers=owner)
    if answer.status_code == 403:  # the install's own list, and this is a customer
        assert path == "/api/v1/tenants"
        return
    assert answer.status_code == 422, answer.text
    assert [one["field"] for one in answer.json()["errors"]] == ["sort"]


@pytest.mark.parametrize("sort", ["0", "-0", "_", "a" * 64, "no_such_field"])
async def test_rows_are_not_sorted_by_what_no_field_is_called(
    api: httpx.AsyncClient, owner: dict[str, str], sort: str
) -> None:
    users = (await api.get("/api/v1/datasets", params={"kind": "platform"}, headers=owner)).json()["items"][0]
    answer = await api.get(f"/api/v1/datasets/{users['id']}/rows", params={"sort": sort}, headers=owner)
    assert (answer.status_code, answer.json()["code"]) == (422, "query.unknown_field")


def test_a_route_that_answers_with_a_file_says_of_which_type() -> None:
    for path, kinds in {
        "/api/v1/jobs/export": ["text/csv"],
        "/api/v1/security/audit/export": ["text/csv"],
        "/metrics": ["text/plain"],
    }.items():
        assert list(DOCUMENT["paths"][path]["get"]["responses"]["200"]["content"]) == kinds


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""])
async def test_only_json_is_taken_for_json(api: httpx.AsyncClient, owner: dict[str, str], kind: str) -> None:
    headers = owner | ({"Content-Type": kind} if kind else {})
    answer = await api.post("/api/v1/api-keys", content=b'{"name": "k"}', headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "media_type_unsupported")
    assert (await api.get("/api/v1/api-keys", headers=owner)).json()["total"] == 0


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"]
)
async def test_json_by_any_of_its_names_is_taken(api: httpx.AsyncClient, owner: dict[str, str], kind: str) -> None:
    answer = await api.patch("/api/v1/auth/me", content=b'{"name": "Eva"}', headers=owner | {"Content-Type": kind})
    assert (answer.status_code, answer.json()["name"]) == (200, "Eva")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/dashboards/code/apply", r'{"documents": [{"name": "a", "dashboard": {"title": "\ud800"}}]}'),
        ("/api/v1/analytics/query", r'{"kind": "sql", "dataset_id": "\uDFFF", "sql": "x"}'),
        ("/api/v1/dashboards/folders", r'{"name": "\ud83d"}'),
    ],
)
async def test_half_a_character_is_no_text(api: httpx.AsyncClient, owner: dict[str, str], path: str, body: str) -> None:
    answer = await api.post(path, content=body, headers=owner | {"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed"), answer.text
    assert answer.json()["errors"][0]["code"] == "string_unicode"


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-1e400"])
async def test_a_number_that_is_none_is_refused_before_it_is_kept(
    api: httpx.AsyncClient, owner: dict[str, str], value: str
) -> None:
    filters = f'[{{"field": "price", "operator": "gt", "values": [{value}]}}]'
    watched = f'{{"kind": "metric", "dataset_id": "{new_id()}", "measure": "rows", "filters": {filters}}}'
    body = f'{{"title": "A", "watched": {watched}, "condition": {{"kind": "missing", "stale_hours": 1}}}}'
    answer = await api.post("/api/v1/alerts", content=body, headers=owner | {"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (422, "validation_failed"), answer.text
    assert answer.json()["errors"][0]["code"] == "finite_number"


async def test_a_character_beyond_the_first_plane_may_be_written_in_two_escapes(
    api: httpx.AsyncClient, owner: dict[str, str]
) -> None:
    headers = owner | {"Content-Type": "application/json"}
    answer = await api.patch("/api/v1/auth/me", content=rb'{"name": "\ud83d\ude00"}', headers=headers)
    assert (answer.status_code, answer.json()["name"]) == (200, "\N{GRINNING FACE}")


async def test_what_somebody_changed_meanwhile_is_a_failed_precondition_everywhere(
    api: httpx.AsyncClient, owner: dict[str, str]
) -> None:
    body = {"name": "Ours", "url": "https://example.org/hook"}
    made = await api.post("/api/v1/webhooks", json=body, headers=owner)
    late = owner | {"If-Match": made.headers["etag"]}
    assert (await api.put(made.headers["location"], json=body, headers=late)).status_code == 200
    again = await api.put(made.headers["location"], json=body, headers=late)
    assert (again.status_code, again.json()["code"]) == (412, "webhook_changed")
    assert (await api.delete(made.headers["location"], headers=owner)).status_code == 204


def test_every_change_of_a_version_has_the_status_of_a_failed_precondition() -> None:
    taking = {path for path, ways in DOCUMENT["paths"].items() if "if-match" in _parameters(ways.get("put", {}))}
    areas = {path.split("/")[3] for path in taking}
    assert areas == {"alerts", "connections", "dashboards", "datasets", "embeds", "subscriptions", "webhooks"}
    names = {area.removesuffix("s") for area in areas - {"datasets"}} | {"catalogue"}
    assert {f"{name}_changed" for name in names} <= {code for code, status in STATUS_OF_CODE.items() if status == 412}


async def test_a_stranger_learns_nothing_of_media_types(api: httpx.AsyncClient) -> None:
    answer = await api.post("/api/v1/api-keys", content=b"x", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 401


async def test_paging_through_equal_names_shows_everybody_once(api: httpx.AsyncClient, owner: dict[str, str]) -> None:
    for _ in range(7):
        made = await api.post(
            "/api/v1/api-keys", json={"name": "same"}, headers=owner | {"Idempotency-Key": new_id().hex}
        )
        assert made.status_code == 201
    for sort in ("name", "-name", "last_used_at"):
        seen: list[str] = []
        for offset in range(0, 7, 2):
            query = {"sort": sort, "limit": "2", "offset": str(offset)}
            page = await api.get("/api/v1/api-keys", params=query, headers=owner)
            seen += [one["id"] for one in page.json()["items"]]
        assert len(seen) == len(set(seen)) == 7
