"""What routes ask for: who is calling, a transaction, a page of a list. Every route states its permission here.

Every dependency is asynchronous: FastAPI would hand a plain function to a thread, which costs more than its work.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Query, Request, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from sqlmodel.ext.asyncio.session import AsyncSession
from starlette.exceptions import HTTPException

from backend_services.identity import service as identity
from backend_services.kernel.actor import Actor
from backend_services.kernel.db import transaction
from backend_services.kernel.errors import PermissionDeniedError, UnauthenticatedError
from backend_services.kernel.i18n import field_text
from backend_services.kernel.pagination import PageRequest
from backend_services.kernel.permissions import Permission
from state.api.origins import SAFE_METHODS, origin_allowed

COOKIE = "omni_session"
PUBLIC = "public"
SIGNED_IN = "signed_in"
_BODY = {"loc": ("body",)}
_SUSPECT = re.compile(rb"\\u[dD][89a-fA-F]|NaN|Infinity|[eE]\+?\d{3}|\d{309}")


class OriginRefusedError(PermissionDeniedError):
    """A cookie came with a request of another site's page."""

    code = "origin_refused"
    default_message = "This request did not come from a page of this install."


def caller_of(request: Request) -> identity.Caller:
    """Return where the request comes from, as the outer layer found out."""
    client = request.client.host if request.client else ""
    return identity.Caller(
        ip=str(request.scope.get("omni.client_ip", client)),
        user_agent=request.headers.get("user-agent", "")[:300],
        request_id=str(request.scope.get("omni.request_id", "")),
    )


async def _caller(request: Request) -> identity.Caller:
    return caller_of(request)


CallerDep = Annotated[identity.Caller, Depends(_caller)]


async def authenticate(request: Request) -> Actor:
    """Return the actor of the request's credential: an API key, a bearer token, or the cookie of one of our pages.

    Raises:
        UnauthenticatedError: There is none, or it is not good.
        OriginRefusedError: The cookie came from another site's page.
    """
    known = getattr(request.state, "actor", None)
    if isinstance(known, Actor):
        return known
    actor = await _authenticated(request)
    request.state.actor = actor
    return actor


async def _authenticated(request: Request) -> Actor:
    caller = caller_of(request)
    key = request.headers.get("x-api-key", "")
    if key:
        return await identity.authenticate_api_key(key.strip(), caller)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme:
        if scheme.lower() != "bearer":
            raise UnauthenticatedError
        return await identity.authenticate_bearer(token.strip(), caller)
    cookie = request.cookies.get(COOKIE, "")
    if not cookie:
        raise UnauthenticatedError
    if request.method not in SAFE_METHODS and not origin_allowed(request.headers):
        raise OriginRefusedError
    return await identity.authenticate_session(cookie, caller)


ActorDep = Annotated[Actor, Depends(authenticate)]


async def _session(actor: ActorDep) -> AsyncIterator[AsyncSession]:
    async with transaction(actor) as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(_session, scope="function")]
"""The caller's transaction; it commits before the answer is sent, so a failing commit is never a success."""


async def _page(
    limit: Annotated[int, Query(ge=1, le=200, description="How many items at most.")] = 25,
    offset: Annotated[int, Query(ge=0, le=1_000_000, description="How many items to leave out.")] = 0,
    sort: Annotated[
        str, Query(max_length=64, pattern=r"^-?[a-z0-9_]*$", description="Field, `-` for descending.")
    ] = "",
    search: Annotated[str, Query(max_length=200, description="Free text.")] = "",
) -> PageRequest:
    return PageRequest(limit=limit, offset=offset, sort=sort, search=search)


PageDep = Annotated[PageRequest, Depends(_page)]


async def _refuse_unknown_query(request: Request) -> None:
    known = _query_names(request)
    unknown = sorted(set(request.query_params) - known)
    if unknown:
        raise RequestValidationError(
            [
                {"loc": ("query", name), "type": "extra_forbidden", "msg": field_text("fields.no_parameter")}
                for name in unknown
            ]
        )
    odd = sorted({name for name, value in request.query_params.multi_items() if "\0" in value})
    if odd:
        raise RequestValidationError(
            [{"loc": ("query", name), "type": "value_error", "msg": field_text("fields.no_zeros")} for name in odd]
        )


async def _refuse_what_json_cannot_say(request: Request) -> None:
    r"""Refuse a body with a number that is none (``NaN``, ``1e400``) or half of a surrogate pair (``\ud800``).

    RFC 8259 sections 6 and 8.2: neither can be written down again, so what keeps or answers them would fail later.
    """
    dependant = getattr(request.scope.get("route"), "dependant", None)
    if dependant is None or not dependant.body_params or not _SUSPECT.search(body := await request.body()):
        return
    try:
        json.dumps(json.loads(body), ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError as error:
        raise RequestValidationError([{**_BODY, "type": "string_unicode", "msg": "Half a character."}]) from error
    except ValueError as error:
        raise RequestValidationError([{**_BODY, "type": "finite_number", "msg": "No finite number."}]) from error


async def _refuse_other_media(request: Request) -> None:
    """Refuse a body that does not say that it is JSON, on a route that takes JSON.

    Raises:
        HTTPException: 415.
    """
    dependant = getattr(request.scope.get("route"), "dependant", None)
    if dependant is None or not dependant.body_params:
        return
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    if has_body and kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)


def _query_names(request: Request) -> set[str]:
    dependant = getattr(request.scope.get("route"), "dependant", None)
    if dependant is None:
        return set(request.query_params)
    names: set[str] = set()
    for field in get_flat_params(dependant):
        if field.field_info.__class__.__name__ != "Query":
            continue
        model = field.field_info.annotation
        fields = getattr(model, "model_fields", None)
        names |= set(fields) if fields else {field.alias}
    return names


_WELL_FORMED = (Depends(_refuse_unknown_query), Depends(_refuse_other_media), Depends(_refuse_what_json_cannot_say))


def needs(permission: Permission, *further: params.Depends) -> dict[str, Any]:
    """Return what a route decorator takes so that only actors with ``permission`` get through.

    ``further`` dependencies, such as ``idempotent``, follow the check.
    """

    async def holds(actor: ActorDep) -> None:
        actor.require(permission)

    return {
        "dependencies": [Depends(holds), *_WELL_FORMED, *further],
        "openapi_extra": {
            "x-permission": permission.value,
            "security": [{"apiKey": []}, {"bearer": []}, {"session": []}],
        },
    }


def signed_in() -> dict[str, Any]:
    """Return what a route decorator takes so that anybody with a good credential gets through."""

    async def known(actor: ActorDep) -> None:
        del actor

    return {
        "dependencies": [Depends(known), *_WELL_FORMED],
        "openapi_extra": {
            "x-permission": SIGNED_IN,
            "security": [{"apiKey": []}, {"bearer": []}, {"session": []}],
        },
    }


def public() -> dict[str, Any]:
    """Return what a route decorator takes so that everybody gets through."""
    return {
        "dependencies": list(_WELL_FORMED),
        "openapi_extra": {"x-permission": PUBLIC, "security": []},
    }
