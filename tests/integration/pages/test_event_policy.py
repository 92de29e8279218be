"""Every event handler is a public endpoint: what a raw websocket client gets from them, over a real server."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
import reflex as rx
import uvicorn
import websockets
from websockets.exceptions import InvalidStatus

from backend_services.identity import service as identity
from backend_services.identity.schemas import LoginRequest
from backend_services.kernel.db import Database, transaction
from backend_services.kernel.ids import new_id
from backend_services.kernel.permissions import Permission
from omni_app.asgi import Outer
from state import feedback, policy, shell
from state.session import actor_of
from tests.factories.identity import PASSWORD, make_actor

CALLED: list[tuple[str, object]] = []
assert shell.ShellState  # every state must be there before the first tree is made


class VaultState(rx.State):
    """A page's state as attackers would like to use it."""

    shown: str = ""
    following: bool = False

    @rx.event
    @policy.public
    async def greet(self, name: str) -> None:
        """Open to all."""
        CALLED.append(("greet", name))
        self.shown = f"hello {name}"

    @rx.event
    @policy.signed_in
    async def reveal(self) -> None:
        """For everybody with an account."""
        actor = await actor_of(self)
        CALLED.append(("reveal", actor.label))
        self.shown = f"secret of {actor.label}"

    @rx.event
    @policy.requires(Permission.DATASETS_DATASET_DELETE)
    async def destroy(self, count: int, tags: list[str]) -> None:
        """For few."""
        CALLED.append(("destroy", (count, tags)))

    @rx.event
    async def forgotten(self) -> None:
        """Has no rule."""
        CALLED.append(("forgotten", None))

    @rx.event(background=True)
    @policy.signed_in
    async def watch(self) -> None:
        """Runs beside the page until its person may not act any more."""
        async with self:
            self.following = True
        while True:
            async with self:
                actor = await actor_of(self)
                self.shown = f"watched by {actor.label}"
                CALLED.append(("watch", actor.label))
            await asyncio.sleep(0.02)

    @rx.event
    @policy.public
    async def fail(self) -> None:
        """Have a defect."""
        raise ZeroDivisionError


PREFIX = VaultState.get_full_name()
ROOT = rx.State.get_full_name()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def port(database: Database) -> AsyncIterator[int]:
    """Serve an application with the policy and the outer layer, and no pages."""
    assert database
    app = rx.App(backend_exception_handler=feedback.backend_exception_handler)
    policy.install(app)
    assert app._api is not None
    async with app._setup_event_processor():
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            found: int = listener.getsockname()[1]
            server = uvicorn.Server(uvicorn.Config(Outer(app._api), lifespan="off", log_level="error"))
            running = asyncio.create_task(server.serve(sockets=[listener]))
            async with asyncio.timeout(10):
                while not server.started:
                    await asyncio.sleep(0.01)
            yield found
            server.should_exit = True
            await running


@dataclass
class Client:
    """A raw Socket.IO client on a bare websocket: it calls what it likes and remembers what it is told."""

    wire: websockets.ClientConnection
    updates: list[str] = field(default_factory=list)

    async def listen(self) -> None:
        """Remember events, answer pings."""
        async for message in self.wire:
            text = str(message)
            if text == "2":
                await self.wire.send("3")
            elif text.startswith("42/_event,"):
                self.updates.append(text)

    async def call(self, name: str, payload: dict[str, Any] | None = None) -> None:
        """Send an event."""
        event = {"name": name, "payload": payload or {}, "router_data": {}}
        await self.wire.send(f"42/_event,{json.dumps(['event', event])}")

    async def ask(self, name: str, payload: dict[str, Any] | None = None) -> str:
        """Call, and return all that was told until a later call of our own was answered."""
        self.updates.clear()
        mark = new_id().hex
        await self.call(name, payload)
        await self.call(f"{PREFIX}.greet", {"name": mark})
        async with asyncio.timeout(10):
            while mark not in str(self.updates):
                await asyncio.sleep(0.01)
        return str(self.updates)


@asynccontextmanager
async def connected(port: int, *, token: str = "", cookie: str = "", origin: str = "") -> AsyncIterator[Client]:
    """Connect as a browser tab with ``token`` and ``cookie`` would."""
    address = f"ws://127.0.0.1:{port}/_event/?EIO=4&transport=websocket&token={token or new_id().hex}"
    headers = {"Cookie": f"omni_session={cookie}"} if cookie else {}
    own = websockets.Origin(origin or f"http://127.0.0.1:{port}")
    async with websockets.connect(address, origin=own, additional_headers=headers) as wire:
        assert str(await wire.recv()).startswith("0")
        await wire.send("40/_event,")
        client = Client(wire)
        assert str(await wire.recv()).startswith("40/_event,")
        listening = asyncio.create_task(client.listen())
        yield client
        await wire.close()
        await listening


async def cookie_for(role: str) -> tuple[str, str]:
    """Return the cookie of somebody with ``role``, and the person's address."""
    actor = await make_actor(role=role)
    signed_in = await identity.sign_in(LoginRequest(email=actor.label, password=PASSWORD), identity.Caller(ip="::1"))
    return signed_in.token, actor.label


@pytest.fixture(autouse=True)
def nothing_called() -> None:
    """Forget what the test before called."""
    CALLED.clear()


def called(name: str) -> list[object]:
    """Return the calls that got through to a handler."""
    return [value for found, value in CALLED if found == name]


@pytest.mark.parametrize("name", ["reveal", "destroy", "watch"])
async def test_a_visitor_is_sent_to_sign_in(port: int, name: str) -> None:
    async with connected(port) as client:
        told = await client.ask(f"{PREFIX}.{name}", {"count": 1, "tags": []} if name == "destroy" else {})
    assert called(name) == []
    assert "_redirect" in told
    assert "/sign-in" in told


async def test_what_has_no_rule_is_nobodys(port: int) -> None:
    cookie, _ = await cookie_for("owner")
    async with connected(port, cookie=cookie) as client:
        told = await client.ask(f"{PREFIX}.forgotten")
    assert called("forgotten") == []
    assert "event_refused" in told


async def test_no_variable_is_set_from_outside(port: int) -> None:
    cookie, _ = await cookie_for("owner")
    async with connected(port, cookie=cookie) as client:
        told = await client.ask(f"{PREFIX}.setvar", {"var_name": "shown", "value": "planted"})
        assert "event_refused" in told
        assert "planted" not in told


async def test_too_little_rights_are_refused_and_enough_are_not(port: int) -> None:
    viewer, _ = await cookie_for("viewer")
    owner, _ = await cookie_for("owner")
    arguments = {"count": 3, "tags": ["a"]}
    async with connected(port, cookie=viewer) as client:
        told = await client.ask(f"{PREFIX}.destroy", arguments)
    assert called("destroy") == []
    assert "permission_denied" in told
    async with connected(port, cookie=owner) as client:
        await client.ask(f"{PREFIX}.destroy", arguments)
    assert called("destroy") == [(3, ["a"])]


@pytest.mark.parametrize(
    "arguments",
    [
        {"count": "many", "tags": []},
        {"count": "3", "tags": []},
        {"count": True, "tags": []},
        {"count": 3.0, "tags": []},
        {"count": 1, "tags": "a"},
        {"count": 1, "tags": [1]},
        {"count": {}, "tags": []},
        {"count": 1},
        {"count": 1, "tags": [], "self": {}},
        {"count": 1, "tags": [], "extra": 1},
        {},
    ],
)
async def test_wrong_arguments_never_reach_the_handler(port: int, arguments: dict[str, Any]) -> None:
    owner, _ = await cookie_for("owner")
    async with connected(port, cookie=owner) as client:
        told = await client.ask(f"{PREFIX}.destroy", arguments)
    assert called("destroy") == []
    assert "event_arguments" in told


async def test_another_ones_state_token_shows_nothing(port: int) -> None:
    token = new_id().hex
    cookie, email = await cookie_for("analyst")
    async with connected(port, token=token, cookie=cookie) as victim:
        assert f"secret of {email}" in await victim.ask(f"{PREFIX}.reveal")
    stranger_cookie, _ = await cookie_for("viewer")
    for stolen_by in ("", stranger_cookie):
        async with connected(port, token=token, cookie=stolen_by) as thief:
            assert email not in await thief.ask(f"{ROOT}.hydrate")
            assert email not in await thief.ask(f"{ROOT}.hydrate_and_load", {"vars": None, "hashes": None})


async def test_what_runs_beside_a_page_stops_when_another_takes_its_token(port: int) -> None:
    token = new_id().hex
    cookie, email = await cookie_for("analyst")
    async with connected(port, token=token, cookie=cookie) as victim:
        await victim.call(f"{PREFIX}.watch")
        async with asyncio.timeout(10):
            while not called("watch"):
                await asyncio.sleep(0.01)
    async with connected(port, token=token) as thief:
        assert email not in await thief.ask(f"{ROOT}.hydrate")
        so_far = len(called("watch"))
        told = [await thief.ask(f"{PREFIX}.greet", {"name": str(turn)}) for turn in range(5)]
    assert email not in str(told)
    assert len(called("watch")) == so_far


async def test_a_revoked_session_is_refused_on_the_open_websocket(port: int) -> None:
    cookie, email = await cookie_for("analyst")
    async with connected(port, cookie=cookie) as client:
        assert email in await client.ask(f"{PREFIX}.reveal")
        actor = await identity.authenticate_session(cookie)
        async with transaction(actor) as session:
            await identity.sign_out(actor, session)
        told = await client.ask(f"{PREFIX}.reveal")
        assert email not in told
        assert "/sign-in" in told
    assert called("reveal") == [email]


async def test_a_page_of_another_site_gets_no_websocket(port: int) -> None:
    with pytest.raises(InvalidStatus):
        async with connected(port, origin="https://evil.example"):
            pass


async def test_a_defect_is_told_without_its_insides(port: int) -> None:
    async with connected(port) as client:
        await client.call(f"{PREFIX}.fail")
        async with asyncio.timeout(10):
            while "internal_error" not in str(client.updates):
                await asyncio.sleep(0.01)
        assert "ZeroDivision" not in str(client.updates)


def test_the_walk_finds_a_handler_without_a_rule() -> None:
    found = [name for name in policy.handlers_without_rule() if name.startswith(PREFIX)]
    assert found == [f"{PREFIX}.forgotten"]
