"""What the outermost layer lets through, and what it adds, over a real server and its sockets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import uvicorn
import websockets
from fastapi import FastAPI, Request, Response, WebSocket
from websockets.exceptions import InvalidStatus

from backend_services.kernel import usage
from backend_services.kernel.db import Database
from backend_services.kernel.settings import get_settings
from omni_app.asgi import Outer, client_address, trusted_networks
from omni_app.headers import content_security_policy, inline_script_hashes
from state.api.app import create_api
from state.api.deps import public
from tests.factories.identity import PASSWORD, make_actor

PAGE = b'<!doctype html><html><head><script>window.a = 1;</script><script src="/x.js"></script></head></html>'


def _application() -> FastAPI:
    api = create_api()

    @api.post("/api/v1/ingestion/uploads", **public())
    async def swallow(request: Request) -> dict[str, int]:
        return {"bytes": sum([len(chunk) async for chunk in request.stream()])}

    api.router.routes.insert(0, api.router.routes.pop())  # before the route of the same path that stores what it gets

    @api.get("/unchanged", **public())
    async def unchanged() -> Response:
        return Response(status_code=304, headers={"ETag": '"1"'})

    @api.websocket("/_event")
    async def talk(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("hello")
        await websocket.close()

    return api


@asynccontextmanager
async def served(application: Outer) -> AsyncIterator[int]:
    """Serve ``application`` on a free port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(application, lifespan="off", log_level="error", server_header=False))
        running = asyncio.create_task(server.serve(sockets=[listener]))
        async with asyncio.timeout(10):
            while not server.started:
                await asyncio.sleep(0.01)
        yield port
        server.should_exit = True
        await running


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def port(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[int]:
    assert database
    pages: Path = tmp_path_factory.mktemp("pages")
    (pages / "index.html").write_bytes(PAGE)
    async with served(Outer(_application(), pages=pages)) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="session")
async def web(port: int) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        yield client


async def test_every_answer_carries_its_id_and_the_headers_that_protect(web: httpx.AsyncClient) -> None:
    answer = await web.get("/api/v1/nothing", headers={"X-Request-ID": "of-a-stranger"})
    assert answer.status_code == 404
    assert answer.headers["x-request-id"] == answer.json()["request_id"] != "of-a-stranger"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers


async def test_a_page_runs_only_our_scripts(web: httpx.AsyncClient) -> None:
    policy = (await web.get("/api/docs")).headers["content-security-policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    assert "'sha256-" in scripts
    assert "unsafe" not in scripts
    assert "frame-ancestors 'none'" in policy


async def test_a_page_that_did_not_change_keeps_the_policy_it_came_with(web: httpx.AsyncClient) -> None:
    answer = await web.get("/unchanged")
    assert answer.status_code == 304
    assert "content-security-policy" not in answer.headers
    assert "cache-control" not in answer.headers


async def test_the_api_page_needs_no_inline_script(web: httpx.AsyncClient) -> None:
    page = await web.get("/api/docs")
    assert inline_script_hashes(Path("/nonexistent")) == ()
    for asset in ("swagger-ui.css", "swagger-ui-bundle.js", "start.js"):
        assert f"/api/docs/assets/{asset}" in page.text
        assert (await web.get(f"/api/docs/assets/{asset}")).status_code == 200
    assert "<script>" not in page.text
    assert "http" not in page.text.replace("http-equiv", "")


async def test_an_oversized_body_is_refused_by_its_length(web: httpx.AsyncClient) -> None:
    answer = await web.post("/api/v1/auth/login", content=b"x" * (get_settings().max_body_bytes + 1))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_an_oversized_chunked_body_is_refused_while_it_streams(web: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b"x" * 65_536

    answer = await web.post("/api/v1/auth/login", content=endless(), headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_an_upload_needs_a_credential_before_its_body(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        b"POST /api/v1/ingestion/uploads HTTP/1.1\r\nHost: omni\r\nContent-Length: 1000000000\r\n"
        b"Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    )
    await writer.drain()
    status = await asyncio.wait_for(reader.readline(), timeout=10)
    assert b" 401 " in status
    writer.close()


async def test_an_upload_with_a_credential_may_be_larger_than_other_bodies(web: httpx.AsyncClient) -> None:
    actor = await make_actor()
    pair = (await web.post("/api/v1/auth/login", json={"email": actor.label, "password": PASSWORD})).json()
    size = get_settings().max_body_bytes + 1
    headers = {"Authorization": f"Bearer {pair['access_token']}"}
    answer = await web.post("/api/v1/ingestion/uploads", content=b"x" * size, headers=headers)
    assert answer.json() == {"bytes": size}


async def test_reflex_own_upload_is_closed(web: httpx.AsyncClient) -> None:
    for path in ("/_upload", "/_upload/secret.csv", "/%5fupload"):
        for method in ("GET", "POST"):
            assert (await web.request(method, path)).status_code == 404


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "", "http://127.0.0.1:1"])
async def test_a_cookie_does_nothing_for_another_site(web: httpx.AsyncClient, port: int, origin: str) -> None:
    actor = await make_actor()
    form = {"email": actor.label, "password": PASSWORD, "next": "/datasets"}
    home = {"Origin": f"http://127.0.0.1:{port}"}
    signed_in = await web.post("/auth/sign-in", data=form, headers=home)
    assert (signed_in.status_code, signed_in.headers["location"]) == (303, "/datasets")
    cookie = signed_in.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    foreign = await web.patch("/api/v1/auth/me", json={"name": "Evil"}, headers={"Origin": origin} if origin else {})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "origin_refused")
    own = await web.patch("/api/v1/auth/me", json={"name": "Mine"}, headers=home)
    assert own.status_code == 200
    assert (await web.post("/auth/sign-out", headers=home)).status_code == 303
    assert (await web.get("/api/v1/auth/me")).status_code == 401


async def test_sign_in_from_another_site_is_refused(web: httpx.AsyncClient) -> None:
    actor = await make_actor()
    form = {"email": actor.label, "password": PASSWORD}
    answer = await web.post("/auth/sign-in", data=form, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("wanted", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:1"])
async def test_sign_in_leads_to_no_other_site(web: httpx.AsyncClient, port: int, wanted: str) -> None:
    actor = await make_actor()
    form = {"email": actor.label, "password": PASSWORD, "next": wanted}
    answer = await web.post("/auth/sign-in", data=form, headers={"Origin": f"http://127.0.0.1:{port}"})
    assert answer.headers["location"] == "/"


async def test_a_failed_sign_in_comes_back_with_a_code(web: httpx.AsyncClient, port: int) -> None:
    form = {"email": "nobody@example.org", "password": "wrong", "next": "/jobs"}
    answer = await web.post("/auth/sign-in", data=form, headers={"Origin": f"http://127.0.0.1:{port}"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?error=invalid&next=%2Fjobs")


@pytest.mark.parametrize("origin", [None, "https://evil.example", "null"])
async def test_a_websocket_of_another_site_is_refused(port: int, origin: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with websockets.connect(f"ws://127.0.0.1:{port}/_event", origin=origin):  # type: ignore[arg-type]
            pass
    assert refused.value.response.status_code == 403


async def test_a_websocket_of_our_page_is_let_in(port: int) -> None:
    origin = websockets.Origin(f"http://127.0.0.1:{port}")
    async with websockets.connect(f"ws://127.0.0.1:{port}/_event", origin=origin) as opened:
        assert await opened.recv() == "hello"


async def test_calls_are_counted_for_their_tenant(web: httpx.AsyncClient) -> None:
    actor = await make_actor()
    pair = (await web.post("/api/v1/auth/login", json={"email": actor.label, "password": PASSWORD})).json()
    await web.get("/api/v1/members/not-an-id", headers={"Authorization": f"Bearer {pair['access_token']}"})
    found: list[usage.Call] = []

    async def keep(calls: object) -> None:
        assert isinstance(calls, list)
        found.extend(calls)

    await usage.flush(keep)
    mine = [(call.method, call.route, call.status) for call in found if call.tenant_id == actor.tenant_id]
    assert mine == [("GET", "/api/v1/members/{member_id}", 422)]


def test_only_trusted_proxies_say_who_the_client_is() -> None:
    trusted = trusted_networks("10.0.0.0/8, 192.0.2.1")
    assert client_address("10.0.0.1", ["203.0.113.9, 10.0.0.7"], trusted) == "203.0.113.9"
    assert client_address("10.0.0.1", ["1.1.1.1, 203.0.113.9", "192.0.2.1"], trusted) == "203.0.113.9"
    assert client_address("10.0.0.1", ["nonsense"], trusted) == "10.0.0.1"
    assert client_address("10.0.0.1", [], trusted) == "10.0.0.1"


def test_a_strange_host_does_not_get_into_the_policy() -> None:
    assert b"evil" not in content_security_policy((), "a; script-src evil")
