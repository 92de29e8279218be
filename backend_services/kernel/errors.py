"""The tree of refusals.

::

    DomainError
    ├── InvalidInputError        the request itself is wrong
    ├── UnauthenticatedError     nobody is asking, or the credential is not good
    ├── PermissionDeniedError    the actor may not do this
    ├── NotFoundError            no such thing in the actor's tenant
    ├── ConflictError            the state of the thing forbids it
    ├── TooLargeError            more than the limit allows
    ├── RateLimitedError         too often
    └── UnavailableError         a part that is needed does not answer

Each domain derives its own in ``<domain>/errors.py``. No transport is named here: ``state.api.problems``
turns a kind into an HTTP status, ``state.feedback`` into a message on the page.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar


class ErrorKind(StrEnum):
    """What went wrong, in words of no transport."""

    CONFLICT = "conflict"
    DENIED = "denied"
    INVALID = "invalid"
    NOT_FOUND = "not_found"
    RATE_LIMITED = "rate_limited"
    TOO_LARGE = "too_large"
    UNAUTHENTICATED = "unauthenticated"
    UNAVAILABLE = "unavailable"


class DomainError(Exception):
    """A refusal that the caller can understand and act on.

    Attributes:
        kind: What went wrong; decides HTTP status and tone.
        code: Stable identifier, part of the public API. Never reworded. It is also the message's key in the
            translation catalogues (``errors.<code>``), with ``params`` filled in.
        message: One English sentence, safe to show, with the way out.
        params: Values for the translated message and for machines; safe to show.
        retry_after_s: Seconds after which trying again makes sense, if known.
    """

    kind: ClassVar[ErrorKind] = ErrorKind.INVALID
    code: ClassVar[str] = "invalid"
    default_message: ClassVar[str] = "The request cannot be carried out."

    def __init__(
        self,
        message: str | None = None,
        *,
        params: dict[str, object] | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        self.message = message or self.default_message
        self.params = params or {}
        self.retry_after_s = retry_after_s
        super().__init__(self.message)


class InvalidInputError(DomainError):
    """The input breaks a rule.

    Attributes:
        fields: Path of a field → what to do about it; written with ``i18n.field_text`` it is told in every language.
    """

    kind = ErrorKind.INVALID
    code = "invalid_input"

    def __init__(
        self,
        message: str | None = None,
        *,
        fields: dict[str, str] | None = None,
        params: dict[str, object] | None = None,
    ) -> None:
        super().__init__(message, params=params)
        self.fields = fields or {}


class UnauthenticatedError(DomainError):
    """Nobody is asking, or the credential is not good."""

    kind = ErrorKind.UNAUTHENTICATED
    code = "unauthenticated"
    default_message = "Sign in, or send a valid key or token."


class PermissionDeniedError(DomainError):
    """The actor lacks a permission."""

    kind = ErrorKind.DENIED
    code = "permission_denied"
    default_message = "You may not do this. Ask an owner or admin of your team for the right."


class NotFoundError(DomainError):
    """No such thing in the actor's tenant. Says the same for a thing of another tenant."""

    kind = ErrorKind.NOT_FOUND
    code = "not_found"
    default_message = "There is no such thing here. It may have been deleted."


class ConflictError(DomainError):
    """The state of the thing forbids it, or somebody changed it meanwhile."""

    kind = ErrorKind.CONFLICT
    code = "conflict"
    default_message = "This was changed meanwhile. Load it again and repeat your change."


class TooLargeError(DomainError):
    """More than a limit allows."""

    kind = ErrorKind.TOO_LARGE
    code = "too_large"
    default_message = "This is larger than the limit."


class RateLimitedError(DomainError):
    """Too many tries in a short time."""

    kind = ErrorKind.RATE_LIMITED
    code = "rate_limited"
    default_message = "Too many requests. Try again later."


class UnavailableError(DomainError):
    """A needed part does not answer; nothing was changed."""

    kind = ErrorKind.UNAVAILABLE
    code = "unavailable"
    default_message = "A part of the system does not answer. Nothing was changed. Try again in a moment."
