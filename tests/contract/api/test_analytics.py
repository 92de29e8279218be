"""Questions, exports and row-level rules over REST."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.factories.identity import PASSWORD, make_actor, make_tenant
from tests.integration.datasets_query.stored import store_orders

if TYPE_CHECKING:
    import httpx

    from backend_services.kernel.actor import Actor

ROOT = "/api/v1/analytics"


async def _headers(api: httpx.AsyncClient, actor: Actor) -> dict[str, str]:
    answer = await api.post("/api/v1/auth/login", json={"email": actor.label, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    api.cookies.clear()
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def _metric(dataset_id: object, **more: Any) -> dict[str, Any]:
    return {"kind": "metric", "dataset_id": str(dataset_id), "measures": ["orders"], **more}


async def test_both_kinds_of_question(api: httpx.AsyncClient) -> None:
    actor = await make_actor(role="owner")
    headers = await _headers(api, actor)
    dataset_id = await store_orders(actor)
    metric = await api.post(f"{ROOT}/query", json=_metric(dataset_id), headers=headers)
    assert (metric.status_code, metric.json()["rows"]) == (200, [[400]])
    sql = {"kind": "sql", "dataset_id": str(dataset_id), "sql": "select count(*) as n from data"}
    free = await api.post(f"{ROOT}/query", json=sql, headers=headers)
    assert (free.status_code, free.json()["rows"]) == (200, [[400]])
    unknown = await api.post(f"{ROOT}/query", json=_metric(dataset_id, surprise=1), headers=headers)
    assert unknown.status_code == 422


async def test_a_refusal_is_a_problem_that_names_the_part(api: httpx.AsyncClient) -> None:
    actor = await make_actor(role="owner")
    headers = await _headers(api, actor)
    dataset_id = await store_orders(actor)
    sql = {"kind": "sql", "dataset_id": str(dataset_id), "sql": "select * from read_csv('/etc/passwd')"}
    refused = await api.post(f"{ROOT}/query", json=sql, headers=headers)
    assert refused.status_code in {400, 422}
    assert refused.json()["code"] == "query.sql_table"
    assert "read_csv" in refused.text.lower()
    dry = await api.post(f"{ROOT}/query/dry-run", json=sql, headers=headers)
    assert (dry.status_code, dry.json()["ok"], dry.json()["problems"][0]["position"]) == (200, False, 14)


async def test_rules_over_rest(api: httpx.AsyncClient) -> None:
    tenant = await make_tenant()
    owner = await make_actor(role="owner", tenant=tenant)
    viewer = await make_actor(role="viewer", tenant=tenant)
    mine, theirs = await _headers(api, owner), await _headers(api, viewer)
    dataset_id = await store_orders(owner)
    rules = f"/api/v1/datasets/{dataset_id}/rules"
    body = {"role": "viewer", "filters": [{"field": "region", "operator": "eq", "values": ["north"]}]}
    assert (await api.post(rules, json=body, headers=theirs)).status_code == 403
    mistyped = await api.post(rules, json=body | {"role": "veiwer"}, headers=mine | {"Accept-Language": "sl"})
    assert (mistyped.status_code, mistyped.json()["errors"][0]["field"]) == (422, "role")
    assert "veiwer" in mistyped.json()["errors"][0]["message"]
    made = await api.post(rules, json=body, headers=mine)
    assert made.status_code == 201, made.text
    seen = await api.post(f"{ROOT}/query", json=_metric(dataset_id), headers=theirs)
    assert (seen.json()["rows"], seen.json()["rules_applied"]) == ([[100]], ["viewer"])
    export = await api.post(
        f"{ROOT}/exports", json={"query": _metric(dataset_id, measures=[]), "whole": True}, headers=theirs
    )
    assert export.headers["content-type"].startswith("text/csv")
    assert len(export.text.splitlines()) == 101
    behind = await api.post(
        f"{ROOT}/query/rows", json={"query": {"dataset_id": str(dataset_id), "measures": ["orders"]}}, headers=theirs
    )
    assert len(behind.json()["rows"]) == 100
    values = await api.get(f"{ROOT}/datasets/{dataset_id}/values/region", headers=theirs)
    assert [one["value"] for one in values.json()] == ["north"]
    assert (await api.get(rules, headers=mine)).json()["total"] == 1
    assert (await api.delete(f"{rules}/{made.json()['id']}", headers=mine)).status_code == 204
    metrics = await api.get(f"{ROOT}/metrics", params={"search": "revenue"}, headers=mine)
    assert (metrics.status_code, metrics.json()["total"] >= 1) == (200, True)


async def test_another_tenants_dataset_is_not_found(api: httpx.AsyncClient) -> None:
    dataset_id = await store_orders(await make_actor(role="owner"))
    headers = await _headers(api, await make_actor(role="owner"))
    assert (await api.post(f"{ROOT}/query", json=_metric(dataset_id), headers=headers)).status_code == 404
    assert (await api.get(f"/api/v1/datasets/{dataset_id}/rules", headers=headers)).status_code == 404
    assert (await api.post(f"{ROOT}/query", json=_metric(dataset_id))).status_code == 401


ODD_CELLS = [
    ("at", {"grain": "month"}, "9999-12-01"),
    ("at", {"grain": "day"}, "9999-12-31T23:59:59-12:00"),
    ("at", {"grain": "week"}, "9999-12-31"),
    ("revenue__each", {"width": 10}, "abc"),
    ("revenue__each", {"width": 10}, "NaN"),
    ("revenue__each", {"width": 10}, 10**400),
]


@pytest.mark.parametrize(("field", "group", "value"), ODD_CELLS)
async def test_a_cell_that_no_answer_can_have_is_refused(
    api: httpx.AsyncClient, field: str, group: dict[str, Any], value: Any
) -> None:
    actor = await make_actor(role="owner")
    headers = await _headers(api, actor)
    query = {"dataset_id": str(await store_orders(actor)), "measures": ["orders"]}
    body = {"query": {**query, "dimensions": [{"field": field, **group}]}, "cell": {field: value}}
    answer = await api.post(f"{ROOT}/query/rows", json=body, headers=headers)
    assert answer.status_code == 422, answer.text
    assert answer.json()["code"].startswith("query."), answer.text


@pytest.mark.parametrize(
    ("start", "end"),
    [("9999-12-31T12:00:00", None), (None, "9999-12-31T23:59:59"), ("0001-01-01T00:00:00+14:00", None)],
)
async def test_a_period_at_the_end_of_the_calendar_is_no_fault(
    api: httpx.AsyncClient, start: str | None, end: str | None
) -> None:
    actor = await make_actor(role="owner")
    headers = await _headers(api, actor)
    dataset_id = await store_orders(actor)
    for field in ("day", "at", "wall"):
        period = {"kind": "between", "start": start, "end": end}
        asked = _metric(dataset_id, period=period, time_field=field)
        answer = await api.post(f"{ROOT}/query", json=asked, headers=headers)
        assert answer.status_code in {200, 422}, answer.text
        if answer.status_code == 422:
            assert answer.json()["code"] == "query.calendar_range"
            assert (start or end) in answer.json()["detail"]


@pytest.mark.parametrize("offset", ["1e308", "1" + "0" * 400, str(2**63)])
async def test_no_answer_begins_beyond_every_row(api: httpx.AsyncClient, offset: str) -> None:
    actor = await make_actor(role="owner")
    headers = await _headers(api, actor) | {"Content-Type": "application/json"}
    asked = json.dumps(_metric(await store_orders(actor), offset=0))
    for route in ("query", "query/dry-run"):
        content = asked.replace('"offset": 0', f'"offset": {offset}')
        answer = await api.post(f"{ROOT}/{route}", content=content, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "metric.offset"), answer.text
