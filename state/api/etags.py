"""ETags of versioned things: a change names the version it was made from."""

from __future__ import annotations

import re
from typing import Annotated, Protocol, TypeVar

from fastapi import Header, Response

from backend_services.kernel.errors import ConflictError, InvalidInputError

_ETAG = re.compile(r'(?:W/)?"v(\d{1,9})"')


class Versioned(Protocol):
    """A view of a thing that counts its versions."""

    @property
    def version(self) -> int:
        """Return which version it is."""


Viewed = TypeVar("Viewed", bound=Versioned)


class PreconditionMissingError(InvalidInputError):
    """A change came without the version it was made from."""

    code = "if_match_missing"
    default_message = "Send If-Match with the ETag of the version you changed."


class PreconditionFailedError(ConflictError):
    """``If-Match`` names nothing that could be current."""

    code = "if_match_failed"
    default_message = "If-Match does not name a version. Load the thing again and repeat your change."


def etag(version: int) -> str:
    """Return the ETag of ``version``."""
    return f'"v{version}"'


def tagged(response: Response, view: Viewed) -> Viewed:
    """Return ``view``, and put its version into the answer's ETag."""
    response.headers["ETag"] = etag(view.version)
    return view


async def _expected_version(
    if_match: Annotated[str | None, Header(max_length=64, description="ETag of the version that was changed.")] = None,
) -> int:
    if if_match is None:
        raise PreconditionMissingError
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise PreconditionFailedError
    return int(found[1])


expected_version = _expected_version
"""A dependency that gives the version in ``If-Match``: ``Annotated[int, Depends(expected_version)]``."""
