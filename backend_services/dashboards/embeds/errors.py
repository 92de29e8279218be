"""What embeds refuse.

::

    NotFoundError
    └── EmbedNotFoundError
    ConflictError
    ├── EmbedChangedError
    └── EmbedRevokedError
    InvalidInputError
    ├── EmbedFieldUnknownError
    └── EmbedFilterRefusedError
    UnauthenticatedError
    └── EmbedTokenError
    PermissionDeniedError
    └── EmbedClosedError
    RateLimitedError
    └── EmbedBusyError
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


class EmbedNotFoundError(NotFoundError):
    """No such embed in the actor's tenant, or it is another person's."""

    code = "embed_not_found"
    default_message = "There is no such embed here. It may have been deleted with its dashboard."


class EmbedChangedError(ConflictError):
    """Somebody saved the embed since the caller loaded it."""

    code = "embed_changed"
    default_message = "This embed was changed meanwhile. Load it again and repeat your change."


class EmbedRevokedError(ConflictError):
    """A revoked embed stays closed."""

    code = "embed_revoked"
    default_message = "This embed was revoked and stays closed. Make a new one."


class EmbedFieldUnknownError(InvalidInputError):
    """A filter of the embed names a field that one of its datasets lacks."""

    code = "embed_field_unknown"
    default_message = "Every dataset of the embed needs the field {field}; choose a field that all of them have."


class EmbedFilterRefusedError(InvalidInputError):
    """A viewer may not choose this here."""

    code = "embed_filter_refused"
    default_message = "This filter cannot be changed here."


class EmbedTokenError(UnauthenticatedError):
    """The key or token does not open the embed: wrong, expired, for another embed, or it lacks a filter."""

    code = "embed_token_refused"
    default_message = "This view could not be opened: its key or token is not good any more. Load the page again."


class EmbedClosedError(PermissionDeniedError):
    """The embed expired or was revoked, or the member whose rights it reads with lost them."""

    code = "embed_closed"
    default_message = "This view is closed. Ask whoever runs this site for a new one."


class EmbedBusyError(RateLimitedError):
    """Too many requests from one address, or for one embed."""

    code = "embed_busy"
    default_message = "This view was asked for too often. Wait a minute and load it again."
