"""Refusals of identity.

DomainError
├── InvalidInputError: WeakPasswordError, RoleUnknownError, ScopeTooWideError, TimeZoneUnknownError, IdentitySortError
├── UnauthenticatedError: SignInFailedError, RefreshTokenInvalidError
├── PermissionDeniedError: RegistrationClosedError, SetupTokenInvalidError, RoleTooHighError
├── NotFoundError: MemberNotFoundError, ApiKeyNotFoundError, SessionNotFoundError, TenantNotFoundError
├── ConflictError: EmailTakenError, SlugTakenError, LastOwnerError, ApiKeyRevokedError
└── RateLimitedError: SignInLockedError
"""

from __future__ import annotations

from backend_services.kernel.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitedError,
    UnauthenticatedError,
)


class WeakPasswordError(InvalidInputError):
    """The password would be guessed."""

    code = "weak_password"
    default_message = (
        "This password is too easy to guess. Take several unrelated words, "
        "or at least 12 characters without common words or your own name."
    )


class RoleUnknownError(InvalidInputError):
    """No such role."""

    code = "role_unknown"
    default_message = "There is no such role."


class ScopeTooWideError(InvalidInputError):
    """A key may not do more than the person who makes it."""

    code = "scope_too_wide"
    default_message = "A key can only have rights that you have yourself."


class TimeZoneUnknownError(InvalidInputError):
    """No such time zone."""

    code = "time_zone_unknown"
    default_message = "There is no such time zone. Give an IANA name such as Europe/Ljubljana."


class IdentitySortError(InvalidInputError):
    """The list cannot be put in that order."""

    code = "identity_sort"
    default_message = "This list cannot be sorted by that field."


class SignInFailedError(UnauthenticatedError):
    """Wrong address or password, or the account is not in use; deliberately the same answer for all."""

    code = "sign_in_failed"
    default_message = "The e-mail address or the password is wrong."


class RefreshTokenInvalidError(UnauthenticatedError):
    """The refresh token is unknown, expired, revoked or was used before."""

    code = "refresh_token_invalid"
    default_message = "This refresh token is not good any more. Sign in again."


class RegistrationClosedError(PermissionDeniedError):
    """The operator switched registration off."""

    code = "registration_closed"
    default_message = "Registration is switched off here. Ask the operator for an account."


class SetupTokenInvalidError(PermissionDeniedError):
    """The set-up link is unknown, used or expired, or the install is set up already."""

    code = "setup_token_invalid"
    default_message = "This set-up link is not good any more. Start Omni again to get a new one."


class RoleTooHighError(PermissionDeniedError):
    """Nobody gives rights that he does not have."""

    code = "role_too_high"
    default_message = "You cannot give or take a role that has rights you do not have yourself."


class MemberNotFoundError(NotFoundError):
    """No such member in the actor's tenant."""

    code = "member_not_found"
    default_message = "There is no such member in your team."


class ApiKeyNotFoundError(NotFoundError):
    """No such key in the actor's tenant."""

    code = "api_key_not_found"
    default_message = "There is no such API key."


class SessionNotFoundError(NotFoundError):
    """No such session in the actor's tenant."""

    code = "session_not_found"
    default_message = "There is no such session. It may have ended."


class TenantNotFoundError(NotFoundError):
    """No such tenant for this actor."""

    code = "tenant_not_found"
    default_message = "There is no such organisation."


class EmailTakenError(ConflictError):
    """Another account has the address."""

    code = "email_taken"
    default_message = "There is an account with this e-mail address already."


class SlugTakenError(ConflictError):
    """Another organisation has the short name."""

    code = "slug_taken"
    default_message = "Another organisation has this short name already. Choose another one."


class LastOwnerError(ConflictError):
    """A tenant always keeps an active owner."""

    code = "last_owner"
    default_message = "This is the last owner. Make somebody else an owner first."


class ApiKeyRevokedError(ConflictError):
    """A revoked key is not rotated."""

    code = "api_key_revoked"
    default_message = "This API key is revoked. Make a new one."


class SignInLockedError(RateLimitedError):
    """Too many wrong tries for this account or from this address."""

    code = "sign_in_locked"
    default_message = "Too many failed tries. Wait a while before you try again."
