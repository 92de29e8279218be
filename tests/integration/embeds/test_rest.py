"""An embed over REST, from making to looking."""

from __future__ import annotations

from uuid import UUID

import httpx

from backend_services.kernel.actor import Actor
from tests.factories.identity import PASSWORD
from tests.integration.embeds.making import (
    SLOVENIA,
    request,
)


async def test_over_rest_from_making_to_looking(api: httpx.AsyncClient, ana: Actor, board: UUID) -> None:
    signed_in = await api.post("/api/v1/auth/login", json={"email": ana.label, "password": PASSWORD})
    mine = {"Authorization": f"Bearer {signed_in.json()['access_token']}"}
    body = request(board, locked_filters=(SLOVENIA,), origins=("https://acme.example",)).model_dump(mode="json")
    assert (await api.post("/api/v1/embeds", json=body)).status_code == 401
    made = await api.post("/api/v1/embeds", json=body, headers=mine)
    assert made.status_code == 201, made.text
    one = made.headers["location"]
    secret = made.json()["secret"]
    shown = await api.post(f"{one}/view", json={"credential": secret, "opened": True})
    assert shown.status_code == 200, shown.text
    assert "Croatia" not in shown.text
    wrong = await api.post(f"{one}/view", json={"credential": "guess"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "embed_token_refused")
    assert (await api.post(f"{one}/export", json={"credential": secret, "tile_id": "table"})).status_code == 403
    listed = await api.get("/api/v1/embeds", params={"dashboard_id": str(board)}, headers=mine)
    assert [item["uses"] for item in listed.json()["items"]] == [1]
    change = {name: value for name, value in body.items() if name not in {"dashboard_id", "mode"}}
    assert (await api.put(one, json=change, headers=mine)).status_code == 428
    ok = await api.put(one, json=change, headers={**mine, "If-Match": made.headers["etag"]})
    assert ok.status_code == 200, ok.text
    assert (await api.post(f"{one}/rotate", json={"at_once": True}, headers=mine)).status_code == 200
    assert (await api.post(f"{one}/view", json={"credential": secret})).status_code == 401
    assert (await api.post(f"{one}/revoke", headers=mine)).json()["state"] == "revoked"
    assert (await api.delete(one, headers=mine)).status_code == 204
    assert (await api.get(one, headers=mine)).status_code == 404
