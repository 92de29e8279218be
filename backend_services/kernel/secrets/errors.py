"""Refusals of secrets."""

from __future__ import annotations

from backend_services.kernel.errors import DomainError, ErrorKind, NotFoundError


class SecretNotFoundError(NotFoundError):
    """No secret of that name in the actor's tenant."""

    code = "secret_not_found"
    default_message = "There is no secret of that name."


class SecretUnreadableError(DomainError):
    """A sealed value was changed, is meant for another purpose, or its key is gone."""

    kind = ErrorKind.UNAVAILABLE
    code = "secret_unreadable"
    default_message = "A stored secret cannot be read with the present keys. Enter it again, or restore the old key."


class RootKeyError(DomainError):
    """The root key is missing or is not 32 bytes in base64."""

    kind = ErrorKind.UNAVAILABLE
    code = "root_key_invalid"
    default_message = "OMNI_SECRET_KEY must be 32 random bytes in base64."
