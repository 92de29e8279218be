"""The REST door: routes, problem documents, OpenAPI and its page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.routing import Match

from backend_services.kernel.ids import new_id
from backend_services.kernel.product import VERSION
from backend_services.kernel.refusals import refusal_of
from state.api import embed_page, forms, idempotency, problems
from state.api.description import describe
from state.api.v1 import ROUTERS

if TYPE_CHECKING:
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

TITLE = "Omni"
METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")
SWAGGER = Path(__file__).parents[2] / "assets" / "swagger"
DOCS_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Omni API</title>
<link rel="stylesheet" href="/api/docs/assets/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/api/docs/assets/swagger-ui-bundle.js"></script>
<script src="/api/docs/assets/start.js"></script>
</body>
</html>
"""

log = structlog.get_logger(__name__)


class Frame:
    """Gives every request an id, and turns a defect into a problem that tells nothing of our insides."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand around ``app``."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("omni.request_id", new_id().hex)
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:
            refused = refusal_of(error)
            if refused is None:
                log.exception("request failed", request_id=scope["omni.request_id"], path=scope["path"])
            else:
                log.warning(
                    "request refused by a server", code=refused.code, path=scope["path"], error=str(error)[:300]
                )
            if started:
                raise
            request = Request(scope)
            answer = await problems.domain_error(request, refused) if refused else problems.internal_error(request)
            await answer(scope, receive, send)


class HeadAsGet:
    """Answers ``HEAD`` wherever ``GET`` is answered, with the same headers and no body (RFC 9110 §9.3.2)."""

    def __init__(self, app: ASGIApp) -> None:
        """Stand around ``app``."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Ask as ``GET`` and leave the body out; pages and files behind the API know ``HEAD`` themselves."""
        if (
            scope["type"] != "http"
            or scope["method"] != "HEAD"
            or not scope["path"].startswith(("/api", "/embed/", "/metrics"))
        ):
            await self._app(scope, receive, send)
            return

        async def say(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        asked = {**scope, "method": "GET"}
        try:
            await self._app(asked, receive, say)
        finally:
            scope["route"] = asked.get("route")  # what the layers around count by


class _Nothing:
    """Answers every other address of ours as a problem, whatever is mounted behind the routes."""

    def __init__(self, routes: list[BaseRoute]) -> None:
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive, send
        whole = {**scope, "root_path": scope.get("app_root_path", "")}
        asked = {"HEAD": "GET"}
        allowed = [method for method in METHODS if self._takes({**whole, "method": asked.get(method, method)})]
        if allowed:
            raise HTTPException(405, headers={"Allow": ", ".join(allowed)})
        raise HTTPException(404)

    def _takes(self, scope: Scope) -> bool:
        return any(route.matches(scope)[0] is Match.FULL for route in self._routes)


def create_api() -> FastAPI:
    """Return the REST application with every router of ``state.api.v1``."""
    app = FastAPI(
        title=TITLE,
        version=VERSION,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
        redirect_slashes=False,
        strict_content_type=True,
    )
    problems.install(app)
    app.add_exception_handler(idempotency.AlreadyAnsweredError, idempotency.replay)  # type: ignore[arg-type]
    app.add_middleware(HeadAsGet)
    app.add_middleware(idempotency.AnswerKeeper)
    app.add_middleware(Frame)
    for router in (*ROUTERS, forms.router, embed_page.router):
        app.include_router(router)
    _add_docs(app)
    app.mount("/api", _Nothing(app.routes[:]), name="nothing")

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign] # the way FastAPI documents
    return app


def _add_docs(app: FastAPI) -> None:
    if SWAGGER.is_dir():
        app.mount("/api/docs/assets", StaticFiles(directory=SWAGGER), name="swagger")

    @app.get("/api", include_in_schema=False, openapi_extra={"x-permission": "public"})
    async def start() -> RedirectResponse:
        """Lead to the description."""
        return RedirectResponse("/api/docs", status_code=307)

    @app.get("/api/docs", include_in_schema=False, openapi_extra={"x-permission": "public"})
    async def docs() -> HTMLResponse:
        """Show the API's description; its script and style are our own files."""
        return HTMLResponse(DOCS_PAGE)
