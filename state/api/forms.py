"""Plain forms of the browser: sign-in, sign-out, registration, first start. Each sets or ends the cookie and redirects.

A refusal comes back to the form's page as a code in the address, never as a text, so nobody can put words on our pages.
"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse
from pydantic import ValidationError

from backend_services.identity import service
from backend_services.identity.schemas import LoginRequest, RegisterRequest, SetupRequest, SignedIn
from backend_services.identity.settings import get_identity_settings
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import DomainError, InvalidInputError, UnauthenticatedError
from backend_services.kernel.settings import get_settings
from state.api.deps import COOKIE, CallerDep, OriginRefusedError, authenticate, public
from state.api.origins import origin_allowed

router = APIRouter(prefix="/auth", include_in_schema=False)
CODES = {"sign_in_failed": "invalid", "sign_in_locked": "locked"}
MAX_FIELDS = 20


async def _form(request: Request) -> dict[str, Any]:
    """Return the posted fields, from a page of ours only."""
    if not origin_allowed(request.headers):
        raise OriginRefusedError
    form = await request.form(max_files=0, max_fields=MAX_FIELDS, max_part_size=10_000)
    return {name: value for name, value in form.items() if isinstance(value, str)}


FormDep = Annotated[dict[str, Any], Depends(_form)]


def local_path(wanted: str, default: str = "/") -> str:
    """Return ``wanted`` if it is a path of this install, else ``default``; never another site's address."""
    local = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable()
    return wanted if local and "\\" not in wanted else default


def _back(path: str, code: str, **carried: str) -> RedirectResponse:
    query = urlencode({"error": code, **carried})
    return RedirectResponse(f"{path}?{query}", status_code=303)


def _come_in(signed_in: SignedIn, path: str) -> RedirectResponse:
    response = RedirectResponse(path, status_code=303)
    secure = get_identity_settings().secure_cookies or get_settings().base_url.startswith("https://")
    response.set_cookie(
        COOKIE, signed_in.token, max_age=signed_in.max_age_s, httponly=True, samesite="lax", secure=secure, path="/"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


async def _leave_former(request: Request, caller: service.Caller) -> None:
    """End the session that the browser came with: another takes its place, and an open page must not act for it."""
    cookie = request.cookies.get(COOKIE, "")
    if not cookie:
        return
    try:
        actor = await service.authenticate_session(cookie, caller)
    except UnauthenticatedError:
        return
    async with transaction(actor) as session:
        await service.sign_out(actor, session)


@router.post("/sign-in", **public())
async def sign_in(fields: FormDep, request: Request, caller: CallerDep) -> RedirectResponse:
    """Open a browser session."""
    wanted = local_path(str(fields.get("next", "/")))
    try:
        login = LoginRequest(email=fields.get("email", ""), password=fields.get("password", ""))
        signed_in = await service.sign_in(login, caller)
    except ValidationError:
        return _back("/sign-in", "invalid", next=wanted)
    except DomainError as error:
        return _back("/sign-in", CODES.get(error.code, error.code), next=wanted)
    await _leave_former(request, caller)
    return _come_in(signed_in, wanted)


@router.post("/sign-out", **public())
async def sign_out(_: FormDep, request: Request) -> RedirectResponse:
    """End the browser session, if there is one."""
    try:
        actor = await authenticate(request)
        async with transaction(actor) as session:
            await service.sign_out(actor, session)
    except UnauthenticatedError:
        pass  # already ended; the cookie goes all the same
    response = RedirectResponse("/sign-in?reason=signed_out", status_code=303)
    response.delete_cookie(COOKIE, path="/", httponly=True, samesite="lax")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@router.post("/register", **public())
async def register(fields: FormDep, request: Request, caller: CallerDep) -> RedirectResponse:
    """Make a new customer with its owner, and sign the owner in."""
    try:
        standing = await service.register(RegisterRequest.model_validate(fields), caller)
        signed_in = await service.open_browser_session(standing, caller)
    except (ValidationError, DomainError) as error:
        return _back("/register", _code(error))
    await _leave_former(request, caller)
    return _come_in(signed_in, "/")


@router.post("/set-up", **public())
async def set_up(fields: FormDep, caller: CallerDep) -> RedirectResponse:
    """Make the operator and its owner, and sign the owner in."""
    try:
        standing = await service.set_up(SetupRequest.model_validate(fields), caller)
        signed_in = await service.open_browser_session(standing, caller)
    except (ValidationError, DomainError) as error:
        return _back("/setup", _code(error), token=str(fields.get("token", "")))
    return _come_in(signed_in, "/welcome")


def _code(error: ValidationError | DomainError) -> str:
    if isinstance(error, DomainError):
        reason = error.params.get("reason") if isinstance(error, InvalidInputError) else None
        return f"{error.code}_{reason}" if reason else error.code
    place = str(error.errors()[0]["loc"][0]) if error.errors()[0]["loc"] else "form"
    return f"invalid_{place}" if place in SetupRequest.model_fields else "invalid"
