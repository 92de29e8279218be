"""Signing in over REST: tokens, their rotation, their end."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import text

from backend_services.identity import access_tokens
from backend_services.identity.cache import CACHE
from backend_services.identity.service import forget_old_attempts
from backend_services.kernel.clock import frozen, now
from backend_services.kernel.db import system_transaction
from backend_services.kernel.ids import new_id
from tests.factories.identity import PASSWORD, make_actor

LOGIN = "/api/v1/auth/login"
REFRESH = "/api/v1/auth/refresh"
ME = "/api/v1/auth/me"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def tokens(api: httpx.AsyncClient, email: str) -> dict[str, str]:
    answer = await api.post(LOGIN, json={"email": email, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    found: dict[str, str] = answer.json()
    return found


async def test_a_token_says_who_is_calling(api: httpx.AsyncClient) -> None:
    actor = await make_actor(role="analyst")
    pair = await tokens(api, actor.label.upper())
    answer = await api.get(ME, headers=bearer(pair["access_token"]))
    assert answer.status_code == 200
    assert answer.json()["email"] == actor.label
    assert answer.json()["tenant"]["id"] == str(actor.tenant_id)
    assert set(answer.json()["permissions"]) == {permission.value for permission in actor.permissions}


async def test_no_password_but_the_right_one_opens(api: httpx.AsyncClient) -> None:
    actor = await make_actor()
    known = await api.post(LOGIN, json={"email": actor.label, "password": "wrong-password"})
    unknown = await api.post(LOGIN, json={"email": "nobody@example.org", "password": "wrong-password"})
    assert known.status_code == unknown.status_code == 401
    assert {**known.json(), "request_id": ""} == {**unknown.json(), "request_id": ""}
    assert known.json()["code"] == "sign_in_failed"


async def test_a_refresh_token_is_good_once_and_its_reuse_ends_the_family(api: httpx.AsyncClient) -> None:
    actor = await make_actor()
    first = await tokens(api, actor.label)
    second = await api.post(REFRESH, json={"refresh_token": first["refresh_token"]})
    assert second.status_code == 200
    reused = await api.post(REFRESH, json={"refresh_token": first["refresh_token"]})
    assert (reused.status_code, reused.json()["code"]) == (401, "refresh_token_invalid")
    child = await api.post(REFRESH, json={"refresh_token": second.json()["refresh_token"]})
    assert child.status_code == 401
    assert (await api.get(ME, headers=bearer(second.json()["access_token"]))).status_code == 401


async def test_of_two_refreshes_at_once_one_wins_and_the_family_ends(api: httpx.AsyncClient) -> None:
    actor = await make_actor()
    pair = await tokens(api, actor.label)
    body = {"refresh_token": pair["refresh_token"]}
    answers = await asyncio.gather(*(api.post(REFRESH, json=body) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


async def test_logout_ends_access_at_once(api: httpx.AsyncClient) -> None:
    actor = await make_actor()
    pair = await tokens(api, actor.label)
    headers = bearer(pair["access_token"])
    assert (await api.get(ME, headers=headers)).status_code == 200
    assert (await api.post("/api/v1/auth/logout", headers=headers)).status_code == 204
    assert (await api.get(ME, headers=headers)).status_code == 401
    assert (await api.post(REFRESH, json={"refresh_token": pair["refresh_token"]})).status_code == 401


async def test_an_access_token_expires(api: httpx.AsyncClient) -> None:
    actor = await make_actor()
    pair = await tokens(api, actor.label)
    CACHE.forget(actor.tenant_id)
    with frozen(now() + timedelta(seconds=901)):
        assert (await api.get(ME, headers=bearer(pair["access_token"]))).status_code == 401


async def test_a_family_expires(api: httpx.AsyncClient) -> None:
    actor = await make_actor()
    pair = await tokens(api, actor.label)
    with frozen(now() + timedelta(days=31)):
        assert (await api.post(REFRESH, json={"refresh_token": pair["refresh_token"]})).status_code == 401


@pytest.mark.parametrize("algorithm", ["none", "HS512", "other-key"])
async def test_a_token_signed_otherwise_is_refused(api: httpx.AsyncClient, algorithm: str) -> None:
    actor = await make_actor()
    pair = await tokens(api, actor.label)
    claims = access_tokens.read(pair["access_token"])
    forged = {
        "iss": "omni", "aud": "omni-api", "sub": str(claims.user_id), "tid": str(claims.tenant_id),
        "sid": str(claims.family_id), "exp": int(claims.expires_at.timestamp()),
    }  # fmt: skip
    key = OctKey.import_key(b"k" * 64)
    header = {"alg": "HS512" if algorithm == "HS512" else "HS256", "typ": "at+jwt"}
    text = jwt.encode(header, forged, key, algorithms=["HS256", "HS512"])
    if algorithm == "none":
        head, body, _ = pair["access_token"].split(".")
        text = f"eyJhbGciOiJub25lIn0.{body}."
        assert head
    assert (await api.get(ME, headers=bearer(text))).status_code == 401


@pytest.mark.parametrize("value", ["Bearer", "Bearer ", "Bearer a.b.c", "Basic YTpi", "Bearer dev-key-free-nix", "x"])
async def test_a_broken_credential_is_refused_and_never_fails(api: httpx.AsyncClient, value: str) -> None:
    answer = await api.get(ME, headers={"Authorization": value})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_registration_makes_a_customer_of_its_own(api: httpx.AsyncClient) -> None:
    body = {
        "email": f"nova-{new_id().hex}@example.org", "password": "gorska-reka-teče-počasi", "name": "Nova Stranka",
        "tenant_name": "Žabe & Čriček", "language": "sl",
    }  # fmt: skip
    answer = await api.post("/api/v1/auth/register", json=body)
    assert answer.status_code == 201, answer.text
    me = (await api.get(ME, headers=bearer(answer.json()["access_token"]))).json()
    assert me["tenant"]["kind"] == "customer"
    assert me["tenant"]["slug"].startswith("zabe-cricek")
    assert me["roles"] == ["owner"]
    again = await api.post("/api/v1/auth/register", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "email_taken")


async def test_a_weak_password_is_refused_whole(api: httpx.AsyncClient) -> None:
    body = {"email": f"{new_id().hex}@example.org", "password": "password1234", "name": "A", "tenant_name": "B"}
    answer = await api.post("/api/v1/auth/register", json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "weak_password")
    body["password"] = "plavajoci-kamen-v-juhi"
    assert (await api.post("/api/v1/auth/register", json=body)).status_code == 201


async def test_a_new_password_ends_the_other_sessions(api: httpx.AsyncClient) -> None:
    actor = await make_actor()
    mine, other = await tokens(api, actor.label), await tokens(api, actor.label)
    change = {"current_password": PASSWORD, "new_password": "steklena-streha-nad-morjem"}
    wrong = {**change, "current_password": "wrong"}
    headers = bearer(mine["access_token"])
    assert (await api.post("/api/v1/auth/password/change", json=wrong, headers=headers)).status_code == 401
    assert (await api.post("/api/v1/auth/password/change", json=change, headers=headers)).status_code == 204
    assert (await api.get(ME, headers=headers)).status_code == 200
    assert (await api.get(ME, headers=bearer(other["access_token"]))).status_code == 401
    assert (await api.post(LOGIN, json={"email": actor.label, "password": PASSWORD})).status_code == 401


async def test_guessing_in_parallel_gets_five_tries(api: httpx.AsyncClient) -> None:
    actor = await make_actor()
    guesses = [api.post(LOGIN, json={"email": actor.label, "password": f"guess-{n}"}) for n in range(12)]
    answers = await asyncio.gather(*guesses)
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 7
    right = await api.post(LOGIN, json={"email": actor.label, "password": PASSWORD})
    assert right.status_code == 429
    assert 0 < int(right.headers["retry-after"]) <= 30


async def _guess(api: httpx.AsyncClient, email: str, times: int) -> list[int]:
    body = {"email": email, "password": "not-the-password"}
    return [(await api.post(LOGIN, json=body)).status_code for _ in range(times)]


async def test_who_guesses_elsewhere_does_not_keep_a_person_out(
    home: httpx.AsyncClient, elsewhere: httpx.AsyncClient
) -> None:
    actor = await make_actor()
    await tokens(home, actor.label)
    assert await _guess(elsewhere, actor.label, 7) == [401] * 5 + [429] * 2
    await tokens(home, actor.label)
    right = {"email": actor.label, "password": PASSWORD}
    with frozen(now() + timedelta(hours=1)):
        assert await _guess(elsewhere, actor.label, 2) == [401, 429]
        await tokens(home, actor.label)
        assert await _guess(home, actor.label, 6) == [401] * 5 + [429]  # at home, five tries of its own
        assert (await home.post(LOGIN, json=right)).status_code == 429


async def test_who_tries_many_accounts_waits_but_keeps_nobody_of_the_same_house_out(home: httpx.AsyncClient) -> None:
    neighbour, newcomer = await make_actor(), await make_actor()
    await tokens(home, neighbour.label)
    for turn in range(30):
        assert await _guess(home, f"{new_id().hex}-{turn}@example.org", 1) == [401]
    assert await _guess(home, "somebody-else@example.org", 1) == [429]
    right = {"email": newcomer.label, "password": PASSWORD}
    assert (await home.post(LOGIN, json=right)).status_code == 429
    await tokens(home, neighbour.label)
    with frozen(now() + timedelta(hours=2)):
        assert (await home.post(LOGIN, json=right)).status_code == 200


async def test_a_new_place_waits_as_long_as_those_who_guess(
    home: httpx.AsyncClient, elsewhere: httpx.AsyncClient
) -> None:
    actor = await make_actor()
    await _guess(elsewhere, actor.label, 5)
    assert (await home.post(LOGIN, json={"email": actor.label, "password": PASSWORD})).status_code == 429


async def test_the_present_password_is_not_guessed_on_a_page_left_open(home: httpx.AsyncClient) -> None:
    actor = await make_actor()
    headers = bearer((await tokens(home, actor.label))["access_token"])
    wrong = {"current_password": "not-the-password", "new_password": "steklena-streha-nad-morjem"}
    right = {**wrong, "current_password": PASSWORD}
    path = "/api/v1/auth/password/change"
    answers = [(await home.post(path, json=wrong, headers=headers)).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]
    assert (await home.post(path, json=right, headers=headers)).status_code == 429
    with frozen(now() + timedelta(minutes=1)):
        assert (await home.post(path, json=right, headers=headers)).status_code == 204


async def test_signing_in_again_ends_the_session_that_the_browser_had(api: httpx.AsyncClient) -> None:
    first, second = await make_actor(), await make_actor()
    page = {"Origin": "http://omni.test"}
    for actor in (first, second):
        form = {"email": actor.label, "password": PASSWORD}
        assert (await api.post("/auth/sign-in", data=form, headers=page)).status_code == 303
        if actor is first:
            former = api.cookies["omni_session"]
    assert (await api.get(ME)).json()["email"] == second.label
    api.cookies.clear()
    assert (await api.get(ME, headers={"Cookie": f"omni_session={former}"})).status_code == 401


async def test_old_tries_are_forgotten(home: httpx.AsyncClient) -> None:
    actor = await make_actor()
    await _guess(home, actor.label, 1)
    count = "SELECT count(*) FROM sign_in_attempts WHERE user_id = :user"
    for days, left in ((89, 1), (91, 0)):
        with frozen(now() + timedelta(days=days)):
            await forget_old_attempts()
        async with system_transaction() as session:
            assert (await session.execute(text(count), {"user": actor.user_id})).scalar_one() == left
