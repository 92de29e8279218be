"""Refusals of the file store."""

from __future__ import annotations

from backend_services.kernel.errors import InvalidInputError, NotFoundError, UnavailableError


class FileKeyInvalidError(InvalidInputError):
    """A key is empty, absolute, leaves its folder or has characters that a store may misread."""

    code = "file_key_invalid"
    default_message = "This is not a valid name for a stored file."


class StoredFileNotFoundError(NotFoundError):
    """Nothing is stored under the key."""

    code = "file_not_found"
    default_message = "This file is not stored here any more."


class StorageFullError(UnavailableError):
    """The disk or the quota has no room. Nothing was written."""

    code = "storage_full"
    default_message = "There is no room left to store this. Nothing was written. Free some space and try again."


class StorageUnavailableError(UnavailableError):
    """The store does not answer or refuses us. Nothing was written."""

    code = "storage_unavailable"
    default_message = "The file store does not answer. Nothing was written. Try again in a moment."
