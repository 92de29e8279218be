"""The OpenAPI document: what FastAPI finds out, and what holds for every route of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi
from fastapi.responses import StreamingResponse

from state.api import problems

if TYPE_CHECKING:
    from fastapi import FastAPI

SECURITY_SCHEMES = {
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "bearer": {"type": "http", "scheme": "bearer", "description": "Access token or API key."},
    "session": {"type": "apiKey", "in": "cookie", "name": "omni_session"},
}
_TEXTS = ("type", "title", "code", "detail", "instance", "request_id")
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "instance", "request_id"],
    "properties": {
        **{name: {"type": "string"} for name in _TEXTS},
        "status": {"type": "integer"},
        "errors": {"type": "array", "items": {"type": "object", "additionalProperties": {"type": "string"}}},
        "params": {"type": "object"},
    },
}


def file_of(*media_types: str) -> dict[str, Any]:
    """Return what the decorator of a route takes that answers with a file of one of these types."""
    plain = (media_type.partition(";")[0] for media_type in media_types)
    content = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in plain}
    return {
        "response_class": StreamingResponse,
        "responses": {200: {"description": "The file.", "content": content}},
    }


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, with the ways to authenticate and the problem document of every refusal."""
    schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
    components = schema.setdefault("components", {})
    components["securitySchemes"] = SECURITY_SCHEMES
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    for operations in schema.get("paths", {}).values():
        for operation in operations.values():
            _complete(operation)
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    return schema


def _complete(operation: dict[str, Any]) -> None:
    """Say in a line what the operation does, and that every refusal is a problem."""
    first, _, rest = operation.get("description", "").partition("\n")
    if first:
        operation["summary"] = first.removesuffix(".")
    if not rest.strip():
        operation.pop("description", None)
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    operation["responses"].pop("422", None)
    operation["responses"]["4XX"] = {"description": "Refused.", "content": content}
    operation["responses"]["5XX"] = {
        "description": "A server that is needed is away, or a defect of ours.",
        "content": content,
    }
