"""Refusals of idempotency keys."""

from __future__ import annotations

from backend_services.kernel.errors import ConflictError, InvalidInputError


class IdempotencyKeyReusedError(ConflictError):
    """The key came with another request before."""

    code = "idempotency_key_reused"
    default_message = "This Idempotency-Key was used for another request. Send a new key."


class IdempotencyInProgressError(ConflictError):
    """The first request with this key has not been answered yet."""

    code = "idempotency_in_progress"
    default_message = "The first request with this Idempotency-Key is still being carried out. Ask again in a moment."


class IdempotencyKeyInvalidError(InvalidInputError):
    """The key is empty, too long or has characters that headers do not carry."""

    code = "idempotency_key_invalid"
    default_message = "An Idempotency-Key has 1 to 200 visible ASCII characters."
