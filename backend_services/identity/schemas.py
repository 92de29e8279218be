"""What identity takes and shows."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from backend_services.kernel.colours import is_readable
from backend_services.kernel.i18n import field_text
from backend_services.kernel.permissions import Permission
from backend_services.kernel.schemas import Strict

_EMAIL = re.compile(
    r"[^@\s,;<>\"()\[\]\\]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}|[a-z0-9._+-]{1,64}@localhost"
)


def _email(value: str) -> str:
    folded = value.strip().lower()
    if not _EMAIL.fullmatch(folded):
        raise ValueError(field_text("fields.no_email"))
    return folded


Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(_email)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=1024, strip_whitespace=False)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]+$")]
Slug = Annotated[str, StringConstraints(min_length=2, max_length=63, pattern=r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])$")]
Language = Literal["en", "sl"]
TimeZone = Annotated[str, StringConstraints(min_length=1, max_length=64)]


def _readable(colour: str) -> str:
    if colour and not is_readable(colour):
        raise ValueError(field_text("fields.colour_unreadable"))
    return colour


Colour = Annotated[str, StringConstraints(pattern=r"^(#[0-9a-fA-F]{6})?$"), AfterValidator(_readable)]
Tier = Literal["free", "pro", "enterprise"]
Environment = Literal["prod", "dev"]


class LoginRequest(Strict):
    """An e-mail address and a password."""

    email: Annotated[str, StringConstraints(min_length=1, max_length=254)]
    password: Password


class RegisterRequest(Strict):
    """A new customer and its owner."""

    email: Email
    password: Password
    name: Name
    tenant_name: Name
    language: Language = "en"
    time_zone: TimeZone = "UTC"


class SetupRequest(Strict):
    """The first start: the organisation that runs the install, and its owner."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    email: Email
    password: Password
    name: Name
    tenant_name: Name
    language: Language = "en"
    time_zone: TimeZone = "UTC"


class RefreshRequest(Strict):
    """A refresh token."""

    refresh_token: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class TokenPair(Strict):
    """What signing in over REST gives."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - a kind of token
    expires_in: int = Field(description="Life of the access token in seconds.")


class AccountView(Strict):
    """Who the caller is."""

    user_id: UUID | None
    email: str
    name: str
    language: str
    time_zone: str
    tenant: TenantView
    roles: tuple[str, ...]
    permissions: tuple[Permission, ...]
    credential: str


class TenantView(Strict):
    """An organisation."""

    id: UUID
    name: str
    slug: str
    kind: Literal["operator", "customer"]
    status: Literal["active", "suspended"]
    language: str
    time_zone: str
    accent_colour: str
    created_at: datetime


class ProfileUpdate(Strict):
    """What people may change about themselves; what is left out stays."""

    name: Name | None = None
    language: Language | None = None
    time_zone: TimeZone | None = None


class PasswordChange(Strict):
    """A new password, and the present one as proof."""

    current_password: Password
    new_password: Password


class MemberCreate(Strict):
    """A new member with a first password, to be handed over."""

    email: Email
    name: Name
    password: Password
    roles: Annotated[tuple[str, ...], Field(min_length=1, max_length=11)]
    language: Language | None = None


class MemberUpdate(Strict):
    """What may be changed about a member; what is left out stays."""

    roles: Annotated[tuple[str, ...], Field(min_length=1, max_length=11)] | None = None
    status: Literal["active", "deactivated"] | None = None


class MemberView(Strict):
    """A person in the team."""

    id: UUID
    user_id: UUID
    email: str
    name: str
    roles: tuple[str, ...]
    status: Literal["active", "deactivated"]
    last_sign_in_at: datetime | None
    created_at: datetime


class Colleague(Strict):
    """A person of one's own team as others see them: enough to share with and to mention."""

    user_id: UUID
    name: str
    email: str
    roles: tuple[str, ...]
    language: str
    active: bool


class RoleView(Strict):
    """A built-in role."""

    name: str
    permissions: tuple[Permission, ...]


class TenantCreate(Strict):
    """A new customer with its first owner."""

    name: Name
    slug: Slug | None = None
    language: Language = "en"
    time_zone: TimeZone = "UTC"
    owner_email: Email
    owner_name: Name
    owner_password: Password


class TenantUpdate(Strict):
    """What may be changed about an organisation; what is left out stays."""

    name: Name | None = None
    language: Language | None = None
    time_zone: TimeZone | None = None
    accent_colour: Colour | None = None


class TenantStatusUpdate(Strict):
    """Whether a customer's people may come in."""

    status: Literal["active", "suspended"]


class ApiKeyCreate(Strict):
    """A new key.

    Attributes:
        scopes: What the key may do; everything its maker may do when left out.
    """

    name: Name
    environment: Environment = "prod"
    tier: Tier = "free"
    scopes: Annotated[tuple[Permission, ...], Field(max_length=200)] | None = None
    expires_at: datetime | None = None


class ApiKeyRotate(Strict):
    """How long the old key goes on working beside the new one."""

    overlap_s: int = Field(default=0, ge=0, le=30 * 86400)


class ApiKeyView(Strict):
    """A key without its text."""

    id: UUID
    name: str
    environment: str
    tier: str
    prefix: str
    last4: str
    scopes: tuple[str, ...]
    state: Literal["active", "expired", "revoked"]
    created_by: UUID
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    rotated_from: UUID | None


class ApiKeyCreated(Strict):
    """A new key with its text, which is shown this once."""

    key: str
    api_key: ApiKeyView


class SessionView(Strict):
    """A browser that is signed in, or a program with refresh tokens."""

    id: UUID
    kind: Literal["browser", "token"]
    user_id: UUID
    email: str
    ip: str
    user_agent: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    current: bool


class SignedIn(Strict):
    """A new browser session: the token for its cookie, and how long it lasts."""

    token: str = Field(repr=False)
    session_id: UUID
    max_age_s: int
    language: str
    is_operator: bool


AccountView.model_rebuild()
