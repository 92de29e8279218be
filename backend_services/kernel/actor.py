"""Who is asking: made by the doors from a credential, taken by every use case."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from backend_services.kernel.errors import PermissionDeniedError

if TYPE_CHECKING:
    from uuid import UUID

    from backend_services.kernel.permissions import Permission


class ActorKind(StrEnum):
    """Which credential the actor came with."""

    API_KEY = "api_key"
    SESSION = "session"
    SYSTEM = "system"
    TOKEN = "token"  # noqa: S105 - the name of a kind, no secret


@dataclass(frozen=True, slots=True)
class Actor:
    """The authenticated caller, whichever door it came through.

    Attributes:
        kind: The credential's kind. ``SYSTEM`` is the platform itself acting for a tenant.
        tenant_id: Always from the credential, never from a body or a header.
        user_id: The person; ``None`` for a key that belongs to no person and for the system.
        roles: Names of the roles held, for shares and row-level rules.
        permissions: What the roles allow, cut down to the scopes of a key.
        is_operator: The tenant runs this install.
        session_id: Browser session or refresh-token family, for revocation and audit.
        api_key_id: The key, for audit and usage.
        label: Name for audit entries, such as an e-mail address or a key's prefix.
        language: ``en`` or ``sl``.
        time_zone: IANA name in which dates are understood and shown.
        request_id: Of the request that brought the actor.
        ip: The client's address, if there is one.
    """

    kind: ActorKind
    tenant_id: UUID
    user_id: UUID | None = None
    roles: frozenset[str] = frozenset()
    permissions: frozenset[Permission] = field(default=frozenset(), repr=False)
    is_operator: bool = False
    session_id: UUID | None = None
    api_key_id: UUID | None = None
    label: str = ""
    language: str = "en"
    time_zone: str = "UTC"
    request_id: str = ""
    ip: str = ""

    def can(self, permission: Permission) -> bool:
        """Return whether the actor holds ``permission``."""
        return permission in self.permissions

    def require(self, permission: Permission) -> None:
        """Refuse unless the actor holds ``permission``.

        Raises:
            PermissionDeniedError: It does not.
        """
        if permission not in self.permissions:
            raise PermissionDeniedError(params={"permission": permission.value})
