"""Every refusal leaves REST as a problem document (RFC 9457) with a stable code and the request's id."""

from __future__ import annotations

import math
from http import HTTPStatus
from typing import TYPE_CHECKING

import structlog
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from backend_services.kernel.actor import Actor
from backend_services.kernel.errors import DomainError, ErrorKind, InvalidInputError
from backend_services.kernel.i18n import LANGUAGES, error_text, fault_text, field_texts, has_text, text
from backend_services.kernel.settings import get_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request

MEDIA_TYPE = "application/problem+json"
STATUS_OF_CODE = {
    "alert_changed": 412,
    "catalogue_changed": 412,
    "connection_changed": 412,
    "dashboard_changed": 412,
    "embed_changed": 412,
    "idempotency_key_reused": 422,
    "if_match_failed": 412,
    "if_match_missing": 428,
    "subscription_changed": 412,
    "webhook_changed": 412,
}
"""Refusals whose status says more than their kind: RFC 9110 §15.5.13 and §15.5.21, RFC 6585 §3."""
STATUSES = {
    ErrorKind.CONFLICT: 409,
    ErrorKind.DENIED: 403,
    ErrorKind.INVALID: 422,
    ErrorKind.NOT_FOUND: 404,
    ErrorKind.RATE_LIMITED: 429,
    ErrorKind.TOO_LARGE: 413,
    ErrorKind.UNAUTHENTICATED: 401,
    ErrorKind.UNAVAILABLE: 503,
}
HTTP_CODES = {
    400: "bad_request",
    401: "unauthenticated",
    403: "permission_denied",
    404: "route_not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "body_too_large",
    415: "media_type_unsupported",
    422: "validation_failed",
    500: "internal_error",
}

log = structlog.get_logger(__name__)


class Problem(JSONResponse):
    """A problem document."""

    media_type = MEDIA_TYPE


def language_of(request: Request) -> str:
    """Return the language of answers: of ``Accept-Language``, else of the actor, else of the install."""
    wanted: list[tuple[float, int, str]] = []
    for place, part in enumerate(request.headers.get("accept-language", "")[:200].split(",")):
        tag, _, weight = part.strip().partition(";q=")
        language = tag.split("-", maxsplit=1)[0].lower()
        if language in LANGUAGES:
            wanted.append((-_weight(weight), place, language))
    if wanted:
        return min(wanted)[2]
    actor = getattr(request.state, "actor", None)
    return actor.language if isinstance(actor, Actor) else get_settings().default_language


def _weight(written: str) -> float:
    try:
        return float(written) if written else 1.0
    except ValueError:
        return 0.0


def status_of(kind: ErrorKind) -> int:
    """Return the HTTP status of a refusal's kind."""
    return STATUSES[kind]


def document(
    *,
    status: int,
    code: str,
    detail: str,
    request_id: str,
    instance: str,
    errors: list[dict[str, str]] | None = None,
    params: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """Return the body of a problem."""
    body: dict[str, object] = {
        "type": f"urn:omni:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "instance": instance,
        "request_id": request_id,
    }
    if errors:
        body["errors"] = errors
    if params:
        body["params"] = {
            name: value if isinstance(value, int | float) else str(value) for name, value in params.items()
        }
    return body


def _respond(
    request: Request,
    *,
    status: int,
    code: str,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    params: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Problem:
    body = document(
        status=status,
        code=code,
        detail=detail,
        request_id=str(request.scope.get("omni.request_id", "")),
        instance=request.url.path,
        errors=errors,
        params=params,
    )
    sent = {"Content-Language": language_of(request), **(headers or {})}
    if status == HTTPStatus.UNAUTHORIZED:
        sent.setdefault("WWW-Authenticate", 'Bearer realm="omni"')
    return Problem(body, status_code=status, headers=sent)


async def domain_error(request: Request, error: DomainError) -> Problem:
    """Answer a refusal of a service."""
    status = STATUS_OF_CODE.get(error.code) or status_of(error.kind)
    fields = error.fields if isinstance(error, InvalidInputError) else {}
    headers, language = {}, language_of(request)
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_s)))
    return _respond(
        request,
        status=status,
        code=error.code,
        detail=error_text(error, language),
        errors=[{"field": field, "message": message} for field, message in field_texts(fields, language).items()],
        params=error.params,
        headers=headers,
    )


async def validation_error(request: Request, error: RequestValidationError) -> Problem:
    """Answer input that does not have the form the route asks for; what was sent is not repeated."""
    language = language_of(request)
    errors = [
        {
            "field": ".".join(str(part) for part in found["loc"][1:]) or str(found["loc"][0]),
            "in": str(found["loc"][0]),
            "code": str(found["type"]),
            "message": fault_text(found, language),
        }
        for found in error.errors()[:50]
    ]
    detail = text("errors.validation_failed", language)
    return _respond(request, status=422, code="validation_failed", detail=detail, errors=errors)


async def http_error(request: Request, error: HTTPException) -> Problem:
    """Answer what the framework itself refuses: no such route, no such method, unreadable body."""
    theirs = error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    code = HTTP_CODES.get(error.status_code, "bad_request" if theirs else "internal_error")
    language = language_of(request)
    detail = (
        text(f"errors.{code}", language)
        if has_text(f"errors.{code}", language)
        else HTTPStatus(error.status_code).phrase
    )
    return _respond(request, status=error.status_code, code=code, detail=detail, headers=error.headers)


def refusal(request: Request, *, status: int, code: str) -> Problem:
    """Answer what is refused before any route is asked, with the text of ``errors.<code>``."""
    return _respond(request, status=status, code=code, detail=text(f"errors.{code}", language_of(request)))


def internal_error(request: Request) -> Problem:
    """Answer a defect of ours without telling what it was; the log has it under the request's id."""
    return refusal(request, status=500, code="internal_error")


def install(app: FastAPI) -> None:
    """Make ``app`` answer every error as a problem."""
    app.add_exception_handler(DomainError, domain_error)  # type: ignore[arg-type] # Starlette's type knows Exception only
    app.add_exception_handler(RequestValidationError, validation_error)  # type: ignore[arg-type]
    app.add_exception_handler(HTTPException, http_error)  # type: ignore[arg-type]
