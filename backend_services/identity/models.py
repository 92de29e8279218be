"""Tables of identity. Secrets of people and machines are kept as hashes only."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import DateTime, Index, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from backend_services.kernel.models import Row, TenantRow


class TenantKind(StrEnum):
    """Whether a tenant runs the install or is a customer of it."""

    OPERATOR = "operator"
    CUSTOMER = "customer"


class TenantStatus(StrEnum):
    """Whether a tenant's people may come in."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class AccountStatus(StrEnum):
    """Whether a user or a membership may be used."""

    ACTIVE = "active"
    DEACTIVATED = "deactivated"


class AttemptOutcome(StrEnum):
    """How a try to sign in ended; a pending one counts as failed until it ends."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Tenant(Row, table=True):
    """An organisation."""

    __tablename__ = "tenants"

    name: str = Field(sa_type=Text, nullable=False)
    slug: str = Field(sa_type=String(63), nullable=False, unique=True)
    kind: str = Field(default=TenantKind.CUSTOMER.value, sa_type=String(16), nullable=False)
    status: str = Field(default=TenantStatus.ACTIVE.value, sa_type=String(16), nullable=False)
    language: str = Field(default="en", sa_type=String(8), nullable=False)
    time_zone: str = Field(default="UTC", sa_type=String(64), nullable=False)
    accent_colour: str = Field(default="", sa_type=String(7), nullable=False)


class User(Row, table=True):
    """A person with a password."""

    __tablename__ = "users"

    email: str = Field(sa_type=String(254), nullable=False, unique=True)
    name: str = Field(sa_type=Text, nullable=False)
    password_hash: str = Field(sa_type=Text, nullable=False)
    password_changed_at: datetime = Field(sa_type=DateTime(timezone=True), nullable=False)
    status: str = Field(default=AccountStatus.ACTIVE.value, sa_type=String(16), nullable=False)
    language: str = Field(default="en", sa_type=String(8), nullable=False)
    time_zone: str = Field(default="UTC", sa_type=String(64), nullable=False)
    last_sign_in_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class Membership(TenantRow, table=True):
    """What a user is in a tenant."""

    __tablename__ = "memberships"
    __table_args__: ClassVar[tuple[UniqueConstraint, ...]] = (UniqueConstraint("tenant_id", "user_id"),)

    user_id: UUID = Field(nullable=False, index=True, foreign_key="users.id", ondelete="CASCADE")
    roles: list[str] = Field(sa_type=ARRAY(String(32)), nullable=False)
    status: str = Field(default=AccountStatus.ACTIVE.value, sa_type=String(16), nullable=False)


class BrowserSession(TenantRow, table=True):
    """One signed-in browser; the cookie holds a token of which only the hash is here."""

    __tablename__ = "browser_sessions"

    user_id: UUID = Field(nullable=False, index=True, foreign_key="users.id", ondelete="CASCADE")
    token_hash: str = Field(sa_type=String(64), nullable=False, unique=True)
    ip: str = Field(default="", sa_type=String(64), nullable=False)
    user_agent: str = Field(default="", sa_type=Text, nullable=False)
    last_seen_at: datetime = Field(sa_type=DateTime(timezone=True), nullable=False)
    expires_at: datetime = Field(sa_type=DateTime(timezone=True), nullable=False)
    revoked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class RefreshFamily(TenantRow, table=True):
    """All refresh tokens that descend from one sign-in over REST."""

    __tablename__ = "refresh_families"

    user_id: UUID = Field(nullable=False, index=True, foreign_key="users.id", ondelete="CASCADE")
    ip: str = Field(default="", sa_type=String(64), nullable=False)
    user_agent: str = Field(default="", sa_type=Text, nullable=False)
    last_seen_at: datetime = Field(sa_type=DateTime(timezone=True), nullable=False)
    expires_at: datetime = Field(sa_type=DateTime(timezone=True), nullable=False)
    revoked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    revoke_reason: str = Field(default="", sa_type=String(32), nullable=False)


class RefreshToken(TenantRow, table=True):
    """A refresh token, good once; shown again it ends its family."""

    __tablename__ = "refresh_tokens"

    family_id: UUID = Field(nullable=False, index=True, foreign_key="refresh_families.id", ondelete="CASCADE")
    token_hash: str = Field(sa_type=String(64), nullable=False, unique=True)
    used_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class ApiKey(TenantRow, table=True):
    """A key of a machine; its text is shown once and kept as a hash."""

    __tablename__ = "api_keys"

    created_by: UUID = Field(nullable=False, index=True, foreign_key="users.id", ondelete="CASCADE")
    name: str = Field(sa_type=Text, nullable=False)
    environment: str = Field(sa_type=String(8), nullable=False)
    tier: str = Field(sa_type=String(16), nullable=False)
    prefix: str = Field(sa_type=String(32), nullable=False)
    last4: str = Field(sa_type=String(4), nullable=False)
    key_hash: str = Field(sa_type=String(64), nullable=False, unique=True)
    scopes: list[str] = Field(sa_type=ARRAY(String(64)), nullable=False)
    expires_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    last_used_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    revoked_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    rotated_from: UUID | None = Field(default=None, foreign_key="api_keys.id", ondelete="SET NULL")


class SetupToken(Row, table=True):
    """The one-time link of the first start."""

    __tablename__ = "setup_tokens"

    token_hash: str = Field(sa_type=String(64), nullable=False, unique=True)
    expires_at: datetime = Field(sa_type=DateTime(timezone=True), nullable=False)
    used_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))


class SignInAttempt(Row, table=True):
    """A try to sign in; accounts and addresses are told apart by keyed hashes, so no unknown name is kept."""

    __tablename__ = "sign_in_attempts"
    __table_args__: ClassVar[tuple[Index, ...]] = (
        Index("ix_sign_in_attempts_account", "account_key", "created_at"),
        Index("ix_sign_in_attempts_address", "address_key", "created_at"),
        Index("ix_sign_in_attempts_tenant", "tenant_id", "created_at"),
    )

    tenant_id: UUID | None = Field(default=None, foreign_key="tenants.id", ondelete="CASCADE")
    user_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="CASCADE")
    account_key: str = Field(sa_type=String(64), nullable=False)
    address_key: str = Field(sa_type=String(64), nullable=False)
    ip: str = Field(default="", sa_type=String(64), nullable=False)
    user_agent: str = Field(default="", sa_type=Text, nullable=False)
    door: str = Field(sa_type=String(16), nullable=False)
    outcome: str = Field(default=AttemptOutcome.PENDING.value, sa_type=String(16), nullable=False)
