"""A raw websocket client calls every handler that the real application has, as those who may not."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
import pytest
import websockets
from websockets.exceptions import ConnectionClosed, InvalidStatus

from state.policy import OPENING
from tests.integration.bad_days.system import PASSWORD, ROOT, Person, System, new_member, no_leak

pytestmark = pytest.mark.timeout(300)

ROOT_STATE = "reflex___state____state"


@pytest.fixture(scope="module")
def handlers(whole: System) -> list[dict[str, Any]]:
    """Return every handler and its rule, asked of the application in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.bad_days.handlers"],
        cwd=ROOT,
        env=whole.environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    assert len(found) > 50
    return found


@dataclass
class Tab:
    """A browser tab that sends what it likes."""

    wire: websockets.ClientConnection
    told: list[str] = field(default_factory=list)

    async def listen(self) -> None:
        """Remember what is told, answer pings; the server may end the connection of who sends rubbish in any way."""
        with suppress(ConnectionClosed):
            async for message in self.wire:
                text = str(message)
                if text == "2":
                    await self.wire.send("3")
                elif text.startswith("42/_event,"):
                    self.told.append(text)

    async def ask(self, name: str, payload: dict[str, Any] | None = None) -> str:
        """Call a handler and return what is told until it is answered."""
        self.told.clear()
        event = {"name": name, "payload": payload or {}, "router_data": {"pathname": "/"}}
        await self.wire.send(f"42/_event,{json.dumps(['event', event])}")
        async with asyncio.timeout(30):
            while not self.told:
                await asyncio.sleep(0.005)
        return "".join(self.told)


@asynccontextmanager
async def tab(system: System, *, cookie: str = "", token: str = "") -> AsyncIterator[Tab]:
    """Open a websocket as a page of ours does."""
    address = f"ws://127.0.0.1:{system.port}/_event/?EIO=4&transport=websocket&token={token or uuid4()}"
    headers = {"Cookie": f"omni_session={cookie}"} if cookie else {}
    origin = websockets.Origin(system.url)
    async with websockets.connect(address, origin=origin, additional_headers=headers, max_size=None) as wire:
        await wire.recv()
        await wire.send("40/_event,")
        await wire.recv()
        opened = Tab(wire)
        listening = asyncio.create_task(opened.listen())
        yield opened
        await wire.close()
        await listening


def cookie_of(person: Person) -> str:
    """Return the cookie that signing in through the form sets."""
    form = {"email": person.email, "password": PASSWORD}
    answer = httpx.post(
        f"{person.system.url}/auth/sign-in", data=form, headers={"Origin": person.system.url}, timeout=30
    )
    assert answer.status_code == 303
    return str(answer.cookies["omni_session"])


async def test_a_visitor_reaches_no_handler_but_the_open_ones(system: System, handlers: list[dict[str, Any]]) -> None:
    asked = 0
    async with tab(system) as visitor:
        for handler in handlers:
            if handler["rule"] is not None and not handler["rule"]["signed_in"]:
                continue
            told = await visitor.ask(handler["name"], dict.fromkeys(handler["arguments"], "x"))
            expected = "event_refused" if handler["rule"] is None else "/sign-in"
            assert expected in told, (handler["name"], told[:500])
            no_leak(told)
            asked += 1
    assert asked > 40


async def test_too_little_rights_reach_no_handler(
    system: System, owner: Person, handlers: list[dict[str, Any]]
) -> None:
    viewer = await asyncio.to_thread(new_member, owner, "viewer")
    held = set(viewer.get("/api/v1/auth/me").json()["permissions"])
    refused = [one for one in handlers if one["rule"] and not set(one["rule"]["permissions"]) <= held]
    # A page refused as it opens says so in its own place: there is no message, and nothing of the page either.
    opening = [one["name"] for one in refused if one["name"].rpartition(".")[2] == OPENING]
    beyond = [one for one in refused if one["name"] not in opening]
    assert opening
    assert beyond
    async with tab(system, cookie=await asyncio.to_thread(cookie_of, viewer)) as page:
        for handler in beyond:
            told = await page.ask(handler["name"], dict.fromkeys(handler["arguments"], "x"))
            assert "permission_denied" in told, (handler["name"], told[:500])
            no_leak(told)
        for name in opening:
            event = {"name": name, "payload": {}, "router_data": {"pathname": "/"}}
            await page.wire.send(f"42/_event,{json.dumps(['event', event])}")
            told = await page.ask(beyond[0]["name"], dict.fromkeys(beyond[0]["arguments"], "x"))
            assert "permission_denied" in told
            assert name.rpartition(".")[0] not in told, (name, told[:500])


@pytest.mark.parametrize("payload", [{"nonsense": 1}, {"self": {}}, {"__class__": "x"}])
async def test_wrong_arguments_reach_no_handler(
    system: System, owner: Person, handlers: list[dict[str, Any]], payload: dict[str, Any]
) -> None:
    ours = [one for one in handlers if one["rule"] and one["ours"]]
    async with tab(system, cookie=await asyncio.to_thread(cookie_of, owner)) as page:
        for handler in ours:
            told = await page.ask(handler["name"], payload)
            refused = "event_arguments" in told or "permission_denied" in told
            assert refused, (handler["name"], told[:500])
            no_leak(told)


FIELDS = ("name", "title", "email", "roles", "word", "question", "dataset_id", "value", "field", "chart", "scopes")
RUBBISH: dict[str, list[Any]] = {
    "str": ["", "\0", "x" * 20_000, "../../etc/passwd", "\ud800", "null", str(uuid4())],
    "int": [0, -1, 2**31, 10**30],
    "dict": [{}, *(dict.fromkeys(FIELDS, value) for value in ("", "\0", None, [1, {}], 10**30, "\ud800"))],
    "bool": [True, False],
    "float": [0.0, -1.5, 1e308],
    "list": [[], [{}], [{"x": None, "y": {}}]],
}


def _rubbish(types: dict[str, str]) -> list[dict[str, Any]]:
    kinds = [
        next(kind for kind in ("list", "dict", "bool", "int", "float", "str") if kind in shown)
        for shown in types.values()
    ]
    longest = max(len(RUBBISH[kind]) for kind in kinds)
    return [
        {name: RUBBISH[kind][turn % len(RUBBISH[kind])] for name, kind in zip(types, kinds, strict=True)}
        for turn in range(longest)
    ]


async def test_rubbish_of_the_declared_types_is_no_defect(
    system: System, owner: Person, handlers: list[dict[str, Any]]
) -> None:
    begin = (system.logs / "web.log").stat().st_size
    async with tab(system, cookie=await asyncio.to_thread(cookie_of, owner)) as page:
        for handler in (one for one in handlers if one["rule"] and one["ours"] and one["arguments"]):
            for payload in _rubbish(handler["types"]):
                event = {"name": handler["name"], "payload": payload, "router_data": {"pathname": "/"}}
                await page.wire.send(f"42/_event,{json.dumps(['event', event])}")
            no_leak(await page.ask(f"{ROOT_STATE}.hydrate"))
    with (system.logs / "web.log").open() as log:
        log.seek(begin)
        failed = [line[:2000] for line in log if "event failed" in line]
    assert failed == []


async def test_handlers_that_are_not_there_and_names_that_are_none(system: System, owner: Person) -> None:
    async with tab(system, cookie=await asyncio.to_thread(cookie_of, owner)) as page:
        for name in ("x", f"{ROOT_STATE}.nothing", "..", "__import__", f"{ROOT_STATE}.__init__", "a" * 5000, "š\u202e"):
            await page.wire.send("42/_event," + json.dumps(["event", {"name": name, "payload": {}, "router_data": {}}]))
        no_leak(await page.ask(f"{ROOT_STATE}.hydrate"))


async def test_anothers_state_token_shows_and_does_nothing(
    system: System, owner: Person, stranger: Person, handlers: list[dict[str, Any]]
) -> None:
    token = str(uuid4())
    opening = next(one["name"] for one in handlers if one["name"].endswith("shell_state.open_page"))
    async with tab(system, cookie=await asyncio.to_thread(cookie_of, owner), token=token) as victim:
        await victim.ask(opening)
        await victim.ask(f"{ROOT_STATE}.hydrate")
    for cookie in ("", await asyncio.to_thread(cookie_of, stranger)):
        async with tab(system, cookie=cookie, token=token) as thief:
            told = await thief.ask(f"{ROOT_STATE}.hydrate")
            told += await thief.ask(opening)
            assert owner.email not in told


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null"])
async def test_a_page_of_another_site_opens_no_websocket(system: System, origin: str | None) -> None:
    address = f"ws://127.0.0.1:{system.port}/_event/?EIO=4&transport=websocket&token={uuid4()}"
    with pytest.raises(InvalidStatus) as refused:
        async with websockets.connect(address, origin=websockets.Origin(origin) if origin else None):
            pass
    assert refused.value.response.status_code == 403


MESSAGES = (
    "",
    "9",
    "42",
    "42/_event,",
    "42/_event,[",
    '42/_event,["event"]',
    '42/_event,["event",1]',
    '42/_event,["event",{"name":1}]',
    "451-/_event,[]",
    "42/_event," + "[" * 50_000,
)


@pytest.mark.parametrize("message", MESSAGES, ids=range(len(MESSAGES)))
async def test_messages_that_are_none_end_nothing_for_others(system: System, owner: Person, message: str) -> None:
    async with tab(system, cookie=await asyncio.to_thread(cookie_of, owner)) as broken:
        await broken.wire.send(message)
    async with tab(system) as other:
        assert await other.ask(f"{ROOT_STATE}.hydrate")
    assert await asyncio.to_thread(system.answers, "/api/health/live")
