"""Who a job works for: written down when it is asked for, looked up anew when it runs.

A person may have lost rights, or left, between the two. So the snapshot says who it was, and a loader that
``omni_app.wiring`` sets says what they may do now; a key's scopes stay as narrow as they were.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from backend_services.kernel.actor import Actor, ActorKind
from backend_services.kernel.errors import PermissionDeniedError
from backend_services.kernel.permissions import Permission

ActorLoader = Callable[[UUID, UUID], Awaitable[Actor | None]]
"""Takes tenant and user; answers with the rights held now, or ``None`` for somebody who may not act any more."""

_loader: ActorLoader | None = None


def set_actor_loader(loader: ActorLoader | None) -> None:
    """Set who looks up a person's present rights; without one the snapshot's rights hold."""
    global _loader  # noqa: PLW0603 - set once by the composition root
    _loader = loader


def snapshot_of(actor: Actor) -> dict[str, Any]:
    """Return ``actor`` as it is stored with a job."""
    return {
        "kind": actor.kind.value,
        "tenant_id": str(actor.tenant_id),
        "user_id": str(actor.user_id) if actor.user_id else None,
        "roles": sorted(actor.roles),
        "permissions": sorted(permission.value for permission in actor.permissions),
        "is_operator": actor.is_operator,
        "session_id": str(actor.session_id) if actor.session_id else None,
        "api_key_id": str(actor.api_key_id) if actor.api_key_id else None,
        "label": actor.label,
        "language": actor.language,
        "time_zone": actor.time_zone,
        "request_id": actor.request_id,
        "ip": actor.ip,
    }


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def restored(snapshot: dict[str, Any]) -> Actor:
    """Return the actor that :func:`snapshot_of` wrote down; permissions that no longer exist fall away."""
    known = {permission.value for permission in Permission}
    return Actor(
        kind=ActorKind(snapshot["kind"]),
        tenant_id=UUID(snapshot["tenant_id"]),
        user_id=_uuid(snapshot["user_id"]),
        roles=frozenset(snapshot["roles"]),
        permissions=frozenset(Permission(text) for text in snapshot["permissions"] if text in known),
        is_operator=snapshot["is_operator"],
        session_id=_uuid(snapshot["session_id"]),
        api_key_id=_uuid(snapshot["api_key_id"]),
        label=snapshot["label"],
        language=snapshot["language"],
        time_zone=snapshot["time_zone"],
        request_id=snapshot["request_id"],
        ip=snapshot["ip"],
    )


async def present(snapshot: dict[str, Any]) -> Actor:
    """Return the snapshot's actor with the rights held now.

    Raises:
        PermissionDeniedError: The person may not act in this tenant any more.
    """
    then = restored(snapshot)
    if then.user_id is None or _loader is None:
        return then
    today = await _loader(then.tenant_id, then.user_id)
    if today is None:
        raise PermissionDeniedError
    permissions = today.permissions
    if then.kind is ActorKind.API_KEY:
        permissions = permissions & then.permissions
    return replace(then, roles=today.roles, permissions=permissions, is_operator=today.is_operator)
